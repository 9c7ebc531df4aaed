"""Pooling: from token vectors to a vector of the sequence, over real tokens only.

``token_mask``: ``[R, T, B, 1]``, 1 for tokens and 0 for padding.
"""

from collections.abc import Callable
from dataclasses import dataclass

from seedbed.types import Tensor


def max_pool(x: Tensor, token_mask: Tensor) -> Tensor:
    """Return the maximum of each feature: ``[R, T, B, D]`` to ``[R, B, D]``."""
    from keras import ops

    return ops.max(hide_padding(x, token_mask), axis=1)


def hide_padding(x: Tensor, token_mask: Tensor) -> Tensor:
    """Return x ``[R, T, B, D]`` with padding below all real tokens, so that it is never the maximum."""
    return x - (1.0 - token_mask) * _large(x.dtype)


def mean_pool(x: Tensor, token_mask: Tensor) -> Tensor:
    """Return the mean of each feature: ``[R, T, B, D]`` to ``[R, B, D]``."""
    from keras import ops

    return ops.sum(x * token_mask, axis=1) / ops.maximum(ops.sum(token_mask, axis=1), 1.0)


def mean_max_pool(x: Tensor, token_mask: Tensor) -> Tensor:
    """Return the mean and the maximum, concatenated: ``[R, T, B, D]`` to ``[R, B, 2 D]``."""
    from keras import ops

    return ops.concatenate([mean_pool(x, token_mask), max_pool(x, token_mask)], axis=-1)


def first_pool(x: Tensor, token_mask: Tensor) -> Tensor:
    """Return the vector of the first token: ``[R, T, B, D]`` to ``[R, B, D]``."""
    return x[:, 0]


def last_states(outputs: Tensor, token_mask: Tensor) -> Tensor:
    """Return the last output of each direction of a BiLSTM: ``[R, T, B, 2 H]`` to ``[R, B, 2 H]``."""
    from keras import ops

    units = outputs.shape[-1] // 2
    following = ops.pad(token_mask[:, 1:], [[0, 0], [0, 1], [0, 0], [0, 0]])
    forward = ops.sum(outputs[..., :units] * (token_mask - following), axis=1)
    return ops.concatenate([forward, outputs[:, 0, :, units:]], axis=-1)


def _large(dtype: object) -> float:
    """A number above all features, in range of the type."""
    import keras

    return 1e4 if keras.backend.standardize_dtype(dtype) == "float16" else 1e9


SENTENCE = "sentence"
"""The pooling that reads the embedding's own vector of each text, which is its only token."""

AUTO = "auto"
"""In a config: ``sentence`` if the embedding has vectors of texts, else ``mean``."""

POOLINGS: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "mean": mean_pool,
    "max": max_pool,
    "mean_max": mean_max_pool,
    "first": first_pool,
    SENTENCE: first_pool,
}
"""The poolings that have no weights."""


@dataclass(frozen=True)
class Pooling:
    """One of ``POOLINGS``."""

    name: str

    def width(self, width: int) -> int:
        """Return the width of a pooled vector."""
        return 2 * width if self.name == "mean_max" else width

    def pool(self, x: Tensor, token_mask: Tensor) -> Tensor:
        """Pool ``x [R, T, B, D]`` to ``[R, B, W]``."""
        return POOLINGS[self.name](x, token_mask)
