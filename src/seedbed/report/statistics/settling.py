"""Holm's correction for several tests, and the number of replicates that a test needs."""

import math
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seedbed.report.statistics.sign_flips import EXACT_PAIRS, LEVEL, SEED, smallest_p

MOST_REPLICATES = 200
"""The largest number that is simulated."""
POWER = 0.8
_STUDIES = 500


def holm(p_values: ArrayLike) -> NDArray[np.float64]:
    """Return the p-values of a family of tests, corrected for their number (Holm 1979). NaN means no test, and stays.

    The smallest is multiplied by the number of tests, the next by one less, and so on; each is at least the one before
    and at most 1. Written here because statsmodels would be a dependency for this function alone.
    """
    p_values = np.asarray(p_values, dtype=float)
    corrected = np.full(p_values.shape, np.nan)
    valid = np.flatnonzero(~np.isnan(p_values))
    order = valid[np.argsort(p_values[valid], kind="stable")]
    steps = p_values[order] * np.arange(len(order), 0, -1)
    corrected[order] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return corrected


def enough_pairs(comparisons: int) -> int | None:
    """Return the fewest pairs that can be significant after Holm in so many comparisons; None where none can."""
    return next((pairs for pairs in range(2, EXACT_PAIRS + 2) if comparisons * smallest_p(pairs) <= LEVEL), None)


def replicates_needed(differences: ArrayLike, level: float = LEVEL) -> float:
    """Return how many replicates would show a difference of this size at ``level`` in four studies out of five.

    For each n up to MOST_REPLICATES, 500 studies of n pairs are drawn with replacement from the paired differences
    (seeded). The result is the first n at which a share of POWER of them is significant; infinity where there is none,
    NaN below two differences. Student's t replaces the sign-flip test, which it follows closely and which would take
    seconds; an n at which the sign-flip test cannot reach ``level`` is left out.
    """
    differences = np.asarray(differences, dtype=float)
    if differences.size < 2:
        return math.nan
    scale = float(np.abs(differences).max())
    if not scale:
        return math.inf
    drawn = (differences / scale)[_pair_indices(differences.size)]
    sizes, bounds = np.arange(1, MOST_REPLICATES + 1)[:, None], _critical_values(level)[:, None]
    means = np.cumsum(drawn, axis=0)
    means /= sizes
    means *= means  # from here on squared
    variances = np.cumsum(np.square(drawn, out=drawn), axis=0)
    variances /= sizes
    variances -= means
    np.maximum(variances, 0.0, out=variances)
    # |t| > bound without a division: studies whose differences are all equal count as significant.
    with np.errstate(invalid="ignore"):
        variances *= bounds**2
        means *= sizes - 1
        significant = means > np.maximum(variances, 1e-18, out=variances)
    enough = np.flatnonzero((significant.sum(axis=1) / _STUDIES >= POWER) & np.isfinite(bounds[:, 0]))
    return float(enough[0] + 1) if enough.size else math.inf


@lru_cache(maxsize=4)
def _pair_indices(pairs: int) -> NDArray[np.int64]:
    """Return [replicates, studies]: the index of the difference that each simulated pair takes."""
    uniform = np.random.default_rng(SEED).random((_STUDIES, MOST_REPLICATES))
    return np.ascontiguousarray((uniform * pairs).astype(np.int64).T)


@lru_cache(maxsize=64)
def _critical_values(level: float) -> NDArray[np.float64]:
    """Return two-sided critical values of Student's t by number of pairs from 1; infinite below the smallest p."""
    from scipy.special import stdtrit

    bounds = np.full(MOST_REPLICATES, np.inf)
    for pairs in range(2, MOST_REPLICATES + 1):
        if smallest_p(pairs) <= level:
            bounds[pairs - 1] = stdtrit(pairs - 1, 1 - level / 2)
    return bounds
