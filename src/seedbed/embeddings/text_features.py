"""Features with one vector for each text instead of one for each token."""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol, runtime_checkable

import numpy as np

from seedbed.data.corpus import Example
from seedbed.embeddings.features import Arrays, Embed, Embedded, Features, Positions, quiet
from seedbed.embeddings.lookup import SharedRows
from seedbed.types import Tensors

Reports = Sequence[Mapping[str, float]]


@runtime_checkable
class TextEmbedding(Protocol):
    """An embedding with a vector for each text, such as a sentence encoder: what ``pooling=sentence`` reads."""

    def text_features(
        self, examples: Sequence[Example], draws: Sequence[Positions], seeds: Sequence[int],
        watch: Callable[[Embedded], None] = quiet,
    ) -> Features:  # fmt: skip
        """Prepare the vectors of the texts, as ``features`` does those of tokens: ``T`` of a batch is 1."""


class TextFeatures:
    """Frozen vectors float32 ``[examples, width]``, one for each example, shared by all replicates.

    ``reports``: what was counted in each replicate. ``frozen``: the parameters of the model; NaN if unknown.
    """

    def __init__(self, vectors: np.ndarray, reports: Reports, frozen: float = np.nan):
        self.reports, self.width, self._frozen = reports, vectors.shape[1], frozen
        self.embed: Embed = SharedRows()
        zero = np.zeros((1, self.width), np.float32)
        self.arrays = Arrays(shared={"table": np.concatenate([zero, vectors.astype(np.float32, copy=False)])})

    def size(self, replicate: int) -> tuple[float, float]:
        """Return no trained parameters, and those of the model."""
        return 0, self._frozen

    def saved(self, replicate: int) -> Mapping[str, np.ndarray]:
        """Return nothing: the vectors are the model's."""
        return {}

    def learned(self, trained: Tensors) -> Mapping[str, np.ndarray]:
        """Return nothing: no vector is trained."""
        return {}

    def inputs(self, replicates: Sequence[int], positions: Sequence[Sequence[int]], shape: tuple[int, int]) -> dict:
        """Return ``ids`` int32 ``[R, 1, B]``: 1 + the position of each example, 0 where there is none."""
        ids = np.zeros((len(replicates), 1, shape[1]), np.int32)
        for page, chosen in zip(ids, positions, strict=True):
            page[0, : len(chosen)] = 1 + np.asarray(chosen, np.int32)
        return {"ids": ids}
