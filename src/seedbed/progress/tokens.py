"""How far contextual vectors are, on standard error: a bar on a terminal, else a line every few seconds."""

import time
from typing import Any

EVERY_S = 5.0
"""Between two lines where there is no bar."""


class TokenProgress:
    """Tokens done and to be done, tokens a second, and the time left; by ``name``, what is computed."""

    def __init__(self, name: str):
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn

        self.console = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)
        self.name = name
        self.bar = Progress(
            BarColumn(bar_width=24),
            TextColumn("{task.fields[said]}", markup=False),
            TextColumn("{task.description}", markup=False),
            console=self.console,
            disable=not self.console.is_terminal,
            transient=True,
        )
        self.task = self.bar.add_task(name, total=None, said="")
        self.since = self.said_at = time.perf_counter()

    def __enter__(self) -> "TokenProgress":
        self.bar.start()
        return self

    def __exit__(self, *exception: Any) -> None:
        self.bar.stop()

    def hear(self, embedded: Any) -> None:
        """Take in an ``Embedded``: while the cache is filled."""
        if embedded.note:
            self.say(embedded.note)
        self.show(embedded.done, embedded.tokens)

    def show(self, done: int, tokens: int) -> None:
        """So many of all the tokens."""
        now = time.perf_counter()
        if not done:  # the model is read, another process is waited for: that is not its speed
            self.since = now
        said = pace(done, tokens, now - self.since) if tokens else "looking into the cache"
        self.bar.update(self.task, completed=done, total=tokens or None, said=said)
        if self.bar.disable and tokens and now - self.said_at >= EVERY_S:
            self.said_at = now
            self.say(f"{self.name}: {said}")

    def say(self, line: str) -> None:
        """A line of its own."""
        self.console.print(line)


def pace(done: int, tokens: int, seconds: float, brief: bool = False) -> str:
    """Such as ``1,200 of 5,000 tokens, 400 a second, 10 s left``; ``1,200/5,000 tokens, 400/s, 10 s left``."""
    of, a_second = ("/", "/s") if brief else (" of ", " a second")
    said = f"{done:,}{of}{tokens:,} tokens"
    if not done:
        return said
    rate = done / max(seconds, 1e-9)
    return f"{said}, {rate:,.0f}{a_second}, {duration((tokens - done) / rate)} left"


def duration(seconds: float) -> str:
    """Such as ``12 s``, ``3 min 5 s`` or ``2 h 10 min``."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
