"""What it takes to settle a question: a p corrected for the number of questions, and enough replicates."""

import math
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seedbed.report.statistics.sign_flips import EXACT_PAIRS, LEVEL, SEED, smallest_p

MOST_REPLICATES = 200
"""Beyond, the answer is only that it takes more."""
POWER = 0.8
_STUDIES = 500


def holm(p_values: ArrayLike) -> NDArray[np.float64]:
    """The p of a family of tests, corrected for their number (Holm 1979); NaN stands for no test and stays.

    The smallest is multiplied by the number of tests, the next by one less, and so on; none below the one before it,
    none above 1.
    """
    p_values = np.asarray(p_values, dtype=float)
    corrected = np.full(p_values.shape, np.nan)
    tested = np.flatnonzero(~np.isnan(p_values))
    order = tested[np.argsort(p_values[tested], kind="stable")]
    steps = p_values[order] * np.arange(len(order), 0, -1)
    corrected[order] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return corrected


def enough_pairs(comparisons: int) -> int | None:
    """The fewest pairs with which one of so many comparisons can be settled after Holm; None where none are enough."""
    return next((pairs for pairs in range(2, EXACT_PAIRS + 2) if comparisons * smallest_p(pairs) <= LEVEL), None)


def replicates_needed(differences: ArrayLike, level: float = LEVEL) -> float:
    """How many replicates in all would show a difference of this size at ``level`` in four studies of five.

    By simulation: 500 studies of n pairs are drawn with replacement from the paired differences (seeded), for each n
    up to MOST_REPLICATES, and the first n at which POWER of them come out is the answer; infinity where none does, NaN
    below two differences. Student's t stands in for the sign-flip test, which it follows closely and which would take
    seconds; an n at which the sign-flip test cannot reach ``level`` is left out.
    """
    differences = np.asarray(differences, dtype=float)
    if differences.size < 2:
        return math.nan
    scale = float(np.abs(differences).max())
    if not scale:
        return math.inf
    drawn = (differences / scale)[_places(differences.size)]
    sizes, bounds = np.arange(1, MOST_REPLICATES + 1)[:, None], _bounds(level)[:, None]
    means = np.cumsum(drawn, axis=0)
    means /= sizes
    means *= means  # from here on squared
    variances = np.cumsum(np.square(drawn, out=drawn), axis=0)
    variances /= sizes
    variances -= means
    np.maximum(variances, 0.0, out=variances)
    # |t| > bound, written without a division: studies whose differences are all equal count as shown.
    with np.errstate(invalid="ignore"):
        variances *= bounds**2
        means *= sizes - 1
        shown = means > np.maximum(variances, 1e-18, out=variances)
    enough = np.flatnonzero((shown.sum(axis=1) / _STUDIES >= POWER) & np.isfinite(bounds[:, 0]))
    return float(enough[0] + 1) if enough.size else math.inf


@lru_cache(maxsize=4)
def _places(pairs: int) -> NDArray[np.int64]:
    """[replicates, studies]: which of the differences each simulated pair takes."""
    drawn = np.random.default_rng(SEED).random((_STUDIES, MOST_REPLICATES))
    return np.ascontiguousarray((drawn * pairs).astype(np.int64).T)


@lru_cache(maxsize=64)
def _bounds(level: float) -> NDArray[np.float64]:
    """Two-sided critical values of Student's t by number of pairs from 1; infinite where the test cannot reach them."""
    from scipy.special import stdtrit

    bounds = np.full(MOST_REPLICATES, np.inf)
    for pairs in range(2, MOST_REPLICATES + 1):
        if smallest_p(pairs) <= level:
            bounds[pairs - 1] = stdtrit(pairs - 1, 1 - level / 2)
    return bounds
