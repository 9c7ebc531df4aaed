"""Vectors of words and texts: means of the vectors of their pieces."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Protocol

import numpy as np

from seedbed.embeddings.pieces.matrix_file import TokenMatrix

WORD_BEFORE = "a"
"""Words are tokenized after this one, as most tokenizers mark the blank before a word."""

BLANK = "\u2581"
"""What most tokenizers write for a blank; as a piece of its own, it says nothing about a word."""

Ids = list[list[int]]
"""The piece ids of each text."""


class Pieces(Protocol):
    """A tokenizer.

    ``unknown``: id of unknown pieces, and ``blank``: of a blank alone, -1 if there is none; ``median_length``: of the
    pieces, in characters.
    """

    unknown: int
    blank: int
    median_length: int

    def texts(self, texts: Sequence[str]) -> Ids:
        """Return the piece ids of each text."""

    def words(self, words: Sequence[str]) -> Ids:
        """Return the piece ids that each word has inside a text."""


def inside_text(tokenize: Callable[[Sequence[str]], Ids], words: Sequence[str]) -> Ids:
    """Return the piece ids that each word has inside a text, where a blank and a word stand before it."""
    [before] = tokenize([WORD_BEFORE])
    ids = tokenize([f"{WORD_BEFORE} {word}" for word in words])
    joined = [n for n, row in enumerate(ids) if row[: len(before)] != before]  # a piece spans the blank
    alone = dict(zip(joined, tokenize([words[n] for n in joined]), strict=True))
    return [alone.get(n, row[len(before) :]) for n, row in enumerate(ids)]


@dataclass(frozen=True)
class Means:
    """Means of ``n`` words or texts: ``vectors`` float32 ``[n, dim]``.

    ``known`` bool: whether a piece is known; ``cut`` bool: whether some pieces are left out as the text is too long.
    """

    vectors: np.ndarray
    known: np.ndarray
    cut: np.ndarray


@dataclass(frozen=True)
class PieceVectors:
    """A tokenizer with its matrix.

    ``drop_unknown``: means leave out unknown pieces. ``normalize``: vectors of texts have length 1.
    ``max_length``: the most pieces of a text, 0 for all of them.
    """

    pieces: Pieces
    matrix: TokenMatrix
    drop_unknown: bool = True
    normalize: bool = False
    max_length: int = 0

    @property
    def dim(self) -> int:
        """Numbers of a vector."""
        return int(self.matrix.vectors.shape[1])

    def words(self, words: Sequence[str]) -> Means:
        """Return the vectors of words as they stand inside a text; of only unknown pieces: not ``known``."""
        ids = self.pieces.words(words)
        return self._means(ids, np.zeros(len(ids), bool))

    def texts(self, texts: Sequence[str]) -> Means:
        """Return the vectors of texts, equal to ``StaticModel.encode`` of model2vec.

        As there, a text is first cut to ``max_length`` times the median length of a piece, in characters.
        """
        most = self.max_length
        room = most * self.pieces.median_length if most else None
        ids = self.pieces.texts([text[:room] for text in texts])
        cut = np.zeros(len(ids), bool)
        if room is not None:
            cut = np.array([len(row) > most or len(text) > room for row, text in zip(ids, texts, strict=True)], bool)
            ids = [row[:most] for row in ids]
        means = self._means(ids, cut)
        if self.normalize:
            norms = np.linalg.norm(means.vectors, axis=1, keepdims=True)
            return Means(means.vectors / (norms + np.float32(1e-32)), means.known, cut)
        return means

    def _means(self, ids: Sequence[Sequence[int]], cut: np.ndarray) -> Means:
        """Return the mean of factor x vector over the pieces of each row; zero for a row of none."""
        from scipy.sparse import csr_array

        counts = np.fromiter(map(len, ids), np.int64, len(ids))
        flat = np.fromiter(chain.from_iterable(ids), np.int64, int(counts.sum()))
        row = np.repeat(np.arange(len(ids)), counts)
        is_known = flat != self.pieces.unknown
        known = np.bincount(row[is_known & (flat != self.pieces.blank)], minlength=len(ids)) > 0
        if self.drop_unknown:
            flat, counts = flat[is_known], np.bincount(row[is_known], minlength=len(ids))
        vectors, rows, factors = self.matrix.vectors, self.matrix.rows, self.matrix.factors
        weights = np.ones(len(flat), np.float32) if factors is None else factors[flat]
        ends = np.concatenate([[0], np.cumsum(counts)])
        selected = csr_array((weights, flat if rows is None else rows[flat], ends), shape=(len(ids), len(vectors)))
        sums = np.asarray(selected @ vectors, np.float32)  # a sum in float32, gathering no copy of the rows
        return Means(sums / np.maximum(counts, 1).astype(np.float32)[:, None], known, cut)
