"""From the layers of a token to one vector: one of them, their average, or a weighted sum that is learned."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from seedbed.embeddings.layers import Layout
from seedbed.errors import InputError
from seedbed.types import Tensor, Tensors

EPSILON = 1e-12
"""Under the root of a layer's variance."""
L2 = "mix/l2"
"""The name of the array of the penalties."""


@dataclass(frozen=True)
class Fixed:
    """The layers numbered ``chosen``, averaged; nothing is learned, and vectors are computed when they are read."""

    layout: Layout
    chosen: tuple[int, ...]
    layer_norm: bool

    @property
    def width(self) -> int:
        """The numbers of a token that a batch brings."""
        return self.layout.dim

    def trained(self, replicates: int) -> dict[str, np.ndarray]:
        """Return nothing."""
        return {}

    def frozen(self, replicates: int) -> dict[str, np.ndarray]:
        """Return nothing."""
        return {}

    def read(self, rows: np.ndarray) -> np.ndarray:
        """float16 ``[tokens, layout.total]`` to float32 ``[tokens, dim]``."""
        layers = self.layout.split(rows)
        total = np.zeros((len(rows), self.layout.dim), np.float32)
        for n in self.chosen:
            layer = layers[n].astype(np.float32)
            # A layer narrower than the widest is repeated up to it.
            repeated = total.reshape(len(rows), self.layout.dim // layer.shape[1], layer.shape[1])
            repeated += (_normal(layer) if self.layer_norm else layer)[:, None]
        return total if len(self.chosen) == 1 else total / np.float32(len(self.chosen))

    def __call__(self, trained: Tensors, constants: Tensors, inputs: Tensors) -> Tensor:
        """``layers [R, T, B, dim]`` as they are."""
        return inputs["layers"]

    def penalty(self, trained: Tensors) -> Tensor:
        """Return 0."""
        return 0.0

    def learned(self, trained: Tensors) -> dict[str, np.ndarray]:
        """Return nothing."""
        return {}


@dataclass(frozen=True)
class Learned:
    """A weighted sum for each replicate, ``scale * sum_l softmax(weights)_l layer_l`` (Peters et al. 2018, equation 1).

    It starts as the average. ``l2``: the loss has ``l2 * |weights|^2``, which pulls towards equal ones, as in the
    paper. ``layer_norm`` brings each layer of a token to mean 0 and deviation 1 first; the paper's takes mean and
    deviation over a batch, and then a vector would depend on the other sentences of its batch.
    """

    layout: Layout
    layer_norm: bool
    l2: float = field(repr=False, compare=False)  # an array beside the batch, and not compiled in

    @property
    def width(self) -> int:
        """The numbers of a token that a batch brings: all layers."""
        return self.layout.total

    def trained(self, replicates: int) -> dict[str, np.ndarray]:
        """``mix/weights [R, layers]`` and ``mix/scale [R, 1]``."""
        layers = len(self.layout.widths)
        return {
            "mix/weights": np.zeros((replicates, layers), np.float32),
            "mix/scale": np.ones((replicates, 1), np.float32),
        }

    def frozen(self, replicates: int) -> dict[str, np.ndarray]:
        """``mix/l2 [R]``; nothing where it is 0."""
        return {L2: np.full(replicates, self.l2, np.float32)} if self.l2 else {}

    def read(self, rows: np.ndarray) -> np.ndarray:
        """All layers as float32: TensorFlow on a CPU is slower with float16, and logs a warning each time."""
        return rows.astype(np.float32)

    def __call__(self, trained: Tensors, constants: Tensors, inputs: Tensors) -> Tensor:
        """``layers [R, T, B, layout.total]`` to ``[R, T, B, dim]``."""
        from keras import ops

        share = ops.softmax(trained["mix/weights"], axis=-1) * trained["mix/scale"]
        mixed, first = 0.0, 0
        for n, width in enumerate(self.layout.widths):
            layer = inputs["layers"][..., first : first + width]
            first += width
            if self.layer_norm:
                mean = ops.mean(layer, axis=-1, keepdims=True)
                layer = (layer - mean) * ops.rsqrt(ops.mean(ops.square(layer - mean), axis=-1, keepdims=True) + EPSILON)
            layer = ops.concatenate([layer] * (self.layout.dim // width), axis=-1)
            mixed = mixed + ops.reshape(share[:, n], (-1, 1, 1, 1)) * layer
        return mixed

    def penalty(self, trained: Tensors) -> Tensor:
        """``[R]``, or 0 without ``mix/l2``."""
        from keras import ops

        return trained[L2] * ops.sum(ops.square(trained["mix/weights"]), axis=-1) if L2 in trained else 0.0

    def learned(self, trained: Tensors) -> dict[str, np.ndarray]:
        """``mix/layer0`` and so on (they sum to one) and ``mix/scale``, ``[R]`` each."""
        weights = np.asarray(trained["mix/weights"], np.float64)
        share = np.exp(weights - weights.max(axis=1, keepdims=True))
        share /= share.sum(axis=1, keepdims=True)
        return {f"mix/layer{n}": shares for n, shares in enumerate(share.T)} | {
            "mix/scale": np.asarray(trained["mix/scale"])[:, 0]
        }


@dataclass(frozen=True)
class MixedRows:
    """A learned mix of rows of one table, gathered in the compiled step."""

    mix: Learned

    def __call__(self, trained: Tensors, constants: Tensors, inputs: Tensors) -> Tensor:
        """``ids [R, T, B]`` of ``table [V, layout.total]`` to ``[R, T, B, dim]``."""
        from keras import ops

        return self.mix(trained, constants, {"layers": ops.take(constants["table"], inputs["ids"], axis=0)})

    def penalty(self, trained: Tensors) -> Tensor:
        """``[R]``."""
        return self.mix.penalty(trained)


def mix_of(name: str, layout: Layout, layer_norm: bool, l2: float) -> Fixed | Learned:
    """The mix of this name, for a model of these layers. Raises InputError for a layer that it does not have."""
    if name == "learned":
        return Learned(layout, layer_norm, l2)
    layers = len(layout.widths)
    if name == "last":
        return Fixed(layout, (layers - 1,), layer_norm)
    return Fixed(layout, tuple(range(layers)) if name == "average" else (layer_of(name, layers),), layer_norm)


def layer_of(name: str, layers: int) -> int:
    """The number in ``layer1`` and the like. Raises InputError where a model of so many layers does not have it."""
    number = int(name.removeprefix("layer"))
    if number >= layers:
        raise InputError(f"embedding.mix={name}: the model has layers 0 to {layers - 1}")
    return number


def _normal(layer: np.ndarray) -> np.ndarray:
    centred = layer - layer.mean(axis=-1, keepdims=True)
    return centred / np.sqrt(np.square(centred).mean(axis=-1, keepdims=True) + EPSILON)


def penalties(embedding: object) -> dict[str, float]:
    """Return the L2 penalty of each learned mix in the settings of an embedding, by the name of its array."""
    parts: Mapping[str, object] = getattr(embedding, "parts", {})
    own = {L2: float(getattr(embedding, "mix_l2", 0.0))} if getattr(embedding, "mix", "") == "learned" else {}
    return own | {f"{name}/{key}": l2 for name, part in parts.items() for key, l2 in penalties(part).items()}
