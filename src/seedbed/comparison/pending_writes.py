"""Groups that are written in a thread while the next one trains."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from seedbed.cells import Outcome
from seedbed.comparison.plan import PlannedCell

Write = Callable[[Sequence[PlannedCell], Sequence[Outcome]], None]


class PendingWrites:
    """Writes groups one after the other; a context manager, which at its end waits for those that are not written.

    ``stored``: called in the writing thread after each group, in the order of training: not after a write that failed.
    """

    def __init__(self, write: Write, stored: Callable[[], None]) -> None:
        self._write, self._stored = write, stored
        self._thread = ThreadPoolExecutor(max_workers=1)
        self._pending: list[Future[None]] = []
        self._has_failed = False

    def __enter__(self) -> "PendingWrites":
        return self

    def __exit__(self, *exception: object) -> None:
        self._thread.shutdown()

    def add(self, cells: Sequence[PlannedCell], outcomes: Sequence[Outcome]) -> None:
        """Write a group next, also where a write before has failed."""
        self._pending.append(self._thread.submit(self._write_one, cells, outcomes))

    def wait(self, left: int = 0) -> None:
        """Wait until at most ``left`` groups are not written; raises what a write has raised."""
        while len(self._pending) > left:
            self._pending.pop(0).result()

    def _write_one(self, cells: Sequence[PlannedCell], outcomes: Sequence[Outcome]) -> None:
        try:
            self._write(cells, outcomes)
        except BaseException:
            self._has_failed = True
            raise
        if not self._has_failed:
            self._stored()
