"""Texts longer than a model reads: cut, or read in windows that overlap."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

LONG = ("cut", "window")


@dataclass(frozen=True)
class Reading:
    """How texts are read: at most ``max_length`` pieces at once, special tokens included, and what is longer.

    ``long=cut`` reads the first pieces; ``window`` all, in windows that share ``overlap`` pieces with the next.
    """

    max_length: int
    long: str
    overlap: int

    def spans(self, pieces: int, special: int) -> list[tuple[int, int]]:
        """Return the first piece and the end of each window over a text of so many pieces."""
        room = self.max_length - special
        if pieces <= room or self.long == "cut":
            return [(0, min(pieces, room))]
        last = pieces - room
        return [(start, start + room) for start in (*range(0, last, room - self.overlap), last)]


def most_context(centers: np.ndarray, spans: Sequence[tuple[int, int]]) -> np.ndarray:
    """Return for each position the number of the window with the most pieces on its shorter side (Devlin et al. 2019).

    The first of equal ones. ``spans``: of one length, in order.
    """
    starts, ends = np.array(spans).T
    return np.searchsorted((starts[1:] + ends[:-1] - 1) / 2, centers, side="left")


@dataclass(frozen=True)
class WordSpans:
    """The pieces of the words of one text, and the window that each word is read from.

    ``numbers``: of the words that have pieces; ``first`` and ``end``: their pieces; ``window``: with most context.
    """

    numbers: np.ndarray
    first: np.ndarray
    end: np.ndarray
    window: np.ndarray

    @classmethod
    def of(cls, words: np.ndarray, spans: Sequence[tuple[int, int]]) -> "WordSpans":
        """``words``: the word of each piece, in order; negative: none."""
        numbers, first, counts = np.unique(words, return_index=True, return_counts=True)
        known = numbers >= 0
        numbers, first, end = numbers[known], first[known], (first + counts)[known]
        return cls(numbers, first, end, most_context((first + end - 1) / 2, spans))

    def inside(self, window: int, span: tuple[int, int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the words of a window, and of each the first piece and the end within it, from its start."""
        start, stop = span
        first, end = np.maximum(self.first, start), np.minimum(self.end, stop)
        chosen = (self.window == window) & (first < end)
        return self.numbers[chosen], first[chosen] - start, end[chosen] - start
