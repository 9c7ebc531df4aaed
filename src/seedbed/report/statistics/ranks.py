"""Arms ranked over data sets: tests of whether ranks differ, and which arms are apart. Pure functions.

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
"""Below so many data sets the tests are weak."""
LEAST = 3
"""Below so many data sets there are no ranks to speak of."""


@dataclass(frozen=True)
class RankTest:
    """Whether the ranks of arms differ over data sets.

    ``p_value``: Friedman's for three arms and more; for two Wilcoxon's signed ranks, and then ``chi_square``, ``f`` and
    ``p_f`` are NaN. ``smallest_p``: the least that p can be with so many data sets and arms.
    """

    chi_square: float
    p_value: float
    f: float
    p_f: float
    smallest_p: float
    critical_difference: float


def ranks_of(scores: ArrayLike, higher_is_better: ArrayLike = True) -> NDArray[np.float64]:
    """Ranks [datasets, arms] from 1, the best, within each row of ``scores``; ties have their mean rank.

    ``higher_is_better``: of all rows, or a value a row. Scores that differ in their last bits are ties.
    """
    from scipy.stats import rankdata

    scores = np.asarray(scores, dtype=float)
    signs = np.where(np.broadcast_to(higher_is_better, len(scores)), -1.0, 1.0)
    return rankdata(np.round(scores * signs[:, None], 12), axis=1)


def rank_test(scores: ArrayLike, higher_is_better: ArrayLike = True) -> RankTest:
    """The test of ``scores`` [datasets, arms], all finite; ValueError below two of either.

    Friedman's chi-square (1937, corrected for ties, ``scipy.stats.friedmanchisquare``), and the F that Iman and
    Davenport (1980) make of it, which is less conservative. No difference at all gives p = 1.
    """
    from scipy import stats

    scores = np.asarray(scores, dtype=float)
    if scores.ndim != 2 or min(scores.shape) < 2:
        raise ValueError(f"at least two data sets and two arms, not {scores.shape}")
    datasets, arms = scores.shape
    apart = critical_difference(arms, datasets)
    if arms == 2:
        signs = np.where(np.broadcast_to(higher_is_better, datasets), 1.0, -1.0)
        p_value = wilcoxon_p((scores[:, 1] - scores[:, 0]) * signs)
        return RankTest(math.nan, p_value, math.nan, math.nan, 2.0 ** (1 - datasets), apart)
    smallest = float(stats.chi2.sf(datasets * (arms - 1), arms - 1))
    ranks = ranks_of(scores, higher_is_better)
    if np.ptp(ranks, axis=1).max() == 0:
        return RankTest(0.0, 1.0, 0.0, 1.0, smallest, apart)
    chi_square, p_value = (float(value) for value in stats.friedmanchisquare(*ranks.T))
    left = datasets * (arms - 1) - chi_square
    f = math.inf if left <= 1e-9 * chi_square else (datasets - 1) * chi_square / left
    p_f = float(stats.f.sf(f, arms - 1, (arms - 1) * (datasets - 1)))
    return RankTest(chi_square, p_value, f, p_f, smallest, apart)


def critical_difference(arms: int, datasets: int, level: float = LEVEL) -> float:
    """Average ranks that lie so far apart differ at ``level``, over all pairs of arms (Nemenyi 1963).

    The studentised range over the square root of 2, times sqrt(k (k + 1) / 6 N).
    """
    from scipy.stats import studentized_range

    quantile = float(studentized_range.ppf(1 - level, arms, math.inf)) / math.sqrt(2)
    return quantile * math.sqrt(arms * (arms + 1) / (6 * datasets))


def not_separated(average_ranks: Sequence[float], apart: float) -> list[tuple[int, ...]]:
    """The largest groups of arms (positions, best first) whose average ranks lie within less than ``apart``.

    Arms alone are no group, nor is what lies within another one.
    """
    order = sorted(range(len(average_ranks)), key=lambda place: average_ranks[place])
    spans = []
    for first in range(len(order)):
        least = average_ranks[order[first]]
        spans.append((first, max(at for at in range(first, len(order)) if average_ranks[order[at]] - least < apart)))
    ends = [-1, *(last for _, last in spans)]
    new = [span for span, (before, last) in zip(spans, pairwise(ends), strict=True) if last > before]
    return [tuple(order[first : last + 1]) for first, last in new if last > first]
