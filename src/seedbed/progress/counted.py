"""Progress of work without a known end, on standard error: how much is done after two seconds, and how fast."""

import sys
import time
from types import TracebackType

AFTER_S, EVERY_S = 2.0, 5.0
"""When it is first said, and how long between two lines where there is no terminal."""


class Counted:
    """Counts what is done; ``unit``: its name, such as ``texts``."""

    def __init__(self, unit: str) -> None:
        self.unit, self.done = unit, 0
        self.started = time.perf_counter()
        self._next = self.started + AFTER_S
        self._shown = False

    def __enter__(self) -> "Counted":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._shown and sys.stderr.isatty():
            sys.stderr.write("\r\033[K")

    def add(self, number: int) -> None:
        """Count so many more."""
        self.done += number
        if (now := time.perf_counter()) < self._next:
            return
        self._shown = True
        line = f"{self.done:,} {self.unit}, {self.done / (now - self.started):,.0f} a second"
        if sys.stderr.isatty():
            sys.stderr.write(f"\r\033[K{line}")
            sys.stderr.flush()
            self._next = now + 0.2
        else:
            print(line, file=sys.stderr)
            self._next = now + EVERY_S
