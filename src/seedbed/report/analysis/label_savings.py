"""Label savings: the number of training examples one arm needs to reach the score of another with more."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seedbed.report.analysis.comparisons import ArmPair, Pairing
from seedbed.report.statistics.curves import Curve, sizes_to_reach
from seedbed.report.statistics.sign_flips import LEVEL, order_of

MOST_PAIRS = 45
"""Pairs of arms; of more, only those with the baseline."""


@dataclass(frozen=True)
class Saving:
    """``arm`` needs ``size`` examples, ``low`` to ``high``, to reach the score of ``other`` at ``n_train``.

    A size is -inf if the arm reaches the score at the ``smallest`` size, inf if it does not at the ``largest``.
    ``level`` is the coverage of the interval; with a single replicate interval and level are NaN.
    """

    arm: str
    other: str
    n_train: int
    smallest: int
    largest: int
    replicates: int
    size: float
    low: float
    high: float
    level: float

    @property
    def times(self) -> float:
        """How many times fewer examples; NaN if the size is outside those tried."""
        return self.n_train / self.size if math.isfinite(self.size) else math.nan

    @property
    def settled(self) -> bool:
        """Whether the interval excludes ``n_train``."""
        return self.high < self.n_train or self.low > self.n_train


def savings_of(
    arm: str, other: str, sizes: Sequence[int], arm_curve: Curve, other_curve: Curve, level: float = LEVEL
) -> list[Saving]:
    """Return, at each size, the examples that the better arm needs to reach the score of the other.

    Both curves are of the same replicates; ``sizes`` ascend and are at least two. At the smallest size, as fewer were
    not tried, it is the examples that the worse arm needs to reach the better one. Curves are linear in the logarithm
    of the size.

    The interval resamples replicates, the same for both arms and at all sizes: by all their subsets (Hartigan 1969), as
    `sign_flip_interval`, which keep the nominal level with few replicates, unlike the bootstrap.
    """
    curves, savings = {arm: arm_curve, other: other_curve}, []
    for index, n_train in enumerate(sizes):
        better, worse = (arm, other) if arm_curve.mean[index] >= other_curve.mean[index] else (other, arm)
        arm_needing, target = (worse, better) if index == 0 else (better, worse)
        curve, target_curve = curves[arm_needing], curves[target]
        size = float(sizes_to_reach(curve.mean[None], target_curve.mean[None, index], sizes)[0])
        low = high = coverage = math.nan
        if arm_curve.replicates > 1:
            low, high, coverage = _interval(sizes_to_reach(curve.subsets, target_curve.subsets[:, index], sizes), level)
        savings.append(
            Saving(
                arm_needing,
                target,
                int(n_train),
                int(sizes[0]),
                int(sizes[-1]),
                arm_curve.replicates,
                size,
                low,
                high,
                coverage,
            )
        )
    return savings


def study_savings(paired: Iterable[ArmPair], higher_is_better: bool) -> tuple[Saving, ...]:
    """Return the savings of each pair of arms over their common sizes, on the replicates shared at all of them.

    Empty below two sizes.
    """
    by_pair: dict[tuple[str, str], dict[int, Pairing]] = {}
    for n_train, arm, other, pairing in paired:
        if pairing.replicates and n_train > 0:  # between sizes is linear in their logarithms
            by_pair.setdefault((arm, other), {})[n_train] = pairing
    if len(by_pair) > MOST_PAIRS:
        first = next(iter(by_pair))[1]
        by_pair = {pair: by_size for pair, by_size in by_pair.items() if pair[1] == first}
    curves: dict[tuple, Curve] = {}

    def curve(arm: str, by_size: dict[int, dict[int, float]], shared: list[int]) -> Curve:
        key = (arm, tuple(by_size), tuple(shared))
        if key not in curves:
            sign = 1 if higher_is_better else -1
            curves[key] = Curve.of([[sign * by_size[size][replicate] for size in by_size] for replicate in shared])
        return curves[key]

    savings: list[Saving] = []
    for (arm, other), by_size in by_pair.items():
        shared = sorted(set.intersection(*(set(pairing.replicates) for pairing in by_size.values())))
        if len(by_size) > 1 and shared:
            arm_scores = {
                size: dict(zip(pairing.replicates, pairing.arm, strict=True)) for size, pairing in by_size.items()
            }
            other_scores = {
                size: dict(zip(pairing.replicates, pairing.baseline, strict=True)) for size, pairing in by_size.items()
            }
            savings += savings_of(
                arm, other, list(by_size), curve(arm, arm_scores, shared), curve(other, other_scores, shared)
            )
    return tuple(savings)


def _interval(ends: NDArray[np.float64], level: float) -> tuple[float, float, float]:
    """(low, high, coverage) from the sizes of subsets and, in the second half, of their complements."""
    number = len(ends) // 2
    lower, upper = np.fmin(ends[:number], ends[number:]), np.fmax(ends[:number], ends[number:])
    trivial = np.isnan(ends[:number]) | np.isnan(ends[number:])
    lower[trivial], upper[trivial] = -np.inf, np.inf
    order = order_of(number, level)
    return float(np.sort(lower)[order - 1]), float(np.sort(upper)[-order]), 1 - order / (number + 1)
