"""The peak memory of a stretch of work."""

import threading


class PeakMemory:
    """Samples the resident memory of this process while the block runs; ``megabytes`` is the largest seen."""

    def __init__(self, every: float = 0.05):
        self.every, self.megabytes = every, 0.0
        self._over = threading.Event()

    def __enter__(self) -> "PeakMemory":
        import psutil

        self._process = psutil.Process()
        self._sample()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def _watch(self) -> None:
        while not self._over.wait(self.every):
            self._sample()

    def _sample(self) -> None:
        self.megabytes = max(self.megabytes, self._process.memory_info().rss / 2**20)

    def __exit__(self, *exception) -> None:
        self._over.set()
        self._thread.join()
        self._sample()
