"""Tasks: the head on top of the encoder, and the names of its scores."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from seedbed.errors import InputError
from seedbed.matching import SCORES
from seedbed.model.decoding import BOTH, CONSTRAINTS, CRF, DECODERS, SOFTMAX, Decoding, transition_weights
from seedbed.model.dropout import Mask
from seedbed.model.encoders import apply_mask
from seedbed.model.tag_schemes import IOB2, SCHEMES, TagSet
from seedbed.model.weights import Weight
from seedbed.types import Tensor

MULTILABEL = "multilabel"


@dataclass(frozen=True)
class Head:
    """A softmax over ``classes``, on an optional hidden layer with ReLU.

    ``hidden``: units of the hidden layer, 0 for none. ``dropout``: on the input of the softmax.
    ``class_weights``: weight each class by its inverse frequency in the training examples of the replicate.
    ``label_smoothing``: the share of a training target that is spread evenly over all classes (Szegedy et al. 2016).
    """

    hidden: int = 0
    dropout: float = 0.0
    class_weights: bool = False
    label_smoothing: float = 0.0

    ELEMENTWISE_FIELDS: ClassVar[tuple[str, ...]] = ("dropout", "class_weights", "label_smoothing")
    LATER_FIELDS: ClassVar[Mapping[str, object]] = {"label_smoothing": 0.0}
    """Fields that older cells do not have: fingerprints leave them out at these values."""

    per_token: ClassVar[bool] = False
    kind: ClassVar[str] = "classification"
    padded_to: ClassVar[int | None] = None
    layer: ClassVar[str] = "softmax"
    """The name of the last layer among the weights."""
    scores: ClassVar[tuple[str, ...]] = ("accuracy", "macro_f1", "log_loss", "loss")
    """The scores of a split, without those of each class or type: see `seedbed.metrics`."""
    test_scores: ClassVar[tuple[str, ...]] = ()
    """Further scores of the test split at the end of training."""

    def __post_init__(self) -> None:
        if self.hidden < 0:
            raise InputError(f"task.hidden={self.hidden}: the units of the hidden layer, 0 for none")
        if not 0.0 <= self.dropout < 1.0:
            raise InputError(f"task.dropout={self.dropout}: a dropout rate is at least 0 and below 1")
        if not 0.0 <= self.label_smoothing < 1.0:
            raise InputError(f"task.label_smoothing={self.label_smoothing}: a share of at least 0 and below 1")

    def weights(self, width: int, classes: int) -> dict[str, Weight]:
        """Return the weights of one replicate."""
        weights: dict[str, Weight] = {}
        if self.hidden:
            weights["hidden/kernel"] = Weight((width, self.hidden))
            weights["hidden/bias"] = Weight((self.hidden,), "zeros")
        weights[f"{self.layer}/kernel"] = Weight((self.hidden or width, classes))
        weights[f"{self.layer}/bias"] = Weight((classes,), "zeros")
        return weights

    def masks(self, width: int) -> dict[str, Mask]:
        """Return the dropout masks of one example."""
        return {"head": Mask(self.hidden or width, self.dropout)}

    def logits(self, weights: Mapping[str, Tensor], x: Tensor, masks: Mapping[str, Tensor]) -> Tensor:
        """Return logits: ``[R, ..., W]`` to ``[R, ..., classes]``."""
        from keras import ops

        if self.hidden:
            x = ops.relu(_dense(x, weights["hidden/kernel"], weights["hidden/bias"]))
        x = apply_mask(x, masks, "head")
        return _dense(x, weights[f"{self.layer}/kernel"], weights[f"{self.layer}/bias"])


@dataclass(frozen=True)
class Classification(Head):
    """One class for each sequence."""


@dataclass(frozen=True)
class Multilabel(Head):
    """Any number of labels for each sequence: a sigmoid for each, trained by the mean of the binary cross-entropies.

    A label is predicted where its probability is above 0.5. ``class_weights``: of each label, weight the examples with
    it and those without it by inverse frequency, as scikit-learn's ``class_weight="balanced"`` of one classifier for
    each label. ``label_smoothing``: the share of a training target that is moved to 0.5.
    """

    kind: ClassVar[str] = MULTILABEL
    layer: ClassVar[str] = "sigmoid"
    scores: ClassVar[tuple[str, ...]] = (
        "micro_f1", "micro_precision", "micro_recall", "macro_f1", "macro_precision", "macro_recall",
        "subset_accuracy", "log_loss", "loss",
    )  # fmt: skip


@dataclass(frozen=True)
class Tagging(Head):
    """One IOB2 tag for each token; padding is not in the loss.

    ``padded_to``: also report ``padded_accuracy``, which counts padding up to this number of tokens as correct.
    ``decoder``: ``softmax`` takes the best tag of each token, ``constrained`` the best sequence of tags that the scheme
    allows, and ``crf`` that of a linear-chain CRF (see `seedbed.model.crf`). ``scheme``: the tags that are learned,
    ``iob2`` or ``bilou``. ``constraints``: where a CRF allows only what the scheme does: ``none``, in ``decoding``, or
    in training too (``both``, Papay et al. 2022). ``window``: a longer sentence is read in windows of so many tokens,
    see `seedbed.training.long_sentences`; None: whole.
    """

    padded_to: int | None = None  # type: ignore[misc]
    decoder: str = SOFTMAX
    scheme: str = IOB2
    constraints: str = BOTH
    window: int | None = 1000

    NON_FINGERPRINT_FIELDS: ClassVar[tuple[str, ...]] = ("window",)
    """Where a sentence has more tokens than a window, `seedbed.comparison.fingerprint` has the window."""
    LATER_FIELDS: ClassVar[Mapping[str, object]] = {
        **Head.LATER_FIELDS, "decoder": SOFTMAX, "scheme": IOB2, "constraints": BOTH,
    }  # fmt: skip
    per_token: ClassVar[bool] = True
    kind: ClassVar[str] = "tagging"
    scores: ClassVar[tuple[str, ...]] = (
        "f1", "precision", "recall", "macro_f1", "macro_precision", "macro_recall", "accuracy", "loss",
    )  # fmt: skip
    test_scores: ClassVar[tuple[str, ...]] = SCORES

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.padded_to is not None and self.padded_to < 1:
            raise InputError(f"task.padded_to={self.padded_to}: a number of tokens, or null")
        if self.window is not None and self.window < 1:
            raise InputError(f"task.window={self.window}: must be at least 1, or null to read sentences whole")
        for key, valid in (("decoder", DECODERS), ("scheme", SCHEMES), ("constraints", CONSTRAINTS)):
            if getattr(self, key) not in valid:
                raise InputError(f"task.{key}={getattr(self, key)}: choose {', '.join(valid)}")
        for key in ("class_weights", "label_smoothing"):
            if self.decoder == CRF and getattr(self, key):
                value = str(getattr(self, key)).lower()
                raise InputError(
                    f"task.{key}={value}: is of single tokens, and task.decoder=crf learns whole sequences; "
                    f"use task.{key}={'false' if value == 'true' else '0'} or task.decoder=constrained"
                )

    def weights(self, width: int, classes: int) -> dict[str, Weight]:
        """Return the weights of one replicate; ``classes``: the tags of the scheme."""
        return super().weights(width, classes) | (transition_weights(classes) if self.decoder == CRF else {})

    def decoding(self, labels: Sequence[str]) -> Decoding | None:
        """Return how the scores of a network become tags; None where each token has the best of its IOB2 ``labels``."""
        if (self.decoder, self.scheme) == (SOFTMAX, IOB2):
            return None
        return Decoding(self.decoder, self.constraints, TagSet.of(labels, self.scheme))


def decoding_of(task: Head, labels: Sequence[str]) -> Decoding | None:
    """Return the decoding of a task with these labels; None for one of a plugin that has none."""
    decoding = getattr(task, "decoding", None)
    made: Decoding | None = None if decoding is None else decoding(labels)
    return made


def _dense(x: Tensor, kernel: Tensor, bias: Tensor) -> Tensor:
    from keras import ops

    shape = ops.shape(x)
    flat = ops.reshape(x, (shape[0], -1, shape[-1]))
    y = ops.matmul(flat, kernel) + ops.expand_dims(bias, 1)
    return ops.reshape(y, (*shape[:-1], y.shape[-1]))
