"""Alternative methods for paired differences, reported next to the sign-flip test and its interval."""

import math
from collections.abc import Iterator
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seedbed.report.statistics.sign_flips import LEVEL, RESAMPLES, SEED

_FEW, _BLOCK = 200, 2_000_000


def bca_interval(values: ArrayLike, level: float = 1 - LEVEL) -> tuple[float, float]:
    """Return the BCa bootstrap interval of the mean: bias-corrected and accelerated (Efron 1987).

    See Efron and Tibshirani (1993), ch. 14. Same resamples and results as ``scipy.stats.bootstrap(method="BCa")``, but
    several times faster. Equal values yield an interval of zero width, fewer than two NaN. Where the correction is
    undefined, the percentile interval.
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
    bias, z = ndtri(below), ndtri([(1 - level) / 2, (1 + level) / 2])
    deviations = (values - mean) / largest
    acceleration = np.sum(deviations**3) / (6 * np.sum(deviations**2) ** 1.5)
    with np.errstate(invalid="ignore"):
        probabilities = ndtr(bias + (bias + z) / (1 - acceleration * (bias + z)))
    low, high = np.quantile(means, probabilities if np.isfinite(probabilities).all() else ndtr(z))
    return float(low), float(high)


def wilcoxon_p(differences: ArrayLike) -> float:
    """Return the two-sided p of the signed-rank test (Wilcoxon 1945) without zeros; ties have their mean rank.

    Exact up to 200 differences, also with ties, by counting the ways to reach each sum of ranks; beyond,
    ``scipy.stats.wilcoxon``, the normal approximation. NaN without differences, 1 if all are zero.
    """
    differences = np.asarray(differences, dtype=float)
    if not differences.size:
        return math.nan
    largest = float(np.abs(differences).max())
    # Differences of the same two numbers may differ in their last bits: those are ties.
    rounded = np.round(differences / largest, 9) if largest else differences
    rounded = rounded[rounded != 0]
    if not rounded.size:
        return 1.0
    if rounded.size > _FEW:
        from scipy import stats

        return float(stats.wilcoxon(rounded).pvalue)
    _, group, tie_counts = np.unique(np.abs(rounded), return_inverse=True, return_counts=True)
    doubled_ranks = (2 * np.cumsum(tie_counts) - tie_counts + 1)[group]  # twice the mean rank is a whole number
    probabilities = np.zeros(int(doubled_ranks.sum()) + 1)
    probabilities[0] = 1.0
    for rank in doubled_ranks:
        probabilities[rank:] = (probabilities[rank:] + probabilities[:-rank]) / 2
        probabilities[:rank] /= 2
    doubled_sum = int(doubled_ranks[rounded > 0].sum())
    return float(min(1.0, 2 * min(probabilities[: doubled_sum + 1].sum(), probabilities[doubled_sum:].sum())))


def improvement(differences: ArrayLike, level: float = 1 - LEVEL) -> tuple[float, float, float]:
    """Return (share, low, high): the probability of improvement, the share of positive pairs with ties counting half.

    After Agarwal et al. (2021), "Deep reinforcement learning at the edge of the statistical precipice", here for pairs.
    The interval of the proportion is Wilson's (1927). NaN without differences.
    """
    from scipy.special import ndtri

    differences = np.asarray(differences, dtype=float)
    pairs = differences.size
    if not pairs:
        return math.nan, math.nan, math.nan
    share = float(np.mean((differences > 0) + 0.5 * (differences == 0)))
    z2 = float(ndtri((1 + level) / 2)) ** 2
    center = (share + z2 / (2 * pairs)) / (1 + z2 / pairs)
    margin = math.sqrt(z2 * (share * (1 - share) / pairs + z2 / (4 * pairs**2))) / (1 + z2 / pairs)
    return share, max(0.0, center - margin), min(1.0, center + margin)


def interquartile_mean(values: ArrayLike) -> float:
    """Return the mean of the middle half, as ``scipy.stats.trim_mean`` and rliable (Agarwal et al. 2021).

    A quarter is rounded down, so it is the mean below four values; NaN without values.
    """
    values = np.sort(np.asarray(values, dtype=float))
    cut = values.size // 4
    return float(values[cut : values.size - cut].mean()) if values.size else math.nan


def _resamples(n_values: int) -> Iterator[NDArray[np.float64]]:
    """Yield blocks [resamples, values]: how often each value is drawn. Small ones are cached."""
    if n_values <= _FEW:
        yield _all_resamples(n_values)
        return
    rng, rows, remaining = np.random.default_rng(SEED), max(1, _BLOCK // n_values), RESAMPLES
    while remaining:
        yield _counts(rng.integers(0, n_values, (min(rows, remaining), n_values)))
        remaining -= min(rows, remaining)


@lru_cache(maxsize=8)
def _all_resamples(n_values: int) -> NDArray[np.float64]:
    return _counts(np.random.default_rng(SEED).integers(0, n_values, (RESAMPLES, n_values)))


def _counts(indices: NDArray[np.int64]) -> NDArray[np.float64]:
    rows, n_values = indices.shape
    flat = (indices + n_values * np.arange(rows)[:, None]).ravel()
    return np.bincount(flat, minlength=rows * n_values).reshape(rows, n_values).astype(float)
