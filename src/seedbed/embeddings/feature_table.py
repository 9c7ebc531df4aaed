"""Feature tables: the frozen vectors of all tokens of a study, made once in a process.

A table is one array on the device, and a batch brings the numbers of its rows. A table that is larger than the budget
is a file, whose rows a batch brings.
"""

import logging
import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from seedbed.backend import shared_tensor
from seedbed.embeddings.layer_cache.overflow import RowFile
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


def row_numbers(
    first: NDArray[np.int64], lengths: Sequence[int], positions: Iterable[Sequence[int]], size: tuple[int, int]
) -> NDArray[np.int32]:
    """Return the rows ``[R, T, B]`` of the tokens of these examples, 0 on padding.

    ``first``, ``lengths``: the row of the first token of each example, and its tokens. ``size``: (T, B).
    """
    positions = list(positions)
    ids = np.zeros((len(positions), *size), np.int32)
    for page, chosen in zip(ids, positions, strict=True):
        for column, position in enumerate(chosen):
            page[: lengths[position], column] = first[position] + np.arange(lengths[position])
    return ids


class MemoryTable:
    """A table in the memory of the device: ``tensor`` float32 ``[1 + tokens, width]``."""

    def __init__(self, shape: TableShape, read: ReadRows):
        self.shape = shape
        rows = _aligned((shape.rows, shape.width))
        rows[0] = 0.0
        for n, (first, length) in enumerate(zip(shape.first.tolist(), shape.lengths, strict=True)):
            rows[first : first + length] = read(n)
        self.tensor: Tensor = shared_tensor(rows)


def file_table(shape: TableShape, read: ReadRows, folder: Path) -> RowFile:
    """Return a table in a temporary file of ``folder``, by the number of the example. Raises InputError."""
    table = RowFile(folder, np.float32)
    for n in range(len(shape.lengths)):
        table.add(n, read(n))
    return table


def make_table(
    shape: TableShape, read: ReadRows, budget: float, folder: Path, note: Callable[[str], None]
) -> MemoryTable | RowFile | None:
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
            return file_table(shape, read, folder)
        except InputError as error:
            why = str(error)
    log.warning("%s: no room for a feature table of %.2f GB (%s): each batch is read from the vector cache",
                folder, shape.gigabytes, why)  # fmt: skip
    return None


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
