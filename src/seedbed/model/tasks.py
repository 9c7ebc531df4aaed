"""Tasks: the head on top of the encoder, its loss, and how its scores are named."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from seedbed.errors import InputError
from seedbed.model.dropout import Mask
from seedbed.model.encoders import dropped
from seedbed.model.weights import Weight


@dataclass(frozen=True)
class Head:
    """A softmax over ``classes``, on an optional hidden layer with ReLU.

    ``hidden``: units of the hidden layer, 0 for none. ``dropout``: on what enters the softmax.
    ``class_weights``: weigh each class by the inverse of its share in the training examples of the replicate.
    """

    hidden: int = 0
    dropout: float = 0.0
    class_weights: bool = False

    per_token: ClassVar[bool] = False
    kind: ClassVar[str] = "classification"
    padded_to: ClassVar[int | None] = None
    scores: ClassVar[tuple[str, ...]] = ("accuracy", "macro_f1", "log_loss", "loss")
    """The scores of a split, besides those of each class or type: see ``metrics``."""

    def __post_init__(self):
        if self.hidden < 0:
            raise InputError(f"task.hidden={self.hidden}: the units of the hidden layer, 0 for none")
        if not 0.0 <= self.dropout < 1.0:
            raise InputError(f"task.dropout={self.dropout}: a dropout rate is at least 0 and below 1")

    def weights(self, width: int, classes: int) -> dict[str, Weight]:
        """The weights of one replicate."""
        weights = {}
        if self.hidden:
            weights["hidden/kernel"] = Weight((width, self.hidden))
            weights["hidden/bias"] = Weight((self.hidden,), "zeros")
        weights["softmax/kernel"] = Weight((self.hidden or width, classes))
        weights["softmax/bias"] = Weight((classes,), "zeros")
        return weights

    def masks(self, width: int) -> dict[str, Mask]:
        """The dropout masks of one example."""
        return {"head": Mask(self.hidden or width, self.dropout)}

    def logits(self, weights: Mapping[str, Any], x: Any, masks: Mapping[str, Any]) -> Any:
        """``[R, ..., W]`` to ``[R, ..., classes]``."""
        from keras import ops

        if self.hidden:
            x = ops.relu(_dense(x, weights["hidden/kernel"], weights["hidden/bias"]))
        return _dense(dropped(x, masks, "head"), weights["softmax/kernel"], weights["softmax/bias"])


@dataclass(frozen=True)
class Classification(Head):
    """One class a sequence."""


@dataclass(frozen=True)
class Tagging(Head):
    """One IOB2 tag a token; padding has no part in the loss.

    ``padded_to``: also score the accuracy that counts padding up to so many tokens as right (``padded_accuracy``).
    """

    padded_to: int | None = None  # type: ignore[misc]

    per_token: ClassVar[bool] = True
    kind: ClassVar[str] = "tagging"
    scores: ClassVar[tuple[str, ...]] = (
        "f1", "precision", "recall", "macro_f1", "macro_precision", "macro_recall", "accuracy", "loss",
    )  # fmt: skip

    def __post_init__(self):
        super().__post_init__()
        if self.padded_to is not None and self.padded_to < 1:
            raise InputError(f"task.padded_to={self.padded_to}: a number of tokens, or null")


def _dense(x: Any, kernel: Any, bias: Any) -> Any:
    from keras import ops

    shape = ops.shape(x)
    flat = ops.reshape(x, (shape[0], -1, shape[-1]))
    y = ops.matmul(flat, kernel) + ops.expand_dims(bias, 1)
    return ops.reshape(y, (*shape[:-1], y.shape[-1]))
