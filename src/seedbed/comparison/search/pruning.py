"""Trials that fall behind the others of their replicate stop early.

``halving``: successive halving (Jamieson & Talwalkar 2016), with rungs after 1, 3, 9, ... epochs: the best third of the
trials goes on, of equal scores those with the least loss: entities are often found by no trial in its first epoch.
``median``: from epoch 4 on, a trial stops whose score is below the median of the scores of all trials of the replicate
until that epoch (Golovin et al. 2017).

Both compare what the choice would: score and loss of the weights that are kept so far.
"""

import math
from collections.abc import Collection, Sequence
from statistics import median
from typing import TYPE_CHECKING

from seedbed.comparison.search.space import LOSS

if TYPE_CHECKING:
    from seedbed.training.replicate import Replicate
    from seedbed.training.settings import Training

REDUCTION = 3
WARMUP = 4
FEWEST = 5
"""Trials of which a median is taken."""


class Pruner:
    """Which members of a group are pruned: they leave it after an epoch that does not end their training.

    ``metric``: a score of validation, ``lower_is_better`` of it. ``settings``: of each member. Members are compared
    with those of the same draw. ``pruned``: the numbers of the members that were. ``behind``: those that no rung of
    a halving let go on, also of members whose training had ended.
    """

    def __init__(self, rule: str, metric: str, lower_is_better: bool, settings: "Sequence[Training]"):
        self.rule, self.metric, self.sign, self.settings = rule, metric, -1.0 if lower_is_better else 1.0, settings
        self.pruned: set[int] = set()
        self.behind: set[int] = set()

    def __call__(self, members: "Sequence[Replicate]") -> Collection[int]:
        """Return the members that leave now, of all members of the group."""
        by_draw: dict[int, list[Replicate]] = {}
        for member in members:
            by_draw.setdefault(member.source, []).append(member)
        leaving: set[int] = set()
        for own in by_draw.values():
            leaving |= self._halved(own) if self.rule == "halving" else self._below_median(own)
        leaving = {number for number in leaving if not members[number].is_done(self.settings[number])}
        self.pruned |= leaving
        return leaving

    def _halved(self, members: "Sequence[Replicate]") -> set[int]:
        running = [member for member in members if not member.stopped]
        if not running or not _is_rung(running[0].epochs):
            return set()
        inside = [member for member in members if member.number not in self.behind]
        kept = sorted(inside, key=lambda own: (-self._score(own), self._loss(own), own.number))
        kept_numbers = {member.number for member in kept[: max(1, math.ceil(len(inside) / REDUCTION))]}
        self.behind |= {member.number for member in inside} - kept_numbers
        return {member.number for member in running} & self.behind

    def _below_median(self, members: "Sequence[Replicate]") -> set[int]:
        running = [member for member in members if not member.stopped]
        if not running or running[0].epochs < WARMUP or len(members) < FEWEST:
            return set()
        middle = median(map(self._score, members))
        return {member.number for member in running if self._score(member) < middle}

    def _score(self, member: "Replicate") -> float:
        """The score of the kept weights, higher is better; minus infinity for a member that diverged or has none."""
        score = self.sign * self._of_kept(self.metric, member)
        return score if math.isfinite(score) and not member.error else -math.inf

    def _loss(self, member: "Replicate") -> float:
        """The loss of the kept weights on validation."""
        loss = self._of_kept(LOSS, member)
        return loss if math.isfinite(loss) else math.inf

    def _of_kept(self, name: str, member: "Replicate") -> float:
        values, epoch = member.history.get(name, []), member.kept_epoch(self.settings[member.number])
        return values[epoch - 1] if 0 < epoch <= len(values) else math.nan


def _is_rung(epoch: int) -> bool:
    return epoch > 0 and REDUCTION ** round(math.log(epoch, REDUCTION)) == epoch
