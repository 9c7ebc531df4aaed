"""What starts workers, whichever launcher it is of."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol

from seedbed.launching.orders import Order, WorkerFiles
from seedbed.launching.supervising import Ended


class Worker(Protocol):
    """A worker that was started."""

    number: int

    def ended(self) -> Ended | None:
        """Return how it ended; None while it runs or waits for a place."""

    def stop(self) -> None:
        """Ask it to stop, and return when it has."""


Start = Callable[[Order, WorkerFiles], Worker]
"""Starts one worker; what it tells is in the files."""
Engine = AbstractContextManager[Start]
"""Returns what starts workers; at its end, when all of them have ended, what it holds is released."""
