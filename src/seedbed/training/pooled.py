"""Frozen vectors read once: pooled for each example, or as they are for each token."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from seedbed.data.corpus import Example
from seedbed.embeddings.features import Arrays, Embed, EmbeddingSettings, Features, Positions
from seedbed.embeddings.lookup import ReplicateRows, SharedRows
from seedbed.embeddings.text_features import TextEmbedding
from seedbed.errors import InputError
from seedbed.model.encoders import Encoder, Pool
from seedbed.model.fitted import FittedEncoder
from seedbed.model.mlp_probe import MLPProbe, is_pooled_once
from seedbed.model.pooling import POOLINGS, SENTENCE, Pooling
from seedbed.training.batches import EncodedExamples, evaluation_steps
from seedbed.training.programs import pooling_program
from seedbed.types import Tensor, Tensors

Block = tuple[Sequence[int], NDArray[np.float32]]
"""Positions of examples, and their vectors ``[rows, width]``: one row each, or one for each token in order."""

TRAINED = (
    "this encoder is fitted to frozen vectors, and the embedding trains its own; use embedding.trainable=false, or "
    "embedding.mix=average for a learned mix of layers"
)


class Blocks(Protocol):
    """Vectors to fit a classifier to."""

    def blocks(self, replicate: int, positions: Sequence[int]) -> Iterator[Block]:
        """Yield the vectors of these examples of a replicate, each once, in any order."""


class PooledFeatures:
    """One vector per example instead of vectors of tokens: ``[R, 1, B, width]``.

    A table for all replicates, or one for each if the embedding has one for each; row 0 is of absent examples.
    ``known``: features of the same embedding, pooling and examples with other draws, whose vectors are not pooled anew.
    """

    def __init__(
        self, features: Features, pooling: Pooling, examples: Sequence[Example], draws: Sequence[Positions],
        known: "PooledFeatures | None" = None,
    ):  # fmt: skip
        self.features, self.reports = features, features.reports
        drawn = [sorted({position for split in draw.values() for position in split}) for draw in draws]
        if not features.arrays.frozen:
            drawn = [sorted(set().union(*drawn))]
        self._row = np.zeros((len(drawn), len(examples)), np.int32)
        self.width = pooling.width(features.width)
        table = np.zeros((len(drawn), 1 + max(map(len, drawn)), self.width), np.float32)
        is_token = pooling.name != SENTENCE
        lengths = np.array([len(example.tokens) if is_token else 1 for example in examples], np.int32)
        gather = _Gather(features, pooling)
        for replicate, positions in enumerate(drawn):
            self._row[replicate, positions] = np.arange(1, 1 + len(positions))
            left: Sequence[int] = positions
            if known and not features.arrays.frozen:  # else a replicate's vectors may depend on its draw
                old = known._row[0, positions]
                table[replicate, self._row[replicate, positions]] = known._table[0, old]
                left = [position for position, row in zip(positions, old, strict=True) if not row]
            for chosen, vectors, _ in gather.steps(replicate, left, lengths):
                table[replicate, self._row[replicate, chosen]] = vectors
        self._table: NDArray[np.float32] = table
        is_shared = len(table) == 1 and not features.arrays.frozen
        self.embed: Embed = SharedRows() if is_shared else ReplicateRows(trained=False)
        self.arrays = Arrays(shared={"table": table[0]}) if is_shared else Arrays(frozen={"table": table})

    @property
    def nbytes(self) -> int:
        """The bytes of all tables."""
        return self._table.nbytes

    def blocks(self, replicate: int, positions: Sequence[int]) -> Iterator[Block]:
        """Yield the vectors of these examples at once."""
        page = replicate if len(self._row) > 1 else 0
        yield positions, self._table[page, self._row[page, list(positions)]]

    def size(self, replicate: int) -> tuple[float, float]:
        """Return the numbers of trained and frozen weights of the embedding."""
        return self.features.size(replicate)

    def saved(self, replicate: int) -> Mapping[str, np.ndarray]:
        """Return what a saved model needs of the embedding."""
        return self.features.saved(replicate)

    def learned(self, trained: Tensors) -> Mapping[str, np.ndarray]:
        """Return nothing: no vector is trained."""
        return {}

    def inputs(
        self, replicates: Sequence[int], positions: Sequence[Sequence[int]], shape: tuple[int, int]
    ) -> dict[str, Tensor]:
        """Return ``ids`` int32 ``[R, 1, B]``."""
        ids = np.zeros((len(replicates), 1, shape[1]), np.int32)
        for page, replicate, chosen in zip(ids, replicates, positions, strict=True):
            page[0, : len(chosen)] = self._row[replicate if len(self._row) > 1 else 0, list(chosen)]
        return {"ids": ids}


class TokenVectors:
    """The vectors of tokens, gathered when they are read: only those of one step are in memory."""

    def __init__(self, features: Features, examples: Sequence[Example]):
        self._lengths = np.array([len(example.tokens) for example in examples], np.int32)
        self._gather = _Gather(features, None)

    def blocks(self, replicate: int, positions: Sequence[int]) -> Iterator[Block]:
        """Yield the vectors of the tokens of some examples at a time."""
        for chosen, vectors, lengths in self._gather.steps(replicate, positions, self._lengths):
            tokens = np.arange(len(vectors)) < lengths[:, None]
            yield chosen, vectors.swapaxes(0, 1)[tokens]


class _Gather:
    """Vectors of some examples at a time, gathered and perhaps pooled in compiled code."""

    def __init__(self, features: Features, pooling: Pooling | None):
        self._features, self._program = features, pooling_program(features.embed, pooling)

    @cached_property
    def _shared(self) -> Tensors:
        from keras import ops

        return {name: ops.convert_to_tensor(array) for name, array in self._features.arrays.shared.items()}

    def steps(
        self, replicate: int, positions: Sequence[int], lengths: NDArray[np.int32]
    ) -> Iterator[tuple[list[int], NDArray[np.float32], NDArray[np.int32]]]:
        """Yield positions, their vectors ``[B, W]`` or without pooling ``[T, B, W]``, and their lengths."""
        frozen = {name: array[replicate : replicate + 1] for name, array in self._features.arrays.frozen.items()}
        order = sorted(positions, key=lambda position: -lengths[position])
        for start, end in evaluation_steps([lengths[order]]):
            chosen = order[start:end]
            shape = max(int(lengths[chosen].max()), 1), len(chosen)
            inputs = self._features.inputs([replicate], [chosen], shape)
            mask = (np.arange(shape[0])[:, None] < lengths[chosen]).astype(np.float32)[None, ..., None]
            vectors = self._program({**frozen, **self._shared}, inputs, mask)
            yield chosen, np.asarray(vectors)[0], lengths[chosen]


def pool_once(
    features: Features, encoder: Encoder, examples: Sequence[Example], draws: Sequence[Positions], precision: str
) -> tuple[PooledFeatures, Encoder] | None:
    """Return features of one vector per example, and the encoder of these; None where pooling is part of a step.

    That is for other encoders, for trained vectors and in bfloat16.
    """
    if features.arrays.trained or not is_pooled_once(encoder, precision):
        return None
    assert isinstance(encoder, Pool | MLPProbe)
    return PooledFeatures(features, Pooling(encoder.pooling), examples, draws), encoder.pooled()


def vectors_of(
    features: Features, encoder: FittedEncoder, examples: EncodedExamples, draws: Sequence[Positions],
    known: PooledFeatures | None = None,
) -> Blocks:  # fmt: skip
    """Return the vectors that an encoder is fitted to. Raises InputError for vectors that are trained.

    ``known``: those of the same embedding, pooling and examples with other draws.
    """
    if features.arrays.trained:
        raise InputError(TRAINED)
    if examples.per_token:
        return TokenVectors(features, examples.examples)
    return PooledFeatures(features, Pooling(encoder.pooling), examples.examples, draws, known)


def reads_sentences(encoder: object, per_token: bool) -> bool:
    """Return whether an encoder reads the embedding's own vector of each text."""
    return not per_token and getattr(encoder, "pooling", "") == SENTENCE


def text_embedding(embedding: EmbeddingSettings, choice: str) -> TextEmbedding:
    """Return the embedding as one with a vector for each text; raises InputError for another. ``choice``: its name."""
    if not isinstance(embedding, TextEmbedding):
        others = "|".join(name for name in POOLINGS if name != SENTENCE)
        raise InputError(
            f"encoder.pooling={SENTENCE}: embedding={choice} has no vectors of whole texts; "
            f"use encoder.pooling={others}"
        )
    return embedding
