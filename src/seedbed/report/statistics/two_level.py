"""An interval over replicates and test items: what a difference would be with other draws and another test set.

Replicates that share test items share the luck of them, and the interval over replicates cannot see it: the variance of
the mean is S^2 / R + C, where S^2 is the variance over R replicates and C the covariance of two replicates through the
items that they share. With a test set of its own in each replicate, C is 0.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seedbed.report.statistics.sign_flips import LEVEL, RESAMPLES, SEED, sign_flip_interval, subset_means

MOST_WEIGHTS = 1_000
"""Of a larger test set several items share a weight."""


def shared_luck(influences: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
    """(C, effects): the variance that the mean of all replicates has from shared items, and how each item moves it.

    ``influences`` [replicates, items] are those of the items on the difference, NaN where a replicate was not tested on
    one. C is the mean over pairs of replicates of the products summed over items, so that what is of one replicate
    alone (its own errors on the item) does not count; 0 where it comes out negative. Influences are centred in each
    replicate, which n / (n - 1) makes up for. C is 0 below two replicates.
    """
    number, tested = len(influences), ~np.isnan(influences)
    shared = tested.sum(axis=0) > 1
    if not shared.any():
        return 0.0, np.zeros(0)
    items = np.maximum(tested.sum(axis=1), 2)
    centred = np.nan_to_num(influences[:, shared]) * np.sqrt(items / (items - 1))[:, None]
    effects = centred.sum(axis=0) / number
    products = np.sum(effects**2) * number**2 - np.sum(centred**2)
    return max(0.0, float(products) / (number * (number - 1))), effects


def two_level_interval(
    differences: ArrayLike, influences: NDArray[np.float64], level: float = LEVEL
) -> tuple[float, float]:
    """(low, high): by resampling both replicates and test items; NaN where no interval over replicates reaches 95 %.

    Each resample takes a random subset of the replicates (Hartigan 1969), whose ends alone are those of
    `sign_flip_interval`, honest with few replicates where bootstrap samples are not; and it gives every test item an
    exponential weight, the same one in all replicates and both arms (the pigeonhole bootstrap of Owen 2007, with the
    weights of Owen and Eckles 2012). A plain pigeonhole bootstrap counts the noise of single answers three times; here
    the items' part is scaled to the variance that replicates share (`shared_luck`), and the rest is left to the
    replicates. It takes first-order effects of weights, which for accuracy are exact but for the sum of the weights.
    Without shared items it is the interval over replicates.

    ``influences`` may be of fewer replicates than ``differences``. Some 20,000 resamples, seeded.
    """
    differences = np.asarray(differences, dtype=float)
    low, high, covered = sign_flip_interval(differences, level)
    if not covered >= 1 - level:
        return np.nan, np.nan
    variance, effects = shared_luck(influences)
    if not variance:
        return low, high
    lower, upper, order = subset_means(differences, level)
    times = -(-RESAMPLES // len(lower))
    luck = np.resize(_luck(effects, variance), (len(lower), times))
    both = np.concatenate([(lower[:, None] + luck).ravel(), (upper[:, None] + luck).ravel()])
    place = order * times
    both.partition([place - 1, len(both) - place])
    # Very little luck would smooth the steps between subsets, and come out narrower by a part of one.
    return min(low, float(both[place - 1])), max(high, float(both[-place]))


def _luck(effects: NDArray[np.float64], variance: float) -> NDArray[np.float64]:
    """[resamples]: what random weights of the items add to the mean, scaled to ``variance``."""
    if effects.size > MOST_WEIGHTS:
        effects = np.bincount(np.arange(effects.size) % MOST_WEIGHTS, weights=effects).astype(float)
    spread = np.sqrt(np.sum(effects**2))
    if not spread:
        return np.zeros(RESAMPLES)
    scaled = (effects * np.sqrt(variance) / spread).astype(np.float32)
    return np.asarray(np.einsum("ij,j->i", _weights()[:, : effects.size], scaled), dtype=float)


@lru_cache(maxsize=1)
def _weights() -> NDArray[np.float32]:
    """[resamples, items], mean 0 and variance 1: exponential weights less their mean."""
    drawn = np.random.default_rng(SEED).standard_exponential((RESAMPLES, MOST_WEIGHTS), dtype=np.float32)
    drawn -= np.float32(1)
    return drawn
