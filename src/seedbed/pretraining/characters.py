"""The different words of a block, each once, by their characters."""

from collections.abc import Sequence

import numpy as np

from seedbed.embeddings.bilm.characters import PADDING, SHIFT, char_ids, windows
from seedbed.embeddings.bilm.options import CharCnn

CLASSES = ((12, 256), (24, 64), (None, 16))
"""Words of at most so many characters, and what their number is rounded up to: JAX compiles for each."""

KNOWN = 1 << 18
"""Words whose characters are remembered."""


class Characters:
    """Makes the inputs of ``network.words_of``."""

    def __init__(self, cnn: CharCnn):
        self.cnn = cnn
        self.widest = max(width for width, _ in cnn.filters)
        self.narrowest = min(width for width, _ in cnn.filters)
        self._known: dict[str, np.ndarray] = {}

    def classes(self, words: Sequence[str]) -> tuple[list[tuple[np.ndarray, ...]], np.ndarray]:
        """Windows of each class, and the row that each word has in all of them together.

        Windows are int32 ``[P, N, widest]``. From its end on, all windows of a word are padding alone and alike: one of
        them is enough. Where words have no such end, there is also what is shut: float32 ``[P, features]``, minus
        infinity where a filter may not look.
        """
        ids = [self._ids(word) for word in words]
        lengths = np.array([len(own) for own in ids])
        made, rows = [], np.empty(len(words), np.int32)
        first, shortest = 0, 0
        for longest, multiple in CLASSES:
            most = min(longest or self.cnn.columns, self.cnn.columns)
            chosen = np.flatnonzero((lengths > shortest) & (lengths <= most))
            rows[chosen] = first + np.arange(len(chosen))
            number = max(1, -(-len(chosen) // multiple)) * multiple
            seen = [ids[n] for n in chosen] + [_NONE] * (number - len(chosen))
            positions, *shut = self._positions(most)
            made.append((windows(seen, self.cnn.columns, positions, self.widest), *shut))
            first, shortest = first + number, most
        return made, rows

    def _ids(self, word: str) -> np.ndarray:
        if word not in self._known:
            if len(self._known) >= KNOWN:
                self._known.clear()
            self._known[word] = char_ids(word, self.cnn.columns)[0]
        return self._known[word]

    def _positions(self, longest: int) -> tuple:
        if longest + 1 <= self.cnn.columns - self.widest + 1:
            return (longest + 1,)
        at = np.arange(self.cnn.columns - self.narrowest + 1)[:, None]
        shut = [
            np.where(at + width <= self.cnn.columns, 0, -np.inf).repeat(number, axis=1)
            for width, number in self.cnn.filters
        ]
        return len(at), np.concatenate(shut, axis=1).astype(np.float32)


_NONE = np.full(1, PADDING + SHIFT, np.int32)
