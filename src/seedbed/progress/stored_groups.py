"""Groups that are trained in one thread and stored by another: what to say of each, once it is stored."""

import threading
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

Said = TypeVar("Said")


class StoredGroups(Generic[Said]):
    """Calls ``say`` with what was said of a group when it is trained and stored, in the order of training.

    A group may be stored before it is said to be trained.
    """

    def __init__(self, say: Callable[[Said], None]) -> None:
        self._say = say
        self._trained: deque[Said] = deque()
        self._stored = 0
        self._lock = threading.Lock()

    def trained(self, said: Said) -> None:
        """A group is trained."""
        with self._lock:
            self._trained.append(said)
            self._say_stored()

    def stored(self) -> None:
        """The next of the groups is in the store."""
        with self._lock:
            self._stored += 1
            self._say_stored()

    def _say_stored(self) -> None:
        while self._stored and self._trained:
            self._stored -= 1
            self._say(self._trained.popleft())
