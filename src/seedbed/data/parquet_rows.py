"""Tables in Parquet files, read as texts: strings, whole numbers, categories of them, true and false; no nulls."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from seedbed.data.compressed_files import allowed, refuse_large, too_large
from seedbed.errors import InputError, one_line

ROWS = 256
"""Rows that are decoded at once: a text may be long, and a million equal ones small in the file."""


class ParquetTable:
    """A Parquet file; ``names`` of its columns, or their numbers from 0. Raises InputError."""

    def __init__(self, path: Path, header: bool = True):
        from pyarrow import parquet

        refuse_large(path)
        self.path = path
        with self._said():
            self.file = parquet.ParquetFile(path)
        self._own = self.file.schema_arrow.names
        self.names = self._own if header else [str(number) for number in range(len(self._own))]

    def columns(self, names: Sequence[str], labelled: bool = True) -> Iterator[tuple[int, tuple[str, ...]]]:
        """These columns of each row, and its number from 1. Raises InputError."""
        for name in names:
            if name not in self.names:
                raise InputError(f"{self.path}: no column {name!r}; there are {', '.join(self.names)[:200]}")
        own = [self._own[self.names.index(name)] for name in names]
        row, left = 1, allowed.get() * 1e9
        with self._said():
            for batch in self.file.iter_batches(ROWS, columns=list(dict.fromkeys(own))):
                left -= batch.nbytes
                if left < 0:
                    raise too_large(self.path, allowed.get())
                texts = [self._texts(name, batch.column(name), row) for name in own]
                yield from enumerate(zip(*texts, strict=True), row)
                row += len(batch)

    def _texts(self, name: str, column: Any, row: int) -> list[str]:
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
    def _said(self) -> Iterator[None]:
        import pyarrow

        try:
            yield
        except (OSError, ValueError, pyarrow.ArrowException) as error:  # ValueError: a string that is not UTF-8
            raise InputError(f"{self.path}: unreadable Parquet: {one_line(error)}") from error
