"""Open zip archives, and read their members, within the limits of what they declare."""

import io
import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from seedbed.errors import InputError
from seedbed.limits import refuse_expansion
from seedbed.readable import open_regular

ZIP_ERRORS = (
    OSError, ValueError, EOFError, KeyError, IndexError, NotImplementedError, RuntimeError, struct.error, zlib.error,
    lzma.LZMAError, zipfile.BadZipFile,
)  # fmt: skip
"""What zipfile raises for a damaged file, for one with a password (RuntimeError), and for an unknown compression."""

INDEX_BYTES = 32 << 20
"""Of the list of members, each with 46 bytes and its name: zipfile holds all in memory, with 500 bytes for each."""


@contextmanager
def open_zip(path: Path) -> Iterator[zipfile.ZipFile]:
    """Open a zip for reading; raises one of ``ZIP_ERRORS``, and InputError for a list of members that is too long."""
    with open_regular(path) as stream, open_zip_stream(stream, path) as archive:
        yield archive


@contextmanager
def open_zip_stream(stream: IO[bytes], where: object) -> Iterator[zipfile.ZipFile]:
    """Open the zip in a stream, as `open_zip`; messages name ``where`` it is from."""
    if (number := _index_bytes(stream)) > INDEX_BYTES:
        raise InputError(f"{where}: a zip whose list of members has {number:,} bytes: unpack it yourself")
    stream.seek(0)
    with zipfile.ZipFile(stream) as archive:
        yield archive


def refuse_members(archive: zipfile.ZipFile, members: list[zipfile.ZipInfo], where: object) -> None:
    """Raise InputError where these members unpack to more than the archive's size can stand for."""
    stream = archive.fp
    assert stream is not None  # an open archive
    size = stream.seek(0, io.SEEK_END)
    refuse_expansion(where, sum(member.file_size for member in members), size)


def _index_bytes(stream: IO[bytes]) -> int:
    """Return how many bytes the list of members has, as zipfile itself reads it; 0 where it finds none."""
    try:
        record = zipfile._EndRecData(stream)  # type: ignore[attr-defined]  # what it trusts, also of a zip64
    except ZIP_ERRORS:
        return 0
    return int(record[zipfile._ECD_SIZE]) if record else 0  # type: ignore[attr-defined]
