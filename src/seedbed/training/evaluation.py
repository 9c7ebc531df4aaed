"""Losses, answers and scores of trained replicates on a split."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from seedbed.cells import Prediction
from seedbed.embeddings.features import Features
from seedbed.metrics import classification_scores, tagging_scores
from seedbed.training.batches import Labelled, collate, evaluation_steps
from seedbed.training.recording import as_bytes


@dataclass(frozen=True)
class Judged:
    """One replicate on one split: mean loss, scores by name, and what it says of each example, in the split's order.

    ``answers``: the number of the class, or of each token's tag; ``probabilities``: ``[examples, classes]`` for
    classification. ``rounded``: where asked for, the probabilities of each example in 255ths, ``[tokens, labels]``.
    """

    loss: float
    scores: Mapping[str, float]
    positions: Sequence[int]
    answers: tuple[Any, ...]
    probabilities: np.ndarray | None
    rounded: tuple[np.ndarray, ...] | None = None


def judge(
    program: Callable,
    weights: Any,
    constants: Any,
    labelled: Labelled,
    features: Features,
    replicates: Sequence[int],
    positions: Sequence[Sequence[int]],
    padded_to: int | None = None,
    rounded: bool = False,
) -> list[Judged]:
    """Judge each replicate on the examples at its positions; no dropout. ``padded_to``: see ``tagging_scores``.

    ``rounded``: also give the probabilities of each example and token.
    """
    order = [np.array(own, np.int64)[np.argsort(-labelled.lengths[list(own)], kind="stable")] for own in positions]
    found: list[dict[int, np.ndarray]] = [{} for _ in replicates]
    shares: list[dict[int, np.ndarray]] = [{} for _ in replicates]
    losses, counts = np.zeros(len(replicates)), np.zeros(len(replicates))
    for first, end in evaluation_steps([labelled.lengths[own] for own in order]):
        chosen = [own[first:end].tolist() for own in order]
        batch = collate(labelled, features, replicates, chosen, end - first) | {"masks": {}}
        loss, count, probabilities = (np.asarray(value) for value in program(weights, constants, batch))
        losses, counts = losses + loss, counts + count
        answers = probabilities.argmax(axis=-1) if labelled.per_token else probabilities
        for r, own in enumerate(chosen):
            for column, position in enumerate(own):
                tokens = labelled.lengths[position]
                found[r][position] = answers[r, :tokens, column] if labelled.per_token else answers[r, column]
                if rounded:
                    own_shares = probabilities[r, :tokens, column] if labelled.per_token else answers[r, column][None]
                    shares[r][position] = as_bytes(own_shares)
    judged = [
        _judged(labelled, own, [answered[position] for position in own], float(loss / max(count, 1.0)), padded_to)
        for own, answered, loss, count in zip(positions, found, losses, counts, strict=True)
    ]
    if not rounded:
        return judged
    return [
        replace(one, rounded=tuple(kept[position] for position in one.positions))
        for one, kept in zip(judged, shares, strict=True)
    ]


def _judged(
    labelled: Labelled, positions: Sequence[int], found: Sequence[np.ndarray], loss: float, padded_to: int | None
) -> Judged:
    gold = [labelled.examples[position].target for position in positions]
    if labelled.per_token:
        scores = tagging_scores(gold, [_names(labelled, tags) for tags in found], padded_to)
        return Judged(loss, scores, positions, tuple(found), None)
    probabilities = np.stack(found) if found else np.zeros((0, len(labelled.labels)), np.float32)
    answers = probabilities.argmax(axis=-1)
    scores = classification_scores(gold, [labelled.labels[n] for n in answers], probabilities, labelled.labels)
    return Judged(loss, scores, positions, tuple(answers.tolist()), probabilities)


def predictions(labelled: Labelled, judged: Judged) -> tuple[Prediction, ...]:
    """What was said of each example, by name, to be kept; probabilities to six digits."""
    kept: Sequence[Any] = [None] * len(judged.answers)
    if judged.probabilities is not None:
        kept = [tuple(row) for row in judged.probabilities.astype(float).round(6).tolist()]
    made = []
    for position, answer, row in zip(judged.positions, judged.answers, kept, strict=True):
        example = labelled.examples[position]
        predicted = _names(labelled, answer) if labelled.per_token else labelled.labels[answer]
        made.append(Prediction(example.id, example.target, predicted, row))
    return tuple(made)


def _names(labelled: Labelled, numbers: np.ndarray) -> tuple[str, ...]:
    return tuple(labelled.labels[n] for n in numbers.tolist())
