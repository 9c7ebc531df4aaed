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
"""Types computed at once: bounds the memory."""

POSITIONS = 1024
"""Windows of one product, whose result fits the CPU's cache."""

ROWS = 1024
"""Types of one product of the highways."""

TABLE_BYTES = 256 << 20
"""Above this size the table is cleared."""


class CharacterVectors:
    """Computes vectors of words from their characters."""

    def __init__(self, cnn: CharCnn, weights: Tensors):
        self.cnn, self.weights = cnn, weights
        self.widest = max(width for width, _ in cnn.filters)
        self.narrowest = min(width for width, _ in cnn.filters)
        self._convolved = backend.full_precision(backend.compiled(convolved(cnn)))
        self._projected = backend.full_precision(backend.compiled(projected(cnn)))

    def vectors(self, words: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        """Return vectors, float32 ``[words, projection]``, and a mask of the words that were cut."""
        characters = [char_ids(word, self.cnn.columns) for word in words]
        order = sorted(range(len(characters)), key=lambda n: len(characters[n][0]))
        pieces = []
        for piece_start in range(0, len(order), PIECE):
            features = self._features([characters[n][0] for n in order[piece_start : piece_start + PIECE]])
            pieces += [
                self._through_highways(features[start : start + ROWS]) for start in range(0, len(features), ROWS)
            ]
        vectors = np.empty((len(words), pieces[0].shape[1]), np.float32)
        vectors[order] = np.concatenate(pieces)
        return vectors, np.array([cut for _, cut in characters], bool)

    def _features(self, words: Sequence[np.ndarray]) -> np.ndarray:
        """Features of words in order of their length, ``[words, features]``."""
        pieces = []
        start = 0
        while start < len(words):
            positions = self._positions(len(words[start]))
            rows = max(1, POSITIONS // positions)
            chosen = [word for word in words[start : start + rows] if self._positions(len(word)) == positions]
            pieces.append(self._convolve(chosen, positions))
            start += len(chosen)
        return np.concatenate(pieces)

    def _positions(self, length: int) -> int:
        """Return the windows needed for a word of this length, rounded up so that few sizes occur.

        Windows of padding alone are equal, so one is enough. A word too long for it gets all windows.
        """
        positions = -(-length // 4) * 4 + 1
        everywhere = self.cnn.columns - self.widest + 1
        return positions if positions <= everywhere else self.cnn.columns - self.narrowest + 1

    def _convolve(self, words: Sequence[np.ndarray], positions: int) -> np.ndarray:
        char_windows = windows(
            [*words, *[words[0]] * (bucket(len(words)) - len(words))], self.cnn.columns, positions, self.widest
        )
        if positions <= self.cnn.columns - self.widest + 1:
            features = self._convolved(self.weights, char_windows)
        else:
            masks = [
                np.where(np.arange(positions)[:, None] + width <= self.cnn.columns, 0, -np.inf).repeat(number, axis=1)
                for width, number in self.cnn.filters
            ]
            features = self._convolved(self.weights, char_windows, np.concatenate(masks, axis=1).astype(np.float32))
        return numpy_of(features)[: len(words)]

    def _through_highways(self, features: np.ndarray) -> np.ndarray:
        padded = np.pad(features, ((0, bucket(len(features)) - len(features)), (0, 0)))
        return numpy_of(self._projected(self.weights, padded))[: len(features)]


class WordTable:
    """Cache of the vectors of types; ``counts`` counts tokens that were cut or unknown."""

    def __init__(self, width: int, characters: CharacterVectors | None, table: TokenTable | None, counts: Counter):
        self.characters, self.table, self.counts = characters, table, counts
        self.limit = TABLE_BYTES // (4 * width)
        self.row: dict[str, int] = {}
        self.vectors = np.empty((0, width), np.float32)
        self._cut = np.empty(0, bool)
        self._unknown = np.empty(0, bool)

    def vectors_of(self, words: Sequence[str]) -> np.ndarray:
        """Return the vectors of tokens, float32 ``[words, width]``."""
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
        vectors, cut, unknown = self._compute(words)
        start, end = len(self.row), len(self.row) + len(words)
        if end > len(self.vectors):
            room = max(end, min(2 * len(self.vectors), self.limit))
            self.vectors, self._cut, self._unknown = (
                _enlarged(array, start, room) for array in (self.vectors, self._cut, self._unknown)
            )
        self.vectors[start:end], self._cut[start:end], self._unknown[start:end] = vectors, cut, unknown
        self.row.update(zip(words, range(start, end), strict=True))

    def _compute(self, words: Sequence[str]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return vectors of new words, and masks of those that were cut and of unknown ones."""
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
    """Return the rows to pad to: ``rows``, or one of few sizes on JAX, which compiles for each shape."""
    if backend.name() == "tensorflow":
        return rows
    return 1 << (rows - 1).bit_length() if rows <= most else -(-rows // most) * most


def numpy_of(array: Tensor) -> np.ndarray:
    """Convert a backend tensor to a NumPy array."""
    from keras import ops

    return ops.convert_to_numpy(array)


def _enlarged(array: np.ndarray, used: int, room: int) -> np.ndarray:
    larger = np.empty((room, *array.shape[1:]), array.dtype)
    larger[:used] = array[:used]
    return larger
