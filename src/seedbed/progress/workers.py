"""The progress of a study that workers train, on standard error: a bar and a line a worker, or lines of text."""

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from seedbed.progress.bars import LINE_EVERY_S, has_bar
from seedbed.progress.time_left import TimeLeft

if TYPE_CHECKING:
    from rich.console import Console


class WorkersBar:
    """A bar over all cells, and what each worker does.

    On something that is no terminal, one line a group when it is done, and every so often while it trains for long.
    """

    def __init__(self, cells: int, console: "Console | None" = None) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        self.console = console or Console(stderr=True)
        self.bar = Progress(
            BarColumn(bar_width=16),
            TimeElapsedColumn(),
            TextColumn("{task.description}", markup=False),
            console=self.console,
            disable=not has_bar(self.console),
        )
        self.cells, self.done = cells, 0
        self.left = TimeLeft(cells)
        self.all = self.bar.add_task(f"[0/{cells}] cells", total=cells)
        self.tasks: dict[int, Any] = {}  # Any: rich's TaskID
        self.names: dict[int, str] = {}
        self.said_at: dict[int, float] = {}

    def __enter__(self) -> "WorkersBar":
        self.bar.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.bar.stop()

    def told(self, number: int, event: Mapping[str, Any]) -> None:  # Any: JSON
        """Show what a worker told; see `seedbed.progress.telling`."""
        kind = event.get("event")
        if kind == "group":
            self.names[number], self.said_at[number] = str(event["name"]), time.perf_counter()
            self._show(number, self.names[number])
        elif kind == "epoch":
            said = f"{self.names.get(number, '')}, {event['said']}"
            self._show(number, said)
            if self.bar.disable and time.perf_counter() - self.said_at.get(number, 0.0) > LINE_EVERY_S:
                self.said_at[number] = time.perf_counter()
                self._say(f"  worker {number}: {said}")
        elif kind == "done":
            self.done = min(self.done + int(event["cells"]), self.cells)  # some twice, while the store was away
            left = self.left.text(self.done)
            self.bar.update(self.all, completed=self.done, description=f"[{self.done}/{self.cells}{left}] cells")
            self._say(f"[{self.done}/{self.cells}] worker {number}: {event['name']}: {event['said']}{left}")
            for line in event["failed"]:
                self._say(f"  {line} (its log: {event['log']})")

    def ended(self, number: int) -> None:
        """Remove the line of a worker."""
        if number in self.tasks:
            self.bar.remove_task(self.tasks.pop(number))

    def lost(self, number: int, line: str) -> None:
        """Say that a worker was lost."""
        self.ended(number)
        self._say(line)

    def _show(self, number: int, said: str) -> None:
        if number not in self.tasks:
            self.tasks[number] = self.bar.add_task("", total=None)
        self.bar.update(self.tasks[number], description=f"worker {number}: {said}")

    def _say(self, line: str) -> None:
        self.console.print(line, highlight=False, markup=False, soft_wrap=True)
