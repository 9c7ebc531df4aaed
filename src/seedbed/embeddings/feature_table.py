"""Feature tables: the frozen vectors of all tokens of a study, made once in a process.

A table is one array on the device, and a batch brings the numbers of its rows. A table that is larger than the budget
is a file, whose rows a batch brings.
"""

import logging
import os
import shutil
import tempfile
import weakref
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import BinaryIO, Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from seedbed.backend import shared_tensor
from seedbed.errors import InputError
from seedbed.types import Tensor

SHARE = 0.5
"""Of the memory that is free, what a table may have by default."""
MOST_GB = 16.0
log = logging.getLogger(__name__)

ReadRows = Callable[[int], NDArray[np.float32]]
"""The rows ``[tokens, width]`` of example n."""


def default_budget(used: float = 0.0) -> float:
    """Return the budget of tables in GB where the config states none: a part of what is free or ``used``."""
    import psutil

    return min(SHARE * (psutil.virtual_memory().available / 1e9 + used), MOST_GB)


@dataclass(frozen=True)
class TableShape:
    """The size of a table, known before anything is allocated. ``lengths``: tokens of each example."""

    lengths: tuple[int, ...]
    width: int

    @cached_property
    def first(self) -> NDArray[np.int64]:
        """The row of the first token of each example; row 0 is that of padding."""
        return 1 + np.concatenate([[0], np.cumsum(self.lengths)])[:-1].astype(np.int64)

    @property
    def rows(self) -> int:
        """All tokens, and one row of zeros for padding."""
        return 1 + sum(self.lengths)

    @property
    def gigabytes(self) -> float:
        """Size of the float32 array."""
        return 4e-9 * self.rows * self.width


class MemoryTable:
    """A table in the memory of the device: ``tensor`` float32 ``[1 + tokens, width]``."""

    def __init__(self, shape: TableShape, read: ReadRows):
        self.shape, self.gigabytes = shape, shape.gigabytes
        rows = _aligned((shape.rows, shape.width))
        rows[0] = 0.0
        for n, (first, length) in enumerate(zip(shape.first.tolist(), shape.lengths, strict=True)):
            rows[first : first + length] = read(n)
        self.tensor: Tensor = shared_tensor(rows)


class FileTable:
    """A table in a temporary file of ``folder``, which is gone when the process ends."""

    gigabytes = 0.0

    def __init__(self, shape: TableShape, read: ReadRows, folder: Path):
        self.shape = shape
        self._file: BinaryIO = tempfile.TemporaryFile(prefix="seedbed-table-", dir=folder)  # noqa: SIM115
        weakref.finalize(self, self._file.close)
        for n, length in enumerate(shape.lengths):
            if length:
                self._file.write(np.ascontiguousarray(read(n), np.float32).data)
        self._file.flush()

    def rows(self, n: int) -> NDArray[np.float32]:
        """Return the rows ``[tokens, width]`` of example n. Raises InputError if the file was cut."""
        shape = self.shape
        rows = np.empty((shape.lengths[n], shape.width), np.float32)
        start = 4 * shape.width * int(shape.first[n] - 1)
        content = memoryview(rows.reshape(-1).view(np.uint8).data)
        while content:
            read = os.preadv(self._file.fileno(), [content], start)
            if not read:
                raise InputError("the temporary file of a feature table has been cut: its vectors are gone")
            content, start = content[read:], start + read
        return rows


class Table(Protocol):
    """Something that holds a table."""

    @property
    def gigabytes(self) -> float:
        """Its memory."""


T = TypeVar("T", bound=Table)


class TableCache(Generic[T]):
    """The tables of this process by key, the one that was used last at the end."""

    def __init__(self) -> None:
        self._tables: OrderedDict[Hashable, T] = OrderedDict()

    @property
    def gigabytes(self) -> float:
        """Memory of all tables."""
        return sum(table.gigabytes for table in self._tables.values())

    def find(self, key: Hashable) -> T | None:
        """Return the table of ``key``, if it is there."""
        if key in self._tables:
            self._tables.move_to_end(key)
        return self._tables.get(key)

    def add(self, key: Hashable, table: T) -> None:
        """Keep a table."""
        self._tables[key] = table

    def make_room(self, gigabytes: float, budget: float) -> None:
        """Drop the tables that were not used for longest, until so much more is within the budget."""
        while self._tables and self.gigabytes + gigabytes > budget:
            self._tables.popitem(last=False)

    def clear(self) -> None:
        """Drop all tables, as in a new process."""
        self._tables.clear()


def make_table(
    shape: TableShape, read: ReadRows, budget: float, folder: Path, note: Callable[[str], None]
) -> MemoryTable | FileTable | None:
    """Return a table in memory, or in a file of ``folder`` if it is larger than the budget; None without room there.

    ``budget``: in GB. ``note`` receives a line about the table before it is made.
    """
    stated = f"embedding.table_gb={budget:.3g}"
    size = f"feature table: {shape.rows - 1:,} tokens, {shape.gigabytes:.2f} GB"
    if shape.gigabytes <= budget:
        note(f"{size} in memory ({stated})")
        return MemoryTable(shape, read)
    why = _no_room(folder, shape)
    if not why:
        note(f"{size} in a file, as {stated}")
        try:
            return FileTable(shape, read, folder)
        except OSError as error:
            why = error.strerror or str(error)
    log.warning("%s: no room for a feature table of %.2f GB (%s): each batch is read from the vector cache",
                folder, shape.gigabytes, why)  # fmt: skip
    return None


def row_numbers(
    first: NDArray[np.int64], lengths: Sequence[int], positions: Iterable[Sequence[int]], shape: tuple[int, int]
) -> NDArray[np.int32]:
    """Return row numbers ``[R, T, B]`` of the tokens of these examples, 0 on padding. ``shape``: (T, B)."""
    positions = list(positions)
    ids = np.zeros((len(positions), *shape), np.int32)
    for page, chosen in zip(ids, positions, strict=True):
        for column, position in enumerate(chosen):
            length = lengths[position]
            page[:length, column] = np.arange(first[position], first[position] + length)
    return ids


def _no_room(folder: Path, shape: TableShape) -> str:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(folder).free / 1e9
    except OSError as error:
        return error.strerror or str(error)
    return f"{free:.2f} GB free" if free < shape.gigabytes else ""


def _aligned(shape: tuple[int, int]) -> NDArray[np.float32]:
    """An array whose memory a tensor on the CPU can share: TensorFlow and JAX need addresses of 64 bytes."""
    size = 4 * shape[0] * shape[1]
    memory = np.empty(size + 64, np.uint8)
    start = -memory.ctypes.data % 64
    return memory[start : start + size].view(np.float32).reshape(shape)
