"""Progress of work without a known end, on standard error: how much is done after two seconds, and how fast."""

import io
import os
import sys
import time
from threading import Event, Lock, Thread
from types import TracebackType
from typing import TextIO

AFTER_S, EVERY_S, TERMINAL_EVERY_S = 2.0, 5.0, 0.5
"""When it is first said, and how long between two lines, and between two changes of the line of a terminal."""


class Counted:
    """Counts what is done; ``unit``: one of it, such as ``text``. Before the first one, ``phase`` is said.

    Said by a thread, also while nothing is counted, as where a model is opened or a program compiled.
    ``rows_follow``: the terminal shows what is counted, so only the phase is said.
    """

    def __init__(self, unit: str, phase: str, rows_follow: bool = False) -> None:
        self.unit, self.phase, self.done = unit, phase, 0
        self._rows_follow = rows_follow
        self._is_terminal = sys.stderr.isatty()
        self._shown = False
        self._ended, self._lock = Event(), Lock()
        self._thread = Thread(target=self._run, name="progress", daemon=True)

    def __enter__(self) -> "Counted":
        self._stream = _unsilenced()
        self._started = time.perf_counter()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        self._thread.join()
        if self._stream is not sys.stderr:
            self._stream.close()

    def begin(self, phase: str) -> None:
        """Name what is done from now on; the pace is that since then."""
        with self._lock:
            self.phase, self._started = phase, time.perf_counter()

    def add(self, number: int) -> None:
        """Count so many more; where rows follow, before they are shown."""
        self.done += number
        if self._rows_follow and not self._ended.is_set():
            self.stop()

    def say(self, line: str) -> None:
        """Print a line on standard error."""
        with self._lock:
            self._clear()
            print(line, file=sys.stderr)

    def stop(self) -> None:
        """Say nothing more."""
        with self._lock:
            self._ended.set()
            self._clear()

    def _clear(self) -> None:
        if self._shown and self._is_terminal:
            self._write("\r\033[K")
        self._shown = False

    def _run(self) -> None:
        seconds = AFTER_S
        while not self._ended.wait(seconds):
            with self._lock:
                if self._ended.is_set():
                    return
                self._shown = True
                self._write(f"\r\033[K{self._line()}" if self._is_terminal else f"{self._line()}\n")
            seconds = TERMINAL_EVERY_S if self._is_terminal else EVERY_S

    def _line(self) -> str:
        seconds = time.perf_counter() - self._started
        if not self.done:
            return f"{self.phase}, {seconds:.0f} s"
        rate = self.done / max(seconds, 1e-9)
        pace = f"{rate:,.0f} a second" if rate >= 1 else f"{seconds:.0f} s"
        return f"{self.done:,} {self.unit}{'s' * (self.done != 1)}, {pace}"

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()


def _unsilenced() -> TextIO:
    """Return standard error; its file once more, as the import of a backend discards what is written to the first."""
    try:
        number = sys.stderr.fileno()
    except (io.UnsupportedOperation, AttributeError):  # no file, as in a notebook
        return sys.stderr
    return os.fdopen(os.dup(number), "w", encoding="utf-8", errors="backslashreplace")
