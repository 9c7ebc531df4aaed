"""Cached token embeddings: the vectors of a vocabulary's words in a file, as bilm-tf writes them."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from seedbed.embeddings.bilm.characters import FIRST, LAST
from seedbed.embeddings.bilm.weights import open_hdf5
from seedbed.errors import InputError
from seedbed.readable import read_utf8

UNKNOWN = "<UNK>"

DATASET = "embedding"

VOCABULARY_BYTES = 1 << 30
"""Of the words of a table."""

BLOCK = 8192
"""Rows read at once: the table is not loaded into memory."""


class TokenTable:
    """``row``: the row of each word of the vocabulary."""

    def __init__(self, path: Path, vocabulary: Path, width: int):
        self.path, self.width = path, width
        words = _lines(vocabulary)
        self.row = {word: n for n, word in enumerate(words)}
        missing = [word for word in (FIRST, LAST, UNKNOWN) if word not in self.row]
        if missing:
            raise InputError(f"{vocabulary}: has no line {', '.join(missing)}")
        if len(self.row) < len(words):
            twice = next(word for n, word in enumerate(words) if self.row[word] != n)
            raise InputError(f"{vocabulary}: has the word {twice!r} twice")
        with open_hdf5(path) as file:
            rows = len(file.dataset(DATASET, self._axes()))
        if rows != len(words):
            raise InputError(f"{path}: {DATASET} has {rows} rows, the vocabulary {vocabulary} {len(words)} lines")

    def vectors(self, words: Sequence[str]) -> np.ndarray:
        """float32 ``[words, width]``; a word that is not listed has the vector of ``<UNK>``."""
        rows = np.array([self.row.get(word, self.row[UNKNOWN]) for word in words], np.int64)
        vectors = np.empty((len(words), self.width), np.float32)
        with open_hdf5(self.path) as file:
            dataset = file.dataset(DATASET, self._axes())
            for block in np.unique(rows // BLOCK):
                chosen = rows // BLOCK == block
                read = file.rows(DATASET, dataset, slice(block * BLOCK, (block + 1) * BLOCK))
                vectors[chosen] = read[rows[chosen] - block * BLOCK]
        return vectors

    def _axes(self) -> tuple:
        return (None, "rows"), (self.width, "dimensions of a word")


def _lines(path: Path) -> list[str]:
    text = read_utf8(path, VOCABULARY_BYTES)
    return [line.strip() for line in text.removesuffix("\n").split("\n")]
