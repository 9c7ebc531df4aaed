"""Vectors of word types, each computed once from characters or read from a table."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from seedbed import backend
from seedbed.embeddings.bilm.characters import char_ids, windows
from seedbed.embeddings.bilm.network import convolved, projected
from seedbed.embeddings.bilm.options import CharCnn
from seedbed.embeddings.bilm.token_table import TokenTable
from seedbed.types import Tensor, Tensors

PIECE = 4096
"""Types that go through the network one after the other: bounds the memory."""

POSITIONS = 1024
"""Windows of one product: what comes out of it stays in the processor's cache."""

ROWS = 1024
"""Types of one product of the highways."""

TABLE_BYTES = 256 << 20
"""Above this size the types are forgotten and made anew."""


class CharacterVectors:
    """Makes vectors of words from their characters."""

    def __init__(self, cnn: CharCnn, weights: Tensors):
        self.cnn, self.weights = cnn, weights
        self.widest = max(width for width, _ in cnn.filters)
        self.narrowest = min(width for width, _ in cnn.filters)
        self._convolved = backend.full_precision(backend.compiled(convolved(cnn)))
        self._projected = backend.full_precision(backend.compiled(projected(cnn)))

    def vectors(self, words: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        """float32 ``[words, projection]``, and which of the words were cut."""
        known = [char_ids(word, self.cnn.columns) for word in words]
        order = sorted(range(len(known)), key=lambda n: len(known[n][0]))
        made = []
        for begin in range(0, len(order), PIECE):
            features = self._features([known[n][0] for n in order[begin : begin + PIECE]])
            made += [self._through_highways(features[at : at + ROWS]) for at in range(0, len(features), ROWS)]
        vectors = np.empty((len(words), made[0].shape[1]), np.float32)
        vectors[order] = np.concatenate(made)
        return vectors, np.array([cut for _, cut in known], bool)

    def _features(self, words: Sequence[np.ndarray]) -> np.ndarray:
        """Features of words in order of their length, ``[words, features]``."""
        made = []
        at = 0
        while at < len(words):
            positions = self._positions(len(words[at]))
            rows = max(1, POSITIONS // positions)
            chosen = [word for word in words[at : at + rows] if self._positions(len(word)) == positions]
            made.append(self._convolve(chosen, positions))
            at += len(chosen)
        return np.concatenate(made)

    def _positions(self, length: int) -> int:
        """Windows that matter to a word of so many characters, rounded up so that few sizes occur.

        From its end on all windows are padding alone and alike, so one of them is enough, where there is one. A word
        so long that the widest filter has none gets them all.
        """
        positions = -(-length // 4) * 4 + 1
        everywhere = self.cnn.columns - self.widest + 1
        return positions if positions <= everywhere else self.cnn.columns - self.narrowest + 1

    def _convolve(self, words: Sequence[np.ndarray], positions: int) -> np.ndarray:
        seen = windows(
            [*words, *[words[0]] * (bucket(len(words)) - len(words))], self.cnn.columns, positions, self.widest
        )
        if positions <= self.cnn.columns - self.widest + 1:
            found = self._convolved(self.weights, seen)
        else:
            shut = [
                np.where(np.arange(positions)[:, None] + width <= self.cnn.columns, 0, -np.inf).repeat(number, axis=1)
                for width, number in self.cnn.filters
            ]
            found = self._convolved(self.weights, seen, np.concatenate(shut, axis=1).astype(np.float32))
        return numpy_of(found)[: len(words)]

    def _through_highways(self, features: np.ndarray) -> np.ndarray:
        padded = np.pad(features, ((0, bucket(len(features)) - len(features)), (0, 0)))
        return numpy_of(self._projected(self.weights, padded))[: len(features)]


class WordTable:
    """The types met so far and their vectors; ``counts`` is told of tokens that were cut or not known."""

    def __init__(self, width: int, characters: CharacterVectors | None, table: TokenTable | None, counts: Counter):
        self.characters, self.table, self.counts = characters, table, counts
        self.limit = TABLE_BYTES // (4 * width)
        self.row: dict[str, int] = {}
        self.vectors = np.empty((0, width), np.float32)
        self._cut = np.empty(0, bool)
        self._unknown = np.empty(0, bool)

    def vectors_of(self, words: Sequence[str]) -> np.ndarray:
        """The vectors of tokens, float32 ``[words, width]``."""
        new = list(dict.fromkeys(word for word in words if word not in self.row))
        if len(self.row) + len(new) > self.limit and self.row:
            self.row.clear()
            new = list(dict.fromkeys(words))
        if new:
            self._add(new)
        rows = np.fromiter((self.row[word] for word in words), np.int32, len(words))
        self.counts["cut_words"] += int(self._cut[rows].sum())
        self.counts["unknown_words"] += int(self._unknown[rows].sum())
        return self.vectors[rows]

    def _add(self, words: Sequence[str]) -> None:
        vectors, cut, unknown = self._made(words)
        at, end = len(self.row), len(self.row) + len(words)
        if end > len(self.vectors):
            room = max(end, min(2 * len(self.vectors), self.limit))
            self.vectors, self._cut, self._unknown = (
                _grown(array, at, room) for array in (self.vectors, self._cut, self._unknown)
            )
        self.vectors[at:end], self._cut[at:end], self._unknown[at:end] = vectors, cut, unknown
        self.row.update(zip(words, range(at, end), strict=True))

    def _made(self, words: Sequence[str]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Vectors of new words, which of them were cut, and which are unknown."""
        none = np.zeros(len(words), bool)
        if self.table is None:
            assert self.characters is not None  # a model has one or both
            return *self.characters.vectors(words), none
        listed = np.array([word in self.table.row for word in words], bool)
        if self.characters is None:
            return self.table.vectors(words), none, ~listed
        vectors, cut = np.empty((len(words), self.vectors.shape[1]), np.float32), none.copy()
        if listed.any():
            vectors[listed] = self.table.vectors([words[n] for n in np.flatnonzero(listed).tolist()])
        if not listed.all():
            vectors[~listed], cut[~listed] = self.characters.vectors(
                [words[n] for n in np.flatnonzero(~listed).tolist()]
            )
        return vectors, cut, none


def bucket(rows: int, most: int = 64) -> int:
    """The rows to pad to: the real ones, or on JAX, which compiles for each shape, one of few numbers."""
    if backend.name() == "tensorflow":
        return rows
    return 1 << (rows - 1).bit_length() if rows <= most else -(-rows // most) * most


def numpy_of(array: Tensor) -> np.ndarray:
    """Convert a backend tensor to a NumPy array."""
    from keras import ops

    return ops.convert_to_numpy(array)


def _grown(array: np.ndarray, used: int, room: int) -> np.ndarray:
    larger = np.empty((room, *array.shape[1:]), array.dtype)
    larger[:used] = array[:used]
    return larger
