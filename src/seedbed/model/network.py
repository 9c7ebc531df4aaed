"""An arm as one network: vectors of tokens, encoder and head of all replicates, their losses and their answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from seedbed.model.dropout import Mask
from seedbed.model.encoders import Encoder
from seedbed.model.tasks import Head
from seedbed.model.weights import Weight


@dataclass(frozen=True)
class Network:
    """The shape of an arm: pure functions of weights and batches, nothing that changes.

    ``embed(weights, constants, inputs)`` gives the vectors ``[R, T, B, width]`` of a batch's tokens; what it needs of
    ``weights`` is its own affair. ``precision`` is the type that encoder and head compute in.
    """

    embed: Any
    width: int
    encoder: Encoder
    task: Head
    classes: int
    precision: str = "float32"

    def weights(self) -> dict[str, Weight]:
        """Weights of encoder and head, of one replicate."""
        return self.encoder.weights(self.width) | self.task.weights(self.encoder.width(self.width), self.classes)

    @property
    def size(self) -> int:
        """How many numbers of encoder and head are learned, in one replicate."""
        return sum(weight.size for weight in self.weights().values())

    def masks(self) -> dict[str, Mask]:
        """Dropout masks of encoder and head, of one example."""
        return self.encoder.masks(self.width) | self.task.masks(self.encoder.width(self.width))

    def logits(self, weights: Mapping[str, Any], constants: Any, batch: Mapping[str, Any]) -> Any:
        """``[R, T, B, classes]`` for tagging, ``[R, B, classes]`` for classification.

        ``batch``: ``inputs`` (what ``embed`` takes), ``lengths`` int32 ``[R, B]``, ``steps`` int32 ``[T]`` (0, 1, ..),
        ``masks`` (name to ``[R, B, width]``).
        """
        from keras import ops

        def computed(x):
            return ops.cast(x, self.precision)

        within = ops.expand_dims(batch["steps"], 1) < ops.expand_dims(batch["lengths"], 1)
        real = computed(ops.expand_dims(within, -1))
        x = computed(self.embed(weights, constants, batch["inputs"])) * real
        weights = {name: computed(weights[name]) for name in self.weights()}
        masks = {name: computed(mask) for name, mask in batch["masks"].items()}
        x = self.encoder.encode(weights, x, real, masks, self.task.per_token)
        return ops.cast(self.task.logits(weights, x, masks), "float32")

    def losses(self, logits: Any, batch: Mapping[str, Any]) -> tuple[Any, Any]:
        """The summed losses and the weights ``[R]`` that they are the sum over.

        ``batch`` also has ``targets`` int32, ``[R, T, B]`` or ``[R, B]``, and ``weights`` float32 with one more axis of
        length one; a weight is zero on padding and on absent examples.
        """
        from keras import ops

        weights = ops.squeeze(batch["weights"], axis=-1)
        each = cross_entropy(logits, batch["targets"]) * weights
        axes = tuple(range(1, len(each.shape)))
        return ops.sum(each, axis=axes), ops.sum(weights, axis=axes)


def sum_of_means(total: Any, weight: Any) -> Any:
    """The loss that is minimised: the sum over replicates of each one's mean loss."""
    from keras import ops

    mean = total / ops.where(weight > 0, weight, 1.0)
    # A loss that is no longer finite must not reach the sum, or it would reach the gradients of the others.
    return ops.sum(ops.where(ops.isfinite(mean), mean, 0.0))


def cross_entropy(logits: Any, targets: Any) -> Any:
    """``-log softmax(logits)[target]`` with logits ``[..., classes]``, without a one-hot array of another type."""
    from keras import ops

    chosen = ops.one_hot(targets, logits.shape[-1], dtype=logits.dtype)
    return ops.logsumexp(logits, axis=-1) - ops.sum(logits * chosen, axis=-1)
