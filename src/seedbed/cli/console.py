"""Standard output and error that accept any text and a closed pipe, and text that fits the width of a terminal."""

import os
import shlex
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import TextIO

from seedbed.errors import InputError


class StreamError(InputError):
    """Standard output or error cannot be written."""


@contextmanager
def safe_streams() -> Iterator[None]:
    """Escape characters that the console cannot show, and ignore a reader that has closed the pipe (`| head -1`).

    StreamError where a stream cannot be written for another reason, such as a full disk.
    """
    with ExitStack() as restoring:
        for name in ("stdout", "stderr"):
            stream = getattr(sys, name)
            if stream is None:  # closed by the shell
                stream = restoring.enter_context(open(os.devnull, "w", encoding="utf-8"))
            safe = SafeStream(stream, name)
            setattr(sys, name, safe)
            restoring.callback(setattr, sys, name, stream)
            restoring.callback(safe.flush)
        yield


def print_sentence(text: str) -> None:
    """Print a text: on a terminal broken between words where it is longer than a line, elsewhere in one line."""
    from rich.console import Console
    from rich.text import Text

    console = Console()
    console.print(Text(text), soft_wrap=not console.is_terminal)


def print_command(head: str, command: str) -> None:
    """Print ``HEAD: COMMAND``; on a terminal a longer command is below its head, in lines that a shell reads as one."""
    from rich.console import Console

    console, line = Console(), f"{head}: {command}"
    if console.is_terminal and len(line) > console.width:
        line = f"{head}:\n{_continued(command, console.width)}"
    print(line)


def _continued(command: str, width: int) -> str:
    """Return a command in lines of at most ``width`` characters, unless one word is longer, that end in backslashes."""
    first, *others = map(shlex.quote, shlex.split(command))
    lines, end = [first], " \\"
    for word in others:
        if len(lines[-1]) + len(word) + 1 + len(end) > width:
            lines.append(f"  {word}")
        else:
            lines[-1] += f" {word}"
    return f"{end}\n".join(lines)


def refuse_undecoded(words: Iterable[str]) -> None:
    """Raise InputError for a word of the command line that is not valid in the encoding of the locale."""
    for word in words:
        if any("\udc80" <= char <= "\udcff" for char in word):
            encoding = sys.getfilesystemencoding()
            plain = os.fsencode(word).decode("ascii", "backslashreplace")
            fix = "rename the file" if encoding == "utf-8" else "export PYTHONUTF8=1"
            raise InputError(f"command line: {plain}: is no text in {encoding}: {fix}")


class SafeStream:
    """Wraps a text stream of `safe_streams`; other attributes are those of the stream."""

    def __init__(self, stream: TextIO, name: str) -> None:
        self._stream, self._name, self._closed = stream, name, False
        with suppress(AttributeError, ValueError, OSError):  # of a test, or a notebook
            stream.reconfigure(errors="backslashreplace")  # type: ignore[attr-defined]

    def write(self, text: str) -> int:
        """Write the text, or nothing after the reader has closed the pipe."""
        self._do(lambda: self._stream.write(text))
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        """Write these lines."""
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        """Flush the stream."""
        self._do(self._stream.flush)

    def _do(self, action: Callable[[], object]) -> None:
        if self._closed:
            return
        try:
            action()
        except BrokenPipeError:
            self._discard()
        except OSError as error:
            self._discard()
            raise StreamError(f"{self._name}: cannot be written: {error.strerror}") from error

    def _discard(self) -> None:
        """Send everything to the null device, including what is flushed when the process ends."""
        self._closed = True
        with suppress(OSError, ValueError):
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, self._stream.fileno())
            os.close(null)

    def __getattr__(self, name: str) -> object:
        return getattr(self._stream, name)
