"""Monotone learning curves of an arm, and the size at which a curve reaches a score."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seedbed.report.statistics.sign_flips import patterns_of


@dataclass(frozen=True)
class Curve:
    """The monotone mean of an arm over replicates [sizes], and that of subsets of them [2 x patterns, sizes]."""

    replicates: int
    mean: NDArray[np.float64]
    subsets: NDArray[np.float64]

    @classmethod
    def of(cls, scores: ArrayLike) -> "Curve":
        """Compute the curve of scores [replicates, sizes], higher is better."""
        scores = np.asarray(scores, dtype=float)
        return cls(len(scores), monotone(scores.mean(axis=0)[None])[0], _subset_curves(scores))


def monotone(means: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the nearest non-decreasing curves [curves, sizes]: least-squares isotonic regression (Barlow et al. 1972).

    Min-max form: the maximum over starts of the minimum over ends of the mean from start to end. All curves are
    computed at once; `scipy.optimize.isotonic_regression` takes one at a time, and is some 60 times slower here.
    """
    n_sizes = means.shape[1]
    sums = np.cumsum(means.T, axis=0)  # sizes first: contiguous over curves
    fitted = np.full(sums.shape, -np.inf)
    for start in range(n_sizes):
        averages = sums[start:] - sums[start - 1] if start else sums.copy()
        averages /= np.arange(1, n_sizes - start + 1)[:, None]
        for index in range(n_sizes - start - 1, 0, -1):
            np.minimum(averages[index - 1], averages[index], out=averages[index - 1])
        np.maximum(fitted[start:], averages, out=fitted[start:])
    return fitted.T


def sizes_to_reach(
    curves: NDArray[np.float64], targets: NDArray[np.float64], sizes: Sequence[int]
) -> NDArray[np.float64]:
    """Return the smallest size [curves] at which each non-decreasing curve [curves, sizes] reaches its target.

    Interpolation is linear in the logarithm of the size. -inf where the first size reaches the target, inf where the
    last does not; NaN for a curve of NaN.
    """
    logs, rows = np.log(np.asarray(sizes, dtype=float)), np.arange(len(curves))
    # Means of the same scores may differ in their last bits.
    tolerance = 1e-12 * np.fmax.reduce(np.abs(curves), axis=None, initial=1.0)
    n_below = (curves < targets[:, None] - tolerance).sum(axis=1)
    right = np.clip(n_below, 1, curves.shape[1] - 1)
    low, high = curves[rows, right - 1], curves[rows, right]
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.clip((targets - low) / (high - low), 0.0, 1.0)
    size = np.exp(logs[right - 1] + share * (logs[right] - logs[right - 1]))
    size = np.where(share == 1.0, np.asarray(sizes, dtype=float)[right], size)
    size = np.where(n_below == 0, -np.inf, np.where(n_below == curves.shape[1], np.inf, size))
    return np.where(np.isnan(curves[:, 0]) | np.isnan(targets), np.nan, size)


def _subset_curves(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return monotone mean curves [2 x patterns, sizes]: of each pattern's flipped replicates, then of the kept ones.

    NaN for an empty subset.
    """
    n_replicates, flipped, counts = len(scores), [], []
    for patterns, sizes in patterns_of(n_replicates) if n_replicates > 1 else ():
        flipped.append(np.einsum("ij,jk->ik", patterns, scores))
        counts.append(sizes)
    if not flipped:
        return np.full((0, scores.shape[1]), np.nan)
    sums, sizes = np.concatenate(flipped), np.concatenate(counts)[:, None]
    with np.errstate(invalid="ignore", divide="ignore"):
        return monotone(np.concatenate([sums / sizes, (scores.sum(axis=0) - sums) / (n_replicates - sizes)]))
