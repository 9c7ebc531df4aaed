"""Parquet tables with cells read as strings: strings, integers, categories of them, booleans; no nulls."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from seedbed.data.compressed_files import allowed, refuse_large, too_large
from seedbed.errors import InputError, one_line

if TYPE_CHECKING:
    from pyarrow import Array

ROWS = 256
"""Rows decoded at once: texts may be long, and a million equal texts are small in the file."""


class ParquetTable:
    """A Parquet file; ``names`` of its columns, or their numbers from 0. Raises InputError."""

    def __init__(self, path: Path, header: bool = True):
        from pyarrow import parquet

        refuse_large(path)
        self.path = path
        with self._reported_errors():
            self.file = parquet.ParquetFile(path)
        self._file_names = self.file.schema_arrow.names
        self.names = self._file_names if header else [str(number) for number in range(len(self._file_names))]

    def columns(self, names: Sequence[str], labelled: bool = True) -> Iterator[tuple[int, tuple[str, ...]]]:
        """Yield the number from 1 and these columns of each row. Raises InputError."""
        for name in names:
            if name not in self.names:
                raise InputError(f"{self.path}: no column {name!r}; there are {', '.join(self.names)[:200]}")
        file_names = [self._file_names[self.names.index(name)] for name in names]
        row, remaining = 1, allowed.get() * 1e9
        with self._reported_errors():
            for batch in self.file.iter_batches(ROWS, columns=list(dict.fromkeys(file_names))):
                remaining -= batch.nbytes
                if remaining < 0:
                    raise too_large(self.path, allowed.get())
                texts = [self._texts(name, batch.column(name), row) for name in file_names]
                yield from enumerate(zip(*texts, strict=True), row)
                row += len(batch)

    def _texts(self, name: str, column: "Array", row: int) -> list[str]:
        from pyarrow import types

        kind = column.type.value_type if types.is_dictionary(column.type) else column.type
        readable = (types.is_string, types.is_large_string, types.is_integer, types.is_boolean)
        if not any(fits(kind) for fits in readable):
            raise InputError(f"{self.path}: column {name!r} holds {kind}: strings or whole numbers are needed")
        values = column.to_pylist()
        if None in values:
            raise InputError(f"{self.path}:{row + values.index(None)}: column {name!r} is null in this row")
        return values if types.is_string(kind) else [str(value) for value in values]

    @contextmanager
    def _reported_errors(self) -> Iterator[None]:
        """Raise errors of pyarrow as InputError."""
        import pyarrow

        try:
            yield
        except (OSError, ValueError, pyarrow.ArrowException) as error:  # ValueError: a string that is not UTF-8
            raise InputError(f"{self.path}: unreadable Parquet: {one_line(error)}") from error
