"""The sign-flip test of a mean difference, and the interval from inverting it.

Under the null hypothesis each paired difference is as likely to be d as -d, so every way to flip signs is as likely as
the one observed. A pattern is the set of flipped pairs; a pattern and its complement are equally far from zero, so half
of them are enumerated. The only assumption is that the differences are symmetric about their mean.
"""

import math
from collections.abc import Iterator
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

SEED = 2018
"""Seed of every resampling of a report. Each creates its own generator, so the order of calls has no effect."""
RESAMPLES = 9_999
EXACT_PAIRS = 14
"""The most pairs whose patterns are all enumerated; beyond, RESAMPLES random ones."""
LEVEL = 0.05
_FEW, _BLOCK = 200, 2_000_000
_TIED = 1e-9
"""Relative tolerance: sums of the same numbers in another order differ in the last bits, but count as equal."""


def sign_flip_p(differences: ArrayLike) -> float:
    """Return the two-sided p of the paired sign-flip (permutation) test of the mean (Fisher 1935; Good 2005, 3.2.1).

    The share of sign patterns whose sum is at least as far from zero as the one observed. All patterns up to
    EXACT_PAIRS; beyond, (hits + 1) / (RESAMPLES + 1) of seeded random ones (Phipson and Smyth 2010), with a standard
    error of 0.0022 at p = 0.05. NaN without differences.
    """
    differences = np.asarray(differences, dtype=float)
    if not differences.size:
        return math.nan
    flipped, unflipped, _ = _sums(differences)
    # |unflipped - flipped| >= |unflipped + flipped|: the two sums are not on the same side of zero.
    hits = int(np.sum(np.sign(flipped) * np.sign(unflipped) <= 0))
    return (hits + 1) / (len(flipped) + 1)


def sign_flip_interval(differences: ArrayLike, level: float = LEVEL) -> tuple[float, float, float]:
    """Return (low, high, coverage): all means that the sign-flip test at ``level`` does not reject.

    Hartigan (1969), "Using subsample values as typical values": the ends are order statistics of the means of
    subsets. A pattern counts for a mean between the means of its flipped and of its kept differences, so
    the upper end is the k-th largest of the larger of the two, k = floor(level * patterns); exact up to EXACT_PAIRS
    for symmetric differences. Zero is outside exactly when ``sign_flip_p`` is at most ``level``, as both use
    the same patterns.

    Below six differences no interval reaches 95 %: the widest, from the smallest to the largest, is returned with
    its coverage, 1 - 2 / 2^n. NaN below two.
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


def level_of(differences: int) -> float:
    """Return the coverage of `sign_flip_interval` of so many differences, 0.95 from six on; NaN below two."""
    return min(1 - LEVEL, 1 - smallest_p(differences)) if differences > 1 else math.nan


def subset_means(
    differences: NDArray[np.float64], level: float = LEVEL
) -> tuple[NDArray[np.float64], NDArray[np.float64], int]:
    """Return (lower, upper, order): the smaller and the larger of each pattern's flipped and kept means.

    The interval goes from the order-th smallest of ``lower`` to the order-th largest of ``upper``.
    """
    flipped, unflipped, sizes = _sums(differences)
    with np.errstate(divide="ignore", invalid="ignore"):
        means = np.stack([flipped / sizes, unflipped / (differences.size - sizes)])
    lower, upper = means.min(axis=0), means.max(axis=0)
    trivial = np.isnan(lower)  # none or all flipped, possible among random patterns: always a hit
    lower[trivial], upper[trivial] = -np.inf, np.inf
    return lower, upper, order_of(len(lower), level)


def order_of(patterns: int, level: float = LEVEL) -> int:
    """Return which order statistic of so many patterns is the end of an interval at ``level``."""
    return max(1, math.floor(level * (patterns + 1) + _TIED))


def smallest_p(pairs: int) -> float:
    """Return the smallest possible p of the sign-flip test with so many pairs: 2 / 2^n; NaN without pairs."""
    if pairs < 1:
        return math.nan
    return 2.0 ** (1 - pairs) if pairs <= EXACT_PAIRS else 1 / (RESAMPLES + 1)


def _sums(differences: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return each pattern's sums of flipped and of kept differences, and the number of flipped ones.

    Sums within rounding of zero are zero.
    """
    return _sums_of(differences.tobytes())


@lru_cache(maxsize=2)  # the test and the interval of the same differences follow each other
def _sums_of(content: bytes) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    differences = np.frombuffer(content)
    # Not patterns @ differences: the threads of a BLAS stall on products this small when cores are busy.
    blocks = [(np.einsum("ij,j->i", patterns, differences), sizes) for patterns, sizes in patterns_of(differences.size)]
    flipped, sizes = (np.concatenate(parts) for parts in zip(*blocks, strict=True))
    unflipped = differences.sum() - flipped
    tolerance = _TIED * np.abs(differences).sum()
    flipped[np.abs(flipped) <= tolerance] = 0.0
    unflipped[np.abs(unflipped) <= tolerance] = 0.0
    return flipped, unflipped, sizes


Patterns = tuple[NDArray[np.float64], NDArray[np.float64]]


def patterns_of(pairs: int) -> Iterator[Patterns]:
    """Yield blocks [patterns, pairs] of 0 and 1 (flipped), and their sums. Small ones are cached."""
    if pairs <= _FEW:
        yield _all_patterns(pairs)
        return
    rng, rows, remaining = np.random.default_rng(SEED), max(1, _BLOCK // pairs), RESAMPLES
    while remaining:
        yield _with_sizes(rng.integers(0, 2, size=(min(rows, remaining), pairs), dtype=np.int8))
        remaining -= min(rows, remaining)


@lru_cache(maxsize=8)
def _all_patterns(pairs: int) -> Patterns:
    if pairs > EXACT_PAIRS:
        return _with_sizes(np.random.default_rng(SEED).integers(0, 2, size=(RESAMPLES, pairs), dtype=np.int8))
    numbers = np.arange(1, 2 ** (pairs - 1))  # not the pattern that flips nothing; the last pair is never flipped
    return _with_sizes((numbers[:, None] >> np.arange(pairs)) & 1)


def _with_sizes(patterns: NDArray[np.integer]) -> Patterns:
    flipped = patterns.astype(np.float64)
    return flipped, flipped.sum(axis=1)
