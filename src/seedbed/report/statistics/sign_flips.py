"""The sign-flip test of a mean difference, and the interval that comes from inverting it.

Under the null hypothesis each paired difference is as likely to be d as -d, so every way to flip signs is as likely as
the one seen. A pattern is the set of flipped pairs; a pattern and its complement are equally far from zero, so half of
them are gone through. The only assumption is that the differences are symmetric about their mean.
"""

import math
from collections.abc import Iterator
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

SEED = 2018
"""Seed of every resampling of a report. Each makes its own generator, so the order of calls changes nothing."""
RESAMPLES = 9_999
EXACT_PAIRS = 14
"""Up to here all patterns are gone through; beyond, RESAMPLES random ones."""
LEVEL = 0.05
_FEW, _BLOCK = 200, 2_000_000
_TIED = 1e-9
"""Relative. Sums of the same numbers in another order differ in the last bits, and must count as equal."""


def sign_flip_p(differences: ArrayLike) -> float:
    """Two-sided p of the paired sign-flip (permutation) test of the mean (Fisher 1935; Good 2005, section 3.2.1).

    The share of sign patterns whose sum is at least as far from zero as the one observed. All patterns up to
    EXACT_PAIRS; beyond, (hits + 1) / (RESAMPLES + 1) of seeded random ones (Phipson and Smyth 2010), with a standard
    error of 0.0022 at p = 0.05. NaN without differences.
    """
    differences = np.asarray(differences, dtype=float)
    if not differences.size:
        return math.nan
    flipped, kept, _ = _sums(differences)
    # |kept - flipped| >= |kept + flipped|: the two sums do not lie on the same side of zero.
    hits = int(np.sum(np.sign(flipped) * np.sign(kept) <= 0))
    return (hits + 1) / (len(flipped) + 1)


def sign_flip_interval(differences: ArrayLike, level: float = LEVEL) -> tuple[float, float, float]:
    """(low, high, coverage): all means that the sign-flip test at ``level`` does not reject, and how often they hold.

    Hartigan (1969), "Using subsample values as typical values": the ends are order statistics of the means of
    subsets. A pattern counts for a mean that lies between the means of its flipped and of its kept differences, so
    the upper end is the k-th largest of the larger of the two, k = floor(level * patterns); exact up to EXACT_PAIRS
    for symmetric differences. Zero is outside exactly when ``sign_flip_p`` is at most ``level``, as both go through
    the same patterns.

    Below six differences no interval reaches 95 %: the widest there is, from the smallest to the largest, comes with
    the coverage that it has, 1 - 2 / 2^n. NaN below two.
    """
    differences = np.asarray(differences, dtype=float)
    if differences.size < 2:
        return math.nan, math.nan, math.nan
    lower, upper, order = subset_means(differences, level)
    coverage = 1 - order / (len(lower) + 1)
    if np.ptp(differences) <= 1e-12 * np.abs(differences).max():
        return float(differences.mean()), float(differences.mean()), coverage
    low = float(np.partition(lower, order - 1)[order - 1])
    high = float(np.partition(upper, len(upper) - order)[len(upper) - order])
    return low, high, coverage


def subset_means(
    differences: NDArray[np.float64], level: float = LEVEL
) -> tuple[NDArray[np.float64], NDArray[np.float64], int]:
    """(lower, upper, order): of each pattern the means of its flipped and its kept differences, the smaller one first.

    The interval goes from the order-th smallest of ``lower`` to the order-th largest of ``upper``.
    """
    flipped, kept, sizes = _sums(differences)
    with np.errstate(divide="ignore", invalid="ignore"):
        means = np.stack([flipped / sizes, kept / (differences.size - sizes)])
    lower, upper = means.min(axis=0), means.max(axis=0)
    trivial = np.isnan(lower)  # nothing or all flipped, which happens among random patterns: always a hit
    lower[trivial], upper[trivial] = -np.inf, np.inf
    return lower, upper, order_of(len(lower), level)


def order_of(number: int, level: float = LEVEL) -> int:
    """Which order statistic of ``number`` patterns is the end of an interval at ``level``."""
    return max(1, math.floor(level * (number + 1) + _TIED))


def smallest_p(pairs: int) -> float:
    """The smallest p that the sign-flip test can give at all with so many pairs: 2 / 2^n (NaN without pairs)."""
    if pairs < 1:
        return math.nan
    return 2.0 ** (1 - pairs) if pairs <= EXACT_PAIRS else 1 / (RESAMPLES + 1)


def _sums(differences: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Of each pattern the sums of the flipped and of the kept differences, and how many are flipped.

    Sums within rounding of zero are zero.
    """
    # Not patterns @ differences: the threads of a BLAS stall on products this small when cores are busy.
    blocks = [(np.einsum("ij,j->i", patterns, differences), sizes) for patterns, sizes in patterns_of(differences.size)]
    flipped, sizes = (np.concatenate(parts) for parts in zip(*blocks, strict=True))
    kept = differences.sum() - flipped
    near = _TIED * np.abs(differences).sum()
    flipped[np.abs(flipped) <= near] = 0.0
    kept[np.abs(kept) <= near] = 0.0
    return flipped, kept, sizes


Patterns = tuple[NDArray[np.float64], NDArray[np.float64]]


def patterns_of(pairs: int) -> Iterator[Patterns]:
    """Blocks [patterns, pairs] of 0 and 1 (flipped) and their sums, kept in memory where they are small."""
    if pairs <= _FEW:
        yield _all_patterns(pairs)
        return
    rng, rows, left = np.random.default_rng(SEED), max(1, _BLOCK // pairs), RESAMPLES
    while left:
        yield _with_sizes(rng.integers(0, 2, size=(min(rows, left), pairs), dtype=np.int8))
        left -= min(rows, left)


@lru_cache(maxsize=8)
def _all_patterns(pairs: int) -> Patterns:
    if pairs > EXACT_PAIRS:
        return _with_sizes(np.random.default_rng(SEED).integers(0, 2, size=(RESAMPLES, pairs), dtype=np.int8))
    numbers = np.arange(1, 2 ** (pairs - 1))  # not the pattern that flips nothing; the last pair is never flipped
    return _with_sizes((numbers[:, None] >> np.arange(pairs)) & 1)


def _with_sizes(patterns: NDArray[np.integer]) -> Patterns:
    flipped = patterns.astype(float)
    return flipped, flipped.sum(axis=1)
