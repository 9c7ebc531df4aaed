"""Run a study: train the cells that the store does not have."""

import time
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Protocol

from seedbed.cells import Cell, Outcome
from seedbed.comparison.group import checkpoint_file
from seedbed.comparison.pending_writes import PendingWrites
from seedbed.comparison.plan import Plan, PlannedCell, examples_of
from seedbed.comparison.sharing import Alone
from seedbed.stages import stage
from seedbed.tracking.settings import Recorded

if TYPE_CHECKING:
    from seedbed.embeddings.features import Embedded
    from seedbed.training.replicate import Epoch


class Listener(Protocol):
    """Receives the progress of a study, to show it or not."""

    def group(self, cells: Sequence[PlannedCell]) -> None:
        """Training of these cells starts."""

    def embedded(self, embedded: "Embedded") -> None:
        """Vectors of the group's examples were computed or read from the cache."""

    def epoch(self, epoch: "Epoch") -> None:
        """An epoch of the group has ended."""

    def group_done(self, outcomes: Sequence[Outcome]) -> None:
        """The group is trained."""

    def group_stored(self) -> None:
        """The next of the groups that are trained is in the store.

        Called by the thread that writes, perhaps before ``group_done`` of this group.
        """

    def elsewhere(self, cells: Sequence[PlannedCell], trials: int = 0) -> None:
        """Other processes have trained these cells, and this number of trials of their searches."""


class CellWriter(Protocol):
    """Writes trained cells, as `seedbed.tracking.store.Store` does."""

    def write_group(
        self, cells: Sequence[Cell], outcomes: Sequence[Outcome], parent: str | None, tags: Mapping[str, str]
    ) -> list[str]:
        """Write cells that trained together, and return their run ids in order."""


@dataclass
class Progress:
    """What a run of a study did: cells already finished, cells trained by status, seconds of training and logging.

    ``elsewhere``: the number of cells that other processes trained meanwhile.
    """

    n_finished: int = 0
    trained: Counter[str] = field(default_factory=Counter)
    runs: list[str] = field(default_factory=list)
    training_seconds: float = 0.0
    logging_seconds: float = 0.0
    elsewhere: int = 0

    def __iadd__(self, other: "Progress") -> "Progress":
        """Add what another part of the run did."""
        self.trained.update(other.trained)
        self.runs += other.runs
        self.training_seconds += other.training_seconds
        self.logging_seconds += other.logging_seconds
        self.elsewhere += other.elsewhere
        return self


def missing(plan: Plan, rows: Collection[str]) -> list[PlannedCell]:
    """Return the requested cells that have no finished row, each fingerprint once. ``rows``: by fingerprint."""
    unique = {p.cell.cell: p for p in reversed(plan.requested) if p.cell.cell not in rows}
    return [p for p in plan.requested if unique.get(p.cell.cell) is p]


def groups_of(plan: Plan, todo: Sequence[PlannedCell]) -> list[tuple[PlannedCell, ...]]:
    """Return the groups of these cells of arms as they are.

    Formed of all requested cells, so that every process, and the next run of a study that was interrupted, forms the
    same groups; those of which a part is finished are smaller.
    """
    wanted = {planned.cell.cell for planned in todo}
    groups = plan.groups([planned for planned in missing(plan, {}) if planned.default is None])
    smaller = (tuple(planned for planned in cells if planned.cell.cell in wanted) for cells in groups)
    return [cells for cells in smaller if cells]


def run_missing(
    plan: Plan,
    todo: Sequence[PlannedCell],
    store: CellWriter,
    parent: str | None,
    tags: Mapping[str, str],
    listener: Listener,
    recorded: Recorded | None = None,
    sharing: Alone | None = None,
) -> Progress:
    """Train these cells group by group; each group is written to the store while the next one trains.

    ``recorded``: what to record besides scores, as keywords of `train_cells`. ``sharing``: with other processes that
    run the same study, a `Sharing`; None for not at all. At Ctrl-C every unfinished cell that no other process goes on
    with is written as interrupted before KeyboardInterrupt is raised again. A failed write ends the run at the next
    group.
    """
    shared, progress = sharing or Alone(), Progress(n_finished=len(plan.requested) - len(todo))
    unfinished = {planned.cell.cell: planned for planned in todo}
    training: Sequence[PlannedCell] = ()
    arms = {planned.cell.arm for planned in todo}
    ids = {arm: examples_of([planned for planned in todo if planned.cell.arm == arm]) for arm in arms}

    def leave(cells: Sequence[PlannedCell]) -> None:
        for planned in cells:
            unfinished.pop(planned.cell.cell, None)

    def elsewhere(cells: Sequence[PlannedCell]) -> None:
        progress.elsewhere += len(cells)
        leave(cells)
        listener.elsewhere(cells)

    def write(cells: Sequence[PlannedCell], outcomes: Sequence[Outcome]) -> None:
        with shared.writing(cells, outcomes, elsewhere) as kept:
            own = [outcome for _, outcome in kept]
            progress.runs += store.write_group([planned.cell for planned, _ in kept], own, parent, tags)
            progress.trained.update(outcome.status for outcome in own)
        with suppress(OSError):
            checkpoint_file(cells).unlink(missing_ok=True)

    with PendingWrites(write, listener.group_stored) as writes:
        try:
            for cells in shared.groups(groups_of(plan, todo), partial(_wait, writes, progress), elsewhere):
                training = cells
                outcomes = _trained(cells, ids[cells[0].cell.arm], listener, recorded, progress)
                writes.add(cells, outcomes)
                _wait(writes, progress, left=1)
                leave(cells)
                listener.group_done(outcomes)
            _wait(writes, progress)
        except KeyboardInterrupt:
            _wait(writes, progress)
            with stage("write"):
                left = shared.interrupted(list(unfinished.values()), training)
                store.write_group([p.cell for p in left], [Outcome("interrupted")] * len(left), parent, tags)
            raise
    return progress


def _wait(writes: PendingWrites, progress: Progress, left: int = 0) -> None:
    """Wait until at most ``left`` groups are not written, and count the time."""
    started = time.perf_counter()
    with stage("write"):
        writes.wait(left)
    progress.logging_seconds += time.perf_counter() - started


def _trained(
    cells: Sequence[PlannedCell], ids: Sequence[str], listener: Listener, recorded: Recorded | None,
    progress: Progress,
) -> list[Outcome]:  # fmt: skip
    """Train a group, and count its time."""
    from seedbed.comparison.group import train_cells

    listener.group(cells)
    started = time.perf_counter()
    with stage("step"):
        outcomes = train_cells(
            cells, listener.epoch, ids, listener.embedded, checkpoint=checkpoint_file(cells), **(recorded or {})
        )
    progress.training_seconds += time.perf_counter() - started
    return outcomes
