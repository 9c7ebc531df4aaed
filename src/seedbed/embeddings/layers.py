"""Contextual vectors of the tokens of a sentence, by layer of the language model."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

Sentence = Sequence[str]
"""The tokens of one sentence."""


@dataclass(frozen=True)
class Layout:
    """Layout of a token's layers in one row of numbers.

    ``widths``: the width of each layer. A layer narrower than the widest is repeated up to it, as
    the published ELMo does with the token layer, which has no direction: ``[x, x]`` beside ``[forward, backward]``.
    """

    widths: tuple[int, ...]

    def __post_init__(self):
        if any(self.dim % width for width in self.widths):
            raise ValueError(f"layers of {self.widths} numbers cannot be repeated to one width")

    @property
    def dim(self) -> int:
        """The width of every layer once it is repeated."""
        return max(self.widths)

    @property
    def total(self) -> int:
        """The numbers of a token."""
        return sum(self.widths)

    def split(self, rows: np.ndarray) -> list[np.ndarray]:
        """``[..., total]`` to the layers as they are, ``[..., width]`` each."""
        return np.split(rows, np.cumsum(self.widths)[:-1], axis=-1)

    def layers(self, rows: np.ndarray) -> np.ndarray:
        """``[tokens, total]`` to ``[layers, tokens, dim]``."""
        return np.stack([np.tile(layer, (1, self.dim // layer.shape[-1])) for layer in self.split(rows)])


class LanguageModel(Protocol):
    """A loaded language model."""

    layout: Layout

    def batches(self, sentences: Sequence[Sentence]) -> Iterator[tuple[Sequence[int], Sequence[np.ndarray]]]:
        """The rows of every sentence, in the model's order and batches.

        Each batch is the positions of some sentences, and for each a float32 array ``[tokens, layout.total]`` that is
        not reused by the model. A sentence's rows depend on that sentence alone. Sentences have at least one token.
        """

    def carried(self, sentences: Sequence[Sentence]) -> Iterator[np.ndarray]:
        """The rows of each sentence in order, each starting from the final state of the previous sentence.

        Raises InputError where the model cannot do that.
        """
