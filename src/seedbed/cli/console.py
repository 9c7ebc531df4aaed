"""Standard output and error that no text and no closed pipe can break."""

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

from seedbed.errors import InputError


class StreamError(InputError):
    """Standard output or error cannot be written."""


@contextmanager
def sturdy() -> Iterator[None]:
    """Within, what a console has no sign for is escaped, and a reader that went away (`| head -1`) ends nothing.

    Where a stream cannot be written for another reason, as on a full disk, StreamError is raised.
    """
    with ExitStack() as restoring:
        for name in ("stdout", "stderr"):
            stream = getattr(sys, name)
            if stream is None:  # closed by the shell
                stream = restoring.enter_context(open(os.devnull, "w", encoding="utf-8"))
            made = Sturdy(stream, name)
            setattr(sys, name, made)
            restoring.callback(setattr, sys, name, stream)
            restoring.callback(made.flush)
        yield


def refuse_undecoded(words: Iterable[str]) -> None:
    """InputError for a word of the command line that is no text in the encoding of the locale."""
    for word in words:
        if any("\udc80" <= sign <= "\udcff" for sign in word):
            encoding = sys.getfilesystemencoding()
            plain = os.fsencode(word).decode("ascii", "backslashreplace")
            todo = "rename the file" if encoding == "utf-8" else "export PYTHONUTF8=1"
            raise InputError(f"command line: {plain}: is no text in {encoding}: {todo}")


class Sturdy:
    """A text stream as above; whatever else is asked of it, the stream itself answers."""

    def __init__(self, stream: Any, name: str) -> None:
        self._stream, self._name, self._closed = stream, name, False
        with suppress(AttributeError, ValueError, OSError):  # of a test, or a notebook
            stream.reconfigure(errors="backslashreplace")

    def write(self, text: str) -> int:
        """Write ``text``, or nothing where nobody reads any more."""
        self._do(self._stream.write, text)
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        """Write each of ``lines``."""
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        """Write what is left."""
        self._do(self._stream.flush)

    def _do(self, action: Any, *given: Any) -> None:
        if self._closed:
            return
        try:
            action(*given)
        except BrokenPipeError:
            self._forget()
        except OSError as error:
            self._forget()
            raise StreamError(f"{self._name}: cannot be written: {error.strerror}") from error

    def _forget(self) -> None:
        """Nothing goes there any more, nor what the stream still holds when the process ends."""
        self._closed = True
        with suppress(OSError, ValueError):
            nothing = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nothing, self._stream.fileno())
            os.close(nothing)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
