"""Which examples a step sees, and how they are laid out in arrays."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from seedbed.backend import shape_bucket
from seedbed.data.corpus import Corpus, Example
from seedbed.embeddings.features import Features

LENGTH_NOISE = 0.15
"""How far an example may stray from its length when examples of like length are put together."""
EVALUATION_TOKENS = 80_000
"""Tokens, padding counted, that an evaluation step may have over all replicates: bounds its memory."""
EVALUATION_BATCH = 128


@dataclass(frozen=True)
class Labelled:
    """Examples of a group with their targets as numbers: an int, or an int32 array a token for tagging."""

    examples: tuple[Example, ...]
    lengths: np.ndarray
    targets: tuple[Any, ...]
    labels: tuple[str, ...]
    per_token: bool

    @classmethod
    def of(cls, corpus: Corpus, ids: Sequence[str]) -> "Labelled":
        """The examples with these ids."""
        number = {label: n for n, label in enumerate(corpus.labels)}
        examples = tuple(corpus.by_id[i] for i in ids)
        per_token = corpus.task == "tagging"
        targets = tuple(
            np.array([number[tag] for tag in e.target], np.int32) if per_token else number[e.target] for e in examples
        )
        lengths = np.array([len(e.tokens) for e in examples], np.int32)
        return cls(examples, lengths, targets, corpus.labels, per_token)


def training_order(
    lengths: np.ndarray, batch_size: int, epoch: int, stream: np.random.Generator, by_length: bool
) -> list[np.ndarray]:
    """The batches of one epoch of one replicate: indices into ``lengths``, each example once.

    ``by_length``: examples of like length share a batch, chosen with noise from ``stream``. The order of short and
    long batches is a fixed function of the epoch, so that replicates side by side pad to similar lengths.
    """
    order = stream.permutation(len(lengths))
    if by_length:
        noise = stream.uniform(1 - LENGTH_NOISE, 1 + LENGTH_NOISE, len(lengths))
        order = order[np.argsort((lengths * noise)[order], kind="stable")]
    batches = [order[first : first + batch_size] for first in range(0, len(order), batch_size)]
    if by_length:
        batches = [batches[n] for n in np.random.default_rng([epoch, len(batches)]).permutation(len(batches))]
    return batches


def evaluation_steps(lengths: Sequence[np.ndarray]) -> Iterator[tuple[int, int]]:
    """Cut what is sorted from long to short into ranges that keep a step's padded tokens bounded.

    ``lengths``: those of each replicate, sorted downward.
    """
    first, end = 0, max((len(own) for own in lengths), default=0)
    while first < end:
        longest = max((int(own[first]) for own in lengths if first < len(own)), default=1)
        batch = int(np.clip(EVALUATION_TOKENS // (len(lengths) * max(longest, 1)), 1, EVALUATION_BATCH))
        batch = 1 << (batch.bit_length() - 1)
        yield first, min(first + batch, end)
        first += batch


def collate(
    labelled: Labelled,
    features: Features,
    replicates: Sequence[int],
    positions: Sequence[Sequence[int]],
    batch_size: int,
    class_weights: np.ndarray | None = None,
) -> dict[str, Any]:
    """A batch for the network: for each replicate the examples at its positions, padded to ``batch_size``.

    ``class_weights``: ``[R, classes]`` of these replicates. The weight of padding and absent examples is zero.
    """
    lengths = np.zeros((len(replicates), batch_size), np.int32)
    for row, chosen in zip(lengths, positions, strict=True):
        row[: len(chosen)] = labelled.lengths[list(chosen)]
    tokens = shape_bucket(max(int(lengths.max()), 1))
    targets, weights = _targets(labelled, positions, (tokens, batch_size))
    if class_weights is not None:
        weights *= np.stack([own[t] for own, t in zip(class_weights, targets, strict=True)])[..., None]
    return {
        "inputs": features.inputs(replicates, positions, (tokens, batch_size)),
        "lengths": lengths,
        "steps": np.arange(tokens, dtype=np.int32),
        "targets": targets,
        "weights": weights,
    }


def _targets(labelled: Labelled, positions: Sequence[Sequence[int]], shape: tuple[int, int]):
    """Targets int32, ``[R, T, B]`` for tagging and ``[R, B]`` for classification; weights with a last axis of 1."""
    axes = shape if labelled.per_token else shape[1:]
    targets = np.zeros((len(positions), *axes), np.int32)
    weights = np.zeros((*targets.shape, 1), np.float32)
    for r, chosen in enumerate(positions):
        for column, position in enumerate(chosen):
            where = (r, slice(0, labelled.lengths[position]), column) if labelled.per_token else (r, column)
            targets[where] = labelled.targets[position]
            weights[where] = 1.0
    return targets, weights


def inverse_frequencies(labelled: Labelled, positions: Mapping[str, Sequence[int]]) -> np.ndarray:
    """Weights ``[classes]`` inverse to the shares in the training examples, one on average over these examples."""
    found = np.concatenate([np.atleast_1d(labelled.targets[p]) for p in positions["train"]])
    counts = np.bincount(found, minlength=len(labelled.labels))
    present = np.count_nonzero(counts)
    return np.where(counts > 0, len(found) / (present * np.maximum(counts, 1)), 0.0).astype(np.float32)
