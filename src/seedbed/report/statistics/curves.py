"""Learning curves of an arm: monotone means over replicates, and the size at which one reaches a score."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seedbed.report.statistics.sign_flips import patterns_of


@dataclass(frozen=True)
class Curve:
    """Of one arm, [sizes] the monotone mean over replicates, and [2 x patterns, sizes] those of subsets of them."""

    replicates: int
    mean: NDArray[np.float64]
    subsets: NDArray[np.float64]

    @classmethod
    def of(cls, scores: ArrayLike) -> "Curve":
        """From scores [replicates, sizes], higher is better."""
        scores = np.asarray(scores, dtype=float)
        return cls(len(scores), monotone(scores.mean(axis=0)[None])[0], _subset_curves(scores))


def monotone(means: NDArray[np.float64]) -> NDArray[np.float64]:
    """[curves, sizes] as the nearest curves that never fall: isotonic regression, least squares (Barlow et al. 1972).

    By its min-max form, for all curves at once: the largest over starts up to a size of the smallest mean from there to
    an end not before it.
    """
    number = means.shape[1]
    sums = np.cumsum(means.T, axis=0)  # by size: numpy goes through all curves at once
    found = np.full(sums.shape, -np.inf)
    for start in range(number):
        averages = sums[start:] - sums[start - 1] if start else sums.copy()
        averages /= np.arange(1, number - start + 1)[:, None]
        for place in range(number - start - 1, 0, -1):
            np.minimum(averages[place - 1], averages[place], out=averages[place - 1])
        np.maximum(found[start:], averages, out=found[start:])
    return found.T


def reached(curves: NDArray[np.float64], wanted: NDArray[np.float64], sizes: Sequence[int]) -> NDArray[np.float64]:
    """[curves]: the smallest size at which each curve [curves, sizes], which never falls, reaches what is wanted of it.

    Linear in the logarithm of the size between those tried; -inf where the first reaches it, inf where the last does
    not; NaN for a curve of NaN.
    """
    logs, rows = np.log(np.asarray(sizes, dtype=float)), np.arange(len(curves))
    # Means of the same scores may differ in their last bits.
    near = 1e-12 * np.fmax.reduce(np.abs(curves), axis=None, initial=1.0)
    after = (curves < wanted[:, None] - near).sum(axis=1)
    right = np.clip(after, 1, curves.shape[1] - 1)
    low, high = curves[rows, right - 1], curves[rows, right]
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.clip((wanted - low) / (high - low), 0.0, 1.0)
    size = np.exp(logs[right - 1] + share * (logs[right] - logs[right - 1]))
    size = np.where(share == 1.0, np.asarray(sizes, dtype=float)[right], size)
    size = np.where(after == 0, -np.inf, np.where(after == curves.shape[1], np.inf, size))
    return np.where(np.isnan(curves[:, 0]) | np.isnan(wanted), np.nan, size)


def _subset_curves(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """[2 x patterns, sizes]: monotone mean curves of the flipped replicates of each pattern, then of the kept ones.

    NaN where there are none of them.
    """
    number, flipped, counts = len(scores), [], []
    for patterns, sizes in patterns_of(number) if number > 1 else ():
        flipped.append(np.einsum("ij,jk->ik", patterns, scores))
        counts.append(sizes)
    if not flipped:
        return np.full((0, scores.shape[1]), np.nan)
    sums, sizes = np.concatenate(flipped), np.concatenate(counts)[:, None]
    with np.errstate(invalid="ignore", divide="ignore"):
        return monotone(np.concatenate([sums / sizes, (scores.sum(axis=0) - sums) / (number - sizes)]))
