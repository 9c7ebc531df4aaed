"""A trained table for each replicate, with a row for each key that its training words have: a character, an affix."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seedbed.embeddings.features import Positions, TokenIndex
from seedbed.embeddings.lookup import UNKNOWN
from seedbed.model.weights import generator


@dataclass(frozen=True)
class SavedTable:
    """The table of one trained replicate: the row of each word or other key, from 1 on, and the rows.

    ``matrix``: float32 ``[1 + keys, dim]``.
    """

    rows: Mapping[str, int]
    matrix: NDArray[np.float32]


@dataclass(frozen=True)
class KeyTable:
    """The tables of all replicates.

    ``rows``: int32 ``[R, keys]``, the row of each key of some examples; ``table``: float32 ``[R, 1 + rows, dim]``;
    ``known``: of each replicate, the keys of its rows from 1 on.
    """

    rows: NDArray[np.int32]
    table: NDArray[np.float32]
    known: Sequence[Sequence[str]]

    @classmethod
    def drawn(
        cls, keys: Sequence[str], of_words: NDArray[np.int32], index: TokenIndex, draws: Sequence[Positions],
        seeds: Sequence[int], dim: int, min_count: int, purpose: str,
    ) -> "KeyTable":  # fmt: skip
        """Return new tables: a row for each key that occurs ``min_count`` times in the training tokens of a draw.

        ``of_words``: int32 ``[words, N]``, the keys of each word of ``index`` by number, -1 for none. A row is uniform
        with variance ``1 / dim`` (Ma & Hovy 2016), from the stream of the seed for ``purpose``.
        """
        rows = np.full((len(draws), len(keys)), UNKNOWN, np.int32)
        tables, known = [], []
        present, limit = of_words >= 0, np.sqrt(3.0 / dim)
        used = of_words[present]
        for own, draw, seed in zip(rows, draws, seeds, strict=True):
            counts = index.counts_in({"train": draw.get("train", ())})
            total = np.bincount(used, np.broadcast_to(counts[:, None], of_words.shape)[present], len(keys))
            chosen = np.flatnonzero(total >= min_count)
            own[chosen] = np.arange(1, len(chosen) + 1)
            known.append([keys[n] for n in chosen.tolist()])
            tables.append(generator(seed, purpose).uniform(-limit, limit, (len(chosen), dim)))
        table = np.zeros((len(draws), 1 + max(map(len, tables), default=0), dim), np.float32)
        for into, values in zip(table, tables, strict=True):
            into[1 : 1 + len(values)] = values
        return cls(rows, table, known)

    @classmethod
    def restored(cls, keys: Sequence[str], saved: Sequence[SavedTable]) -> "KeyTable":
        """Return the tables of trained replicates, with the same rows for all: ``rows [1, keys]``."""
        union = {key: n for n, key in enumerate(sorted(set().union(*(own.rows for own in saved))), 1)}
        rows = np.array([[union.get(key, UNKNOWN) for key in keys]], np.int32)
        table = np.stack([own.matrix[[0, *(own.rows.get(key, UNKNOWN) for key in union)]] for own in saved])
        return cls(rows, table, [list(union)])
