"""Vectors in a parquet file: a column of ids, and a column of lists of numbers."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from seedbed.data.parquet_files import read_table
from seedbed.errors import InputError

if TYPE_CHECKING:
    import pyarrow as pa
    from pyarrow.parquet import ParquetFile


def read_columns(path: Path, id_column: str, vector_column: str) -> tuple[list[str], np.ndarray]:
    """Return the id of each vector, and the vectors ``[rows, dim]``.

    A row of the file has a vector, as a list or a fixed-size list, or the list of the vectors of its tokens: then its
    id is returned once for each of them. Raises InputError.
    """
    import pyarrow.compute as pc

    columns = _read(path, (id_column, vector_column))
    ids, vectors = columns[id_column].to_pylist(), columns[vector_column]
    if not all(isinstance(name, str | int) for name in ids):
        raise InputError(f"{path}: column {id_column}: strings are needed, not {columns[id_column].type}")
    ids = [str(name) for name in ids]
    if _is_list(vectors.type) and _is_list(vectors.type.value_type):
        counts = pc.list_value_length(vectors).to_pylist()
        ids = [name for name, count in zip(ids, counts, strict=True) for _ in range(count)]
        vectors = pc.list_flatten(vectors)
        _refuse_empty(vectors, path, vector_column)
    if not _is_list(vectors.type):
        raise InputError(f"{path}: column {vector_column}: lists of floats are needed, not {vectors.type}")
    widths = pc.list_value_length(vectors).to_numpy()
    for n in np.flatnonzero(widths != widths[:1])[:1]:
        raise InputError(f"{path}: {ids[n]}: its vector has {widths[n]} numbers, that of {ids[0]} has {widths[0]}")
    return ids, pc.list_flatten(vectors).to_numpy().reshape(len(widths), -1 if len(widths) else 0)


def _read(path: Path, names: tuple[str, str]) -> "pa.Table":
    def choose(file: "ParquetFile") -> tuple[str, str]:
        there = file.schema_arrow.names
        for name in names:
            if name not in there:
                raise InputError(
                    f"{path}: has no column {name}; embedding.id_column and embedding.vector_column name two of: "
                    + ", ".join(there)[:200]
                )
        return names

    table = read_table(path, choose, "cannot be read")
    for name in names:
        _refuse_empty(table[name], path, name)
    return table


def _refuse_empty(column: "pa.ChunkedArray", path: Path, name: str) -> None:
    if column.null_count:
        row = int(np.flatnonzero(column.is_null().to_numpy())[0]) + 1
        raise InputError(f"{path}: column {name}: row {row} is empty")


def _is_list(kind: "pa.DataType") -> bool:
    import pyarrow as pa

    return pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind)
