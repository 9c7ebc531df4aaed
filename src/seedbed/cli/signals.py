"""Signals of schedulers and terminals that end a command as Ctrl-C does."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from seedbed.tracking.retrying import stopping

SIGNALS = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))


class TerminatedError(KeyboardInterrupt):
    """A signal arrived; its number is ``number``. What handles Ctrl-C handles it too."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


@contextmanager
def raised() -> Iterator[None]:
    """Raise TerminatedError in the main thread at SIGTERM and SIGHUP; a second one ends the process at once.

    A store that does not answer is then not waited for any more, also at Ctrl-C. Signals that are ignored, as ``nohup``
    ignores SIGHUP, stay ignored. Nothing changes in another thread.
    """
    before: dict[int, Any] = {}

    def handle(number: int, frame: FrameType | None) -> None:
        stopping.set()
        if number == signal.SIGINT:
            raise KeyboardInterrupt
        for own in before:
            signal.signal(own, signal.SIG_DFL)
        raise TerminatedError(number)

    if threading.current_thread() is threading.main_thread():
        for number in SIGNALS:
            if signal.getsignal(number) is signal.SIG_DFL:
                before[number] = signal.signal(number, handle)
        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            before[signal.SIGINT] = signal.signal(signal.SIGINT, handle)
    try:
        yield
    finally:
        stopping.clear()
        for number, handler in before.items():
            signal.signal(number, handler)


def exit_code(error: KeyboardInterrupt) -> int:
    """Return the exit code of a process that this ended: 128 and the number of the signal, 130 for Ctrl-C."""
    return 128 + (error.number if isinstance(error, TerminatedError) else int(signal.SIGINT))
