"""Two tasks at once, in two processes: pure Python holds the interpreter lock, so threads would not be faster."""

import multiprocessing
import os
import sys
import threading
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

Value = TypeVar("Value")
_THREADED = ("tensorflow", "jax", "torch")
"""Libraries with threads of their own, which a forked process lacks: it could wait for them forever."""


class Background(Generic[Value]):
    """``task()`` in a forked process where that is safe and a second core is free; else when `result` is called.

    The value of the task must be picklable. An exception of the task is raised by `result`.
    """

    def __init__(self, task: Callable[[], Value]) -> None:
        self._task = task
        self._receiver = _start(task) if _can_fork() else None

    def result(self) -> Value:
        """Wait for the task and return its value."""
        receiver, self._receiver = self._receiver, None
        if receiver is None:
            return self._task()
        try:
            with receiver:
                return receiver.recv()
        except EOFError:  # the process failed or was killed: run here, where an error is shown
            return self._task()


def _start(task: "Callable[[], object]") -> "Connection":
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)

    def run() -> None:
        with sender:
            try:
                sender.send(task())
            finally:
                os._exit(0)  # no exit handlers and no traceback: they are the parent's

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of idle threads of linear algebra, which handle forks
        context.Process(target=run, daemon=True).start()
    sender.close()
    return receiver


def _can_fork() -> bool:
    if sys.platform != "linux" or any(name in sys.modules for name in _THREADED):
        return False
    return threading.active_count() == 1 and len(os.sched_getaffinity(0)) > 1
