"""Features read from the vector cache batch by batch: memory holds one batch."""

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from seedbed.embeddings.features import Arrays
from seedbed.embeddings.mix import Fixed, Learned
from seedbed.types import Tensors

if TYPE_CHECKING:
    from seedbed.embeddings.layer_cache.cached_layers import CachedLayers


class Streamed:
    """The layers of cached sentences, combined by a mix.

    ``number``: maps the position of an example to its index in ``layers``; ``reports``: metrics of each replicate.
    """

    def __init__(
        self,
        layers: "CachedLayers",
        number: Mapping[int, int],
        mix: Fixed | Learned,
        reports: Sequence[Mapping[str, float]],
    ):
        self.layers, self.number, self.embed = layers, number, mix
        self.width = mix.layout.dim
        self.arrays = Arrays(trained=mix.trained(len(reports)))
        filled = layers.filled
        report = {"embedding/cache_hit_rate": filled.hits / max(filled.sentences, 1)}
        report |= {f"embedding/{what}": count for what, count in filled.counts.items() if count}
        self.reports = [{**report, **counts} for counts in reports]

    def size(self, replicate: int) -> tuple[float, float]:
        """Return the size of the mix, and NaN: the language model may not be loaded, so its size is unknown."""
        return sum(array[replicate].size for array in self.arrays.trained.values()), math.nan

    def saved(self, replicate: int) -> Mapping[str, np.ndarray]:
        """Return nothing: the vectors are the language model's."""
        return {}

    def learned(self, trained: Tensors) -> dict[str, np.ndarray]:
        """Return the weights and the scale of the mix."""
        return self.embed.learned(trained)

    def inputs(self, replicates: Sequence[int], positions: Sequence[Sequence[int]], shape: tuple[int, int]) -> dict:
        """Return ``layers``, float32 ``[R, T, B, mix.width]``, zero on padding."""
        batch = np.zeros((len(replicates), *shape, self.embed.width), np.float32)
        for replicate_batch, chosen in zip(batch, positions, strict=True):
            for column, position in enumerate(chosen):
                rows = self.embed.read(self.layers.rows(self.number[position]))
                replicate_batch[: len(rows), column] = rows
        return {"layers": batch}
