"""Parquet tables with cells read as strings: strings, integers, categories of them, booleans; no nulls.

The column of labels may have lists of strings or integers: sets of labels.
"""

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seedbed.data.csv_table import no_column
from seedbed.data.parquet_files import open_parquet, read_batches
from seedbed.errors import InputError
from seedbed.label_sets import LabelSet

if TYPE_CHECKING:
    from pyarrow import Array


class ParquetTable:
    """A Parquet file; ``names`` of its columns, or their numbers from 0. Raises InputError."""

    def __init__(self, path: Path, header: bool = True):
        self.path = path
        with open_parquet(path) as file:
            self._file_names = file.schema_arrow.names
        self.names = self._file_names if header else [str(number) for number in range(len(self._file_names))]

    def columns(
        self, names: Sequence[str], labelled: bool = True, keys: Sequence[str] = ()
    ) -> Iterator[tuple[int, tuple[Any, ...]]]:  # Any: texts, and where labels are lists, a LabelSet
        """Yield the number from 1 and these columns of each row; a label that is null is empty. Raises InputError.

        ``keys``: the settings of the reader that name the columns, for messages.
        """
        for name, key in zip_longest(names, keys[: len(names)], fillvalue=""):
            if name not in self.names:
                raise InputError(no_column(str(self.path), name, self.names, key))
        file_names = [self._file_names[self.names.index(name)] for name in names]
        row = 1
        labels = file_names[1:2] if labelled else []
        with open_parquet(self.path) as file:
            for batch in read_batches(file, self.path, list(dict.fromkeys(file_names))):
                texts = [self._texts(name, batch.column(name), row, name in labels) for name in file_names]
                yield from enumerate(zip(*texts, strict=True), row)
                row += len(batch)

    def _texts(self, name: str, column: "Array", row: int, or_null: bool) -> list[Any]:
        from pyarrow import types

        kind = column.type.value_type if types.is_dictionary(column.type) else column.type
        readable = (types.is_string, types.is_large_string, types.is_integer, types.is_boolean)
        if or_null and (types.is_list(kind) or types.is_large_list(kind)):
            return self._label_sets(name, column, row)
        if not any(fits(kind) for fits in readable):
            raise InputError(f"{self.path}: column {name!r} holds {kind}: strings or whole numbers are needed")
        values = ["" if value is None and or_null else value for value in column.to_pylist()]
        if None in values:
            raise InputError(f"{self.path}:{row + values.index(None)}: column {name!r} is null in this row")
        return values if types.is_string(kind) else [str(value) for value in values]

    def _label_sets(self, name: str, column: "Array", row: int) -> list[LabelSet | str]:
        """Return the set of each list; a list that is null is empty."""
        from pyarrow import types

        kind = column.type.value_type
        if not any(fits(kind) for fits in (types.is_string, types.is_large_string, types.is_integer, types.is_null)):
            raise InputError(f"{self.path}: column {name!r} holds lists of {kind}: strings or whole numbers are needed")
        found = column.to_pylist()
        for number, labels in enumerate(found, row):
            if labels is not None and not all(label is not None and str(label).strip() for label in labels):
                raise InputError(f"{self.path}:{number}: column {name!r} has an empty label in this row")
        return ["" if labels is None else LabelSet.of(str(label).strip() for label in labels) for labels in found]
