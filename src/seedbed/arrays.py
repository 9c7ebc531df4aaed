"""NumPy's files, .npy and .npz: what they declare is compared with their size before memory is taken.

Nothing is unpickled.
"""

import io
import mmap
import tokenize
import warnings
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import cached_property
from pathlib import Path
from typing import IO

import numpy as np

from seedbed.errors import InputError, one_line
from seedbed.limits import refuse_shape
from seedbed.readable import open_regular
from seedbed.zip_files import ZIP_ERRORS, open_zip_stream, refuse_members

PICKLED = "holds Python objects, which are never opened: save vectors as floats, and ids as strings"

NPY = ".npy"

VERSIONS = ((1, 0), (2, 0), (3, 0))

_DAMAGE = (
    *ZIP_ERRORS, TypeError, OverflowError, MemoryError, SyntaxError, RecursionError, IndexError, AttributeError,
    tokenize.TokenError,
)  # fmt: skip
"""What NumPy raises for a damaged header, which it parses as Python's literals, and zipfile for a damaged member."""


def map_array(path: Path) -> np.ndarray:
    """Return the array of a .npy file, mapped into memory; raises InputError."""
    with open_regular(path) as stream:
        shape, dtype, fortran, size = _header(stream, _size(stream), path)
        start = stream.tell()
        if not size:
            return np.empty(shape, dtype)  # an empty map is none
        content = mmap.mmap(stream.fileno(), start + size, access=mmap.ACCESS_READ)
    array: np.ndarray = np.ndarray(shape, dtype, content, start, order="F" if fortran else "C")
    return array


def read_array(path: Path) -> np.ndarray:
    """Return the array of a .npy file, read into memory; raises InputError."""
    with open_regular(path) as stream:
        return _read(stream, _size(stream), path)


class ArrayArchive(Mapping[str, np.ndarray]):
    """The arrays of an open .npz, by name; each is read when it is asked for, and then raises InputError."""

    def __init__(self, archive: zipfile.ZipFile, where: object):
        self._archive, self.where = archive, where
        self._members = {info.filename.removesuffix(NPY): info for info in archive.infolist()}

    @cached_property
    def files(self) -> list[str]:
        """The names of all members, as they are in the archive; a name may be there twice."""
        return [info.filename for info in self._archive.infolist()]

    def __getitem__(self, name: str) -> np.ndarray:
        info = self._members[name]
        where = f"{self.where}: {name}"
        with _damage(where), self._archive.open(info) as stream:
            return _read(stream, info.file_size, where)

    def __iter__(self) -> Iterator[str]:
        return iter(self._members)

    def __len__(self) -> int:
        return len(self._members)

    @property
    def unpacked(self) -> int:
        """The bytes of all members, as the archive declares them."""
        return sum(info.file_size for info in self._archive.infolist())


@contextmanager
def open_archive(file: Path | bytes, where: object = None) -> Iterator[ArrayArchive]:
    """Open a .npz, a file or its content; raises InputError, which names ``where`` it is from, by default the file."""
    where = where or file
    with ExitStack() as stack:
        stream = stack.enter_context(io.BytesIO(file) if isinstance(file, bytes) else open_regular(file))
        with _damage(where):
            archive = stack.enter_context(open_zip_stream(stream, where))
            refuse_members(archive, archive.infolist(), where)
        yield ArrayArchive(archive, where)


def _read(stream: IO[bytes], size: int, where: object) -> np.ndarray:
    """Return the array in a stream of ``size`` bytes; raises InputError."""
    shape, dtype, fortran, length = _header(stream, size, where)
    with _damage(where):
        content, done = bytearray(length), 0
        while done < length and (number := stream.readinto(memoryview(content)[done:])):  # type: ignore[attr-defined]
            done += number
        if done < length:
            raise EOFError(f"it ends after {done:,} of {length:,} bytes")
        return np.ndarray(shape, dtype, content, order="F" if fortran else "C")


def _header(stream: IO[bytes], size: int, where: object) -> tuple[tuple[int, ...], np.dtype, bool, int]:
    """Return shape, type, order and bytes; InputError where the rest of ``size`` bytes is less than the array."""
    with _damage(where), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of Python's parser, about what is in a damaged header
        version = np.lib.format.read_magic(stream)
        if version not in VERSIONS:
            raise InputError(f"{where}: version {version[0]}.{version[1]} of .npy, which is not known")
        read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, fortran, dtype = read(stream)
        if dtype.hasobject:
            raise InputError(f"{where}: {PICKLED}")
        length = refuse_shape(where, shape, dtype.itemsize, size - stream.tell())
    return shape, dtype, fortran, length


def _size(stream: IO[bytes]) -> int:
    size = stream.seek(0, io.SEEK_END)
    stream.seek(0)
    return size


@contextmanager
def _damage(where: object) -> Iterator[None]:
    """Turn what NumPy and zipfile raise for damaged files into an InputError."""
    try:
        yield
    except InputError:
        raise
    except _DAMAGE as error:
        raise InputError(f"{where}: cannot be read: {one_line(error) or type(error).__name__}") from error
