"""Pooling frozen vectors once: an encoder without weights is then no part of a training step."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from seedbed.backend import compiled
from seedbed.data.corpus import Example
from seedbed.embeddings.features import Arrays, Embed, Features, Positions
from seedbed.embeddings.lookup import ReplicateRows, SharedRows
from seedbed.model.encoders import Pool, PooledVectors
from seedbed.training.batches import evaluation_steps
from seedbed.types import Tensor, Tensors


class PooledFeatures:
    """One vector per example instead of vectors of tokens: ``[R, 1, B, width]``.

    A table for all replicates, or one for each if the embedding has one for each; row 0 is of absent examples.
    """

    def __init__(self, features: Features, encoder: Pool, examples: Sequence[Example], draws: Sequence[Positions]):
        self.features, self.reports = features, features.reports
        drawn = [sorted({position for split in draw.values() for position in split}) for draw in draws]
        if not features.arrays.frozen:
            drawn = [sorted(set().union(*drawn))]
        self._row = np.zeros((len(drawn), len(examples)), np.int32)
        self.width = encoder.width(features.width)
        table = np.zeros((len(drawn), 1 + max(map(len, drawn)), self.width), np.float32)
        lengths = np.array([len(example.tokens) for example in examples], np.int32)
        pool = compiled(_pooling(features, encoder))
        for replicate, positions in enumerate(drawn):
            self._row[replicate, positions] = np.arange(1, 1 + len(positions))
            frozen = {name: array[replicate : replicate + 1] for name, array in features.arrays.frozen.items()}
            order = sorted(positions, key=lambda position: -lengths[position])
            for start, end in evaluation_steps([lengths[order]]):
                chosen = order[start:end]
                shape = max(int(lengths[chosen].max()), 1), len(chosen)
                inputs = features.inputs([replicate], [chosen], shape)
                mask = (np.arange(shape[0])[:, None] < lengths[chosen]).astype(np.float32)[None, ..., None]
                vectors = pool({**frozen, **features.arrays.shared}, inputs, mask)
                table[replicate, self._row[replicate, chosen]] = np.asarray(vectors)[0]
        is_shared = len(table) == 1 and not features.arrays.frozen
        self.embed: Embed = SharedRows() if is_shared else ReplicateRows(trained=False)
        self.arrays = Arrays(shared={"table": table[0]}) if is_shared else Arrays(frozen={"table": table})

    def size(self, replicate: int) -> tuple[float, float]:
        """Return the numbers of trained and frozen weights of the embedding."""
        return self.features.size(replicate)

    def saved(self, replicate: int) -> Mapping[str, np.ndarray]:
        """Return what a saved model needs of the embedding."""
        return self.features.saved(replicate)

    def learned(self, trained: Tensors) -> Mapping[str, np.ndarray]:
        """Return nothing: no vector is trained."""
        return {}

    def inputs(self, replicates: Sequence[int], positions: Sequence[Sequence[int]], shape: tuple[int, int]) -> Tensors:
        """Return ``ids`` int32 ``[R, 1, B]``."""
        ids = np.zeros((len(replicates), 1, shape[1]), np.int32)
        for page, replicate, chosen in zip(ids, replicates, positions, strict=True):
            page[0, : len(chosen)] = self._row[replicate if len(self._row) > 1 else 0, list(chosen)]
        return {"ids": ids}


def pool_once(
    features: Features, encoder: object, examples: Sequence[Example], draws: Sequence[Positions], precision: str
) -> tuple[PooledFeatures, PooledVectors] | None:
    """Return features of one vector per example, and the encoder of these; None if vectors are trained."""
    if type(encoder) is not Pool or features.arrays.trained or precision != "float32":
        return None
    return PooledFeatures(features, encoder, examples, draws), encoder.pooled()


def _pooling(features: Features, encoder: Pool) -> Callable[[Tensors, Tensors, Tensor], Tensor]:
    def pool(constants: Tensors, inputs: Tensors, token_mask: Tensor) -> Tensor:
        return encoder.pool(features.embed({}, constants, inputs) * token_mask, token_mask)

    return pool
