"""An arm as one network: token vectors, encoder and head of all replicates, and their losses."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol, TypedDict
from typing import cast as cast_type

from seedbed.model.decoding import CRF, Decoding
from seedbed.model.dropout import WORDS, Mask
from seedbed.model.elementwise import neutral
from seedbed.model.encoders import Encoder
from seedbed.model.readers import Readers
from seedbed.model.tasks import MULTILABEL, Head, decoding_of
from seedbed.model.weights import Weight
from seedbed.types import Tensor

if TYPE_CHECKING:
    from seedbed.model.encoders import PackedEncoder, SharedEncoder


class Batch(TypedDict):
    """The arrays of a step.

    ``inputs``: the arguments of ``Embed``; ``lengths``: int32 ``[R, B]``; ``steps``: int32 ``[T]`` (0, 1, ...);
    ``packed``: empty, or of a packed batch ``mask`` float32 ``[R, N, 1, 1]`` and ``places`` int32 ``[R, T, B]``, see
    `seedbed.model.convolution.max_convolution`; the inputs are then ``[R, N, 1]``. ``targets``: int32 ``[R, T, B]``,
    ``[R, B]`` or of labels 0 and 1 ``[R, B, labels]``; ``weights``: float32, with one more axis of length one, zero on
    padding and on absent examples; ``masks``: dropout masks by name, ``[R, B, width]``, and perhaps
    `seedbed.model.dropout.WORDS`, ``[R, T, B, 1]``. ``members``: empty, or what members of a group have beside their
    examples: ``source`` int32 ``[R]``, where several members read one row of ``inputs``, ``lengths`` and ``packed``,
    the row of each, with ``slots`` and ``slot`` of `seedbed.model.readers.Readers`; ``label_smoothing`` ``[R]``.
    """

    inputs: Mapping[str, Tensor]
    lengths: Tensor
    steps: Tensor
    packed: Mapping[str, Tensor]
    targets: Tensor
    weights: Tensor
    masks: Mapping[str, Tensor]
    members: Mapping[str, Tensor]


class Embed(Protocol):
    """The vectors of an embedding, as a pure function of arrays: see `seedbed.embeddings.features`."""

    def __call__(
        self, trained: Mapping[str, Tensor], constants: Mapping[str, Tensor], inputs: Mapping[str, Tensor]
    ) -> Tensor:
        """Return vectors ``[R, T, B, width]``."""

    def penalty(self, trained: Mapping[str, Tensor]) -> Tensor:
        """Return what is added to the loss of each replicate: ``[R]``, or 0. ``trained``: and the constants."""


@dataclass(frozen=True)
class Network:
    """The architecture of an arm: pure functions of weights and batches, without state.

    ``precision`` is the type in which encoder and head compute. ``classes``: the classes or tags that are scored.
    ``decoding``: how scores become tags; None: each token, or sequence, has its most probable class.
    """

    embed: Embed
    width: int
    encoder: Encoder
    task: Head
    classes: int
    precision: str = "float32"
    decoding: Decoding | None = None

    @classmethod
    def of(
        cls, embed: Embed, width: int, encoder: Encoder, task: Head, labels: Sequence[str], precision: str = "float32"
    ) -> "Network":
        """Return the network for the labels of a data set; raises InputError where its task cannot have them."""
        decoding = decoding_of(task, labels)
        classes = len(labels if decoding is None else decoding.tags.inside)
        return cls(embed, width, encoder, task, classes, precision, decoding)

    def weights(self) -> dict[str, Weight]:
        """Return the weights of encoder and head, of one replicate."""
        return self.encoder.weights(self.width) | self.task.weights(self.encoder.width(self.width), self.classes)

    @property
    def size(self) -> int:
        """The number of trained parameters of encoder and head, of one replicate."""
        return sum(weight.size for weight in self.weights().values())

    def masks(self) -> dict[str, Mask]:
        """Return the dropout masks of encoder and head, of one example."""
        return self.encoder.masks(self.width) | self.task.masks(self.encoder.width(self.width))

    @property
    def gap(self) -> int | None:
        """Padding between the texts of a packed batch; None if batches are not packed."""
        return None if self.task.per_token else getattr(self.encoder, "gap", None)

    def neutral(self) -> "Network":
        """Return the network without elementwise settings, which no compiled program depends on."""
        return replace(self, encoder=neutral(self.encoder), task=neutral(self.task))

    def logits(self, weights: Mapping[str, Tensor], constants: Mapping[str, Tensor], batch: Batch) -> Tensor:
        """Return logits float32, ``[R, T, B, classes]`` for tagging, ``[R, B, classes]`` for classification."""
        from keras import ops

        def cast(x: Tensor) -> Tensor:
            return ops.cast(x, self.precision)

        declared, inputs, packed, lengths = self.weights(), batch["inputs"], batch["packed"], batch["lengths"]
        readers = Readers.of(batch["members"])
        if readers and weights.keys() - declared.keys():  # each member trains its own vectors
            inputs, packed = ({name: readers.expand(x) for name, x in arrays.items()} for arrays in (inputs, packed))
            lengths, readers = readers.expand(lengths), None
        token_mask = _mask(batch["steps"], lengths, self.precision)
        x = cast(self.embed(weights, constants, inputs))
        if not getattr(self.embed, "zero_padding", False):
            x = x * (cast(packed["mask"]) if packed else token_mask)
        weights = {name: cast(weights[name]) for name in declared}
        masks = {name: cast(mask) for name, mask in batch["masks"].items()}
        shares = getattr(self.encoder, "input_mask", "") not in {"", *masks} and WORDS not in masks
        if readers and not shares:
            x, token_mask = readers.expand(x), readers.expand(token_mask)
            packed = {name: readers.expand(array) for name, array in packed.items()}
        if WORDS in masks:
            x = x * masks[WORDS]
        if readers and shares:
            encoder = cast_type("SharedEncoder", self.encoder)
            places = packed["places"] if packed else None
            x = encoder.encode_shared(weights, x, places, token_mask, masks, readers, self.task.per_token)
        elif packed:
            x = cast_type("PackedEncoder", self.encoder).encode_packed(weights, x, packed["places"], token_mask, masks)
        else:
            x = self.encoder.encode(weights, x, token_mask, masks, self.task.per_token)
        return ops.cast(self.task.logits(weights, x, masks), "float32")

    def losses(self, weights: Mapping[str, Tensor], logits: Tensor, batch: Batch) -> tuple[Tensor, Tensor]:
        """Return for each replicate the weighted sum of losses, and the sum of the weights: ``[R]`` each.

        A CRF has one loss for each sentence, and its weight is that of the tokens.
        """
        from keras import ops

        counted = ops.squeeze(batch["weights"], axis=-1)
        if self.decoding is not None and self.decoding.decoder == CRF:
            losses = self.decoding.losses(weights, logits, batch["targets"], self._token_mask(batch))
        else:
            entropy = binary_cross_entropy if self.task.kind == MULTILABEL else cross_entropy
            losses = entropy(logits, batch["targets"], batch["members"].get("label_smoothing")) * counted
        return tuple(ops.sum(x, axis=tuple(range(1, len(x.shape)))) for x in (losses, counted))

    def outputs(
        self, weights: Mapping[str, Tensor], logits: Tensor, batch: Batch, probabilities: bool = True
    ) -> tuple[Tensor | None, Tensor | None]:
        """Return the probabilities of the labels of a data set, and the numbers of the predicted tags.

        These are int32 ``[R, T, B]``, and None where the most probable label is predicted. Probabilities are None
        where there are such tags and ``probabilities`` is false.
        """
        from keras import ops

        if self.task.kind == MULTILABEL:
            return ops.sigmoid(logits), None
        if self.decoding is None:
            return ops.softmax(logits, axis=-1), None
        mask = self._token_mask(batch)
        tags = self.decoding.predicted(weights, logits, mask)
        wanted = probabilities or tags is None
        return self.decoding.probabilities(weights, logits, mask) if wanted else None, tags

    @staticmethod
    def _token_mask(batch: Batch) -> Tensor:
        """1 for tokens and 0 for padding, of the members, float32 ``[R, T, B, 1]``."""
        readers, lengths = Readers.of(batch["members"]), batch["lengths"]
        return _mask(batch["steps"], readers.expand(lengths) if readers else lengths, "float32")


def _mask(steps: Tensor, lengths: Tensor, dtype: str) -> Tensor:
    """1 for tokens and 0 for padding, ``[R, T, B, 1]``."""
    from keras import ops

    within = ops.expand_dims(steps, 1) < ops.expand_dims(lengths, 1)
    return ops.cast(ops.expand_dims(within, -1), dtype)


def sum_of_means(total: Tensor, weight: Tensor) -> Tensor:
    """Return the loss that is minimized: the sum over replicates of the mean loss of each."""
    from keras import ops

    mean = total / ops.where(weight > 0, weight, 1.0)
    # A loss that is not finite must not reach the sum, or it would reach the gradients of other replicates.
    return ops.sum(ops.where(ops.isfinite(mean), mean, 0.0))


def cross_entropy(logits: Tensor, targets: Tensor, smoothing: Tensor | None = None) -> Tensor:
    """Return ``-log softmax(logits)[target]`` for logits ``[..., classes]``, with a one-hot array of the same type.

    ``smoothing [R]``: the share of the target that is spread evenly over all classes (Szegedy et al. 2016).
    """
    from keras import ops

    selected = ops.one_hot(targets, logits.shape[-1], dtype=logits.dtype)
    if smoothing is not None:
        share = ops.reshape(smoothing, (-1,) + (1,) * (len(logits.shape) - 1))
        selected = selected * (1.0 - share) + share / logits.shape[-1]
    return ops.logsumexp(logits, axis=-1) - ops.sum(logits * selected, axis=-1)


def binary_cross_entropy(logits: Tensor, targets: Tensor, smoothing: Tensor | None = None) -> Tensor:
    """Return the binary cross-entropy of each label for logits and targets 0 and 1 ``[R, ..., labels]``.

    ``smoothing [R]``: the share of a target that is moved to 0.5, as in Keras.
    """
    from keras import ops

    gold = ops.cast(targets, logits.dtype)
    if smoothing is not None:
        share = ops.reshape(smoothing, (-1,) + (1,) * (len(logits.shape) - 1))
        gold = gold * (1.0 - share) + share / 2
    return ops.softplus(logits) - logits * gold
