"""The progress of a study, on standard error: a terminal, a notebook, or a log file."""

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from seedbed.cells import Outcome
from seedbed.comparison.plan import PlannedCell
from seedbed.embeddings.features import Embedded
from seedbed.progress.bars import LINE_EVERY_S, has_bar
from seedbed.progress.stored_groups import StoredGroups
from seedbed.progress.time_left import TimeLeft
from seedbed.progress.tokens import EVERY_S, pace
from seedbed.progress.workers import WorkersBar

if TYPE_CHECKING:
    from rich.console import Console

    from seedbed.training.replicate import Epoch

WIDE = 120
"""Columns of a terminal that has room for a longer bar."""


SILENT_S, STEP_EVERY_S = 2.0, 10.0
"""A step shorter than the first is not logged; without a terminal, a line each of the second."""


class StudyProgress:
    """A `seedbed.studies.display.Display` on standard error."""

    def log(self, line: str) -> None:
        """Print a line, apart from the results on standard output."""
        print(line, file=sys.stderr, flush=True)

    def training(self, n_cells: int) -> "ProgressBar":
        """Return the progress bar of ``n_cells`` cells."""
        return ProgressBar(n_cells)

    def workers(self, n_cells: int) -> WorkersBar:
        """Return the progress bar of ``n_cells`` cells that workers train."""
        return WorkersBar(n_cells)

    @contextmanager
    def step(self, title: str) -> Iterator[Callable[[float], None]]:
        """Show the share of a step that is done; at the end a line, if it took long."""
        from rich.console import Console

        console = Console(stderr=True)
        started = logged_at = time.perf_counter()

        def update(share: float) -> None:
            nonlocal logged_at
            line = f"{title}: {share:.0%}"
            status.update(line)
            if not console.is_terminal and time.perf_counter() - logged_at > STEP_EVERY_S:
                logged_at = time.perf_counter()
                self.log(f"  {line}")

        with console.status(title) as status:
            yield update
        seconds = time.perf_counter() - started
        if seconds > SILENT_S:
            self.log(f"{title}: {seconds:.1f} s")


def members(cells: Sequence[PlannedCell]) -> str:
    """Return which members a group has, such as ``10 replicates`` or ``replicate 3, chosen settings``."""
    cell = cells[0].cell
    counted = "trials" if cell.setting == "trial" else "replicates"
    which = f"{len(cells)} {counted}" if len(cells) > 1 else f"replicate {cell.replicate}"
    kinds = {"default": "", "trial": "", "refit": ", with validation examples"}
    return which + kinds.get(cell.setting, ", chosen settings")


def group_name(cells: Sequence[PlannedCell]) -> str:
    """Return the name of a group: its arm, size and members."""
    return f"{cells[0].cell.arm}, n={cells[0].cell.n_train}, {members(cells)}"


def epochs_of(outcomes: Sequence[Outcome]) -> str:
    """Return how long a group was trained, such as ``3 to 8 epochs``."""
    epochs = sorted(outcome.epochs for outcome in outcomes)
    span = f"{epochs[0]}" if epochs[0] == epochs[-1] else f"{epochs[0]} to {epochs[-1]}"
    failed = any(outcome.status == "failed" for outcome in outcomes)
    return "fitted" if span == "0" and not failed else f"{span} epoch{'s' * (span != '1')}"


def failures(cells: Sequence[PlannedCell], outcomes: Sequence[Outcome]) -> list[str]:
    """Return a line for each failed cell of a group."""
    both = zip(cells, outcomes, strict=True)
    return [f"replicate {p.cell.replicate} failed: {o.error}" for p, o in both if o.status == "failed"]


class ProgressBar:
    """One bar a group: epoch, loss and score.

    On something that is no terminal, one line a group when it is done, and every so often while it trains for long.
    """

    def __init__(self, cells: int, console: "Console | None" = None):
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
        from rich.table import Column

        self.console = console or Console(stderr=True)

        def whole() -> Column:
            return Column(no_wrap=True)

        # What is cut in a narrow terminal is the end of the line: the name has the room that the numbers leave.
        self.bar = Progress(
            BarColumn(bar_width=16 if self.console.width >= WIDE else 8, table_column=whole()),
            TextColumn("{task.fields[said]}", markup=False, table_column=whole()),
            TimeElapsedColumn(table_column=whole()),
            TextColumn("{task.description}", markup=False, table_column=Column(no_wrap=True, ratio=1)),
            console=self.console,
            disable=not has_bar(self.console),
            expand=True,
        )
        self.cells, self.done = cells, 0
        self.left = TimeLeft(cells)
        self.stored = StoredGroups(self._say_group)

    def __enter__(self) -> "ProgressBar":
        self.bar.start()
        return self

    def __exit__(self, *exception) -> None:
        self.bar.stop()

    def group(self, cells: Sequence[PlannedCell]) -> None:
        """Name the group."""
        self.now = cells
        self.started = self.said_at = time.perf_counter()
        cell, which = cells[0].cell, members(cells)
        self.name = group_name(cells)
        self.vectors = ""
        self.which = f"n={cell.n_train} {cell.arm}, {which}"
        self.task = self.bar.add_task(self._shown(self.done), total=None, said="start")

    def embedded(self, embedded: Embedded) -> None:
        """Show how far the vectors are; where there is no bar, a line every so often."""
        now = time.perf_counter()
        if embedded.note:
            self._say(embedded.note)
        if embedded.done == 0:
            self.embedding_since = self.said_at = now
        self.vectors = f", vectors of {embedded.cached:,} of {embedded.sentences:,} texts from the cache"
        if not embedded.tokens:
            return
        seconds = now - self.embedding_since
        said = f"vectors {pace(embedded.done, embedded.tokens, seconds, True, embedded.unit)}"
        self.bar.update(self.task, completed=embedded.done, total=embedded.tokens, said=said)
        if self.bar.disable and now - self.said_at > EVERY_S:
            self.said_at = now
            self._say(f"  vectors of {pace(embedded.done, embedded.tokens, seconds, unit=embedded.unit)}")

    def epoch(self, epoch: "Epoch") -> None:
        """Show the epoch."""
        score = "" if epoch.score is None else f" score {epoch.score:.3f}"
        said = f"{epoch.unit} {epoch.number}/{epoch.total} loss {epoch.loss:.3f}{score}, {epoch.training} training"
        done = self.done + len(self.now) * epoch.number / max(epoch.total, 1)
        self.bar.update(self.task, completed=epoch.number, total=epoch.total, said=said, description=self._shown(done))
        if self.bar.disable and time.perf_counter() - self.said_at > LINE_EVERY_S:
            self.said_at = time.perf_counter()
            self._say(f"  {self.name}: {said}{self.left.text(done)}")

    def group_done(self, outcomes: Sequence[Outcome]) -> None:
        """Say what came out, when it is in the store."""
        self.bar.remove_task(self.task)
        seconds = time.perf_counter() - self.started
        line = f"{self.name}: {epochs_of(outcomes)}, {seconds:.1f} s{self.vectors}"
        self.stored.trained((len(outcomes), line, failures(self.now, outcomes)))

    def group_stored(self) -> None:
        """Count the group as done."""
        self.stored.stored()

    def _say_group(self, group: tuple[int, str, Sequence[str]]) -> None:
        n_cells, line, failed = group
        self.done += n_cells
        self._say(f"[{self.done}/{self.cells}] {line}{self.left.text(self.done)}")
        for failure in failed:
            self._say(f"  {failure}")

    def elsewhere(self, cells: Sequence[PlannedCell], trials: int = 0) -> None:
        """Count cells that other processes have trained."""
        self.done += len(cells)
        self.left.others(len(cells))
        cell, n = cells[0].cell, len(cells)
        self._say(
            f"[{self.done}/{self.cells}] {cell.arm}, n={cell.n_train}, {n} cell{'s' * (n != 1)}: trained by others"
        )

    def _shown(self, done: float) -> str:
        """Return the numbers of cells, the time left with so many ``done``, and the group."""
        return f"[{self.done}/{self.cells}{self.left.text(done)}] {self.which}"

    def _say(self, line: str) -> None:
        self.console.print(line, highlight=False, markup=False, soft_wrap=True)
