"""Trials that fall behind the others of their replicate stop early.

``halving``: successive halving (Jamieson & Talwalkar 2016), with rungs after 1, 3, 9, ... epochs: the best third of the
trials goes on, of equal scores those with the least loss: entities are often found by no trial in its first epoch.
``median``: from epoch 4 on, a trial stops whose best score is below the median of the best scores of
all trials of the replicate until that epoch (Golovin et al. 2017).
"""

import math
from collections.abc import Collection, Sequence
from statistics import median
from typing import TYPE_CHECKING

from seedbed.comparison.search.space import LOSS

if TYPE_CHECKING:
    from seedbed.training.replicate import Replicate

REDUCTION = 3
WARMUP = 4
FEWEST = 5
"""Trials of which a median is taken."""


class Pruner:
    """Which members of a group leave after an epoch; ``left``: their numbers.

    ``behind``: those that no rung of a halving let go on, also of members that had stopped by themselves.

    ``metric``: a score of validation, ``lower_is_better`` of it. Members are compared with those of the same draw.
    """

    def __init__(self, rule: str, metric: str, lower_is_better: bool):
        self.rule, self.metric, self.sign = rule, metric, -1.0 if lower_is_better else 1.0
        self.left: set[int] = set()
        self.behind: set[int] = set()

    def __call__(self, members: "Sequence[Replicate]") -> Collection[int]:
        """Return the members that leave now, of all members of the group."""
        by_draw: dict[int, list[Replicate]] = {}
        for member in members:
            by_draw.setdefault(member.source, []).append(member)
        leaving: set[int] = set()
        for own in by_draw.values():
            leaving |= self._halved(own) if self.rule == "halving" else self._below_median(own)
        self.left |= leaving
        return leaving

    def _halved(self, members: "Sequence[Replicate]") -> set[int]:
        running = [member for member in members if not member.stopped]
        epoch = max((member.epochs for member in running), default=0)
        if not running or not _is_rung(epoch):
            return set()
        inside = [member for member in members if member.number not in self.behind]
        kept = sorted(inside, key=lambda own: (-self._best(own, epoch), self._least_loss(own, epoch), own.number))
        kept_numbers = {member.number for member in kept[: max(1, math.ceil(len(inside) / REDUCTION))]}
        self.behind |= {member.number for member in inside} - kept_numbers
        return {member.number for member in running} & self.behind

    def _below_median(self, members: "Sequence[Replicate]") -> set[int]:
        running = [member for member in members if not member.stopped]
        epoch = max((member.epochs for member in running), default=0)
        if epoch < WARMUP or len(members) < FEWEST:
            return set()
        middle = median(self._best(member, epoch) for member in members)
        return {member.number for member in running if self._best(member, epoch) < middle}

    def _best(self, member: "Replicate", epoch: int) -> float:
        """The best score until an epoch; minus infinity for a member that diverged, or is not scored."""
        values = [self.sign * value for value in member.history.get(self.metric, [])[:epoch]]
        return max(values, default=-math.inf) if not member.error else -math.inf

    def _least_loss(self, member: "Replicate", epoch: int) -> float:
        """The least loss on validation until an epoch."""
        return min((loss for loss in member.history.get(LOSS, [])[:epoch] if math.isfinite(loss)), default=math.inf)


def _is_rung(epoch: int) -> bool:
    return epoch > 0 and REDUCTION ** round(math.log(epoch, REDUCTION)) == epoch
