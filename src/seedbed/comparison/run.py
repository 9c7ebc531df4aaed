"""Running a study: train what the store does not hold, and gather the table of all its cells."""

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Protocol

from seedbed.comparison.plan import Plan, Planned, examples_of
from seedbed.results import Outcome


class Listener(Protocol):
    """What is told how far a study is: a progress bar, or nobody."""

    def group(self, cells: Sequence[Planned]) -> None:
        """Training of these cells begins."""

    def embedded(self, embedded: Any) -> None:
        """Vectors of the group's examples were computed, or found."""

    def epoch(self, epoch: Any) -> None:
        """An epoch of the group is over."""

    def group_done(self, outcomes: Sequence[Outcome]) -> None:
        """The group is trained and in the store."""


@dataclass
class Progress:
    """What a run of a study did: cells found finished, cells trained now by status, seconds of training and logging."""

    found: int = 0
    trained: Counter = field(default_factory=Counter)
    runs: list[str] = field(default_factory=list)
    training_seconds: float = 0.0
    logging_seconds: float = 0.0


def missing(plan: Plan, rows: Mapping[str, Any]) -> list[Planned]:
    """The cells asked for that have no finished row, each fingerprint once."""
    unique = {p.cell.cell: p for p in reversed(plan.asked) if p.cell.cell not in rows}
    return [p for p in plan.asked if unique.get(p.cell.cell) is p]


def run_missing(
    plan: Plan, todo: Sequence[Planned], store: Any, parent: str | None, tags: Mapping[str, str], listener: Listener,
    recorded: Mapping[str, Any] | None = None,
) -> Progress:  # fmt: skip
    """Train the cells that are missing, group by group; each group is written to the store while the next one trains.

    ``recorded``: what `train_cells` is to keep of probabilities.

    At Ctrl-C everything not yet finished is written as interrupted before KeyboardInterrupt goes on. What a write
    raises ends the run at the next group.
    """
    from seedbed.comparison.group import train_cells

    progress = Progress(found=len(plan.asked) - len(todo))
    left = list(todo)
    digests = {planned.corpus.digest for planned in todo}
    ids = {digest: examples_of([p for p in todo if p.corpus.digest == digest]) for digest in digests}
    with ThreadPoolExecutor(max_workers=1) as writer:
        written: list[Future] = []

        def write(cells: Sequence[Planned], outcomes: Sequence[Outcome]) -> None:
            for planned, outcome in zip(cells, outcomes, strict=True):
                progress.runs.append(store.write(planned.cell, outcome, parent, tags))

        def wait() -> None:
            started = time.perf_counter()
            while written:
                written.pop().result()
            progress.logging_seconds += time.perf_counter() - started

        try:
            for cells in plan.groups(todo):
                listener.group(cells)
                started = time.perf_counter()
                outcomes = train_cells(
                    cells, listener.epoch, ids[cells[0].corpus.digest], listener.embedded, **(recorded or {})
                )
                progress.training_seconds += time.perf_counter() - started
                wait()
                written.append(writer.submit(write, cells, outcomes))
                left = [planned for planned in left if planned not in cells]
                progress.trained.update(outcome.status for outcome in outcomes)
                listener.group_done(outcomes)
            wait()
        except KeyboardInterrupt:
            wait()
            write(left, [Outcome("interrupted")] * len(left))
            raise
    return progress
