"""What files hold, unpacked: by gzip, bzip2, xz, zstd and zip, told by their content, never more than is allowed."""

import io
import math
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from contextvars import ContextVar
from itertools import chain, islice
from pathlib import Path
from typing import IO, Any

from seedbed.data.file_formats import BZIP2, GZIP, HEAD, XZ, ZIP, ZSTD, FileFormat, detect_format, detect_zip_format
from seedbed.errors import InputError, one_line
from seedbed.readable import regular

SUFFIXES = (".gz", ".bz2", ".xz", ".zst", ".zip")
"""How names of packed files end; they are told by their content all the same."""

TEXT = "write it as CSV or JSON lines (dataset=csv reads Parquet too)"
PIECE = 1 << 20

allowed: ContextVar[float] = ContextVar("allowed", default=math.inf)
"""GB that a file may hold."""


@contextmanager
def at_most(gigabytes: float) -> Iterator[None]:
    """Files that are opened here may hold so much, unpacked (``dataset.max_file_gb``)."""
    before = allowed.set(gigabytes)
    try:
        yield
    finally:
        allowed.reset(before)


def check_allowed(gigabytes: float) -> None:
    """Raises InputError where no file can hold so little."""
    if gigabytes <= 0:
        raise InputError(f"dataset.max_file_gb={gigabytes:g}: must be above 0")


def begun(items: Iterator[Any], gigabytes: float) -> Iterator[Any]:
    """The same items: their file is opened now, by the first of them, and may hold so much."""
    with at_most(gigabytes):
        first = list(islice(items, 1))
    return chain(first, items)


def head_of(path: Path) -> bytes:
    """The first bytes of a file as it lies there; raises InputError."""
    regular(path)
    try:
        with path.open("rb") as stream:
            return stream.read(HEAD)
    except OSError as error:
        raise unreadable(path, error) from error


def refuse_large(path: Path) -> None:
    """Raises InputError where the file itself is larger than what is allowed to be in it."""
    if regular(path).st_size > allowed.get() * 1e9:
        raise too_large(path, allowed.get())


def only_member(names: Sequence[str]) -> str:
    """The one member of a zip; raises InputError."""
    if len(names) != 1:
        found = f"{len(names)} files ({', '.join(names)[:200]})" if names else "no file"
        raise InputError(f"has {found}, where one is needed: unpack it, and name the file inside")
    return names[0]


@contextmanager
def unpacked(
    path: Path,
    advice: str = TEXT,
    also: Sequence[FileFormat] = (),
    member: Callable[[Sequence[str]], str] = only_member,
) -> Iterator[io.BufferedReader]:
    """A stream of what a file holds; raises InputError for one that is no text, saying what it is.

    ``advice``: what to do with one that is none; ``also``: kinds that are taken all the same; ``member`` picks one of
    the members of a zip. Reading the stream raises OSError where it is damaged, InputError where there is too much.
    """
    refuse_large(path)
    with ExitStack() as stack:
        kind = detect_format(head_of(path))
        raw = stack.enter_context(_opened(path, kind, advice, member))
        stream = stack.enter_context(io.BufferedReader(_Bounded(path, raw), PIECE))
        with suppress(OSError):  # said when it is read
            found = detect_format(stream.peek(HEAD)[:HEAD])
            if found and found not in also:
                inside = "" if found == kind else f" ({kind.name})" if kind else ""
                raise InputError(f"{path}: it is {found.name}{inside}; {found.advice or advice}")
        yield stream  # type: ignore[misc]  # typeshed knows no BufferedReader of a reader of one's own


def unreadable(path: Path, error: Exception) -> InputError:
    """The error of a file that cannot be read, or that is damaged."""
    return InputError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or one_line(error)}")


def _opened(path: Path, kind: FileFormat | None, advice: str, member: Callable[[Sequence[str]], str]) -> Any:
    import bz2
    import gzip
    import lzma

    if kind is ZIP:
        return _member(path, advice, member)
    if kind is ZSTD:
        import pyarrow

        return pyarrow.CompressedInputStream(pyarrow.OSFile(str(path)), "zstd")
    openers: dict[FileFormat | None, Callable[..., Any]] = {GZIP: gzip.open, BZIP2: bz2.open, XZ: lzma.open}
    default: Callable[..., Any] = gzip.open if path.suffix == ".gz" else open
    return openers.get(kind, default)(path, "rb")


@contextmanager
def _member(path: Path, advice: str, member: Callable[[Sequence[str]], str]) -> Iterator[IO[bytes]]:
    with ExitStack() as stack:
        try:
            archive = stack.enter_context(zipfile.ZipFile(path))
            names = archive.namelist()
            if kind := detect_zip_format(names):
                raise InputError(f"{path}: it is {kind.name}; {kind.advice or advice}")
            try:
                name = member([name for name in names if not name.endswith("/") and not name.startswith("__MACOSX")])
            except InputError as error:
                raise InputError(f"{path}: {error}") from error
            stream = stack.enter_context(archive.open(name))
        except (OSError, zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:  # the last: a password
            raise InputError(f"{path}: unreadable zip: {one_line(error)}") from error
        yield stream


class _Bounded(io.RawIOBase):
    """A stream that gives no more than is allowed where it is opened; once it has failed, it goes on failing."""

    def __init__(self, path: Path, stream: Any):
        self.path, self.stream, self.limit = path, stream, allowed.get()
        self.left = self.limit * 1e9
        self.failure: OSError | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if self.failure:
            raise self.failure
        try:
            piece = self.stream.read1(len(buffer))  # read(n) would lose what came before the damage
        except Exception as error:  # of gzip, bz2, lzma, zipfile or pyarrow, which have each their own
            self.failure = error if isinstance(error, OSError) else OSError(one_line(error))
            raise self.failure from error
        self.left -= len(piece)
        if self.left < 0:
            raise too_large(self.path, self.limit)
        buffer[: len(piece)] = piece
        return len(piece)


def too_large(path: Path, gigabytes: float) -> InputError:
    """The error of a file that holds more than these."""
    return InputError(f"{path}: more than dataset.max_file_gb={gigabytes:g}; raise it where that is meant to be")
