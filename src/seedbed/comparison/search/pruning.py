"""Trials that fall behind the others of their search stop early.

``halving``: successive halving, asynchronously as trials of other shapes train in groups of their own (Li et al. 2020,
"A System for Massively Parallel Hyperparameter Tuning"; here a trial that stops is not resumed). After 1, 3, 9, ...
epochs a trial goes on that is in the best third of all trials of its batch that have come so far, those of its group
and of the groups before (a search has one batch, by TPE several); of equal scores, those with the least loss: entities
are often found by no trial in its first epoch.
``median``: from epoch 4 on, a trial stops whose score is below the median of the scores that all these trials had
until that epoch (Golovin et al. 2017).

Both compare what the choice would: score and loss of the weights that are kept so far. Groups that train first are
judged among fewer trials, so more of theirs go on.
"""

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
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

Rank = tuple[float, float, int]
"""Negative score, loss and number of a trial: the best first."""


@dataclass
class Reached:
    """What a trial had reached after each epoch; ``behind``: the epoch of the rung that did not let it go on."""

    ranks: list[Rank] = field(default_factory=list)
    behind: int | None = None

    def at(self, epoch: int) -> Rank:
        """Return its rank after an epoch, or after its last one where it ended before."""
        return self.ranks[min(epoch, len(self.ranks)) - 1]


@dataclass(frozen=True)
class Member:
    """The trial that a member of a group is: the fingerprint of its search, its number, and how it is trained."""

    search: str
    number: int
    training: "Training"


class Pruner:
    """What the trials of a batch have reached, by search and number.

    ``rule``: see `Tune.prune`; ``metric``: a score of validation, ``lower_is_better`` of it.
    """

    def __init__(self, rule: str, metric: str, lower_is_better: bool):
        self.metric, self.sign = metric, -1.0 if lower_is_better else 1.0
        self.behind = _RULES[rule]
        self.searches: dict[str, dict[int, Reached]] = {}

    def group(self, members: Sequence[Member]) -> "GroupPruner":
        """Return what decides in the next group, which has these members in order."""
        return GroupPruner(self, members)


class GroupPruner:
    """Which members of a group are pruned: they leave it after an epoch that does not end their training.

    ``pruned``: the numbers of the members that were.
    """

    def __init__(self, pruner: Pruner, members: Sequence[Member]):
        self.pruner, self.members = pruner, members
        self.pruned: set[int] = set()

    def __call__(self, replicates: "Sequence[Replicate]") -> Collection[int]:
        """Return the members that leave now; ``replicates``: the state of all members of the group, in order."""
        running: dict[str, dict[int, Replicate]] = {}
        for member, replicate in zip(self.members, replicates, strict=True):
            if not replicate.stopped:
                running.setdefault(member.search, {})[member.number] = replicate
        leaving: set[int] = set()
        for search, trials in running.items():
            reached = self.pruner.searches.setdefault(search, {})
            for number, replicate in trials.items():
                reached.setdefault(number, Reached()).ranks.append(self._rank(replicate, number))
            epoch = next(iter(trials.values())).epochs
            leaving |= {trials[number].number for number in self.pruner.behind(reached, trials.keys(), epoch)}
        leaving = {number for number in leaving if not replicates[number].is_done(self.members[number].training)}
        self.pruned |= leaving
        return leaving

    def _rank(self, replicate: "Replicate", number: int) -> Rank:
        """Return the rank of the kept weights; that of a member that diverged, or is not scored, is the last one."""
        score, loss = (self._of_kept(name, replicate) for name in (self.pruner.metric, LOSS))
        score *= self.pruner.sign
        is_scored = math.isfinite(score) and not replicate.error
        return -score if is_scored else math.inf, loss if math.isfinite(loss) else math.inf, number

    def _of_kept(self, name: str, replicate: "Replicate") -> float:
        values, epoch = replicate.history.get(name, []), replicate.kept_epoch(self.members[replicate.number].training)
        return values[epoch - 1] if 0 < epoch <= len(values) else math.nan


def _halved(reached: Mapping[int, Reached], running: Collection[int], epoch: int) -> set[int]:
    """Return the running trials that do not go on after an epoch.

    Trials whose training has ended before a rung are compared with what they had reached.
    """
    if not _is_rung(epoch):
        return set()
    inside = {number: own for number, own in reached.items() if own.behind is None or own.behind >= epoch}
    ranked = sorted(inside, key=lambda number: inside[number].at(epoch))
    last = set(ranked[max(1, math.ceil(len(inside) / REDUCTION)) :])
    for number in last:
        if number in running or len(inside[number].ranks) < epoch:  # others went on when their group was here
            inside[number].behind = epoch
    return last.intersection(running)


def _below_median(reached: Mapping[int, Reached], running: Collection[int], epoch: int) -> set[int]:
    """Return the running trials whose score is below the median after an epoch."""
    if epoch < WARMUP or len(reached) < FEWEST:
        return set()
    middle = median(own.at(epoch)[0] for own in reached.values())
    return {number for number in running if reached[number].at(epoch)[0] > middle}


_RULES: Mapping[str, Callable[[Mapping[int, Reached], Collection[int], int], set[int]]] = {
    "halving": _halved,
    "median": _below_median,
}


def _is_rung(epoch: int) -> bool:
    return epoch > 0 and REDUCTION ** round(math.log(epoch, REDUCTION)) == epoch
