"""Overflow file: vectors that do not fit into the cache, in a temporary file to bound memory."""

import os
import tempfile
import weakref
from functools import cache
from io import BufferedRandom

import numpy as np

from seedbed.embeddings.layers import Layout
from seedbed.errors import InputError


class OverflowFile:
    """float16 rows in a file of the temporary folder, which is gone when this is closed or the process ends.

    ``layouts``: the layers of each model with rows in the file, by digest.
    """

    def __init__(self):
        self.file: BufferedRandom | None = None  # created when it is needed
        self.offsets: dict[bytes, tuple[int, tuple[int, int]]] = {}
        self.layouts: dict[str, Layout] = {}

    def __contains__(self, key: bytes) -> bool:
        return key in self.offsets

    def add(self, key: bytes, rows: np.ndarray) -> None:
        """Store the rows; raises InputError where the temporary folder has no room."""
        try:
            if self.file is None:
                self.file = tempfile.TemporaryFile(prefix="seedbed-layers-")  # noqa: SIM115 (see finalize)
                weakref.finalize(self, self.file.close)  # before any collector of garbage warns of it
            start = self.file.seek(0, 2)
            self.file.write(np.ascontiguousarray(rows, np.float16).data)
            self.file.flush()
        except OSError as error:
            why = error.strerror or str(error)
            raise InputError(f"{tempfile.gettempdir()}: vectors cannot be kept there: {why}; set TMPDIR") from error
        self.offsets[key] = (start, rows.shape)

    def rows(self, key: bytes) -> np.ndarray:
        """Return the rows of this key."""
        assert self.file is not None  # it has the key
        start, shape = self.offsets[key]
        array = np.empty(shape, np.float16)
        self.file.seek(start)
        if self.file.readinto(array.reshape(-1).view(np.uint8).data) != array.nbytes:
            raise InputError(f"{tempfile.gettempdir()}: vectors that were kept there are gone")
        return array

    def close(self) -> None:
        """Remove the file."""
        if self.file is not None:
            self.file.close()
            self.file = None


def process_overflow() -> OverflowFile:
    """Return the overflow file that all arms and sizes of this process share."""
    return _overflow(os.getpid())


@cache
def _overflow(pid: int) -> OverflowFile:
    return OverflowFile()
