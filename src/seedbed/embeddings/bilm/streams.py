"""Pack sentences end to end into a few streams, so that recurrent steps contain almost no padding."""

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

MOST = 192
"""Streams side by side: products of so many rows are near the best rate, and their gates still fit a cache."""

IDLE = -1


@dataclass(frozen=True)
class Streams:
    """``tokens [T, 2, B]``: numbers of tokens, sentences one after the other, in both directions; IDLE at the end.

    ``start [T, B]``: whether a sentence begins. Streams are in order of length, longest first.
    """

    tokens: np.ndarray
    start: np.ndarray

    def blocks(self, steps: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """The streams in blocks of so many steps, each with only those streams that still go on."""
        for begin in range(0, len(self.tokens), steps):
            going = int((self.tokens[begin, 0] != IDLE).sum())
            yield self.tokens[begin : begin + steps, :, :going], self.start[begin : begin + steps, :going]


def streams(lengths: Sequence[int], most: int = MOST) -> Streams:
    """Lay out sentences of these lengths (none 0), their tokens numbered in order.

    No stream is much longer than the longest sentence or the mean of ``most`` streams: the longest sentences are laid
    first, each into the shortest stream, or into a new one where it does not fit.
    """
    first = np.cumsum([0, *lengths])
    room = max(*lengths, -(-int(first[-1]) // most))
    filled: list[tuple[int, int]] = []
    placed: list[list[int]] = []
    for sentence in sorted(range(len(lengths)), key=lambda n: -lengths[n]):
        if filled and filled[0][0] + lengths[sentence] <= room:
            load, stream = heapq.heappop(filled)
        else:
            load, stream = 0, len(placed)
            placed.append([])
        placed[stream].append(sentence)
        heapq.heappush(filled, (load + lengths[sentence], stream))
    order = [placed[stream] for _, stream in sorted(filled, key=lambda entry: -entry[0])]
    tokens = np.full((max(load for load, _ in filled), 2, len(order)), IDLE, np.int32)
    start = np.zeros((len(tokens), len(order)), bool)
    for column, sentences in enumerate(order):
        at = 0
        for sentence in sentences:
            own = np.arange(first[sentence], first[sentence + 1])
            tokens[at : at + len(own), 0, column] = own
            tokens[at : at + len(own), 1, column] = own[::-1]
            start[at, column] = True
            at += len(own)
    return Streams(tokens, start)


def one_stream(lengths: Sequence[int]) -> Streams:
    """Sentences of these lengths one after the other in their order, none of them a beginning."""
    first = np.cumsum([0, *lengths])
    forward = np.arange(first[-1], dtype=np.int32)
    backward = [np.arange(end - 1, begin - 1, -1) for begin, end in pairwise(first)]
    tokens = np.stack([forward, np.concatenate([*backward, np.zeros(0, np.int64)]).astype(np.int32)], axis=1)
    return Streams(tokens[:, :, None], np.zeros((len(tokens), 1), bool))
