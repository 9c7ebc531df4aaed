"""Features that are read from the cache batch by batch: memory holds one batch, however long the texts are."""

import math
from collections.abc import Mapping, Sequence

import numpy as np

from seedbed.embeddings.features import Arrays
from seedbed.embeddings.mix import Fixed, Learned
from seedbed.types import Tensor, Tensors


class Streamed:
    """The layers of stored sentences, through a mix.

    ``number``: the position of an example to its number in ``layers``; ``reports``: what was counted in each replicate.
    """

    def __init__(
        self, layers: Tensor, number: Mapping[int, int], mix: Fixed | Learned, reports: Sequence[Mapping[str, float]]
    ):
        self.layers, self.number, self.embed = layers, number, mix
        self.width = mix.layout.dim
        self.arrays = Arrays(trained=mix.trained(len(reports)))
        filled = layers.filled
        report = {"embedding/cache_hit_rate": filled.hits / max(filled.asked, 1)}
        report |= {f"embedding/{what}": count for what, count in filled.counts.items() if count}
        self.reports = [{**report, **own} for own in reports]

    def size(self, replicate: int) -> tuple[float, float]:
        """The mix; how many numbers the model behind the vectors has is not asked, as it may not even be opened."""
        return sum(array[replicate].size for array in self.arrays.trained.values()), math.nan

    def saved(self, replicate: int) -> Mapping[str, np.ndarray]:
        """Nothing: the vectors are the model's."""
        return {}

    def learned(self, trained: Tensors) -> dict[str, np.ndarray]:
        """The shares and the scale of the mix."""
        return self.embed.learned(trained)

    def inputs(self, replicates: Sequence[int], positions: Sequence[Sequence[int]], shape: tuple[int, int]) -> dict:
        """``layers`` float32 ``[R, T, B, mix.width]``, zero on padding."""
        made = np.zeros((len(replicates), *shape, self.embed.width), np.float32)
        for page, chosen in zip(made, positions, strict=True):
            for column, position in enumerate(chosen):
                rows = self.embed.read(self.layers.rows(self.number[position]))
                page[: len(rows), column] = rows
        return {"layers": made}
