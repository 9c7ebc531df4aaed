"""The time that a study still needs, from the cells that are trained."""

import time
from collections.abc import Callable

from seedbed.progress.tokens import duration

LEAST_S = 5.0
"""Below, the time left is not said."""


class TimeLeft:
    """The time that the other cells of ``cells`` need, if each needs as much as those that were trained here."""

    def __init__(self, cells: int, clock: Callable[[], float] = time.perf_counter) -> None:
        self.cells, self.clock = cells, clock
        self.started, self.elsewhere = clock(), 0

    def others(self, cells: int) -> None:
        """Leave out cells that other processes have trained: they took no time here."""
        self.elsewhere += cells

    def text(self, done: float) -> str:
        """Return ``, about 3 min 5 s left`` for so many cells that are done, here or elsewhere; empty if unknown."""
        here = done - self.elsewhere
        if here <= 0 or done >= self.cells:
            return ""
        seconds = (self.clock() - self.started) / here * (self.cells - done)
        return f", about {duration(seconds)} left" if seconds >= LEAST_S else ""
