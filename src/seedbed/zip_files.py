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

_TAIL_BYTES = (1 << 16) + 128
"""The end of a zip with the largest comment, and with the records of a zip64."""


@contextmanager
def open_zip(path: Path) -> Iterator[zipfile.ZipFile]:
    """Open a zip for reading; raises one of ``ZIP_ERRORS``, and InputError for a list of members that is too long."""
    with open_regular(path) as stream, open_zip_stream(stream, path) as archive:
        yield archive


@contextmanager
def open_zip_stream(stream: IO[bytes], where: object) -> Iterator[zipfile.ZipFile]:
    """Open the zip in a stream, as `open_zip`; messages name ``where`` it is from."""
    size = stream.seek(0, io.SEEK_END)
    stream.seek(max(0, size - _TAIL_BYTES))
    if (number := _index_bytes(stream.read())) > INDEX_BYTES:
        raise InputError(f"{where}: a zip whose list of members has {number:,} bytes: unpack it yourself")
    stream.seek(0)
    with zipfile.ZipFile(stream) as archive:
        yield archive


def refuse_members(archive: zipfile.ZipFile, members: list[zipfile.ZipInfo], where: object) -> int:
    """Return the bytes of these members, unpacked; raises InputError where they are too many for the archive's size."""
    stream = archive.fp
    assert stream is not None  # an open archive
    size = stream.seek(0, io.SEEK_END)
    unpacked = sum(member.file_size for member in members)
    refuse_expansion(where, unpacked, size)
    return unpacked


def _index_bytes(tail: bytes) -> int:
    """Return how many bytes the list of members has, as the last bytes of a zip declare; 0 where they are damaged."""
    end = tail.rfind(b"PK\x05\x06")
    if end < 0:
        return 0
    try:
        members, index_bytes = struct.unpack_from("<HL", tail, end + 10)
        if members != 0xFFFF and index_bytes != 0xFFFFFFFF:
            return int(index_bytes)
        first = tail.rindex(b"PK\x06\x06", 0, end)  # of a zip64, which has the numbers again with more digits
        return int(struct.unpack_from("<Q", tail, first + 40)[0])
    except (struct.error, ValueError):
        return 0
