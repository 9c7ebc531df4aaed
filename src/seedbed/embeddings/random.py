"""Random word vectors, a baseline without pretrained knowledge."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from seedbed.data.corpus import SPLITS, Example
from seedbed.embeddings.checks import check_dim
from seedbed.embeddings.features import Embedded, Positions, quiet, token_index
from seedbed.embeddings.lookup import Lookup, replicate_lookup, word_ids_in
from seedbed.errors import InputError


@dataclass(frozen=True)
class Random:
    """Each replicate draws normal vectors of standard deviation ``scale``, from its ``init_seed``.

    Words of the splits in ``vocabulary`` have a vector each; all others share one.
    """

    dim: int = 50
    trainable: bool = False
    scale: float = 0.4
    vocabulary: list[str] = field(default_factory=lambda: ["train", "validation", "test"])

    def __post_init__(self):
        check_dim(self.dim)
        if self.scale <= 0:
            raise InputError(f"embedding.scale={self.scale}: must be above 0")
        wrong = [split for split in self.vocabulary if split not in SPLITS]
        if wrong or not self.vocabulary:
            raise InputError(f"embedding.vocabulary={list(self.vocabulary)}: a list of {', '.join(SPLITS)}")

    def features(
        self, examples: Sequence[Example], draws: Sequence[Positions], seeds: Sequence[int],
        watch: Callable[[Embedded], None] = quiet,
    ) -> Lookup:  # fmt: skip
        """Return a table for each replicate, over the words of its draw."""
        index = token_index(tuple(examples))
        word_ids = [word_ids_in(index, draw, self.vocabulary) for draw in draws]
        tables = [
            np.random.default_rng([seed, 0x7AB1E]).normal(0.0, self.scale, (len(ids) + 1, self.dim)).astype(np.float32)
            for ids, seed in zip(word_ids, seeds, strict=True)
        ]
        return replicate_lookup(
            index, word_ids, tables, self.trainable, [{"embedding/types": len(ids)} for ids in word_ids]
        )

    def content(self) -> Mapping[str, str]:
        """Return nothing: the vectors come from no file."""
        return {}
