"""Vectors as a .npy array, with their words in a parquet file beside it."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from seedbed.arrays import map_array
from seedbed.data.parquet_files import read_table
from seedbed.embeddings.vector_lines import BadLines, Block, single
from seedbed.errors import InputError
from seedbed.readable import exists

if TYPE_CHECKING:
    from pyarrow.parquet import ParquetFile

ROWS = 1 << 16


def words_file(path: Path) -> Path:
    """``NAME.parquet`` beside ``NAME.npy``, or the only one there; raises InputError."""
    expected = path.with_suffix(".parquet")
    files = [expected] if exists(expected) else sorted(path.parent.glob("*.parquet"))
    if len(files) != 1:
        raise InputError(f"{path}: the words belong in {expected.name} or the one .parquet beside it, not {len(files)}")
    return files[0]


def array_blocks(path: Path, dim: int, bad: BadLines) -> Iterator[Block]:
    """The good rows, in order; a row counts as a line. Raises InputError."""
    matrix = map_array(path)
    if matrix.ndim != 2 or matrix.dtype.kind != "f":
        raise InputError(f"{path}: a two-dimensional array of floats is needed")
    if matrix.shape[1] != dim:
        raise InputError(f"{path}: its vectors have {matrix.shape[1]:,} numbers, embedding.dim is {dim}")
    words = _read_words(words_file(path))
    if len(words) != len(matrix):
        raise InputError(f"{path}: {len(matrix)} rows, but {words_file(path).name} has {len(words)} words")
    for start in range(0, len(words), ROWS):
        rows = single(matrix[start : start + ROWS])
        named = np.array([bool(word) for word in words[start : start + ROWS]])
        finite = np.isfinite(rows).all(axis=1)
        for n in np.flatnonzero(~(named & finite)):
            what = ("finite", "a number is not finite") if named[n] else ("word", "no word for this row")
            bad.add(start + int(n) + 1, *what)
        good = np.flatnonzero(named & finite)
        lines = (good + start + 1).tolist()
        yield Block([words[line - 1] for line in lines], lines, rows[good])


def _read_words(path: Path) -> list[str]:
    words: list[str] = read_table(path, lambda file: [_column_of_words(path, file)]).column(0).to_pylist()
    return words


def _column_of_words(path: Path, file: "ParquetFile") -> str:
    from pyarrow import types

    texts = [x.name for x in file.schema_arrow if types.is_string(x.type) or types.is_large_string(x.type)]
    if len(texts) != 1:
        names = ", ".join(file.schema_arrow.names)[:200]
        raise InputError(f"{path}: one column of words is needed, not {len(texts)} of {names}")
    return str(texts[0])
