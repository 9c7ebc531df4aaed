"""Share the groups of a study with other processes.

A group is claimed before it trains; those of others are waited for, and looked up in the store.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from seedbed.cells import Outcome, Status
from seedbed.comparison.plan import PlannedCell
from seedbed.errors import StoreUnavailableError
from seedbed.tracking.retrying import at_once

if TYPE_CHECKING:
    from seedbed.tracking.holders import Holder
    from seedbed.tracking.leases import Leases

T = TypeVar("T")
Group = tuple[PlannedCell, ...]
Trained = tuple[PlannedCell, Outcome]
Elsewhere = Callable[[Sequence[PlannedCell]], None]

POLL_S = 2.0
"""How often it is looked up whether the groups of other processes are done, seconds."""


def keys_of(cells: Sequence[PlannedCell]) -> list[str]:
    """Return the fingerprints of cells."""
    return [planned.cell.cell for planned in cells]


class Alone:
    """No other process trains cells of the study; what `Sharing` describes."""

    def groups(self, groups: Sequence[Group], idle: Callable[[], None], elsewhere: Elsewhere) -> Iterator[Group]:
        """Yield the groups."""
        yield from groups

    def taken_over(self, cells: Sequence[PlannedCell]) -> bool:
        """Return False."""
        return False

    @contextmanager
    def writing(
        self, cells: Sequence[PlannedCell], outcomes: Sequence[Outcome], elsewhere: Elsewhere
    ) -> Iterator[list[Trained]]:
        """Return all cells with their outcomes."""
        yield list(zip(cells, outcomes, strict=True))

    def interrupted(self, unfinished: Sequence[PlannedCell], training: Sequence[PlannedCell]) -> Sequence[PlannedCell]:
        """Return all cells."""
        return unfinished


@dataclass
class Sharing(Alone):
    """Shares cells with the workers of a store.

    ``settled``: returns, by fingerprint, the status of those of these cells that are finished or failed in the store
    since this process started. ``log`` takes a line about what is waited for. ``away``: whether the store
    did not answer its last query; ``was_away``: or ever.
    """

    leases: "Leases"
    settled: Callable[[Sequence[str]], Mapping[str, Status]]
    log: Callable[[str], None]
    poll_s: float = POLL_S
    away: bool = False
    was_away: bool = False

    def groups(self, groups: Sequence[Group], idle: Callable[[], None], elsewhere: Elsewhere) -> Iterator[Group]:
        """Yield each group when it is claimed, without the cells that others have trained.

        A group is released when it is written, see `writing`. ``idle``: called before waiting for others;
        ``elsewhere``: with the cells that others have trained.
        """
        left, last_line = list(groups), ""
        while left:
            held = self._held(left)
            later = []
            for cells in left:
                if held.keys() & set(keys_of(cells)) or not self._query_or_default(
                    partial(self.leases.claim, keys_of(cells)), True
                ):
                    later.append(cells)
                    continue
                lacking = self._lacking(cells, elsewhere)
                self.leases.release([key for key in keys_of(cells) if key not in keys_of(lacking)])
                if lacking:
                    yield lacking
            if len(later) == len(left):
                idle()
                if (line := self._waiting(later)) and line != last_line:
                    self.log(line)
                    last_line = line
                time.sleep(self.poll_s)
            left = later

    def taken_over(self, cells: Sequence[PlannedCell]) -> bool:
        """Return whether another worker held one of these claimed cells before."""
        return not self.leases.before.isdisjoint(keys_of(cells))

    @contextmanager
    def writing(
        self, cells: Sequence[PlannedCell], outcomes: Sequence[Outcome], elsewhere: Elsewhere
    ) -> Iterator[list[Trained]]:
        """Return those of these trained cells that are to be written, with their outcomes; release all when they are.

        Another worker may have taken over a lease.
        """
        kept = keys_of(self._still(cells, elsewhere))
        yield [(p, outcome) for p, outcome in zip(cells, outcomes, strict=True) if p.cell.cell in kept]
        self.leases.release(keys_of(cells))

    def interrupted(self, unfinished: Sequence[PlannedCell], training: Sequence[PlannedCell]) -> Sequence[PlannedCell]:
        """Return the cells that this process leaves unfinished: all, or those in training where others go on."""
        nobody: list[Holder] = []
        if not self._query_or_default(self.leases.others, nobody):
            return unfinished
        own = set(keys_of(training))
        return [planned for planned in unfinished if planned.cell.cell in own]

    def _still(self, cells: Sequence[PlannedCell], elsewhere: Elsewhere) -> Sequence[PlannedCell]:
        try:
            kept = self.leases.keeps(keys_of(cells))
        except StoreUnavailableError:
            kept = True
        if kept:
            return self._lacking(cells, elsewhere, everything=True)
        elsewhere(cells)
        return ()

    def _held(self, groups: Sequence[Group]) -> "dict[str, Holder]":
        nothing: dict[str, Holder] = {}
        return self._query_or_default(
            partial(self.leases.holders, [key for cells in groups for key in keys_of(cells)]), nothing
        )

    def _query_or_default(self, query: Callable[[], T], default: T) -> T:
        """Return what the store answers. While it is away, the default: training goes on without knowing of others.

        A cell that two workers then train is in the store once: it is looked up before it is written or delivered.
        """
        try:
            with at_once() if self.away else nullcontext():
                answer = query()
        except StoreUnavailableError as error:
            if not self.away:
                self.log(f"{error}; until it answers, groups are trained without looking what others train")
            self.away = self.was_away = True
            return default
        self.away = False
        return answer

    def _lacking(self, cells: Sequence[PlannedCell], elsewhere: Elsewhere, everything: bool = False) -> Group:
        """Return the claimed cells that no other process has trained, and count the others.

        Looked up are those that another worker has claimed; ``everything``: all, as where the store was away, and
        others may have trained them without a claim.
        """
        everything |= self.was_away or self.leases.missed
        keys = [key for key in keys_of(cells) if everything or key in self.leases.before]
        nothing: Mapping[str, Status] = {}
        done = self._query_or_default(partial(self.settled, keys), nothing) if keys else nothing
        if done:
            elsewhere([planned for planned in cells if planned.cell.cell in done])
        return tuple(planned for planned in cells if planned.cell.cell not in done)

    def _waiting(self, groups: Sequence[Group]) -> str:
        """Return the line about the groups that others hold; empty where none is held any more."""
        held = self._held(groups)
        who = ", ".join(sorted({str(holder) for holder in held.values()}))
        n = len(groups)
        return f"waiting for {n} group{'s' * (n != 1)} that other processes train: {who}" if who else ""
