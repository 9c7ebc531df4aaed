"""An interval over replicates and test items: the difference with other draws and another test set.

Replicates that share test items share their sampling error, which the interval over replicates does not include: the
variance of the mean is S^2 / R + C, where S^2 is the variance over R replicates and C the covariance of two replicates
through shared items. C is 0 where each replicate has a test set of its own.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seedbed.report.statistics.sign_flips import LEVEL, RESAMPLES, SEED, sign_flip_interval, subset_means

MOST_WEIGHTS = 1_000
"""Weights of a resample; in a larger test set several items share one."""


def shared_item_variance(influences: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
    """Return (C, effects): the variance of the mean over replicates due to shared items, and the effect of each item.

    ``influences`` [replicates, items]: of each item on the difference; NaN where a replicate was not tested on it. C is
    the mean over pairs of replicates of the products summed over items, so errors of one replicate alone do not count;
    a negative C is set to 0. Influences are centered in each replicate, for which n / (n - 1) corrects. C is 0 below
    two replicates.
    """
    n_replicates, tested = len(influences), ~np.isnan(influences)
    shared = tested.sum(axis=0) > 1
    if not shared.any():
        return 0.0, np.zeros(0)
    n_items = np.maximum(tested.sum(axis=1), 2)
    centered = np.nan_to_num(influences[:, shared]) * np.sqrt(n_items / (n_items - 1))[:, None]
    effects = centered.sum(axis=0) / n_replicates
    products = np.sum(effects**2) * n_replicates**2 - np.sum(centered**2)
    return max(0.0, float(products) / (n_replicates * (n_replicates - 1))), effects


def two_level_interval(
    differences: ArrayLike, influences: NDArray[np.float64], level: float = LEVEL
) -> tuple[float, float]:
    """Return (low, high), resampling replicates and test items; NaN where no interval over replicates reaches 95 %.

    Each resample takes a random subset of the replicates (Hartigan 1969, as `sign_flip_interval`, which keeps its level
    with few replicates where bootstrap samples do not), and gives every test item an exponential weight, the same in
    all replicates and both arms (the pigeonhole bootstrap of Owen 2007, with the weights of Owen and Eckles 2012). A
    plain pigeonhole bootstrap counts the noise of single answers three times; here the items' part is scaled to the
    variance that replicates share (`shared_item_variance`), and the rest is left to the replicates. Effects of weights
    are first-order, which for accuracy is exact but for the sum of the weights. Without shared items it is the interval
    over replicates.

    ``influences`` may have fewer replicates than ``differences``. Some 20,000 resamples, seeded.
    """
    differences = np.asarray(differences, dtype=float)
    low, high, coverage = sign_flip_interval(differences, level)
    if not coverage >= 1 - level:
        return np.nan, np.nan
    variance, effects = shared_item_variance(influences)
    if not variance:
        return low, high
    lower, upper, order = subset_means(differences, level)
    repeats = -(-RESAMPLES // len(lower))
    noise = np.resize(_item_noise(effects, variance), (len(lower), repeats))
    ends = np.concatenate([(lower[:, None] + noise).ravel(), (upper[:, None] + noise).ravel()])
    position = order * repeats
    ends.partition([position - 1, len(ends) - position])
    # A tiny item variance would only smooth the steps between subsets, and narrow the interval by part of a step.
    return min(low, float(ends[position - 1])), max(high, float(ends[-position]))


def _item_noise(effects: NDArray[np.float64], variance: float) -> NDArray[np.float64]:
    """Return [resamples]: what random item weights add to the mean, scaled to ``variance``."""
    if effects.size > MOST_WEIGHTS:
        effects = np.bincount(np.arange(effects.size) % MOST_WEIGHTS, weights=effects).astype(np.float64)
    spread = np.sqrt(np.sum(effects**2))
    if not spread:
        return np.zeros(RESAMPLES)
    scaled = (effects * np.sqrt(variance) / spread).astype(np.float32)
    noise: NDArray[np.float64] = np.einsum("ij,j->i", _weights()[:, : effects.size], scaled).astype(float)
    return noise


@lru_cache(maxsize=1)
def _weights() -> NDArray[np.float32]:
    """Return exponential weights minus their mean [resamples, items]: mean 0, variance 1."""
    weights = np.random.default_rng(SEED).standard_exponential((RESAMPLES, MOST_WEIGHTS), dtype=np.float32)
    weights -= np.float32(1)
    return weights
