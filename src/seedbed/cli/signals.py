"""Signals of schedulers and terminals that end a command as Ctrl-C does."""

import ctypes
import signal
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from seedbed.tracking.retrying import stopping

SIGNALS = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))
AGAIN_S = 0.2
"""Seconds until an exception that was dropped is raised again."""


class TerminatedError(KeyboardInterrupt):
    """A signal arrived; its number is ``number``. What handles Ctrl-C handles it too."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number
        _delivery.watch(self)


class _Delivery:
    """Raises the exception of a signal again in the main thread where the code that was interrupted has dropped it.

    A signal interrupts any line, also one of a library in a bare ``except`` or in a destructor, after which the program
    goes on. An exception that nobody holds any more was dropped.
    """

    def __init__(self) -> None:
        self.number = 0
        """Of the last exception that was watched."""
        self._is_on = False
        self._watched: weakref.ref[TerminatedError] | None = None
        self._timer: threading.Timer | None = None

    def start(self) -> None:
        self._is_on = True

    def end(self) -> None:
        """Raise nothing any more: the command ends."""
        self._is_on, self._watched = False, None
        if self._timer is not None:
            self._timer.cancel()

    def watch(self, error: TerminatedError) -> None:
        if self._is_on:
            self.number, self._watched = error.number, weakref.ref(error, self._dropped)

    def _dropped(self, reference: "weakref.ref[TerminatedError]") -> None:
        if self._is_on and reference is self._watched:
            self._timer = threading.Timer(AGAIN_S, self._raise_again)
            self._timer.daemon = True
            self._timer.start()

    def _raise_again(self) -> None:
        if self._is_on:
            main = threading.main_thread().ident or 0
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(main), ctypes.py_object(_RaisedAgainError))


_delivery = _Delivery()


class _RaisedAgainError(TerminatedError):
    """The interpreter makes it without arguments, as it is raised from another thread."""

    def __init__(self) -> None:
        super().__init__(_delivery.number)


@contextmanager
def raised() -> Iterator[None]:
    """Raise TerminatedError in the main thread at SIGTERM, SIGHUP and Ctrl-C, until it arrives here.

    A second SIGTERM or SIGHUP ends the process at once. A store that does not answer is then not waited for any more.
    Signals that are ignored, as ``nohup`` ignores SIGHUP, stay ignored. Nothing changes in another thread.
    """
    before: dict[int, Any] = {}

    def handle(number: int, frame: FrameType | None) -> None:
        stopping.set()
        if number != signal.SIGINT:
            for own in before:
                signal.signal(own, signal.SIG_DFL)
        raise TerminatedError(number)

    if threading.current_thread() is threading.main_thread():
        for number in SIGNALS:
            if signal.getsignal(number) is signal.SIG_DFL:
                before[number] = signal.signal(number, handle)
        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            before[signal.SIGINT] = signal.signal(signal.SIGINT, handle)
        _delivery.start()
    try:
        yield
    finally:
        _delivery.end()
        stopping.clear()
        for number, handler in before.items():
            signal.signal(number, handler)


def exit_code(error: KeyboardInterrupt) -> int:
    """Return the exit code of a process that this ends: 128 and the number of the signal, 130 for Ctrl-C."""
    _delivery.end()
    return 128 + (error.number if isinstance(error, TerminatedError) else int(signal.SIGINT))
