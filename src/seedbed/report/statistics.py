"""What paired scores say: differences, an interval, an exact test. Pure functions over arrays of floats.

Pairs are replicates: position i of both arrays was trained on the same draw. Values must be finite.
"""

import math
import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

SEED = 2018
"""Seed of every resampling here. Each call makes its own generator, so the order of calls changes nothing."""
RESAMPLES = 9_999
EXACT_PAIRS = 20
"""Up to here the sign-flip test goes through all 2^n sign patterns (half a million at most, by symmetry)."""
LEVEL = 0.05


@dataclass(frozen=True)
class Paired:
    """An arm against a baseline over their shared replicates; differences are arm minus baseline."""

    pairs: int
    mean_arm: float
    mean_baseline: float
    mean_difference: float
    median_difference: float
    ci_low: float
    ci_high: float
    p_value: float


def compare_pairs(arm: ArrayLike, baseline: ArrayLike) -> Paired:
    """All statistics of one comparison; the interval and p are NaN below two pairs, the rest NaN at none."""
    differences = paired_differences(arm, baseline)
    if not differences.size:
        return Paired(0, *[math.nan] * 7)
    low, high = mean_interval(differences)
    p_value = sign_flip_p(differences) if differences.size > 1 else math.nan
    means = float(np.mean(arm)), float(np.mean(baseline))
    return Paired(
        differences.size, *means, float(np.mean(differences)), float(np.median(differences)), low, high, p_value
    )


def paired_differences(arm: ArrayLike, baseline: ArrayLike) -> NDArray[np.float64]:
    """``arm`` minus ``baseline``, replicate by replicate; ValueError when they differ in length."""
    arm, baseline = np.asarray(arm, dtype=float), np.asarray(baseline, dtype=float)
    if arm.shape != baseline.shape or arm.ndim != 1:
        raise ValueError(f"pairs need two lists of one length, not {arm.shape} and {baseline.shape}")
    return arm - baseline


def mean_interval(values: ArrayLike, level: float = 1 - LEVEL) -> tuple[float, float]:
    """A bootstrap interval of the mean: bias-corrected and accelerated (Efron 1987), from ``scipy.stats.bootstrap``.

    Of paired differences it is the interval of the mean difference. Equal values give an interval of no width,
    fewer than two give NaN. Where the correction is not defined, the plain percentile interval.
    """
    from scipy import stats

    values = np.asarray(values, dtype=float)
    if values.size < 2:
        return math.nan, math.nan
    if np.ptp(values) <= 1e-12 * max(1.0, float(np.abs(values).max())):
        return float(values.mean()), float(values.mean())
    for method in ("BCa", "percentile"):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # scipy warns where BCa is not defined, and gives NaN
            found = stats.bootstrap(
                (values,), np.mean, confidence_level=level, n_resamples=RESAMPLES, method=method,
                rng=np.random.default_rng(SEED),
            ).confidence_interval  # fmt: skip
        if math.isfinite(found.low) and math.isfinite(found.high):
            break
    return float(found.low), float(found.high)


def sign_flip_p(differences: ArrayLike) -> float:
    """Two-sided p of the paired sign-flip (permutation) test of the mean (Fisher 1935; Good 2005, section 3.2.1).

    The share of sign patterns whose mean is at least as far from zero as the one observed. All patterns up to
    EXACT_PAIRS; beyond, (hits + 1) / (RESAMPLES + 1) of seeded random ones (Phipson and Smyth 2010).
    """
    differences = np.asarray(differences, dtype=float)
    if not differences.size:
        return math.nan
    # Ties must count as ties: sums of the same numbers in another order differ in the last bits.
    at_least = abs(differences.sum()) - 1e-9 * np.abs(differences).sum()
    if differences.size <= EXACT_PAIRS:
        sums = differences[:1]  # the first sign is fixed: a pattern and its mirror are equally far from zero
        for difference in differences[1:]:
            sums = np.concatenate([sums + difference, sums - difference])
        return float(np.mean(np.abs(sums) >= at_least))
    signs = np.random.default_rng(SEED).integers(0, 2, size=(RESAMPLES, differences.size)) * 2 - 1
    return float((np.sum(np.abs(signs @ differences) >= at_least) + 1) / (RESAMPLES + 1))


def smallest_p(pairs: int) -> float:
    """The smallest p that the sign-flip test can give at all with so many pairs: 2 / 2^n (NaN without pairs)."""
    if pairs < 1:
        return math.nan
    return 2.0 ** (1 - pairs) if pairs <= EXACT_PAIRS else 1 / (RESAMPLES + 1)


def spread(values: ArrayLike) -> tuple[float, float]:
    """The mean and the sample standard deviation; NaN where there are too few values."""
    values = np.asarray(values, dtype=float)
    mean = float(values.mean()) if values.size else math.nan
    return mean, float(values.std(ddof=1)) if values.size > 1 else math.nan
