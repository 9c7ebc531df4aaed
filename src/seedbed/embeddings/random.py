"""Random word vectors, a baseline without pretrained knowledge."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from seedbed.data.corpus import SPLITS, Example
from seedbed.embeddings.features import Embedded, Positions, quiet, token_index
from seedbed.embeddings.lookup import Lookup, own_lookup, words_of
from seedbed.errors import InputError


@dataclass(frozen=True)
class Random:
    """Each replicate draws its own normal vectors of standard deviation ``scale``, from its ``init_seed``.

    Words of the splits in ``vocabulary`` have a vector each; all others share one.
    """

    dim: int = 50
    trainable: bool = False
    scale: float = 0.4
    vocabulary: list[str] = field(default_factory=lambda: ["train", "validation", "test"])

    def __post_init__(self):
        if self.dim < 1:
            raise InputError(f"embedding.dim={self.dim}: must be at least 1")
        if self.scale <= 0:
            raise InputError(f"embedding.scale={self.scale}: must be above 0")
        wrong = [split for split in self.vocabulary if split not in SPLITS]
        if wrong or not self.vocabulary:
            raise InputError(f"embedding.vocabulary={list(self.vocabulary)}: a list of {', '.join(SPLITS)}")

    def features(
        self, examples: Sequence[Example], draws: Sequence[Positions], seeds: Sequence[int],
        watch: Callable[[Embedded], None] = quiet,
    ) -> Lookup:  # fmt: skip
        """A table for each replicate, over the words of its own draw."""
        index = token_index(tuple(examples))
        numbers = [words_of(index, draw, self.vocabulary) for draw in draws]
        tables = [
            np.random.default_rng([seed, 0x7AB1E]).normal(0.0, self.scale, (len(own) + 1, self.dim)).astype(np.float32)
            for own, seed in zip(numbers, seeds, strict=True)
        ]
        return own_lookup(index, numbers, tables, self.trainable, [{"embedding/types": len(own)} for own in numbers])

    def content(self) -> Mapping[str, str]:
        """No file is behind the numbers."""
        return {}
