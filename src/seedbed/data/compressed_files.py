"""Read files packed by gzip, bzip2, xz, zstd and zip, detected by their content, up to a size limit."""

import io
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

from seedbed.data.file_formats import BZIP2, GZIP, HEAD, XZ, ZIP, ZSTD, FileFormat, detect_format, detect_zip_format
from seedbed.errors import InputError, one_line
from seedbed.limits import current_limit, refuse_expansion, size_limit
from seedbed.readable import open_regular, regular, unreadable
from seedbed.zip_files import ZIP_ERRORS, open_zip

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

T = TypeVar("T")

SUFFIXES = (".gz", ".bz2", ".xz", ".zst", ".zip")
"""Suffixes of packed files; the format itself is detected from the content."""

TEXT = "write it as CSV or JSON lines (dataset=csv reads Parquet too)"
PIECE = 1 << 20


class ByteStream(Protocol):
    """A stream of bytes, as gzip, bz2, lzma, zipfile and pyarrow open it."""

    def read1(self, size: int, /) -> bytes:
        """Return up to ``size`` bytes."""
        ...


def validate_size_limit(gigabytes: float) -> None:
    """Raise InputError for a limit that is not above 0."""
    if gigabytes <= 0:
        raise InputError(f"dataset.max_file_gb={gigabytes:g}: must be above 0")


def limit_size(items: Iterator[T], gigabytes: float) -> Iterator[T]:
    """Return the same items; their file is opened now, under this size limit, by reading the first item."""
    with size_limit(gigabytes):
        first = list(islice(items, 1))
    return chain(first, items)


def read_head(path: Path) -> bytes:
    """Return the first bytes of a file, not unpacked; raises InputError."""
    with open_regular(path) as stream:
        try:
            return stream.read(HEAD)
        except OSError as error:
            raise unreadable(path, error) from error


def only_member(names: Sequence[str]) -> str:
    """Return the only member of a zip; raises InputError."""
    if len(names) != 1:
        listing = f"{len(names)} files ({', '.join(names)[:200]})" if names else "no file"
        raise InputError(f"has {listing}, where one is needed: unpack it, and name the file inside")
    return names[0]


@contextmanager
def unpacked(
    path: Path,
    advice: str = TEXT,
    accepted: Sequence[FileFormat] = (),
    member: Callable[[Sequence[str]], str] = only_member,
) -> Iterator[io.BufferedReader]:
    """Return a stream of a file's unpacked content; raises InputError, with its format, for a file that is no text.

    ``advice``: what to do with such a file; ``accepted``: formats that are read too; ``member`` selects the member of a
    zip. Reading the stream raises OSError where it is damaged, InputError above the size limit.
    """
    with ExitStack() as stack:
        kind = detect_format(read_head(path))
        raw = stack.enter_context(_open_unpacked(path, kind, advice, member))
        stream = stack.enter_context(io.BufferedReader(Bounded(path, raw, regular(path).st_size), PIECE))
        with suppress(OSError):  # reported when it is read
            content_format = detect_format(stream.peek(HEAD)[:HEAD])
            if content_format and content_format not in accepted:
                inside = "" if content_format == kind else f" ({kind.name})" if kind else ""
                raise InputError(f"{path}: it is {content_format.name}{inside}; {content_format.advice or advice}")
        yield stream  # type: ignore[misc]  # typeshed: only its own raw streams


def _open_unpacked(
    path: Path, kind: FileFormat | None, advice: str, member: Callable[[Sequence[str]], str]
) -> AbstractContextManager[ByteStream]:
    import bz2
    import gzip
    import lzma

    if kind is ZIP:
        return _member(path, advice, member)
    if kind is ZSTD:
        import pyarrow

        return pyarrow.CompressedInputStream(pyarrow.OSFile(str(path)), "zstd")
    if kind is BZIP2:
        return bz2.open(path, "rb")
    if kind is XZ:
        return lzma.open(path, "rb")
    return gzip.open(path, "rb") if kind is GZIP or path.suffix == ".gz" else path.open("rb")


@contextmanager
def _member(path: Path, advice: str, member: Callable[[Sequence[str]], str]) -> Iterator[ByteStream]:
    with ExitStack() as stack:
        try:
            archive = stack.enter_context(open_zip(path))
            names = archive.namelist()
            if kind := detect_zip_format(names):
                raise InputError(f"{path}: it is {kind.name}; {kind.advice or advice}")
            try:
                name = member([name for name in names if not name.endswith("/") and not name.startswith("__MACOSX")])
            except InputError as error:
                raise InputError(f"{path}: {error}") from error
            stream = stack.enter_context(archive.open(name))
            assert isinstance(stream, zipfile.ZipExtFile)  # typeshed: IO[bytes]
        except ZIP_ERRORS as error:
            raise InputError(f"{path}: unreadable zip: {one_line(error)}") from error
        yield stream


class Bounded(io.RawIOBase):
    """The unpacked content of a file of ``packed`` bytes, up to the limits; after a failure, each read fails again."""

    def __init__(self, path: Path, stream: ByteStream, packed: int):
        self.path, self.stream, self.packed, self.unpacked = path, stream, packed, 0
        self.limit = current_limit()
        self.failure: OSError | None = None

    def readable(self) -> bool:
        """Return true."""
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        """Fill a buffer; raises OSError where the content is damaged, InputError above the limits."""
        view = memoryview(buffer)
        if self.failure:
            raise self.failure
        try:
            piece = self.stream.read1(len(view))  # read(n) would lose the bytes before the damage
        except Exception as error:  # each of gzip, bz2, lzma, zipfile and pyarrow raises errors of its own
            self.failure = error if isinstance(error, OSError) else OSError(one_line(error))
            raise self.failure from error
        self.unpacked += len(piece)
        refuse_expansion(self.path, self.unpacked, self.packed, self.limit)
        view[: len(piece)] = piece
        return len(piece)
