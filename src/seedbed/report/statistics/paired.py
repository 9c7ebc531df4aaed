"""What paired scores say: differences, an interval, an exact test. Pure functions over arrays of floats.

Pairs are replicates: position i of both arrays was trained on the same draw. Values must be finite.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seedbed.report.statistics.second_opinions import bca_interval, improvement, interquartile_mean, wilcoxon_p
from seedbed.report.statistics.sign_flips import sign_flip_interval, sign_flip_p


@dataclass(frozen=True)
class PairedDifference:
    """An arm against a baseline over their shared replicates; differences are arm minus baseline.

    ``ci_low`` to ``ci_high`` inverts the sign-flip test and covers ``ci_level``: at least 0.95 from six pairs on.
    """

    pairs: int
    mean_arm: float
    mean_baseline: float
    mean_difference: float
    median_difference: float
    ci_low: float
    ci_high: float
    p_value: float
    ci_level: float
    p_wilcoxon: float
    bca_low: float
    bca_high: float
    improved: float
    improved_low: float
    improved_high: float
    iqm_arm: float
    iqm_baseline: float


def compare_pairs(arm: ArrayLike, baseline: ArrayLike, higher_is_better: bool = True) -> PairedDifference:
    """All statistics of one comparison; the intervals and p are NaN below two pairs, the rest NaN at none.

    ``improved`` is the share of pairs in which the arm is better.
    """
    differences = paired_differences(arm, baseline)
    if not differences.size:
        return PairedDifference(0, *[math.nan] * 16)
    low, high, covered = sign_flip_interval(differences)
    bca_low, bca_high = bca_interval(differences)
    several = differences.size > 1
    rise, rise_low, rise_high = improvement(differences if higher_is_better else -differences)
    return PairedDifference(
        pairs=differences.size,
        mean_arm=float(np.asarray(arm, dtype=float).mean()),
        mean_baseline=float(np.asarray(baseline, dtype=float).mean()),
        mean_difference=float(np.mean(differences)),
        median_difference=float(np.median(differences)),
        ci_low=low,
        ci_high=high,
        p_value=sign_flip_p(differences) if several else math.nan,
        ci_level=covered,
        p_wilcoxon=wilcoxon_p(differences) if several else math.nan,
        bca_low=bca_low,
        bca_high=bca_high,
        improved=rise,
        improved_low=rise_low if several else math.nan,
        improved_high=rise_high if several else math.nan,
        iqm_arm=interquartile_mean(arm),
        iqm_baseline=interquartile_mean(baseline),
    )


def paired_differences(arm: ArrayLike, baseline: ArrayLike) -> NDArray[np.float64]:
    """``arm`` minus ``baseline``, replicate by replicate; ValueError when they differ in length."""
    scores, others = np.asarray(arm, dtype=float), np.asarray(baseline, dtype=float)
    if scores.shape != others.shape or scores.ndim != 1:
        raise ValueError(f"pairs need two lists of one length, not {scores.shape} and {others.shape}")
    differences: NDArray[np.float64] = scores - others
    return differences


def spread(values: ArrayLike) -> tuple[float, float]:
    """The mean and the sample standard deviation; NaN where there are too few values."""
    values = np.asarray(values, dtype=float)
    mean = float(values.mean()) if values.size else math.nan
    return mean, float(values.std(ddof=1)) if values.size > 1 else math.nan
