"""Arms ranked over data sets: tests of whether ranks differ, and which arms differ. Pure functions.

After Demsar (2006), "Statistical comparisons of classifiers over multiple data sets", JMLR 7.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seedbed.report.statistics.second_opinions import wilcoxon_p
from seedbed.report.statistics.sign_flips import LEVEL

FEW = 5
"""Below so many data sets the tests have little power."""
LEAST = 3
"""Below so many data sets no ranks are computed."""


@dataclass(frozen=True)
class RankTest:
    """Whether the ranks of arms differ over data sets.

    ``p_value``: Friedman's for three arms and more; for two Wilcoxon's signed ranks, and then ``chi_square``, ``f`` and
    ``p_f`` are NaN. ``smallest_p``: the smallest possible p with so many data sets and arms.
    """

    chi_square: float
    p_value: float
    f: float
    p_f: float
    smallest_p: float
    critical_difference: float


def ranks_of(scores: ArrayLike, higher_is_better: ArrayLike = True) -> NDArray[np.float64]:
    """Return ranks [datasets, arms] from 1 (best) within each row of ``scores``; ties have their mean rank.

    ``higher_is_better``: one value, or one per row. Scores that differ in their last bits are ties.
    """
    from scipy.stats import rankdata

    scores = np.asarray(scores, dtype=float)
    signs = np.where(np.broadcast_to(higher_is_better, len(scores)), -1.0, 1.0)
    return rankdata(np.round(scores * signs[:, None], 12), axis=1)


def rank_test(scores: ArrayLike, higher_is_better: ArrayLike = True) -> RankTest:
    """Test ``scores`` [datasets, arms], all finite. Raises ValueError below two of either.

    Friedman's chi-square (1937, corrected for ties, ``scipy.stats.friedmanchisquare``), and the less conservative F of
    Iman and Davenport (1980). p is 1 if all ranks are equal.
    """
    from scipy import stats

    scores = np.asarray(scores, dtype=float)
    if scores.ndim != 2 or min(scores.shape) < 2:
        raise ValueError(f"at least two data sets and two arms, not {scores.shape}")
    datasets, arms = scores.shape
    critical = critical_difference(arms, datasets)
    if arms == 2:
        signs = np.where(np.broadcast_to(higher_is_better, datasets), 1.0, -1.0)
        p_value = wilcoxon_p((scores[:, 1] - scores[:, 0]) * signs)
        return RankTest(math.nan, p_value, math.nan, math.nan, 2.0 ** (1 - datasets), critical)
    smallest = float(stats.chi2.sf(datasets * (arms - 1), arms - 1))
    ranks = ranks_of(scores, higher_is_better)
    if np.ptp(ranks, axis=1).max() == 0:
        return RankTest(0.0, 1.0, 0.0, 1.0, smallest, critical)
    chi_square, p_value = (float(value) for value in stats.friedmanchisquare(*ranks.T))
    remainder = datasets * (arms - 1) - chi_square
    f = math.inf if remainder <= 1e-9 * chi_square else (datasets - 1) * chi_square / remainder
    p_f = float(stats.f.sf(f, arms - 1, (arms - 1) * (datasets - 1)))
    return RankTest(chi_square, p_value, f, p_f, smallest, critical)


def critical_difference(arms: int, datasets: int, level: float = LEVEL) -> float:
    """Return the smallest difference of average ranks that is significant at ``level`` over all pairs (Nemenyi 1963).

    The studentized range over the square root of 2, times sqrt(k (k + 1) / 6 N).
    """
    from scipy.stats import studentized_range

    quantile = float(studentized_range.ppf(1 - level, arms, math.inf)) / math.sqrt(2)
    return quantile * math.sqrt(arms * (arms + 1) / (6 * datasets))


def not_separated(average_ranks: Sequence[float], difference: float) -> list[tuple[int, ...]]:
    """Return the maximal groups of arms (indices, best first) whose average ranks differ by less than ``difference``.

    Groups of one arm and subsets of other groups are left out.
    """
    order = sorted(range(len(average_ranks)), key=lambda index: average_ranks[index])
    spans = []
    for first in range(len(order)):
        best = average_ranks[order[first]]
        near = [last for last in range(first, len(order)) if average_ranks[order[last]] - best < difference]
        spans.append((first, near[-1]))
    ends = [-1, *(last for _, last in spans)]
    maximal = [span for span, (previous, last) in zip(spans, pairwise(ends), strict=True) if last > previous]
    return [tuple(order[first : last + 1]) for first, last in maximal if last > first]
