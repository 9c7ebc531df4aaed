"""Encoders: from vectors of tokens to vectors of tokens, or of the sequence, for all replicates at once.

Each is a frozen dataclass of its settings. To add one: a dataclass with these four methods, and a file in
``conf/encoder``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, Protocol

from seedbed.errors import InputError
from seedbed.model.convolution import convolve
from seedbed.model.dropout import Mask
from seedbed.model.pooling import last_states, max_pool, mean_pool
from seedbed.model.recurrent import bilstm, bilstm_weights
from seedbed.model.weights import Weight


class Encoder(Protocol):
    """What the network asks of an encoder.

    ``tags`` says whether it can give a vector for each token (else only one for the sequence).
    """

    tags: ClassVar[bool]

    def weights(self, width: int) -> dict[str, Weight]:
        """The weights of one replicate for inputs of this width."""

    def masks(self, width: int) -> dict[str, Mask]:
        """The dropout masks of one example."""

    def width(self, width: int) -> int:
        """The width of the output."""

    def encode(self, weights: Mapping[str, Any], x: Any, real: Any, masks: Mapping[str, Any], per_token: bool) -> Any:
        """``[R, T, B, D]`` to ``[R, T, B, W]`` if ``per_token``, else to ``[R, B, W]``; ``real``: ``[R, T, B, 1]``."""


def _check_rates(settings: Any, *names: str) -> None:
    for name in names:
        if not 0.0 <= getattr(settings, name) < 1.0:
            raise InputError(f"encoder.{name}={getattr(settings, name)}: a dropout rate is at least 0 and below 1")


def _check_positive(settings: Any, *names: str) -> None:
    for name in names:
        if getattr(settings, name) < 1:
            raise InputError(f"encoder.{name}={getattr(settings, name)}: must be at least 1")


def dropped(x: Any, masks: Mapping[str, Any], name: str) -> Any:
    """``x`` under the mask of that name, where there is one; a mask ``[R, B, D]`` holds for all tokens of ``x``."""
    from keras import ops

    if name not in masks:
        return x
    mask = ops.cast(masks[name], x.dtype)
    return x * (ops.expand_dims(mask, 1) if len(x.shape) == 4 else mask)


Pooling = Literal["max", "mean", "last"]


@dataclass(frozen=True)
class BiLSTM:
    """One bidirectional LSTM of ``units`` in each direction.

    ``dropout`` on its input, ``recurrent_dropout`` on its state, ``output_dropout`` on its output. ``pooling``
    (``max``, ``mean`` or ``last`` state) makes the vector of a sequence for classification.
    """

    units: int = 128
    dropout: float = 0.0
    recurrent_dropout: float = 0.0
    output_dropout: float = 0.0
    pooling: str = "max"

    tags: ClassVar[bool] = True
    layers: ClassVar[int] = 1

    def __post_init__(self):
        _check_positive(self, "units")
        _check_rates(self, "dropout", "recurrent_dropout", "output_dropout")
        if self.pooling not in _POOLINGS:
            raise InputError(f"encoder.pooling={self.pooling}: choose {', '.join(_POOLINGS)}")

    def weights(self, width: int) -> dict[str, Weight]:
        """Kernel, recurrent kernel and bias of each layer, both directions together."""
        weights = {}
        for layer in range(self.layers):
            weights |= bilstm_weights(f"lstm{layer}", width if layer == 0 else 2 * self.units, self.units)
        return weights

    def masks(self, width: int) -> dict[str, Mask]:
        """Input and state of each layer, and the output."""
        masks = {"output": Mask(2 * self.units, self.output_dropout)}
        for layer in range(self.layers):
            masks[f"input{layer}"] = Mask(width if layer == 0 else 2 * self.units, self.dropout)
            masks[f"state{layer}"] = Mask(2 * self.units, self.recurrent_dropout)
        return masks

    def width(self, width: int) -> int:
        """Both directions side by side."""
        return 2 * self.units

    def encode(self, weights: Mapping[str, Any], x: Any, real: Any, masks: Mapping[str, Any], per_token: bool) -> Any:
        """The outputs of the layers, summed over layers."""
        total = None
        for layer in range(self.layers):
            state = masks.get(f"state{layer}")
            x = bilstm(weights, f"lstm{layer}", dropped(x, masks, f"input{layer}"), real, state)
            total = x if total is None else total + x
        if not per_token:
            total = _POOLINGS[self.pooling](total, real)
        return dropped(total, masks, "output")


@dataclass(frozen=True)
class ResidualBiLSTM(BiLSTM):
    """Two bidirectional LSTMs, the second on top of the first; the output is the sum of both outputs."""

    layers: ClassVar[int] = 2


@dataclass(frozen=True)
class CNN:
    """Filters of several widths side by side with ReLU; the largest value over the sequence for classification.

    Same padding. ``dropout`` on the input, ``output_dropout`` on the output (Kim 2014).
    """

    filters: int = 64
    widths: list[int] = field(default_factory=lambda: [3])
    dropout: float = 0.0
    output_dropout: float = 0.0

    tags: ClassVar[bool] = True

    def __post_init__(self):
        _check_positive(self, "filters")
        _check_rates(self, "dropout", "output_dropout")
        if not self.widths or min(self.widths) < 1 or len(set(self.widths)) < len(self.widths):
            raise InputError(
                f"encoder.widths={list(self.widths)}: give different widths of at least 1, such as [3, 4, 5]"
            )

    def weights(self, width: int) -> dict[str, Weight]:
        """A kernel ``[size, D, filters]`` and a bias for each size of filter."""
        weights = {}
        for size in self.widths:
            weights[f"conv{size}/kernel"] = Weight((size, width, self.filters))
            weights[f"conv{size}/bias"] = Weight((self.filters,), "zeros")
        return weights

    def masks(self, width: int) -> dict[str, Mask]:
        """Input and output."""
        return {"input": Mask(width, self.dropout), "output": Mask(self.width(width), self.output_dropout)}

    def width(self, width: int) -> int:
        """All filters."""
        return self.filters * len(self.widths)

    def encode(self, weights: Mapping[str, Any], x: Any, real: Any, masks: Mapping[str, Any], per_token: bool) -> Any:
        """Convolutions of each width, side by side."""
        from keras import ops

        x = dropped(x, masks, "input")
        maps = [convolve(x, weights[f"conv{size}/kernel"], size) for size in self.widths]
        bias = ops.concatenate([weights[f"conv{size}/bias"] for size in self.widths], axis=-1)
        x = ops.concatenate(maps, axis=-1) if len(maps) > 1 else maps[0]
        # The largest of a sum with a constant, and of a ReLU, is that of the largest: pooled first, on fewer numbers.
        x = x if per_token else max_pool(x, real)
        x = ops.relu(x + ops.reshape(bias, (-1, *(1,) * (len(x.shape) - 2), self.width(0))))
        return dropped(x, masks, "output")


@dataclass(frozen=True)
class Pool:
    """Mean and largest value of the vectors over the sequence: nothing is trained but the head."""

    dropout: float = 0.0

    tags: ClassVar[bool] = False

    def __post_init__(self):
        _check_rates(self, "dropout")

    def weights(self, width: int) -> dict[str, Weight]:
        """None."""
        return {}

    def masks(self, width: int) -> dict[str, Mask]:
        """The pooled vector."""
        return {"output": Mask(2 * width, self.dropout)}

    def width(self, width: int) -> int:
        """Mean and maximum side by side."""
        return 2 * width

    def encode(self, weights: Mapping[str, Any], x: Any, real: Any, masks: Mapping[str, Any], per_token: bool) -> Any:
        """Only for sequences: ``per_token`` is refused when the config is checked."""
        from keras import ops

        return dropped(ops.concatenate([mean_pool(x, real), max_pool(x, real)], axis=-1), masks, "output")


_POOLINGS = {"max": max_pool, "mean": mean_pool, "last": last_states}
