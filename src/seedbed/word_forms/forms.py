"""What the features of characters and of word shapes have in common."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from seedbed.embeddings.features import Arrays, ByToken, Embed, TokenIndex
from seedbed.errors import InputError
from seedbed.types import Tensor, Tensors
from seedbed.word_forms.key_table import KeyTable


class WordForms(ByToken):
    """Features with a trained table of keys, and perhaps other weights."""

    def __init__(
        self, index: TokenIndex, embed: Embed, width: int, keys: KeyTable | None, arrays: Arrays, replicates: int,
        counted: str,
    ):  # fmt: skip
        self.index, self.embed, self.width, self.keys, self.arrays = index, embed, width, keys, arrays
        known = [len(own) for own in keys.known] if keys else []
        self.reports: Sequence[Mapping[str, float]] = (
            [{f"embedding/{counted}": n} for n in known] if known else [{} for _ in range(replicates)]
        )

    def size(self, replicate: int) -> tuple[float, float]:
        """Return the number of trained parameters of a replicate; none is frozen."""
        others = sum(array[replicate].size for name, array in self.arrays.trained.items() if name != "table")
        if self.keys is None:
            return others, 0
        return others + (1 + len(self.keys.known[replicate])) * self.keys.table.shape[-1], 0

    def saved(self, replicate: int) -> Mapping[str, NDArray[np.generic]]:
        """Return ``words``: the keys of the rows of a replicate's table, from row 1 on."""
        return {} if self.keys is None else {"words": np.array(self.keys.known[replicate], np.str_)}

    def learned(self, trained: Tensors) -> Mapping[str, NDArray[np.generic]]:
        """Return nothing: no number of these is logged."""
        return {}

    def rows(self, replicate: int) -> NDArray[np.int32]:
        """Return the row of each key in the table of a replicate."""
        assert self.keys is not None
        return self.keys.rows[replicate]

    def inputs(
        self, replicates: Sequence[int], positions: Sequence[Sequence[int]], shape: tuple[int, int]
    ) -> dict[str, Tensor]:
        """Return the inputs of a batch."""
        raise NotImplementedError


def require_at_least(minimum: int, **values: int) -> None:
    """Raise InputError that names the first field of an embedding below ``minimum``."""
    for name, value in values.items():
        if value < minimum:
            raise InputError(f"embedding.{name}={value}: must be at least {minimum}")


def require_sizes(name: str, sizes: Sequence[int], example: str) -> None:
    """Raise InputError for sizes that are not different and at least 1."""
    if min(sizes, default=1) < 1 or len(set(sizes)) < len(sizes):
        raise InputError(f"embedding.{name}={list(sizes)}: give different sizes of at least 1, such as {example}")
