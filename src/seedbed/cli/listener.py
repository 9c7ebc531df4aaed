"""The progress bar of a study."""

import time
from collections.abc import Sequence
from typing import Any

from seedbed.comparison.plan import Planned
from seedbed.embeddings.features import Embedded
from seedbed.results import Outcome

EVERY_S = 10.0
"""Between two lines on how far the vectors are, where there is no bar."""


class ProgressBar:
    """One bar a group: epoch, loss and score; on something that is no terminal, one line a group when it is done."""

    def __init__(self, cells: int):
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        self.console = Console(stderr=True)
        # What is cut in a narrow terminal is the end of the line: the name, not the numbers.
        self.bar = Progress(
            BarColumn(bar_width=16),
            TextColumn("{task.fields[said]}"),
            TimeElapsedColumn(),
            TextColumn("{task.description}"),
            console=self.console,
            disable=not self.console.is_terminal,
        )
        self.cells, self.done = cells, 0

    def __enter__(self) -> "ProgressBar":
        self.bar.start()
        return self

    def __exit__(self, *exception) -> None:
        self.bar.stop()

    def group(self, cells: Sequence[Planned]) -> None:
        """Name the group."""
        self.now, self.started = cells, time.perf_counter()
        cell = cells[0].cell
        self.name = f"{cell.arm}, n={cell.n_train}, {len(cells)} replicates" if len(cells) > 1 else (
            f"{cell.arm}, n={cell.n_train}, replicate {cell.replicate}"
        )  # fmt: skip
        self.vectors = ""
        self.task = self.bar.add_task(f"{self.name} ({self.done} of {self.cells} cells done)", total=None, said="start")

    def embedded(self, embedded: Embedded) -> None:
        """Show how far the vectors are; where there is no bar, a line every so often."""
        now = time.perf_counter()
        if embedded.note:
            self._say(embedded.note)
        if embedded.done == 0:
            self.embedding_since = self.said_at = now
        rate = embedded.done / max(now - self.embedding_since, 1e-9)
        self.vectors = f", vectors of {embedded.found:,} of {embedded.asked:,} texts from the cache"
        if not embedded.tokens:
            return
        left = (embedded.tokens - embedded.done) / rate if embedded.done else 0.0
        said = (f"vectors of {embedded.done:,} of {embedded.tokens:,} tokens, {rate:,.0f} a second"
                + (f", {left:.0f} s left" if left >= 1 else ""))  # fmt: skip
        self.bar.update(self.task, completed=embedded.done, total=embedded.tokens, said=said)
        if self.bar.disable and now - self.said_at > EVERY_S:
            self.said_at = now
            self._say(f"  {said}")

    def epoch(self, epoch: Any) -> None:
        """Show the epoch."""
        score = "" if epoch.score is None else f" score {epoch.score:.3f}"
        said = f"epoch {epoch.number}/{epoch.of} loss {epoch.loss:.3f}{score}, {epoch.training} training"
        self.bar.update(self.task, completed=epoch.number, total=epoch.of, said=said)

    def group_done(self, outcomes: Sequence[Outcome]) -> None:
        """Say what came out."""
        self.done += len(outcomes)
        self.bar.remove_task(self.task)
        failed = [f"replicate {p.cell.replicate} failed: {o.error}" for p, o in zip(self.now, outcomes, strict=True)
                  if o.status == "failed"]  # fmt: skip
        epochs = sorted(outcome.epochs for outcome in outcomes)
        span = f"{epochs[0]}" if epochs[0] == epochs[-1] else f"{epochs[0]} to {epochs[-1]}"
        seconds = time.perf_counter() - self.started
        self._say(f"[{self.done}/{self.cells}] {self.name}: {span} epoch{'s' * (span != '1')}, {seconds:.1f} s"
                  + self.vectors)  # fmt: skip
        for line in failed:
            self._say(f"  {line}")

    def _say(self, line: str) -> None:
        self.console.print(line, highlight=False, markup=False, soft_wrap=True)
