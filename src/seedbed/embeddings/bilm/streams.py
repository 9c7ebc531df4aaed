"""Pack sentences end to end into a few streams, so that recurrent steps contain almost no padding."""

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

MOST = 192
"""Parallel streams: large enough for fast products, small enough for the CPU's cache."""

IDLE = -1


@dataclass(frozen=True)
class Streams:
    """``tokens [T, 2, B]``: numbers of tokens, sentences one after the other, in both directions; IDLE at the end.

    ``start [T, B]``: whether a sentence begins. Streams are in order of length, longest first.
    """

    tokens: np.ndarray
    start: np.ndarray

    def blocks(self, steps: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Split the streams into blocks of steps, each with only the streams that have not ended."""
        for begin in range(0, len(self.tokens), steps):
            active = int((self.tokens[begin, 0] != IDLE).sum())
            yield self.tokens[begin : begin + steps, :, :active], self.start[begin : begin + steps, :active]


def streams(lengths: Sequence[int], most: int = MOST) -> Streams:
    """Lay out sentences of these lengths (none 0), their tokens numbered in order.

    No stream is much longer than the longest sentence or the mean of ``most`` streams: the longest sentences are laid
    first, each into the shortest stream, or into a new one where it does not fit.
    """
    first = np.cumsum([0, *lengths])
    room = max(*lengths, -(-int(first[-1]) // most))
    loads: list[tuple[int, int]] = []
    assigned: list[list[int]] = []
    for sentence in sorted(range(len(lengths)), key=lambda n: -lengths[n]):
        if loads and loads[0][0] + lengths[sentence] <= room:
            load, stream = heapq.heappop(loads)
        else:
            load, stream = 0, len(assigned)
            assigned.append([])
        assigned[stream].append(sentence)
        heapq.heappush(loads, (load + lengths[sentence], stream))
    order = [assigned[stream] for _, stream in sorted(loads, key=lambda entry: -entry[0])]
    tokens = np.full((max(load for load, _ in loads), 2, len(order)), IDLE, np.int32)
    start = np.zeros((len(tokens), len(order)), bool)
    for column, sentences in enumerate(order):
        step = 0
        for sentence in sentences:
            token_ids = np.arange(first[sentence], first[sentence + 1])
            tokens[step : step + len(token_ids), 0, column] = token_ids
            tokens[step : step + len(token_ids), 1, column] = token_ids[::-1]
            start[step, column] = True
            step += len(token_ids)
    return Streams(tokens, start)


def one_stream(lengths: Sequence[int]) -> Streams:
    """Sentences of these lengths one after the other in their order, none of them a beginning."""
    first = np.cumsum([0, *lengths])
    forward = np.arange(first[-1], dtype=np.int32)
    backward = [np.arange(end - 1, begin - 1, -1) for begin, end in pairwise(first)]
    tokens = np.stack([forward, np.concatenate([*backward, np.zeros(0, np.int64)]).astype(np.int32)], axis=1)
    return Streams(tokens[:, :, None], np.zeros((len(tokens), 1), bool))
