"""Row files: vectors in a temporary file, to bound memory. One takes what does not fit into the cache."""

import os
import tempfile
import weakref
from collections.abc import Hashable
from functools import cache
from io import BufferedRandom
from pathlib import Path

import numpy as np

from seedbed.embeddings.layers import Layout
from seedbed.errors import InputError


class RowFile:
    """Arrays of rows by key, in a file that is gone when this is closed or the process ends.

    ``folder``: by default that of temporary files; ``dtype``: of the rows.
    """

    def __init__(self, folder: Path | None = None, dtype: type[np.floating] = np.float16):
        self.folder, self.dtype = Path(tempfile.gettempdir()) if folder is None else folder, dtype
        self.file: BufferedRandom | None = None  # created when it is needed
        self.offsets: dict[Hashable, tuple[int, tuple[int, int]]] = {}

    def __contains__(self, key: Hashable) -> bool:
        return key in self.offsets

    def add(self, key: Hashable, rows: np.ndarray) -> None:
        """Store the rows; raises InputError where the folder has no room."""
        try:
            if self.file is None:
                self.file = tempfile.TemporaryFile(prefix="seedbed-rows-", dir=self.folder)  # noqa: SIM115 (see finalize)
                weakref.finalize(self, self.file.close)  # before any collector of garbage warns of it
            start = self.file.seek(0, 2)
            self.file.write(np.ascontiguousarray(rows, self.dtype).data)
            self.file.flush()
        except OSError as error:
            why = error.strerror or str(error)
            raise InputError(f"{self.folder}: vectors cannot be kept there: {why}; set TMPDIR") from error
        self.offsets[key] = (start, rows.shape)

    def rows(self, key: Hashable) -> np.ndarray:
        """Return the rows of this key."""
        assert self.file is not None  # it has the key
        start, shape = self.offsets[key]
        array = np.empty(shape, self.dtype)
        self.file.seek(start)
        if self.file.readinto(array.reshape(-1).view(np.uint8).data) != array.nbytes:
            raise InputError(f"{self.folder}: vectors that were kept there are gone")
        return array

    def close(self) -> None:
        """Remove the file."""
        if self.file is not None:
            self.file.close()
            self.file = None


class OverflowFile(RowFile):
    """float16 rows of sentences that the cache does not take; ``layouts``: the layers of their models, by digest."""

    def __init__(self):
        super().__init__()
        self.layouts: dict[str, Layout] = {}


def process_overflow() -> OverflowFile:
    """Return the overflow file that all arms and sizes of this process share."""
    return _overflow(os.getpid())


@cache
def _overflow(pid: int) -> OverflowFile:
    return OverflowFile()
