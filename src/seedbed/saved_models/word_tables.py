"""Tables of words of a saved model: of a static file, and of each replicate; vectors are read as words occur.

As in training: a word that a frozen table lacks has the zero vector, and in a table of each replicate its row 0.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seedbed.data.corpus import Example
from seedbed.embeddings.features import Arrays, Embedded, Positions, TokenIndex, quiet
from seedbed.embeddings.lookup import UNKNOWN, Lookup, ReplicateRows, SharedRows
from seedbed.embeddings.static import CASES, Static
from seedbed.word_forms.key_table import SavedTable

MOST_WORDS = 200_000
"""Words whose vectors are kept in memory; with more, they are looked up anew."""

Watch = Callable[[Embedded], None]
Opened = Any
"""What has ``features`` and perhaps ``text_features`` as settings have: their own, or a class of this module."""


@dataclass(frozen=True)
class WordRows:
    """Words with their vectors float32 ``[words, dim]``, kept with a model beside the reference to their file.

    ``whole``: all words of the file, so that it is not needed.
    """

    words: Sequence[str]
    matrix: NDArray[np.float32]
    whole: bool = False

    @cached_property
    def number(self) -> Mapping[str, int]:
        """The row of each word, the first of equal ones."""
        return {word: n for n, word in reversed(list(enumerate(self.words)))}


class Words:
    """Vectors of a static file, of each word read once; without the file those of ``kept``."""

    def __init__(self, settings: Static, kept: WordRows | None, use_file: bool):
        self.settings, self.kept, self.use_file = settings, kept, use_file
        self._row: dict[str, int] = {}
        self._matrix = np.zeros((1, kept.matrix.shape[1] if kept else settings.dim), np.float32)
        self._size = 1

    def rows(self, words: Sequence[str]) -> NDArray[np.int32]:
        """Return the row of each word in `matrix`, 0 for one without a vector."""
        new = [word for word in words if word not in self._row]
        if new:
            if len(self._row) + len(new) > MOST_WORDS:
                self._row, self._size, new = {}, 1, list(words)
            found, vectors = self._look_up(new)
            self._row.update(dict.fromkeys(new, UNKNOWN))
            self._row.update({word: self._size + n for n, word in enumerate(found)})
            self._add(vectors)
        return np.array([self._row[word] for word in words], np.int32)

    @property
    def matrix(self) -> NDArray[np.float32]:
        """The vectors of the words that were asked for; row 0 is zero."""
        return self._matrix[: self._size]

    def features(
        self, examples: Sequence[Example], draws: Sequence[Positions], seeds: Sequence[int], watch: Watch = quiet
    ) -> Lookup:
        """Return a table for all replicates."""
        index = TokenIndex(examples)
        rows = self.rows(index.words)
        return Lookup(index, rows, SharedRows(), Arrays(shared={"table": self.matrix}), [{}])

    def _look_up(self, words: Sequence[str]) -> tuple[Sequence[str], NDArray[np.float32]]:
        if self.use_file:
            vectors = self.settings.vectors(words)
            return vectors.words, vectors.matrix
        assert self.kept is not None
        places = [self._place(word, self.kept.number) for word in words]
        found = [word for word, place in zip(words, places, strict=True) if place is not None]
        return found, self.kept.matrix[[place for place in places if place is not None]]

    def _place(self, word: str, number: Mapping[str, int]) -> int | None:
        spellings = (word, *(change(word) for change in CASES[self.settings.case]))
        return next((number[spelling] for spelling in spellings if spelling in number), None)

    def _add(self, vectors: NDArray[np.float32]) -> None:
        end = self._size + len(vectors)
        if end > len(self._matrix):
            grown = np.zeros((max(2 * len(self._matrix), end), self._matrix.shape[1]), np.float32)
            grown[: self._size] = self._matrix[: self._size]
            self._matrix = grown
        self._matrix[self._size : end] = vectors
        self._size = end


class Tables:
    """A table of each replicate; a word outside all draws has its vector in ``others``, where there is one."""

    def __init__(self, tables: Sequence[SavedTable], others: Opened | None):
        self.tables, self.others = tables, others

    def features(
        self, examples: Sequence[Example], draws: Sequence[Positions], seeds: Sequence[int], watch: Watch = quiet
    ) -> "TableRows":
        """Return a table of each replicate with the words of these examples, as if it were trained."""
        index = TokenIndex(examples)
        width = self.tables[0].matrix.shape[1]
        table = np.zeros((len(self.tables), 1 + len(index.words), width), np.float32)
        known = np.zeros(len(index.words), bool)
        if self.others is not None:
            lookup = self.others.features(examples, draws, seeds)
            assert isinstance(lookup, Lookup)
            known |= lookup.rows != UNKNOWN
            table[:, 1:][:, known] = lookup.arrays.shared["table"][lookup.rows[known]]
        outside = ~known
        for replicate, own in zip(table, self.tables, strict=True):
            rows = np.array([own.rows.get(word, UNKNOWN) for word in index.words], np.int64)
            within = rows != UNKNOWN
            replicate[0] = own.matrix[UNKNOWN]
            replicate[1:][within | outside] = own.matrix[rows[within | outside]]
            known |= within
        return TableRows(index, table, known)


class TableRows(Lookup):
    """Tables of replicates with the same words in the same rows, ``[R, 1 + words, dim]``; ``known``: of each word."""

    def __init__(self, index: TokenIndex, table: NDArray[np.float32], known: NDArray[np.bool_]):
        rows = np.arange(1, 1 + len(index.words), dtype=np.int32)[None]
        super().__init__(index, rows, ReplicateRows(trained=True), Arrays(trained={"table": table}), [{}])
        self.known = known
