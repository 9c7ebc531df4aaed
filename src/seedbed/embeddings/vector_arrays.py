"""Vectors as a .npy array, with their words in a parquet file beside it."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from seedbed.embeddings.vector_lines import BadLines, Block, single
from seedbed.errors import InputError
from seedbed.readable import exists

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
    try:
        matrix = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise InputError(f"{path}: unreadable .npy: {' '.join(str(error).split())}") from error
    if not isinstance(matrix, np.ndarray) or matrix.ndim != 2 or matrix.dtype.kind != "f":
        raise InputError(f"{path}: a two-dimensional array of floats is needed")
    if matrix.shape[1] != dim:
        raise InputError(f"{path}: its vectors have {matrix.shape[1]} numbers, embedding.dim is {dim}")
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
    import pyarrow as pa
    from pyarrow import parquet

    try:
        table = parquet.read_table(path)
    except (OSError, pa.ArrowException) as error:
        raise InputError(f"{path}: unreadable parquet: {' '.join(str(error).split())}") from error
    texts = [c for c in table.columns if pa.types.is_string(c.type) or pa.types.is_large_string(c.type)]
    if len(texts) != 1:
        raise InputError(f"{path}: one column of words is needed, not {len(texts)} of {', '.join(table.column_names)}")
    return texts[0].to_pylist()
