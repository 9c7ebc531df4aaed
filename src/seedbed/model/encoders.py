"""Encoders: from token vectors to token vectors, or to a vector of the sequence, for all replicates at once.

Each is a frozen dataclass of its settings. To add one, write a dataclass with the four methods of ``Encoder``, and a
file in ``conf/encoder``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Protocol

from seedbed.errors import InputError
from seedbed.model.convolution import convolve, max_convolution
from seedbed.model.dropout import Mask
from seedbed.model.pooling import last_states, max_pool, mean_max_pool, mean_pool
from seedbed.model.readers import Readers
from seedbed.model.recurrent import bilstm, bilstm_weights
from seedbed.model.shared_convolution import convolve_shared, max_convolution_shared
from seedbed.model.weights import Weight
from seedbed.types import Tensor

Tensors = Mapping[str, Tensor]


class Encoder(Protocol):
    """The interface of an encoder. ``tags``: whether it can return a vector for each token, not only for sequences."""

    tags: ClassVar[bool]

    def weights(self, width: int) -> dict[str, Weight]:
        """Return the weights of one replicate for inputs of this width."""

    def masks(self, width: int) -> dict[str, Mask]:
        """Return the dropout masks of one example."""

    def width(self, width: int) -> int:
        """Return the width of the output."""

    def encode(self, weights: Tensors, x: Tensor, token_mask: Tensor, masks: Tensors, per_token: bool) -> Tensor:
        """Encode ``x [R, T, B, D]`` to ``[R, T, B, W]`` if ``per_token``, else to ``[R, B, W]``.

        ``token_mask``: ``[R, T, B, 1]``, 1 for tokens and 0 for padding.
        """


class PackedEncoder(Encoder, Protocol):
    """An encoder that can take the texts of a batch one after the other, without their padding."""

    @property
    def gap(self) -> int | None:
        """The padding that it needs between texts, at least 1; None if it cannot be packed with its settings."""

    def encode_packed(self, weights: Tensors, x: Tensor, places: Tensor, token_mask: Tensor, masks: Tensors) -> Tensor:
        """Encode packed texts ``x [R, N, 1, D]`` to ``[R, B, W]``: see `seedbed.model.convolution.max_convolution`."""


class SharedEncoder(Encoder, Protocol):
    """An encoder that can take texts of draws that several members read, without a copy for each member.

    ``input_mask``: the name of its dropout mask on the input. It is asked where that mask is not drawn.
    """

    input_mask: ClassVar[str]

    def encode_shared(
        self, weights: Tensors, x: Tensor, places: Tensor | None, token_mask: Tensor, masks: Tensors, readers: Readers,
        per_token: bool,
    ) -> Tensor:  # fmt: skip
        """Encode ``x [G, T, B, D]``, or with ``places`` packed texts, to ``[R, T, B, W]`` or ``[R, B, W]``."""


def _check_rates(settings: object, *names: str) -> None:
    for name in names:
        if not 0.0 <= getattr(settings, name) < 1.0:
            raise InputError(f"encoder.{name}={getattr(settings, name)}: a dropout rate is at least 0 and below 1")


def _check_positive(settings: object, *names: str) -> None:
    for name in names:
        if getattr(settings, name) < 1:
            raise InputError(f"encoder.{name}={getattr(settings, name)}: must be at least 1")


def apply_mask(x: Tensor, masks: Tensors, name: str) -> Tensor:
    """Return ``x`` with the dropout mask of that name, if any; a mask ``[R, B, D]`` applies to all tokens of ``x``."""
    from keras import ops

    if name not in masks:
        return x
    mask = ops.cast(masks[name], x.dtype)
    return x * (ops.expand_dims(mask, 1) if len(x.shape) == 4 else mask)


@dataclass(frozen=True)
class BiLSTM:
    """One bidirectional LSTM of ``units`` in each direction.

    ``dropout`` on its input, ``recurrent_dropout`` on its state, ``output_dropout`` on its output. ``pooling``
    (``max``, ``mean`` or ``last`` state) reduces tokens to the vector of the sequence for classification.
    """

    units: int = 128
    dropout: float = 0.0
    recurrent_dropout: float = 0.0
    output_dropout: float = 0.0
    pooling: str = "max"

    tags: ClassVar[bool] = True
    layers: ClassVar[int] = 1
    ELEMENTWISE_FIELDS: ClassVar[tuple[str, ...]] = ("dropout", "recurrent_dropout", "output_dropout")

    def __post_init__(self) -> None:
        _check_positive(self, "units")
        _check_rates(self, "dropout", "recurrent_dropout", "output_dropout")
        if self.pooling not in _POOLINGS:
            raise InputError(f"encoder.pooling={self.pooling}: choose {', '.join(_POOLINGS)}")

    def weights(self, width: int) -> dict[str, Weight]:
        """Kernel, recurrent kernel and bias of each layer, for both directions."""
        weights: dict[str, Weight] = {}
        for layer in range(self.layers):
            weights |= bilstm_weights(f"lstm{layer}", width if layer == 0 else 2 * self.units, self.units)
        return weights

    def masks(self, width: int) -> dict[str, Mask]:
        """Masks of the input and the state of each layer, and of the output."""
        masks = {"output": Mask(2 * self.units, self.output_dropout)}
        for layer in range(self.layers):
            masks[f"input{layer}"] = Mask(width if layer == 0 else 2 * self.units, self.dropout)
            masks[f"state{layer}"] = Mask(2 * self.units, self.recurrent_dropout)
        return masks

    def width(self, width: int) -> int:
        """Both directions, concatenated."""
        return 2 * self.units

    def encode(self, weights: Tensors, x: Tensor, token_mask: Tensor, masks: Tensors, per_token: bool) -> Tensor:
        """Return the sum of the outputs of all layers."""
        total = None
        for layer in range(self.layers):
            state = masks.get(f"state{layer}")
            x = bilstm(weights, f"lstm{layer}", apply_mask(x, masks, f"input{layer}"), token_mask, state)
            total = x if total is None else total + x
        if not per_token:
            total = _POOLINGS[self.pooling](total, token_mask)
        return apply_mask(total, masks, "output")


@dataclass(frozen=True)
class ResidualBiLSTM(BiLSTM):
    """Two bidirectional LSTMs, the second on top of the first; the output is the sum of both outputs."""

    layers: ClassVar[int] = 2


@dataclass(frozen=True)
class CNN:
    """Filters of several widths with ReLU, concatenated; for classification with max pooling.

    Same padding. ``dropout`` on the input, ``output_dropout`` on the output (Kim 2014).
    """

    filters: int = 64
    widths: list[int] = field(default_factory=lambda: [3])
    dropout: float = 0.0
    output_dropout: float = 0.0

    tags: ClassVar[bool] = True
    input_mask: ClassVar[str] = "input"
    ELEMENTWISE_FIELDS: ClassVar[tuple[str, ...]] = ("dropout", "output_dropout")

    def __post_init__(self) -> None:
        _check_positive(self, "filters")
        _check_rates(self, "dropout", "output_dropout")
        if not self.widths or min(self.widths) < 1 or len(set(self.widths)) < len(self.widths):
            raise InputError(
                f"encoder.widths={list(self.widths)}: give different widths of at least 1, such as [3, 4, 5]"
            )

    def weights(self, width: int) -> dict[str, Weight]:
        """A kernel ``[size, D, filters]`` and a bias for each width of filter."""
        weights: dict[str, Weight] = {}
        for size in self.widths:
            weights[f"conv{size}/kernel"] = Weight((size, width, self.filters))
            weights[f"conv{size}/bias"] = Weight((self.filters,), "zeros")
        return weights

    def masks(self, width: int) -> dict[str, Mask]:
        """Masks of input and output."""
        return {"input": Mask(width, self.dropout), "output": Mask(self.width(width), self.output_dropout)}

    def width(self, width: int) -> int:
        """The number of all filters."""
        return self.filters * len(self.widths)

    def encode(self, weights: Tensors, x: Tensor, token_mask: Tensor, masks: Tensors, per_token: bool) -> Tensor:
        """Return the outputs of the filters of all widths, concatenated."""
        x = apply_mask(x, masks, "input")
        maps = [convolve(x, weights[f"conv{size}/kernel"], size) for size in self.widths] if per_token else [
            max_convolution(x, weights[f"conv{size}/kernel"], size, token_mask) for size in self.widths
        ]  # fmt: skip
        return self._activated(weights, maps, masks)

    @property
    def gap(self) -> int | None:
        """As many zeros as no filter sees two texts across; None with dropout on the input, which is of each text."""
        return None if self.dropout else max(1, max(self.widths) // 2)

    def encode_packed(self, weights: Tensors, x: Tensor, places: Tensor, token_mask: Tensor, masks: Tensors) -> Tensor:
        """Return the outputs of the filters of all widths, concatenated."""
        maps = [max_convolution(x, weights[f"conv{size}/kernel"], size, token_mask, places) for size in self.widths]
        return self._activated(weights, maps, masks)

    def encode_shared(
        self, weights: Tensors, x: Tensor, places: Tensor | None, token_mask: Tensor, masks: Tensors, readers: Readers,
        per_token: bool,
    ) -> Tensor:  # fmt: skip
        """Return the outputs of the filters of all widths, concatenated."""
        kernels = [(weights[f"conv{size}/kernel"], size) for size in self.widths]
        maps = [convolve_shared(x, kernel, size, readers) for kernel, size in kernels] if per_token else [
            max_convolution_shared(x, kernel, size, token_mask, readers, places) for kernel, size in kernels
        ]  # fmt: skip
        return self._activated(weights, maps, masks)

    def _activated(self, weights: Tensors, maps: list[Tensor], masks: Tensors) -> Tensor:
        from keras import ops

        # The maximum and ReLU with bias commute: the maximum first leaves fewer numbers.
        bias = ops.concatenate([weights[f"conv{size}/bias"] for size in self.widths], axis=-1)
        x = ops.concatenate(maps, axis=-1) if len(maps) > 1 else maps[0]
        x = ops.relu(x + ops.reshape(bias, (-1, *(1,) * (len(x.shape) - 2), self.width(0))))
        return apply_mask(x, masks, "output")


@dataclass(frozen=True)
class Pool:
    """Mean and maximum of the token vectors: only the head is trained."""

    dropout: float = 0.0

    tags: ClassVar[bool] = False
    pooling: ClassVar[str] = "mean_max"
    ELEMENTWISE_FIELDS: ClassVar[tuple[str, ...]] = ("dropout",)

    def __post_init__(self) -> None:
        _check_rates(self, "dropout")

    def weights(self, width: int) -> dict[str, Weight]:
        """None."""
        return {}

    def masks(self, width: int) -> dict[str, Mask]:
        """Mask of the pooled vector."""
        return {"output": Mask(2 * width, self.dropout)}

    def width(self, width: int) -> int:
        """Mean and maximum, concatenated."""
        return 2 * width

    def encode(self, weights: Tensors, x: Tensor, token_mask: Tensor, masks: Tensors, per_token: bool) -> Tensor:
        """Return the vector of the sequence; ``per_token`` is rejected when the config is validated."""
        return apply_mask(mean_max_pool(x, token_mask), masks, "output")

    def pooled(self) -> "PooledVectors":
        """Return the encoder of vectors that have been pooled before."""
        return PooledVectors(self.dropout)


@dataclass(frozen=True)
class PooledVectors:
    """Vectors of sequences, pooled before training: ``x [R, 1, B, D]``. Not a choice of the config."""

    dropout: float

    tags: ClassVar[bool] = False
    ELEMENTWISE_FIELDS: ClassVar[tuple[str, ...]] = ("dropout",)

    def weights(self, width: int) -> dict[str, Weight]:
        """None."""
        return {}

    def masks(self, width: int) -> dict[str, Mask]:
        """Mask of the vector."""
        return {"output": Mask(width, self.dropout)}

    def width(self, width: int) -> int:
        """That of the input."""
        return width

    def encode(self, weights: Tensors, x: Tensor, token_mask: Tensor, masks: Tensors, per_token: bool) -> Tensor:
        """Return the vector of the sequence."""
        return apply_mask(x[:, 0], masks, "output")


_POOLINGS = {"max": max_pool, "mean": mean_pool, "last": last_states}
