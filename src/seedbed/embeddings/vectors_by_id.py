"""Files of vectors by the id of a text: .npz, .npy with a list of ids, and parquet. Nothing is unpickled.

The format is detected by content. Only the rows of the requested ids are read from a .npy file, which is mapped into
memory, and from an .npz file with an array for each id.
"""

import contextlib
import weakref
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from seedbed.arrays import NPY as SUFFIX
from seedbed.arrays import ArrayArchive, map_array, open_archive
from seedbed.data.compressed_files import read_head
from seedbed.data.file_formats import NPY, PARQUET, ZIP, FileFormat, detect_format, detect_zip_format
from seedbed.errors import InputError, one_line

LEVELS = ("text", "token")
WANTED = "vectors by id are read from .npz, .npy and parquet"


@dataclass(frozen=True)
class FileLayout:
    """How a file is read: ``level`` of its rows, file of the ``ids`` of a .npy, columns of a parquet file."""

    level: str = "text"
    ids: Path | None = None
    id_column: str = "id"
    vector_column: str = "vector"


class VectorFile(Protocol):
    """Vectors by id."""

    path: Path

    @property
    def ids(self) -> Set[str]:
        """All ids of the file."""

    def rows(self, name: str) -> NDArray[np.floating]:
        """Return the vectors of an id, ``[rows, dim]``. Raises InputError."""


class ArrayFile:
    """One array ``[rows, dim]``; the rows of an id are consecutive."""

    def __init__(self, path: Path, matrix: np.ndarray, ids: Sequence[str], level: str):
        self.path, self.matrix = path, checked(matrix, (2,), path)
        if len(ids) != len(matrix):
            raise InputError(f"{path}: {len(matrix)} vectors, but {len(ids)} ids")
        self._spans = spans(ids, level, path)

    @property
    def ids(self) -> Set[str]:
        """All ids of the file."""
        return self._spans.keys()

    def rows(self, name: str) -> NDArray[np.floating]:
        """Return the vectors of an id."""
        first, number = self._spans[name]
        return self.matrix[first : first + number]


class ArchiveFile:
    """An .npz with one array for each id, ``[dim]`` or ``[tokens, dim]``."""

    def __init__(self, path: Path, arrays: ArrayArchive):
        self.path, self.arrays, self._names = path, arrays, frozenset(arrays)

    @property
    def ids(self) -> Set[str]:
        """All ids of the file."""
        return self._names

    def rows(self, name: str) -> NDArray[np.floating]:
        """Return the vectors of an id."""
        array = checked(self.arrays[name], (1, 2), self.path, name)
        return array.reshape(-1, array.shape[-1])


def open_vectors(path: Path, layout: FileLayout) -> VectorFile:
    """Return the vectors of a file, which is read as far as its format needs. Raises InputError."""
    kind = detect_format(read_head(path))
    if kind not in READERS:
        what = f"it is {kind.name}" if kind else "empty" if not path.stat().st_size else "no file of arrays"
        raise InputError(f"{path}: {what}; {WANTED}")
    return READERS[kind](path, layout)


def spans(ids: Sequence[str], level: str, path: Path) -> dict[str, tuple[int, int]]:
    """Return the first row and the number of rows of each id. Raises InputError for an id that comes back."""
    rows: dict[str, tuple[int, int]] = {}
    first = 0
    for name, group in groupby(ids):
        number = len(list(group))
        if name in rows or (level == "text" and number > 1):
            hint = "; rows of one token each are read with embedding.level=token" if level == "text" else ""
            raise InputError(f"{path}: the id {name!r} is there twice{hint}")
        rows[name] = (first, number)
        first += number
    return rows


def checked(array: np.ndarray, ranks: Sequence[int], path: Path, name: str = "") -> NDArray[np.floating]:
    """Return the array if it has floats and one of these numbers of axes. Raises InputError."""
    where = f"{path}: {name}" if name else f"{path}"
    if array.dtype.kind != "f":
        raise InputError(f"{where}: float16, float32 or float64 is needed, not {array.dtype}")
    if array.ndim not in ranks or 0 in array.shape[-1:]:
        needed = " or ".join({1: "[dim]", 2: "[rows, dim]"}[rank] for rank in ranks)
        raise InputError(f"{where}: an array {needed} is needed, not one of shape {list(array.shape)}")
    return array


def _npz(path: Path, layout: FileLayout) -> VectorFile:
    with contextlib.ExitStack() as stack:
        arrays = stack.enter_context(open_archive(path))
        members, names = arrays.files, [name.removesuffix(SUFFIX) for name in arrays.files]
        if not all(name.endswith(SUFFIX) for name in members):
            kind = detect_zip_format(members)
            raise InputError(f"{path}: it is {kind.name if kind else 'a zip'}; {WANTED}")
        if len(set(names)) < len(names):
            repeated = next(name for n, name in enumerate(names) if name in names[:n])
            raise InputError(f"{path}: the id {repeated!r} is there twice")
        if {"ids", "vectors"} <= set(names):
            return ArrayFile(path, arrays["vectors"], _names(path, arrays["ids"]), layout.level)
        archive = ArchiveFile(path, arrays)
        weakref.finalize(archive, stack.pop_all().close)  # before any collector of garbage warns of it
        return archive


def _names(path: Path, ids: np.ndarray) -> list[str]:
    if ids.ndim != 1 or ids.dtype.kind not in "US":
        raise InputError(f"{path}: ids must be a list of strings, not {ids.dtype} of shape {list(ids.shape)}")
    try:
        return (np.char.decode(ids, "utf-8") if ids.dtype.kind == "S" else ids).tolist()
    except (ValueError, SystemError) as error:  # bytes or numbers that are no characters
        raise InputError(f"{path}: ids: {one_line(error)}") from error


def _npy(path: Path, layout: FileLayout) -> VectorFile:
    from seedbed.data.text_files import lines, of_no_data_set

    matrix = map_array(path)
    assert layout.ids is not None  # see `Precomputed.files`
    try:
        ids = lines(layout.ids, "utf-8")
    except InputError as error:
        raise of_no_data_set(error) from error
    return ArrayFile(path, matrix, ids, layout.level)


def _parquet(path: Path, layout: FileLayout) -> VectorFile:
    from seedbed.embeddings.vectors_parquet import read_columns

    ids, matrix = read_columns(path, layout.id_column, layout.vector_column)
    return ArrayFile(path, matrix, ids, layout.level)


READERS: Mapping[FileFormat | None, Callable[[Path, FileLayout], VectorFile]] = {
    NPY: _npy,
    ZIP: _npz,
    PARQUET: _parquet,
}
