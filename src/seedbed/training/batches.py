"""Which examples a step sees, and their arrays."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from seedbed.backend import shape_bucket
from seedbed.data.corpus import Corpus, Example
from seedbed.embeddings.features import Features, Positions
from seedbed.errors import InputError
from seedbed.label_sets import LabelSet, Target, tags_of
from seedbed.model.convolution import BLOCK
from seedbed.model.decoding import Decoding
from seedbed.model.network import Batch
from seedbed.model.tag_schemes import TagSet
from seedbed.training.sources import Sources
from seedbed.training.windows import Window

T = TypeVar("T")
LENGTH_NOISE = 0.15
"""Relative noise on lengths when examples of similar length are batched together."""
EVALUATION_TOKENS = 80_000
"""Most tokens of an evaluation step over all replicates, padding included: bounds its memory."""
EVALUATION_BATCH = 128
SHARED_BATCH = 8
"""Fewest examples of an evaluation step where members share draws: a training step of so many members has more."""

Encoded = int | NDArray[np.int32]
"""The index of a class, or of the tag of each token; of a set of labels 1 for each that it has, else 0."""


@dataclass(frozen=True)
class EncodedExamples:
    """Examples of a group with their targets as label indices."""

    examples: tuple[Example, ...]
    lengths: NDArray[np.int32]
    targets: tuple[Encoded, ...]
    labels: tuple[str, ...]
    per_token: bool
    multilabel: bool = False

    @classmethod
    def from_corpus(cls, corpus: Corpus, ids: Sequence[str], decoding: Decoding | None = None) -> "EncodedExamples":
        """Encode the examples with these ids. ``decoding``: with the tags that are scored; None: those of the corpus.

        Raises InputError where the tags of an example are not those of its scheme.
        """
        tags = None if decoding is None else decoding.tags
        index = {label: n for n, label in enumerate(corpus.labels)}
        examples = tuple(corpus.by_id[i] for i in ids)
        targets = tuple(
            _encode(example.target, index) if tags is None else _encode_tags(corpus.name, example, tags)
            for example in examples
        )
        lengths = np.array([len(example.tokens) for example in examples], np.int32)
        is_multilabel = corpus.task == "multilabel"
        return cls(examples, lengths, targets, corpus.labels, corpus.task == "tagging", is_multilabel)


def _encode_tags(corpus: str, example: Example, tags: TagSet) -> NDArray[np.int32]:
    try:
        return tags.encode(tags_of(example.target))
    except InputError as error:
        raise InputError(f"{corpus} {example.id}, {error}") from error


def _encode(target: Target, index: dict[str, int]) -> Encoded:
    if isinstance(target, str):
        return index[target]
    if isinstance(target, LabelSet):
        has = np.zeros(len(index), np.int32)
        has[[index[label] for label in target.names]] = 1
        return has
    return np.array([index[tag] for tag in target], np.int32)


@dataclass(frozen=True)
class GroupData:
    """The data of a group: encoded examples, their features, and a draw and an ``init_seed`` for each replicate.

    ``sources``: the number of the draw (and seed) of each member, where several members share one; draws, features and
    batches are then in memory once. None: one member for each.
    """

    examples: EncodedExamples
    features: Features
    draws: Sequence[Positions]
    seeds: Sequence[int]
    gap: int | None = None
    """Padding between the texts of a packed batch; None: batches are not packed."""
    pooled: bool = False
    """Whether an example is one vector, not one for each token."""
    sources: Sequence[int] | None = None
    member_arrays: Mapping[str, NDArray[np.float32]] = field(default_factory=dict)
    """Frozen arrays of the embedding that differ between members, ``[R]``: the penalties of a learned mix."""
    windows: Mapping[int, Sequence[tuple[int, Window]]] = field(default_factory=dict)
    """By the position of an example that is evaluated in windows, the positions of these and what they are."""

    @property
    def source_of(self) -> Sequence[int]:
        """The number of the draw of each member."""
        return range(len(self.draws)) if self.sources is None else self.sources

    def in_time(self, batches: Iterator[T]) -> Iterator[T]:
        """Return batches; those that are read from files are read one step ahead."""
        return prefetched(batches) if getattr(self.features, "reads_files", False) else batches


def epoch_batches(
    lengths: NDArray[np.integer],
    batch_size: int,
    epoch: int,
    rng: np.random.Generator,
    by_length: bool,
    max_tokens: int | None = None,
) -> list[NDArray[np.int64]]:
    """Return the batches of one epoch of one replicate: indices into ``lengths``, each example once.

    ``max_tokens``: a batch ends before it has more with its padding; an example with more is alone in one.

    ``by_length``: examples of similar length share a batch, chosen with noise from ``rng``. The order of short and
    long batches is a fixed function of the epoch, so that the replicates of a group pad to similar lengths.
    """
    order = rng.permutation(len(lengths))
    if by_length:
        noise = rng.uniform(1 - LENGTH_NOISE, 1 + LENGTH_NOISE, len(lengths))
        order = order[np.argsort((lengths * noise)[order], kind="stable")]
    starts = range(0, len(order), batch_size) if max_tokens is None else _starts(lengths[order], batch_size, max_tokens)
    batches = [order[start:end] for start, end in zip(starts, [*starts[1:], len(order)], strict=False)]
    if by_length:
        batches = [batches[n] for n in np.random.default_rng([epoch, len(batches)]).permutation(len(batches))]
    return batches


def _starts(lengths: NDArray[np.integer], batch_size: int, max_tokens: int) -> list[int]:
    """Return where batches of at most so many examples and tokens start, in this order of examples."""
    starts: list[int] = []
    longest = 0
    for n, length in enumerate(lengths.tolist()):
        number = n - starts[-1] + 1 if starts else batch_size + 1
        if number > batch_size or number * max(longest, length) > max_tokens:
            starts.append(n)
            longest = 0
        longest = max(longest, length)
    return starts


def evaluation_steps(lengths: Sequence[NDArray[np.integer]], members: int | None = None) -> Iterator[tuple[int, int]]:
    """Yield ranges (start, end) over examples sorted by length that bound the padded tokens of a step.

    ``lengths``: those of each replicate, in descending order. ``members``: how many read them, by default one each.
    """
    rows = len(lengths) if members is None else members
    fewest = SHARED_BATCH if rows > len(lengths) else 1
    start, end = 0, max((len(row) for row in lengths), default=0)
    while start < end:
        longest = max((int(row[start]) for row in lengths if start < len(row)), default=1)
        batch = int(np.clip(EVALUATION_TOKENS // (rows * max(longest, 1)), fewest, EVALUATION_BATCH))
        batch = 1 << (batch.bit_length() - 1)
        yield start, min(start + batch, end)
        start += batch


def prefetched(items: Iterator[T]) -> Iterator[T]:
    """Yield items, the next one of which is made in a second thread in the meantime."""
    end = object()
    with ThreadPoolExecutor(max_workers=1) as pool:
        pending = pool.submit(next, items, end)
        while (item := pending.result()) is not end:
            pending = pool.submit(next, items, end)
            yield cast("T", item)


def collate(
    data: GroupData,
    replicates: Sequence[int],
    positions: Sequence[Sequence[int]],
    batch_size: int,
    class_weights: NDArray[np.float32] | None = None,
    sources: Sources | None = None,
) -> Batch:
    """Return a batch without dropout masks: the examples at ``positions`` of each replicate, padded to ``batch_size``.

    ``class_weights``: ``[R, classes]`` of these replicates, or ``[R, labels, 2]`` without and with each label. The
    weight of padding and absent examples is zero. ``sources``: where several members read one row; targets, weights and
    ``class_weights`` are then of the members.
    """
    batch = without_inputs(data, positions, batch_size, sources)
    if class_weights is not None:
        by_label = (np.arange(len(data.examples.labels)),) if data.examples.multilabel else ()
        of_targets = [row[*by_label, t] for row, t in zip(class_weights, batch["targets"], strict=True)]
        batch["weights"] = batch["weights"] * np.stack(of_targets)[..., None]
    shape = len(batch["steps"]), batch_size
    inputs = data.features.inputs(replicates, positions, shape)
    if data.gap is not None and all(_is_packable(array, shape) for array in inputs.values()):
        inputs, packed = pack(inputs, batch["lengths"], data.gap)
        return {**batch, "inputs": inputs, "packed": packed}
    return {**batch, "inputs": inputs}


def without_inputs(
    data: GroupData, positions: Sequence[Sequence[int]], batch_size: int, sources: Sources | None = None
) -> Batch:
    """Return the batch of `collate` with all but what the embedding reads: what the scores of its tokens need."""
    lengths = np.zeros((len(positions), batch_size), np.int32)
    for row, selected in zip(lengths, positions, strict=True):
        row[: len(selected)] = data.examples.lengths[list(selected)]
    tokens = 1 if data.pooled else shape_bucket(max(int(lengths.max()), 1))
    targets, weights = _targets(data.examples, positions, (tokens, batch_size))
    members = {} if sources is None else sources.arrays
    if members:
        targets, weights = targets[members["source"]], weights[members["source"]]
    return {
        "inputs": {},
        "lengths": lengths,
        "steps": np.arange(tokens, dtype=np.int32),
        "packed": {},
        "targets": targets,
        "weights": weights,
        "masks": {},
        "members": members,
    }


def pack(
    inputs: Mapping[str, NDArray[np.int32]], lengths: NDArray[np.int32], gap: int
) -> tuple[dict[str, NDArray[np.int32]], dict[str, NDArray[np.generic]]]:
    """Return inputs ``[R, T, B]`` as ``[R, N, 1]``, the texts one after the other, and where each token went.

    ``places`` of padding: that of the first token.

    ``gap``: padding before, between and after the texts, at least 1.
    """
    first = gap + np.cumsum(lengths + gap, axis=1) - (lengths + gap)
    first = np.where(lengths > 0, first, gap)
    total = int((first + np.maximum(lengths, 1)).max()) + gap
    (tokens,) = {array.shape[1] for array in inputs.values()}
    steps = np.arange(tokens, dtype=np.int32)[None, :, None]
    is_token = steps < lengths[:, None]
    places = np.where(is_token, first[:, None] + steps, first[:, None]).astype(np.int32)
    more = np.repeat(first[:, None], -tokens % BLOCK, axis=1).astype(np.int32)
    flat = np.where(is_token, places, 0).reshape(len(places), -1)
    mask = np.zeros((len(places), total), np.float32)
    np.put_along_axis(mask, flat, 1.0, axis=1)
    mask[:, 0] = 0.0  # where padding was put
    packed = {}
    for name, array in inputs.items():
        packed[name] = np.zeros((len(places), total), np.int32)
        np.put_along_axis(packed[name], flat, array.reshape(len(array), -1), axis=1)
        packed[name] = packed[name][:, :, None]
    return packed, {"mask": mask[:, :, None, None], "places": np.concatenate([places, more], axis=1)}


def _is_packable(array: NDArray[np.generic], shape: tuple[int, int]) -> bool:
    """Whether an input has one number for each token; characters, for one, are of the words of a batch."""
    return array.dtype == np.int32 and array.shape[1:] == shape


def _targets(
    examples: EncodedExamples, positions: Sequence[Sequence[int]], shape: tuple[int, int]
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Targets, ``[R, T, B]`` for tagging and ``[R, B]`` for classification, ``[R, B, labels]`` for sets of labels.

    Weights have a last axis of 1.
    """
    of_labels = (len(examples.labels),) if examples.multilabel else ()
    axes = shape if examples.per_token else (*shape[1:], *of_labels)
    targets = np.zeros((len(positions), *axes), np.int32)
    weights = np.zeros((*targets.shape, 1), np.float32)
    for r, selected in enumerate(positions):
        for column, position in enumerate(selected):
            index = (r, slice(0, examples.lengths[position]), column) if examples.per_token else (r, column)
            targets[index] = examples.targets[position]
            weights[index] = 1.0
    return targets, weights


def inverse_frequencies(examples: EncodedExamples, draw: Positions, classes: int) -> NDArray[np.float32]:
    """Return class weights ``[classes]``, inverse to class frequencies in training; their mean over examples is 1.

    Of sets of labels ``[labels, 2]``: for each label those of the examples without it and with it.

    ``classes``: how many classes or tags a network scores: those that targets are numbers of.
    """
    if examples.multilabel:
        has = np.stack([examples.targets[p] for p in draw["train"]])
        return np.stack([_inverse(of_label, 2) for of_label in has.T])
    return _inverse(np.concatenate([np.atleast_1d(examples.targets[p]) for p in draw["train"]]), classes)


def _inverse(targets: NDArray[np.int32], classes: int) -> NDArray[np.float32]:
    counts = np.bincount(targets, minlength=classes)
    present = np.count_nonzero(counts)
    return np.where(counts > 0, len(targets) / (present * np.maximum(counts, 1)), 0.0).astype(np.float32)
