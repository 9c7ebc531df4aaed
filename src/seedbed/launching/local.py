"""Workers that are processes of this machine, each watched by a thread.

joblib's own processes are not used: where one of them is killed, joblib kills the others and loses the whole batch.
"""

import threading

from seedbed.launching.orders import Order, WorkerFiles
from seedbed.launching.supervising import Ended, Supervised


class LocalWorker:
    """A worker of this machine, started when it is made."""

    def __init__(self, order: Order, files: WorkerFiles) -> None:
        self.number = order.number
        self._supervised = Supervised(order, files.tell)
        self._ended: Ended | None = None
        self._thread = threading.Thread(target=self._run, name=f"worker-{order.number}", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._ended = self._supervised.run()
        except Exception as error:
            self._ended = Ended(None, f"could not be started: {type(error).__name__}: {error}")

    def ended(self) -> Ended | None:
        """Return how it ended; None while it runs."""
        return self._ended

    def stop(self) -> None:
        """Ask it to stop, and return when it has."""
        self._supervised.stop()
        self._thread.join(timeout=1)
