"""What an embedding hands to training: arrays for the network, and the inputs of each batch."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Protocol

import numpy as np

from seedbed.data.corpus import Example
from seedbed.types import Tensor, Tensors

Positions = Mapping[str, Sequence[int]]
"""Of one replicate: split to the positions of its examples."""


@dataclass(frozen=True)
class Embedded:
    """Progress of computing vectors: sentences requested and cached, tokens to compute and computed."""

    asked: int
    found: int
    tokens: int = 0
    done: int = 0
    note: str = ""
    """A status message, such as that another process is filling the cache."""


def quiet(embedded: Embedded) -> None:
    """Ignore progress updates."""


@dataclass(frozen=True)
class Arrays:
    """The arrays behind an embedding, by name.

    ``trained`` and ``frozen`` belong to the replicates (leading axis R); ``shared`` is the same for all.
    """

    trained: Tensors = field(default_factory=dict)
    frozen: Tensors = field(default_factory=dict)
    shared: Tensors = field(default_factory=dict)


class Embed(Protocol):
    """A pure function of arrays; hashable, so that equal arms share a compiled program."""

    def __call__(self, trained: Tensors, constants: Tensors, inputs: Tensors) -> Tensor:
        """Vectors ``[R, T, B, width]``; ``constants`` holds the frozen and the shared arrays."""

    def penalty(self, trained: Tensors) -> Tensor:
        """What the loss of each replicate has beside the task's own: ``[R]``, or 0."""


class Features(Protocol):
    """An embedding made ready for the examples of a group of replicates."""

    width: int
    embed: Embed
    arrays: Arrays
    reports: Sequence[Mapping[str, float]]
    """What to log of each replicate: coverage by types and tokens of its draw, lines skipped."""

    def size(self, replicate: int) -> tuple[float, float]:
        """How many numbers of a replicate's vectors are learned, and how many stand still; NaN where not known."""

    def saved(self, replicate: int) -> Mapping[str, np.ndarray]:
        """What a saved model of the replicate needs beside its weights: the words of a trained table's rows."""

    def learned(self, trained: Tensors) -> Mapping[str, np.ndarray]:
        """What to log of the trained arrays after each epoch, by name: one number a replicate, ``[R]``."""

    def inputs(self, replicates: Sequence[int], positions: Sequence[Sequence[int]], shape: tuple[int, int]) -> dict:
        """Inputs of one batch, arrays ``[R, T, B, ...]``: for each replicate the examples at these positions.

        ``shape``: tokens T and examples B to pad to.
        """


class EmbeddingSettings(Protocol):
    """An embedding as the config describes it: a frozen dataclass of its settings."""

    def features(
        self, examples: Sequence[Example], draws: Sequence[Positions], seeds: Sequence[int],
        watch: Callable[[Embedded], None] = quiet,
    ) -> Features:  # fmt: skip
        """Make ready for the examples; ``draws`` and ``seeds`` have one entry a replicate."""

    def content(self) -> Mapping[str, str]:
        """Digests of files behind the numbers, for the fingerprint of a cell."""


@lru_cache(maxsize=2)
def token_index(examples: tuple[Example, ...]) -> "TokenIndex":
    """The index of these examples; made once for all arms and sizes that come one after the other."""
    return TokenIndex(examples)


class TokenIndex:
    """The words of a list of examples, numbered in sorted order, and the numbers of each example's tokens."""

    def __init__(self, examples: Sequence[Example]):
        self.words = sorted({token for example in examples for token in example.tokens})
        number = {word: n for n, word in enumerate(self.words)}
        self.tokens = [
            np.fromiter((number[token] for token in example.tokens), np.int32, len(example.tokens))
            for example in examples
        ]

    def counts_in(self, draw: Positions) -> np.ndarray:
        """How often each word occurs in the examples of a replicate: ``[words]``."""
        seen = [self.tokens[position] for split in draw.values() for position in split]
        return np.bincount(np.concatenate([*seen, np.zeros(0, np.int32)]), minlength=len(self.words))

    def numbers_in(self, positions: Sequence[int]) -> np.ndarray:
        """The sorted numbers of the words of these examples."""
        seen = [self.tokens[position] for position in positions]
        return np.unique(np.concatenate(seen)) if seen else np.zeros(0, np.int32)
