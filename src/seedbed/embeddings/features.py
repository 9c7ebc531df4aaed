"""Interface between embeddings and training: arrays for the network, and the inputs of each batch."""

import copy
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Protocol, Self, TypeVar, cast

import numpy as np

from seedbed.data.corpus import Example
from seedbed.types import Tensor, Tensors

T = TypeVar("T")

Positions = Mapping[str, Sequence[int]]
"""Positions of one replicate's examples, by split."""

Slice = tuple[int, int, int]
"""Tokens of an example: its position, and the first token and the end."""


@dataclass(frozen=True)
class Embedded:
    """Progress of computing vectors: sentences requested and cached, tokens to compute and computed."""

    sentences: int
    cached: int
    tokens: int = 0
    done: int = 0
    note: str = ""
    """A status message, such as that another process is filling the cache."""
    unit: str = "tokens"
    """What is counted: ``texts`` where a vector is that of a text."""


def quiet(embedded: Embedded) -> None:
    """Ignore progress updates."""


@dataclass(frozen=True)
class Arrays:
    """The arrays of an embedding, by name.

    ``trained`` and ``frozen`` belong to the replicates (leading axis R); ``shared`` is the same for all.
    """

    trained: Tensors = field(default_factory=dict)
    frozen: Tensors = field(default_factory=dict)
    shared: Tensors = field(default_factory=dict)


class Embed(Protocol):
    """A pure function of arrays; hashable, so that equal arms share a compiled program.

    Optional: ``zero_padding``, true if padding has zero vectors, so that the network need not mask it.
    """

    def __call__(self, trained: Tensors, constants: Tensors, inputs: Tensors) -> Tensor:
        """Vectors ``[R, T, B, width]``; ``constants`` holds the frozen and the shared arrays."""

    def penalty(self, trained: Tensors) -> Tensor:
        """Return the regularization term of each replicate's loss: ``[R]``, or 0. ``trained``: and the constants."""


class Features(Protocol):
    """An embedding prepared for the examples of a group of replicates.

    Optional: ``reads_files``, true if the inputs of a batch are read from files, so that they are read one step ahead;
    ``row_tables``, by the name of a trained array that is a table of rows, the name of the input with the rows that a
    batch reads, for ``training.sparse_updates``; ``sliced(slices: Sequence[Slice]) -> Features``, the vectors of slices
    of the examples in place of the examples, or None: ``task.window`` is then not read, as without it.
    """

    width: int
    embed: Embed
    arrays: Arrays
    reports: Sequence[Mapping[str, float]]
    """Metrics of each replicate: coverage of the types and tokens of its draw, skipped lines."""

    def size(self, replicate: int) -> tuple[float, float]:
        """Return the numbers of trained and of frozen parameters of a replicate; NaN if unknown."""

    def saved(self, replicate: int) -> Mapping[str, np.ndarray]:
        """Return arrays to save with the replicate's weights: the words of its own table's rows."""

    def learned(self, trained: Tensors) -> Mapping[str, np.ndarray]:
        """Return metrics of the trained arrays after an epoch, by name: one number a replicate, ``[R]``."""

    def inputs(self, replicates: Sequence[int], positions: Sequence[Sequence[int]], shape: tuple[int, int]) -> dict:
        """Return the inputs of one batch, arrays ``[R, T, B, ...]``: the examples at these positions, by replicate.

        ``shape``: tokens T and examples B to pad to.
        """


class EmbeddingSettings(Protocol):
    """Settings of an embedding: a frozen dataclass built from the config."""

    def features(
        self, examples: Sequence[Example], draws: Sequence[Positions], seeds: Sequence[int],
        watch: Callable[[Embedded], None] = quiet,
    ) -> Features:  # fmt: skip
        """Prepare the embedding for the examples; ``draws`` and ``seeds`` have one entry a replicate."""

    def content(self) -> Mapping[str, str]:
        """Return digests of the vectors' files, for the fingerprint of a cell."""


@lru_cache(maxsize=2)
def token_index(examples: tuple[Example, ...]) -> "TokenIndex":
    """Return the index of these examples; cached, as arms and sizes share the examples."""
    return TokenIndex(examples)


class TokenIndex:
    """Vocabulary of a list of examples in sorted order, and the word ids of each example's tokens."""

    def __init__(self, examples: Sequence[Example]):
        self.words = sorted({token for example in examples for token in example.tokens})
        number = {word: n for n, word in enumerate(self.words)}
        self.tokens = [np.array([number[token] for token in example.tokens], np.int32) for example in examples]
        self._derived: dict[Hashable, object] = {}

    def derived(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return what ``make`` returns for this index, made once: groups and arms share it. ``key``: what it is."""
        if key not in self._derived:
            self._derived[key] = make()
        return cast("T", self._derived[key])

    def sliced(self, slices: Sequence[Slice]) -> "TokenIndex":
        """Return the index of slices of the examples, with the same words and what was derived from them."""
        index = copy.copy(self)
        index.tokens = [self.tokens[position][first:end] for position, first, end in slices]
        return index

    def counts_in(self, draw: Positions) -> np.ndarray:
        """Return the count of each word in the examples of a replicate: ``[words]``."""
        token_ids = [self.tokens[position] for split in draw.values() for position in split]
        return np.bincount(np.concatenate([*token_ids, np.zeros(0, np.int32)]), minlength=len(self.words))

    def numbers_in(self, positions: Sequence[int]) -> np.ndarray:
        """Return the sorted word ids of these examples."""
        token_ids = [self.tokens[position] for position in positions]
        return np.unique(np.concatenate(token_ids)) if token_ids else np.zeros(0, np.int32)


class ByToken:
    """Features whose inputs are those of the tokens of an index."""

    index: TokenIndex

    def sliced(self, slices: Sequence[Slice]) -> Self:
        """Return the features of slices of the examples."""
        features = copy.copy(self)
        features.index = self.index.sliced(slices)
        return features


def sliced(features: Features, slices: Sequence[Slice]) -> Features | None:
    """Return the features of slices of the examples; None where an embedding cannot slice them."""
    method: Callable[[Sequence[Slice]], Features | None] | None = getattr(features, "sliced", None)
    return None if method is None else method(slices)
