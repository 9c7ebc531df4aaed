"""Where the time of a study goes: each moment counts for one stage, the innermost that runs.

Every thread has its own clock, so work in the background is not counted, only waiting for it. To start and end a stage
takes one or two microseconds, so the clocks always run.
"""

import threading
import time
from types import TracebackType
from typing import Literal

Stage = Literal[
    "start", "read", "plan", "draw", "embed", "table", "trace", "step", "evaluate", "floor", "write", "report", "other"
]

STAGES: dict[Stage, str] = {
    "start": "imports, settings, start of the backend",
    "read": "data sets and vector files",
    "plan": "fingerprints of the cells, check of the protocol",
    "draw": "examples of each replicate",
    "embed": "vectors looked up, read from the cache or computed",
    "table": "feature tables",
    "trace": "compilation, with the first run of each program",
    "step": "training steps and their batches",
    "evaluate": "scores of each epoch and of the kept weights",
    "floor": "simple methods on the same draws",
    "write": "waiting for the store",
    "report": "statistics, pictures and pages",
    "other": "everything else",
}
"""What counts for each stage, in the order of a study."""


class _Clock(threading.local):
    """The seconds of each stage in one thread."""

    def __init__(self) -> None:
        self.seconds: dict[Stage, float] = dict.fromkeys(STAGES, 0.0)
        self.stage: Stage = "other"
        self.since = time.perf_counter()

    def switch(self, stage: Stage) -> Stage:
        """Start a stage; return the one that ran until now, with its time added."""
        now = time.perf_counter()
        stopped = self.stage
        self.seconds[stopped] += now - self.since
        self.stage, self.since = stage, now
        return stopped


_clock = _Clock()


class _Running:
    """Counts the time of a ``with`` block for a stage, without the stages in it."""

    __slots__ = ("_outer", "_stage")

    def __init__(self, stage: Stage) -> None:
        self._stage: Stage = stage

    def __enter__(self) -> None:
        self._outer = _clock.switch(self._stage)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        _clock.switch(self._outer)


def stage(name: Stage) -> _Running:
    """Return a context manager that counts the time of its block for this stage."""
    return _Running(name)


class Stopwatch:
    """The time since it was created, in the thread that created it."""

    def __init__(self) -> None:
        self._before = _read()
        self._started = time.perf_counter()

    def elapsed(self) -> float:
        """Return the wall time in seconds."""
        return time.perf_counter() - self._started

    def seconds(self) -> dict[str, float]:
        """Return the seconds of each stage that has run, in the order of `STAGES`; they add up to the wall time."""
        differences = {name: seconds - self._before[name] for name, seconds in _read().items()}
        return {name: seconds for name, seconds in differences.items() if seconds > 0}


def _read() -> dict[Stage, float]:
    """Return the seconds of every stage of this thread until now."""
    _clock.switch(_clock.stage)
    return dict(_clock.seconds)
