"""Progress of computing contextual vectors, on standard error: a bar on a terminal, else a line every few seconds."""

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from seedbed.embeddings.features import Embedded

EVERY_S = 5.0
"""Between two lines where there is no bar."""


class TokenProgress:
    """Shows the tokens done, tokens per second and the time left; ``name``: what is computed."""

    def __init__(self, name: str) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn

        self.console = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)
        self.name = name
        self.bar = Progress(
            BarColumn(bar_width=24),
            TextColumn("{task.fields[status]}", markup=False),
            TextColumn("{task.description}", markup=False),
            console=self.console,
            disable=not self.console.is_terminal,
            transient=True,
        )
        self.task = self.bar.add_task(name, total=None, status="")
        self.started = self.last_line = time.perf_counter()

    def __enter__(self) -> "TokenProgress":
        self.bar.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.bar.stop()

    def on_progress(self, embedded: "Embedded") -> None:
        """Show the progress of filling the cache."""
        if embedded.note:
            self.log(embedded.note)
        self.show(embedded.done, embedded.tokens, embedded.unit)

    def show(self, done: int, tokens: int, unit: str = "tokens") -> None:
        """Show how many of all the tokens are done."""
        now = time.perf_counter()
        if not done:  # opening the model and waiting for another process do not count as speed
            self.started = now
        status = pace(done, tokens, now - self.started, unit=unit) if tokens else "reading the cache"
        self.bar.update(self.task, completed=done, total=tokens or None, status=status)
        if self.bar.disable and tokens and now - self.last_line >= EVERY_S:
            self.last_line = now
            self.log(f"{self.name}: {status}")

    def log(self, line: str) -> None:
        """Print a line."""
        self.console.print(line)


def pace(done: int, tokens: int, seconds: float, brief: bool = False, unit: str = "tokens") -> str:
    """Return ``1,200 of 5,000 tokens, 400 a second, 10 s left``, or ``1,200/5,000 tokens, 400/s, 10 s left``."""
    of, a_second = ("/", "/s") if brief else (" of ", " a second")
    text = f"{done:,}{of}{tokens:,} {unit}"
    if not done:
        return text
    rate = done / max(seconds, 1e-9)
    return f"{text}, {rate:,.0f}{a_second}, {duration((tokens - done) / rate)} left"


def duration(seconds: float) -> str:
    """Return a duration such as ``12 s``, ``3 min 5 s`` or ``2 h 10 min``."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
