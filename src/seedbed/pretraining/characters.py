"""The different words of a block, each once, by their characters."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from seedbed.embeddings.bilm.characters import PADDING, SHIFT, char_ids, windows
from seedbed.embeddings.bilm.options import CharCnn

CLASSES = ((12, 256), (24, 64), (None, 16))
"""Words of at most so many characters, and the multiple that their number is rounded up to: JAX compiles for each."""

CACHED_WORDS = 1 << 18


class Characters:
    """Makes the inputs of ``network.token_network``."""

    def __init__(self, cnn: CharCnn):
        self.cnn = cnn
        self.widest = max(width for width, _ in cnn.filters)
        self.narrowest = min(width for width, _ in cnn.filters)
        self._cache: dict[str, NDArray[np.int32]] = {}

    def classes(self, words: Sequence[str]) -> tuple[list[tuple[np.ndarray, ...]], NDArray[np.int32]]:
        """Return the windows of each class, and the row that each word has in all of them together.

        Windows are int32 ``[P, N, widest]``. From its end on, all windows of a word are identical padding: one of them
        is enough. Where words have no such end, there is also a mask: float32 ``[P, features]``, minus infinity where a
        filter would reach beyond the word.
        """
        ids = [self._ids(word) for word in words]
        lengths = np.array([len(word_ids) for word_ids in ids])
        classes: list[tuple[np.ndarray, ...]] = []
        rows = np.empty(len(words), np.int32)
        first, shortest = 0, 0
        for longest, multiple in CLASSES:
            most = min(longest or self.cnn.columns, self.cnn.columns)
            members = np.flatnonzero((lengths > shortest) & (lengths <= most))
            rows[members] = first + np.arange(len(members))
            number = max(1, -(-len(members) // multiple)) * multiple
            padded = [ids[n] for n in members] + [_NONE] * (number - len(members))
            positions, *mask = self._positions(most)
            classes.append((windows(padded, self.cnn.columns, positions, self.widest), *mask))
            first, shortest = first + number, most
        return classes, rows

    def _ids(self, word: str) -> NDArray[np.int32]:
        if word not in self._cache:
            if len(self._cache) >= CACHED_WORDS:
                self._cache.clear()
            self._cache[word] = char_ids(word, self.cnn.columns)[0]
        return self._cache[word]

    def _positions(self, longest: int) -> tuple:
        if longest + 1 <= self.cnn.columns - self.widest + 1:
            return (longest + 1,)
        at = np.arange(self.cnn.columns - self.narrowest + 1)[:, None]
        masks = [
            np.where(at + width <= self.cnn.columns, 0, -np.inf).repeat(number, axis=1)
            for width, number in self.cnn.filters
        ]
        return len(at), np.concatenate(masks, axis=1).astype(np.float32)


_NONE = np.full(1, PADDING + SHIFT, np.int32)
