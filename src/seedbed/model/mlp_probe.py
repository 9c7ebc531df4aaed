"""The probe with one hidden layer, trained by gradient steps."""

from dataclasses import dataclass
from typing import ClassVar

from seedbed.errors import InputError
from seedbed.model.dropout import Mask
from seedbed.model.encoders import Pool, apply_mask
from seedbed.model.fitted import check_pooling
from seedbed.model.pooling import Pooling
from seedbed.model.weights import Weight
from seedbed.types import Tensor, Tensors


@dataclass(frozen=True)
class MLPProbe:
    """A hidden layer with ReLU on pooled vectors, or for tagging on the vector of each token.

    ``hidden``: its units, 0 for none; ``dropout``: on its output.
    """

    pooling: str = "mean"
    hidden: int = 64
    dropout: float = 0.0

    tags: ClassVar[bool] = True
    ELEMENTWISE_FIELDS: ClassVar[tuple[str, ...]] = ("dropout",)

    def __post_init__(self) -> None:
        check_pooling(self.pooling)
        if self.hidden < 0:
            raise InputError(f"encoder.hidden={self.hidden}: the units of the hidden layer, 0 for none")
        if not 0.0 <= self.dropout < 1.0:
            raise InputError(f"encoder.dropout={self.dropout}: a dropout rate is at least 0 and below 1")

    def weights(self, width: int) -> dict[str, Weight]:
        """Kernel and bias of the hidden layer."""
        if not self.hidden:
            return {}
        shape = Pooling(self.pooling).width(width), self.hidden
        return {"mlp/kernel": Weight(shape), "mlp/bias": Weight((self.hidden,), "zeros")}

    def masks(self, width: int) -> dict[str, Mask]:
        """Mask of the output."""
        return {"output": Mask(self.width(width), self.dropout)}

    def width(self, width: int) -> int:
        """The hidden units, or without them the width of the pooled vector."""
        return self.hidden or Pooling(self.pooling).width(width)

    def encode(self, weights: Tensors, x: Tensor, token_mask: Tensor, masks: Tensors, per_token: bool) -> Tensor:
        """Return the output of the layer. A token is pooled as a text of one token, so ``mean_max`` has it twice."""
        from keras import ops

        pooling = Pooling(self.pooling)
        x = ops.tile(x, (1, 1, 1, pooling.width(1))) if per_token else pooling.pool(x, token_mask)
        if self.hidden:
            shape = ops.shape(x)
            x = ops.matmul(ops.reshape(x, (shape[0], -1, shape[-1])), weights["mlp/kernel"])
            x = ops.relu(x + ops.expand_dims(weights["mlp/bias"], 1))
            x = ops.reshape(x, (*shape[:-1], self.hidden))
        return apply_mask(x, masks, "output")

    def pooled(self) -> "MLPProbe":
        """Return the encoder of texts whose vectors have been pooled before, which are the first and only ones."""
        return MLPProbe("first", self.hidden, self.dropout)


POOLED_ONCE = (Pool, MLPProbe)
"""Encoders without weights before pooling."""


def is_pooled_once(encoder: object, precision: str) -> bool:
    """Return whether frozen vectors can be pooled once, before a training step: not in bfloat16, which rounds them."""
    return type(encoder) in POOLED_ONCE and precision == "float32"
