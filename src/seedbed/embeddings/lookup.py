"""Embedding tables: one for all replicates, or one for each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from seedbed.data.corpus import SPLITS
from seedbed.embeddings.features import Arrays, ByToken, Positions, TokenIndex
from seedbed.types import Tensor, Tensors

Reports = Sequence[Mapping[str, float]]

UNKNOWN = 0
"""Row of out-of-vocabulary tokens and of padding, which the network masks."""


@dataclass(frozen=True)
class SharedRows:
    """Looks up rows of one table, whose first row is zero."""

    zero_padding: ClassVar[bool] = True
    """Padding has zero vectors, so the network need not mask it."""

    def __call__(self, trained: Tensors, constants: Tensors, inputs: Tensors) -> Tensor:
        """``ids [R, T, B]`` of ``table [V, D]``."""
        from keras import ops

        return ops.take(constants["table"], inputs["ids"], axis=0)

    def penalty(self, trained: Tensors) -> Tensor:
        """Return 0."""
        return 0.0


@dataclass(frozen=True)
class ReplicateRows:
    """Looks up rows of a table for each replicate."""

    trained: bool

    def __call__(self, trained: Tensors, constants: Tensors, inputs: Tensors) -> Tensor:
        """``ids [R, T, B]`` of ``table [R, V, D]``."""
        from keras import ops

        table = (trained if self.trained else constants)["table"]
        r, v = ops.shape(table)[:2]
        flat = ops.reshape(table, (r * v, table.shape[-1]))
        first = ops.cumsum(ops.ones_like(inputs["ids"][:, :1, :1]), axis=0) - 1
        return ops.take(flat, inputs["ids"] + first * v, axis=0)

    def penalty(self, trained: Tensors) -> Tensor:
        """Return 0."""
        return 0.0


class Lookup(ByToken):
    """Features that are rows of a table.

    ``rows``: int32 ``[words]`` (shared) or ``[R, words]`` (one table a replicate): the row of each word of ``index``.
    """

    def __init__(self, index: TokenIndex, rows: np.ndarray, embed: Tensor, arrays: Arrays, reports: Reports):
        self.index, self.rows, self.embed, self.arrays, self.reports = index, rows, embed, arrays, reports
        (table,) = [*arrays.trained.values(), *arrays.frozen.values(), *arrays.shared.values()]
        self.width = table.shape[-1]

    @property
    def row_tables(self) -> Mapping[str, str]:
        """By the name of a trained table, the name of the input with its rows."""
        return dict.fromkeys(self.arrays.trained, "ids")

    def size(self, replicate: int) -> tuple[int, int]:
        """Return the size of a replicate's table, or of the rows of its draw in a shared table."""
        if self.rows.ndim == 1:
            rows = self.reports[replicate].get("embedding/types_found", self.rows.max(initial=0))
        else:
            rows = self.rows[replicate].max(initial=0) + 1
        size = int(rows) * self.width
        return (size, 0) if self.arrays.trained else (0, size)

    def saved(self, replicate: int) -> Mapping[str, np.ndarray]:
        """Return ``words``: those of the rows of a replicate's table, from row 1 on; and ``table`` if it is frozen."""
        if self.rows.ndim == 1:
            return {}
        rows = self.rows[replicate]
        in_table = np.flatnonzero(rows)
        words = np.array([self.index.words[n] for n in in_table[np.argsort(rows[in_table])]], np.str_)
        frozen = {name: table[replicate] for name, table in self.arrays.frozen.items()}
        return {"words": words, **frozen}

    def learned(self, trained: Tensors) -> Mapping[str, np.ndarray]:
        """Return nothing: a table has no scalar to log."""
        return {}

    def inputs(self, replicates: Sequence[int], positions: Sequence[Sequence[int]], shape: tuple[int, int]) -> dict:
        """Return ``ids``, int32 ``[R, T, B]``."""
        ids = np.full((len(replicates), *shape), UNKNOWN, np.int32)
        for replicate_ids, replicate, chosen in zip(ids, replicates, positions, strict=True):
            rows = self.rows if self.rows.ndim == 1 else self.rows[replicate]
            for column, position in enumerate(chosen):
                word_ids = self.index.tokens[position]
                replicate_ids[: len(word_ids), column] = rows[word_ids]
        return {"ids": ids}


def shared_lookup(index: TokenIndex, words: Sequence[str], matrix: np.ndarray, reports: Reports) -> Lookup:
    """Return a frozen table ``matrix [len(words), D]`` for all replicates; other words get the zero vector."""
    row = {word: n + 1 for n, word in enumerate(words)}
    rows = np.array([row.get(word, UNKNOWN) for word in index.words], np.int32)
    table = np.concatenate([np.zeros((1, matrix.shape[1]), np.float32), matrix])
    return Lookup(index, rows, SharedRows(), Arrays(shared={"table": table}), reports)


def replicate_lookup(
    index: TokenIndex, word_ids: Sequence[np.ndarray], tables: Sequence[np.ndarray], trained: bool, reports: Reports
) -> Lookup:
    """Return a table for each replicate: ``tables[r] [1 + words, D]``; rows from 1 on are those of ``word_ids[r]``."""
    width = tables[0].shape[1]
    rows = np.full((len(tables), len(index.words)), UNKNOWN, np.int32)
    table = np.zeros((len(tables), max(len(t) for t in tables), width), np.float32)
    for r, (ids, values) in enumerate(zip(word_ids, tables, strict=True)):
        rows[r, ids] = np.arange(1, len(ids) + 1)
        table[r, : len(values)] = values
    arrays = Arrays(trained={"table": table}) if trained else Arrays(frozen={"table": table})
    return Lookup(index, rows, ReplicateRows(trained), arrays, reports)


def word_lookup(
    shared: Lookup, matrix: np.ndarray, draws: Sequence[Positions], trainable: bool, reports: Reports
) -> Lookup:
    """Return ``shared`` for all replicates, or where ``trainable`` a copy of the rows of its words for each.

    ``shared``: of ``shared_lookup``, from ``matrix``.
    """
    index = shared.index
    if not trainable:
        return Lookup(index, shared.rows, shared.embed, shared.arrays, reports)
    rows = shared.rows.astype(np.int64) - 1
    word_ids = [ids[rows[ids] >= 0] for ids in (word_ids_in(index, draw, SPLITS) for draw in draws)]
    unknown = np.zeros((1, matrix.shape[1]), np.float32)
    tables = [np.concatenate([unknown, matrix[rows[ids]]]) for ids in word_ids]
    return replicate_lookup(index, word_ids, tables, True, reports)


def word_ids_in(index: TokenIndex, draw: Positions, splits: Sequence[str]) -> np.ndarray:
    """Return the ids of the words in these splits of a replicate's draw."""
    return index.numbers_in([position for split in splits for position in draw.get(split, ())])
