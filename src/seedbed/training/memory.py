"""Peak memory of a block of code."""

import threading
from types import TracebackType


class PeakMemory:
    """Samples the resident memory of this process while the block runs; ``megabytes`` is the maximum."""

    def __init__(self, interval: float = 0.05):
        import psutil

        self.interval, self.megabytes = interval, 0.0
        self._process = psutil.Process()
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> "PeakMemory":
        self._sample()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._done.set()
        self._thread.join()
        self._sample()

    def _watch(self) -> None:
        while not self._done.wait(self.interval):
            self._sample()

    def _sample(self) -> None:
        self.megabytes = max(self.megabytes, self._process.memory_info().rss / 2**20)
