"""Run a study: train the cells that the store does not have."""

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from seedbed.cells import Cell, Outcome
from seedbed.comparison.plan import Plan, PlannedCell, examples_of
from seedbed.stages import stage
from seedbed.tracking.settings import RecordedProbabilities

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


class CellWriter(Protocol):
    """Writes trained cells, as `seedbed.tracking.store.Store` does."""

    def write(self, cell: Cell, outcome: Outcome, parent: str | None, tags: Mapping[str, str]) -> str:
        """Write one cell and return its run id."""


@dataclass
class Progress:
    """What a run of a study did: cells already finished, cells trained by status, seconds of training and logging."""

    n_finished: int = 0
    trained: Counter[str] = field(default_factory=Counter)
    runs: list[str] = field(default_factory=list)
    training_seconds: float = 0.0
    logging_seconds: float = 0.0

    def __iadd__(self, other: "Progress") -> "Progress":
        """Add what another part of the run did."""
        self.trained.update(other.trained)
        self.runs += other.runs
        self.training_seconds += other.training_seconds
        self.logging_seconds += other.logging_seconds
        return self


def missing(plan: Plan, rows: Mapping[str, object]) -> list[PlannedCell]:
    """Return the requested cells that have no finished row, each fingerprint once."""
    unique = {p.cell.cell: p for p in reversed(plan.requested) if p.cell.cell not in rows}
    return [p for p in plan.requested if unique.get(p.cell.cell) is p]


def run_missing(
    plan: Plan,
    todo: Sequence[PlannedCell],
    store: CellWriter,
    parent: str | None,
    tags: Mapping[str, str],
    listener: Listener,
    recorded: RecordedProbabilities | None = None,
) -> Progress:
    """Train these cells group by group; each group is written to the store while the next one trains.

    ``recorded``: the probabilities to record, as keywords of `train_cells`. At Ctrl-C every unfinished cell is written
    as interrupted before KeyboardInterrupt is raised again. A failed write ends the run at the next group.
    """
    from seedbed.comparison.group import train_cells

    progress = Progress(n_finished=len(plan.requested) - len(todo))
    unfinished = list(todo)
    arms = {planned.cell.arm for planned in todo}
    ids = {arm: examples_of([planned for planned in todo if planned.cell.arm == arm]) for arm in arms}
    with ThreadPoolExecutor(max_workers=1) as writer:
        writes: list[Future[None]] = []

        def write(cells: Sequence[PlannedCell], outcomes: Sequence[Outcome]) -> None:
            for planned, outcome in zip(cells, outcomes, strict=True):
                progress.runs.append(store.write(planned.cell, outcome, parent, tags))

        def wait() -> None:
            started = time.perf_counter()
            with stage("write"):
                while writes:
                    writes.pop().result()
            progress.logging_seconds += time.perf_counter() - started

        try:
            for cells in plan.groups(todo):
                listener.group(cells)
                started = time.perf_counter()
                with stage("step"):
                    outcomes = train_cells(
                        cells, listener.epoch, ids[cells[0].cell.arm], listener.embedded, **(recorded or {})
                    )
                progress.training_seconds += time.perf_counter() - started
                wait()
                writes.append(writer.submit(write, cells, outcomes))
                unfinished = [planned for planned in unfinished if planned not in cells]
                progress.trained.update(outcome.status for outcome in outcomes)
                listener.group_done(outcomes)
            wait()
        except KeyboardInterrupt:
            wait()
            with stage("write"):
                write(unfinished, [Outcome("interrupted")] * len(unfinished))
            raise
    return progress
