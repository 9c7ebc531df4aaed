"""The files in a zip or tar archive: links are left out, and nothing expands to fill a disk or memory."""

import bz2
import gzip
import lzma
import tarfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any

from seedbed.data.compressed_files import read_head
from seedbed.data.file_formats import BZIP2, GZIP, XZ, FileFormat, detect_format
from seedbed.errors import InputError, one_line
from seedbed.limits import refuse_expansion
from seedbed.readable import open_regular
from seedbed.zip_files import ZIP_ERRORS, open_zip, refuse_members

MEMBERS = 1_000_000
"""Files of an archive; the largest one that is read has 100,000."""

HEADER_BYTES = 1 << 20
"""Of a name, or other words about a member of a tar: tarfile reads them at once."""

_UNPACKERS: dict[FileFormat | None, Callable[[IO[bytes]], Any]] = {
    GZIP: lambda stream: gzip.GzipFile(fileobj=stream),
    BZIP2: bz2.BZ2File,
    XZ: lzma.LZMAFile,
}


def is_archive(name: str) -> bool:
    """Return whether a file of this name is an archive."""
    return name.endswith((".zip", ".tar.gz", ".tgz"))


def files_in(archive: Path, wanted: Callable[[str], bool] = lambda name: True) -> Iterator[tuple[str, "Content"]]:
    """Yield the name and the content of each regular file that is ``wanted``, in order.

    Raises InputError where the archive is damaged, or expands to more than its size can stand for.
    """
    kind = _zipped if archive.name.endswith(".zip") else _tarred
    with _damage(archive):
        yield from kind(archive, wanted)


def _zipped(archive: Path, wanted: Callable[[str], bool]) -> Iterator[tuple[str, "Content"]]:
    """Yield the files of a zip."""
    with open_zip(archive) as members:
        chosen = [info for info in members.infolist() if info.filename and not info.is_dir() and wanted(info.filename)]
        refuse_members(members, chosen, archive)
        for info in chosen:
            with members.open(info) as stream:
                yield info.filename, Content(archive, stream)


def _tarred(archive: Path, wanted: Callable[[str], bool]) -> Iterator[tuple[str, "Content"]]:
    """Yield the files of a tar, packed or not."""
    with ExitStack() as stack:
        packed = stack.enter_context(open_regular(archive))
        unpack = _UNPACKERS.get(detect_format(read_head(archive)))
        stream = packed if unpack is None else stack.enter_context(unpack(packed))
        limited = _Limited(archive, stream, archive.stat().st_size)
        members = stack.enter_context(tarfile.open(fileobj=limited, mode="r:"))  # type: ignore[call-overload]
        unpacked = 0
        for number, member in enumerate(members):
            unpacked += member.size  # of a sparse file, more than there is
            refuse_expansion(archive, unpacked, limited.packed)
            if number >= MEMBERS:
                raise InputError(f"{archive}: more than {MEMBERS:,} files: unpack it yourself")
            members.members = []  # tarfile keeps all
            content = members.extractfile(member) if member.isfile() and wanted(member.name) else None
            if content is not None:
                yield member.name, Content(archive, content)


@contextmanager
def _damage(archive: Path) -> Iterator[None]:
    """Turn what the libraries raise for a damaged archive into an InputError."""
    try:
        yield
    except (tarfile.TarError, *ZIP_ERRORS, OverflowError) as error:
        raise InputError(f"{archive}: damaged archive: {one_line(error)}") from error


class Content:
    """The content of a file in an archive; reading it raises InputError where the archive is damaged."""

    def __init__(self, archive: Path, stream: IO[bytes]):
        self.archive, self.stream = archive, stream

    def read(self, size: int = -1) -> bytes:
        """Return up to ``size`` bytes, by default all."""
        with _damage(self.archive):
            if size >= 0:
                return self.stream.read(size)
            # tarfile reads as much at once as it is asked for.
            return b"".join(iter(lambda: self.stream.read(HEADER_BYTES), b""))


class _Limited:
    """The unpacked content of a tar for tarfile, which reads the words about a member at once, however many."""

    def __init__(self, archive: Path, stream: IO[bytes], packed: int):
        self.archive, self.stream, self.packed = archive, stream, packed

    def read(self, size: int = -1) -> bytes:
        """Return up to ``size`` bytes."""
        if not 0 <= size <= HEADER_BYTES:
            raise InputError(f"{self.archive}: damaged archive: a name of {size:,} bytes")
        refuse_expansion(self.archive, self.stream.tell() + size, self.packed)
        return self.stream.read(size)

    def seek(self, position: int, whence: int = 0) -> int:
        """Move to a position, unpacking what is before it."""
        if whence == 0:
            refuse_expansion(self.archive, position, self.packed)
        return self.stream.seek(position, whence)

    def tell(self) -> int:
        """Return the position."""
        return self.stream.tell()
