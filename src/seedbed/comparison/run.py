"""Running a study: train what the store does not hold, and gather the table of all its cells."""

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Protocol

from seedbed.comparison.plan import Plan, Planned, examples_of
from seedbed.results import CELL_COLUMNS, Outcome


class Listener(Protocol):
    """What is told how far a study is: a progress bar, or nobody."""

    def group(self, cells: Sequence[Planned]) -> None:
        """Training of these cells begins."""

    def epoch(self, epoch: Any) -> None:
        """An epoch of the group is over."""

    def group_done(self, outcomes: Sequence[Outcome]) -> None:
        """The group is trained and in the store."""


@dataclass
class Progress:
    """What a run of a study did: cells found finished, cells trained now by status, seconds of training and logging."""

    found: int = 0
    trained: Counter = field(default_factory=Counter)
    training_seconds: float = 0.0
    logging_seconds: float = 0.0


def missing(plan: Plan, rows: Mapping[str, Any]) -> list[Planned]:
    """The cells asked for that have no finished row, each fingerprint once."""
    unique = {p.cell.cell: p for p in reversed(plan.asked) if p.cell.cell not in rows}
    return [p for p in plan.asked if unique.get(p.cell.cell) is p]


def run_missing(
    plan: Plan, todo: Sequence[Planned], store: Any, parent: str | None, tags: Mapping[str, str], listener: Listener
) -> Progress:
    """Train the cells that are missing, group by group; each group is written to the store while the next one trains.

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
                store.write(planned.cell, outcome, parent, tags)

        def wait() -> None:
            started = time.perf_counter()
            while written:
                written.pop().result()
            progress.logging_seconds += time.perf_counter() - started

        try:
            for cells in plan.groups(todo):
                listener.group(cells)
                started = time.perf_counter()
                outcomes = train_cells(cells, listener.epoch, ids[cells[0].corpus.digest])
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


def results_table(plan: Plan, rows: Mapping[str, Mapping[str, Any]]):
    """A DataFrame with a row a cell asked for, under this study's own names; metrics as far as there are any.

    ``rows``: fingerprint to what the store holds of the cell.
    """
    import pandas as pd

    table = []
    for planned in plan.asked:
        cell = planned.cell
        row = {column: getattr(cell, column) for column in CELL_COLUMNS if hasattr(cell, column)}
        held = dict(rows.get(cell.cell, {"status": "missing"}))
        table.append({**held, **row})
    frame = pd.DataFrame(table)
    metrics = [column for column in frame.columns if column not in CELL_COLUMNS]
    return frame.reindex(columns=[*CELL_COLUMNS, *sorted(metrics, key=_metric_order)])


def _metric_order(name: str) -> tuple[int, int, str]:
    """Test scores first, then validation and the rest; whole scores before those of one class or type."""
    splits = ("test", "validation", "train")
    split = name.split("/", maxsplit=1)[0]
    return (splits.index(split) if split in splits else len(splits), name.count("/"), name)
