"""What other methods say of the same paired differences, beside the sign-flip test and its interval."""

import math
from collections.abc import Iterator
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seedbed.report.statistics.sign_flips import LEVEL, RESAMPLES, SEED

_FEW, _BLOCK = 200, 2_000_000


def bca_interval(values: ArrayLike, level: float = 1 - LEVEL) -> tuple[float, float]:
    """A bootstrap interval of the mean: bias-corrected and accelerated (Efron 1987; Efron and Tibshirani 1993, ch. 14).

    The same resamples and numbers as ``scipy.stats.bootstrap(method="BCa")``, several times faster. Equal values give
    an interval of no width, fewer than two give NaN. Where the correction is not defined, the plain percentile
    interval.
    """
    from scipy.special import ndtr, ndtri

    values = np.asarray(values, dtype=float)
    if values.size < 2:
        return math.nan, math.nan
    mean = float(values.mean())
    largest = float(np.abs(values).max())
    if np.ptp(values) <= 1e-12 * max(1.0, largest):
        return mean, mean
    sums = [np.einsum("ij,j->i", counts, values) for counts in _resamples(values.size)]
    means = np.concatenate(sums) / values.size
    below = np.mean(means < mean - 1e-12 * largest) / 2 + np.mean(means <= mean + 1e-12 * largest) / 2
    bias, ends = ndtri(below), ndtri([(1 - level) / 2, (1 + level) / 2])
    apart = (values - mean) / largest
    acceleration = np.sum(apart**3) / (6 * np.sum(apart**2) ** 1.5)
    with np.errstate(invalid="ignore"):
        shares = ndtr(bias + (bias + ends) / (1 - acceleration * (bias + ends)))
    low, high = np.quantile(means, shares if np.isfinite(shares).all() else ndtr(ends))
    return float(low), float(high)


def wilcoxon_p(differences: ArrayLike) -> float:
    """Two-sided p of the signed-rank test (Wilcoxon 1945), zeros left out, ties given their mean rank.

    Exact up to 200 differences, with ties too, from the number of ways to reach each sum of ranks; beyond,
    ``scipy.stats.wilcoxon``, the normal approximation. NaN without differences, 1 where all are zero.
    """
    differences = np.asarray(differences, dtype=float)
    if not differences.size:
        return math.nan
    largest = float(np.abs(differences).max())
    # Differences of the same two numbers may differ in their last bits: those are ties.
    level = np.round(differences / largest, 9) if largest else differences
    level = level[level != 0]
    if not level.size:
        return 1.0
    if level.size > _FEW:
        from scipy import stats

        return float(stats.wilcoxon(level).pvalue)
    _, places, tied = np.unique(np.abs(level), return_inverse=True, return_counts=True)
    doubled = (2 * np.cumsum(tied) - tied + 1)[places]  # twice the mean rank is a whole number
    chances = np.zeros(int(doubled.sum()) + 1)
    chances[0] = 1.0
    for rank in doubled:
        chances[rank:] = (chances[rank:] + chances[:-rank]) / 2
        chances[:rank] /= 2
    reached = int(doubled[level > 0].sum())
    return float(min(1.0, 2 * min(chances[: reached + 1].sum(), chances[reached:].sum())))


def improvement(differences: ArrayLike, level: float = 1 - LEVEL) -> tuple[float, float, float]:
    """(share, low, high): the probability of improvement, as the share of pairs above zero, ties counting half.

    After Agarwal et al. (2021), "Deep reinforcement learning at the edge of the statistical precipice", here of pairs.
    The interval is Wilson's (1927) of a proportion. NaN without differences.
    """
    from scipy.special import ndtri

    differences = np.asarray(differences, dtype=float)
    number = differences.size
    if not number:
        return math.nan, math.nan, math.nan
    share = float(np.mean((differences > 0) + 0.5 * (differences == 0)))
    square = float(ndtri((1 + level) / 2)) ** 2
    centre = (share + square / (2 * number)) / (1 + square / number)
    half = math.sqrt(square * (share * (1 - share) / number + square / (4 * number**2))) / (1 + square / number)
    return share, max(0.0, centre - half), min(1.0, centre + half)


def interquartile_mean(values: ArrayLike) -> float:
    """The mean without the lowest and the highest quarter, as ``scipy.stats.trim_mean`` and rliable (Agarwal et al.).

    A quarter is rounded down, so below four values it is the mean; NaN without values.
    """
    values = np.sort(np.asarray(values, dtype=float))
    cut = values.size // 4
    return float(values[cut : values.size - cut].mean()) if values.size else math.nan


def _resamples(number: int) -> Iterator[NDArray[np.float64]]:
    """Blocks [resamples, number]: how often each value is drawn. CellArtifacts in memory where they are small."""
    if number <= _FEW:
        yield _all_resamples(number)
        return
    rng, rows, left = np.random.default_rng(SEED), max(1, _BLOCK // number), RESAMPLES
    while left:
        yield _counts(rng.integers(0, number, (min(rows, left), number)))
        left -= min(rows, left)


@lru_cache(maxsize=8)
def _all_resamples(number: int) -> NDArray[np.float64]:
    return _counts(np.random.default_rng(SEED).integers(0, number, (RESAMPLES, number)))


def _counts(drawn: NDArray[np.int64]) -> NDArray[np.float64]:
    rows, number = drawn.shape
    flat = (drawn + number * np.arange(rows)[:, None]).ravel()
    return np.bincount(flat, minlength=rows * number).reshape(rows, number).astype(float)
