"""A loaded encoder: computes the layers of words, and the vectors of texts."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from seedbed import backend, devices
from seedbed.embeddings.bilm.model import windows as blocks_of
from seedbed.embeddings.bilm.word_vectors import bucket, numpy_of
from seedbed.embeddings.transformers.architecture import Architecture
from seedbed.embeddings.transformers.network import relative_buckets
from seedbed.embeddings.transformers.pieces import PieceTokenizer
from seedbed.embeddings.transformers.spans import Reading
from seedbed.types import Tensor, Tensors

BATCH_PIECES = {"cpu": 2048, "gpu": 32768}
"""Pieces of a batch, padding included."""

BLOCK_WORDS = 16384
"""Words of the texts that are split into pieces at once: the vectors of these are in memory together."""

Work = tuple[int, int]
"""A text of a block, and one of its windows."""


@dataclass(frozen=True)
class Batch:
    """Windows of similar length. ``ids [B, T]``, ``lengths [B]``: int32; ``work``: of the first rows, others empty."""

    work: Sequence[Work]
    ids: np.ndarray
    lengths: np.ndarray


class Encoder:
    """An encoder with its tokenizer. ``counts``: so far, by name."""

    def __init__(
        self, architecture: Architecture, arrays: Mapping[str, np.ndarray], tokenizer: PieceTokenizer, reading: Reading
    ):
        from keras import ops

        self.architecture, self.tokenizer, self.reading = architecture, tokenizer, reading
        self.weights: Tensors = {name: ops.convert_to_tensor(array) for name, array in arrays.items()}
        self.counts: Counter[str] = Counter()
        self._budget = BATCH_PIECES["gpu" if devices.uses_gpu() else "cpu"]

    def program(self, function: Callable[..., Tensor]) -> Callable[..., np.ndarray]:
        """Return a function of a batch and more arrays, compiled, with the weights filled in."""
        run = backend.full_precision(backend.compiled(function))

        def call(batch: Batch, *more: np.ndarray) -> np.ndarray:
            buckets = _buckets(batch.ids.shape[1], self.architecture.buckets)
            return numpy_of(run(self.weights, batch.ids, batch.lengths, buckets, *more))

        return call

    def batches(self, pieces: Sequence[np.ndarray], spans: Sequence[Sequence[Work]]) -> Iterator[Batch]:
        """Yield the windows ``spans`` of texts with these piece ids, the longest first; none is padded far."""
        work = [(n, w) for n, of_text in enumerate(spans) for w in range(len(of_text))]
        special = self.tokenizer.special
        lengths = {(n, w): special + spans[n][w][1] - spans[n][w][0] for n, w in work}
        work.sort(key=lambda item: -lengths[item])
        while work:
            longest = backend.shape_bucket(max(lengths[work[0]], 1))
            most = max(1, self._budget // longest)
            chosen = [item for item in work[:most] if not _is_bucketed() or _in_bucket(lengths[item], longest)]
            work = work[len(chosen) :]
            ids = np.zeros((min(bucket(len(chosen)), most), longest), np.int32)
            filled = np.zeros(len(ids), np.int32)
            for row, (n, w) in enumerate(chosen):
                first, end = spans[n][w]
                text = [*self.tokenizer.before, *pieces[n][first:end], *self.tokenizer.after]
                ids[row, : len(text)], filled[row] = text, len(text)
            yield Batch(chosen, ids, filled)


def text_blocks(sentences: Sequence[Sequence[str]]) -> Iterator[list[int]]:
    """Yield the positions of sentences in blocks of limited size, the longest first."""
    order = sorted(range(len(sentences)), key=lambda n: (-len(sentences[n]), n))
    return blocks_of(order, sentences, BLOCK_WORDS)


def _is_bucketed() -> bool:
    """Whether lengths are padded to buckets, as each shape is compiled."""
    return backend.shape_bucket(1) > 1


def _in_bucket(length: int, longest: int) -> bool:
    return backend.shape_bucket(max(length, 1)) == longest


@lru_cache(maxsize=64)
def _buckets(length: int, buckets: int) -> np.ndarray:
    return relative_buckets(length, buckets) if buckets else np.zeros((1, 1), np.int32)
