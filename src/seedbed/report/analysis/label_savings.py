"""Label savings: how many training examples one arm needs to reach what another has with more."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seedbed.report.analysis.comparisons import ArmPair, Pairing
from seedbed.report.statistics.curves import Curve, reached
from seedbed.report.statistics.sign_flips import LEVEL, order_of

MOST_PAIRS = 45
"""Pairs of arms; of more, only those with the baseline."""


@dataclass(frozen=True)
class Saving:
    """``arm`` needs ``size`` examples, ``low`` to ``high``, to reach what ``other`` has at ``n_train``.

    A size is -inf where the arm is there at the ``smallest`` size tried, inf where it is not at the ``largest``.
    ``level`` is what the interval covers; without one (a single replicate) all three are NaN.
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
        """How many times fewer examples, where the size is within those tried; else NaN."""
        return self.n_train / self.size if math.isfinite(self.size) else math.nan

    @property
    def settled(self) -> bool:
        """Whether the interval is all on one side of ``n_train``."""
        return self.high < self.n_train or self.low > self.n_train


def savings_of(
    arm: str, other: str, sizes: Sequence[int], ours: Curve, theirs: Curve, level: float = LEVEL
) -> list[Saving]:
    """At each size the arm that is ahead, and what it needs to reach what the other has there.

    Both curves are of the same replicates; ``sizes`` ascend and are at least two. At the smallest size, as fewer were
    not tried, it is what the arm behind needs to reach the one ahead. Curves are linear in the logarithm of the size.

    The interval resamples replicates, the same for both arms and at all sizes: by all their subsets (Hartigan 1969), as
    `sign_flip_interval`, which hold their level with few replicates where bootstrap samples fall short.
    """
    curves, found = {arm: ours, other: theirs}, []
    for place, n_train in enumerate(sizes):
        ahead, behind = (arm, other) if ours.mean[place] >= theirs.mean[place] else (other, arm)
        needs, has = (behind, ahead) if place == 0 else (ahead, behind)
        needing, wanted = curves[needs], curves[has]
        size = float(reached(needing.mean[None], wanted.mean[None, place], sizes)[0])
        low = high = covered = math.nan
        if ours.replicates > 1:
            low, high, covered = _interval(reached(needing.subsets, wanted.subsets[:, place], sizes), level)
        found.append(
            Saving(needs, has, int(n_train), int(sizes[0]), int(sizes[-1]), ours.replicates, size, low, high, covered)
        )
    return found


def study_savings(paired: Iterable[ArmPair], higher_is_better: bool) -> tuple[Saving, ...]:
    """Of each pair of arms over the sizes that both were tried at, by the replicates that they share at all of them.

    Empty below two sizes.
    """
    by_pair: dict[tuple[str, str], dict[int, Pairing]] = {}
    for n_train, arm, other, pairing in paired:
        if pairing.replicates and n_train > 0:  # between sizes is linear in their logarithms
            by_pair.setdefault((arm, other), {})[n_train] = pairing
    if len(by_pair) > MOST_PAIRS:
        first = next(iter(by_pair))[1]
        by_pair = {pair: own for pair, own in by_pair.items() if pair[1] == first}
    curves: dict[tuple, Curve] = {}

    def curve(arm: str, own: dict[int, dict[int, float]], shared: list[int]) -> Curve:
        key = (arm, tuple(own), tuple(shared))
        if key not in curves:
            sign = 1 if higher_is_better else -1
            curves[key] = Curve.of([[sign * own[size][replicate] for size in own] for replicate in shared])
        return curves[key]

    found: list[Saving] = []
    for (arm, other), own in by_pair.items():
        shared = sorted(set.intersection(*(set(pairing.replicates) for pairing in own.values())))
        if len(own) > 1 and shared:
            ours = {size: dict(zip(one.replicates, one.arm, strict=True)) for size, one in own.items()}
            theirs = {size: dict(zip(one.replicates, one.baseline, strict=True)) for size, one in own.items()}
            found += savings_of(arm, other, list(own), curve(arm, ours, shared), curve(other, theirs, shared))
    return tuple(found)


def _interval(ends: NDArray[np.float64], level: float) -> tuple[float, float, float]:
    """(low, high, coverage) of the sizes that subsets and, in the second half, what they leave out need."""
    number = len(ends) // 2
    lower, upper = np.fmin(ends[:number], ends[number:]), np.fmax(ends[:number], ends[number:])
    trivial = np.isnan(ends[:number]) | np.isnan(ends[number:])
    lower[trivial], upper[trivial] = -np.inf, np.inf
    order = order_of(number, level)
    return float(np.sort(lower)[order - 1]), float(np.sort(upper)[-order]), 1 - order / (number + 1)
