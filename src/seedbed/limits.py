"""Limits of files that are read, and whether what a file declares can be in it: checked before memory is taken."""

import math
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from seedbed.errors import InputError

MAX_FILE_GB = 20.0
"""The default of ``SEEDBED_MAX_FILE_GB``: the largest published vectors have 9 GB."""

VARIABLE = "SEEDBED_MAX_FILE_GB"
"""The environment variable with the largest size of a file, unpacked.

Not a key of the config: it guards the machine and changes no result, and files are read before there is a config (its
own files) and without one (`seedbed report from=FILE`). A data set has a lower limit of its own in its config.
"""

LINE_CHARACTERS = 1 << 20
"""Of a line where lines are read one at a time: a longer line is no text."""

LINE_BYTES = 64 << 20
"""Of a line where a file is read at once."""

COLUMNS = 16_384
"""Of a table: as many as a spreadsheet has."""

TABLE_BYTES = 1 << 30
"""Of a table that is read at once, such as results."""

JSON_BYTES = 256 << 20
"""Of a JSON file: the largest published tokenizers have 30 MB."""

JSON_DEPTH = 64
"""Levels of lists and objects."""

FREE_BYTES = 64 << 20
"""What a file may unpack to whatever its size."""

RATIO = 200
"""Beyond ``FREE_BYTES``, how many times its size a file may unpack to. Packed text has 3 to 20 times its size."""


@dataclass(frozen=True)
class SizeLimit:
    """The largest size of a file, unpacked, and the setting that it comes from."""

    gigabytes: float
    setting: str

    def refuse(self, where: object, size: float) -> None:
        """Raise InputError for more bytes."""
        if size > self.gigabytes * 1e9:
            raise InputError(
                f"{where}: more than {self.setting}={self.gigabytes:g}; raise it where that is meant to be"
            )


_data_set_gb: ContextVar[float] = ContextVar("data_set_gb", default=math.inf)


@contextmanager
def size_limit(gigabytes: float) -> Iterator[None]:
    """Limit the size of files that are opened in this context (``dataset.max_file_gb``)."""
    before = _data_set_gb.set(gigabytes)
    try:
        yield
    finally:
        _data_set_gb.reset(before)


def current_limit() -> SizeLimit:
    """Return the limit of files that are opened now: the lower one of the data set and of ``SEEDBED_MAX_FILE_GB``.

    InputError where the variable is no number above 0.
    """
    text = os.environ.get(VARIABLE, "").strip()
    try:
        general = float(text) if text else MAX_FILE_GB
    except ValueError:
        general = math.nan
    if not general > 0:
        raise InputError(f"{VARIABLE}={text}: must be a number above 0, such as {MAX_FILE_GB:g}")
    return min(
        SizeLimit(_data_set_gb.get(), "dataset.max_file_gb"),
        SizeLimit(general, VARIABLE),
        key=lambda limit: limit.gigabytes,
    )


def refuse_large(where: object, size: float) -> None:
    """Raise InputError where a file of ``size`` bytes, unpacked, is above the limit."""
    current_limit().refuse(where, size)


def refuse_expansion(where: object, unpacked: int, packed: int, limit: SizeLimit | None = None) -> None:
    """Raise InputError where ``packed`` bytes become so many that they were made to fill a memory, or a disk."""
    (limit or current_limit()).refuse(where, unpacked)
    if unpacked > max(FREE_BYTES, RATIO * packed):
        raise InputError(
            f"{where}: {packed:,} bytes that unpack to {_shown(unpacked)} bytes or more, over {RATIO} times as many: "
            "unpack it yourself if that is meant to be"
        )


def refuse_shape(where: object, shape: Iterable[int], itemsize: int, available: int) -> int:
    """Return the bytes of an array; raises InputError where a file with ``available`` bytes left cannot hold it."""
    shape = tuple(shape)
    size = math.prod(shape) * itemsize
    if min(shape, default=0) < 0 or size > available:
        raise InputError(
            f"{where}: declares an array of {' x '.join(map(_shown, shape))}, {_shown(size)} bytes, and has "
            f"{available:,}: it is cut or damaged"
        )
    return size


def refuse_number(where: object, value: int, most: int) -> None:
    """Raise InputError for a size in a file that is above every real one."""
    if value > most:
        raise InputError(f"{where}={_shown(value)}: must be at most {most:,}")


def _shown(number: int) -> str:
    """Return a number with its digits, or how many it has where it is beyond every disk."""
    return f"{number:,}" if abs(number) < 10**18 else f"10^{int(math.log10(abs(number)))}"
