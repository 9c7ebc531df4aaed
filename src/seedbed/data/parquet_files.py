"""Open Parquet files, and read their rows in batches: a few bytes of a file may stand for more than a memory holds."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from seedbed.errors import InputError, one_line
from seedbed.limits import COLUMNS, current_limit, refuse_expansion
from seedbed.readable import regular

if TYPE_CHECKING:
    from pyarrow import Array, RecordBatch, Table
    from pyarrow.parquet import ParquetFile

ROWS = 256
"""Rows decoded at once: texts may be long, and a million equal texts are small in the file."""


ROW_BYTES = 64
"""Counted for a row, whatever is in it: it becomes an object."""


@contextmanager
def open_parquet(path: Path, what: str = "unreadable Parquet") -> Iterator["ParquetFile"]:
    """Open a file whose metadata agree with its size.

    Raises InputError, also for what pyarrow raises in the context: ``what`` is the matter then.
    """
    import pyarrow
    from pyarrow import parquet

    size = regular(path).st_size
    try:
        with parquet.ParquetFile(path, memory_map=True) as file:
            metadata = file.metadata
            if metadata.num_columns > COLUMNS:
                raise InputError(f"{path}: {metadata.num_columns:,} columns; at most {COLUMNS:,} are read")
            groups = (metadata.row_group(n).total_byte_size for n in range(metadata.num_row_groups))
            refuse_expansion(path, sum(groups), size)
            yield file
    except (OSError, ValueError, OverflowError, MemoryError, pyarrow.ArrowException) as error:
        raise InputError(f"{path}: {what}: {one_line(error)}") from error


def read_batches(
    file: "ParquetFile", path: Path, columns: Sequence[str], rows: int | None = None
) -> Iterator["RecordBatch"]:
    """Yield some columns of an open file, ``rows`` at a time. InputError where they are too much for its size.

    Raises pyarrow.ArrowInvalid for a string that is not UTF-8, which pyarrow reads without a word.
    """
    size, unpacked, limit = regular(path).st_size, 0, current_limit()
    for batch in file.iter_batches(rows or ROWS, columns=list(columns)):
        unpacked += sum(map(_decoded_bytes, batch.columns)) + ROW_BYTES * batch.num_rows
        refuse_expansion(path, unpacked, size, limit)
        batch.validate(full=True)
        yield batch


def _decoded_bytes(column: "Array") -> int:
    """Return the bytes of a column's values: of a dictionary, the texts that its numbers stand for."""
    from pyarrow import types

    return int((column.dictionary_decode() if types.is_dictionary(column.type) else column).nbytes)


def read_table(
    path: Path, choose: Callable[["ParquetFile"], Sequence[str]], what: str = "unreadable Parquet"
) -> "Table":
    """Return the columns of a file that ``choose`` names; raises InputError."""
    import pyarrow

    with open_parquet(path, what) as file:
        columns = list(choose(file))
        batches = list(read_batches(file, path, columns, 1 << 16))
        schema = pyarrow.schema([file.schema_arrow.field(name) for name in columns])
        return pyarrow.Table.from_batches(batches, schema if not batches else None)
