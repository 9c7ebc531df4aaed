"""Losses, answers and scores of trained replicates on a split."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from seedbed.embeddings.features import Features
from seedbed.metrics import classification_scores, tagging_scores
from seedbed.results import Prediction
from seedbed.training.batches import Labelled, collate, evaluation_steps


@dataclass(frozen=True)
class Judged:
    """One replicate on one split: mean loss, scores by name, and what it says of each example, in the split's order."""

    loss: float
    scores: Mapping[str, float]
    predictions: tuple[Prediction, ...]


def judge(
    program: Callable,
    weights: Any,
    constants: Any,
    labelled: Labelled,
    features: Features,
    replicates: Sequence[int],
    positions: Sequence[Sequence[int]],
) -> list[Judged]:
    """Judge each replicate on the examples at its positions; no dropout."""
    order = [np.array(own, np.int64)[np.argsort(-labelled.lengths[list(own)], kind="stable")] for own in positions]
    answers: list[dict[int, np.ndarray]] = [{} for _ in replicates]
    losses, counts = np.zeros(len(replicates)), np.zeros(len(replicates))
    for first, end in evaluation_steps([labelled.lengths[own] for own in order]):
        chosen = [own[first:end].tolist() for own in order]
        batch = collate(labelled, features, replicates, chosen, end - first) | {"masks": {}}
        loss, count, probabilities = (np.asarray(value) for value in program(weights, constants, batch))
        losses, counts = losses + loss, counts + count
        for r, own in enumerate(chosen):
            for column, position in enumerate(own):
                if labelled.per_token:
                    tokens = labelled.lengths[position]
                    answers[r][position] = probabilities[r, :tokens, column].argmax(axis=-1)
                else:
                    answers[r][position] = probabilities[r, column]
    return [
        _judged(labelled, own, found, float(loss / max(count, 1.0)))
        for own, found, loss, count in zip(positions, answers, losses, counts, strict=True)
    ]


def _judged(labelled: Labelled, positions: Sequence[int], answers: Mapping[int, np.ndarray], loss: float) -> Judged:
    examples = [labelled.examples[position] for position in positions]
    gold = [example.target for example in examples]
    found = [answers[position] for position in positions]
    if labelled.per_token:
        predicted = [tuple(labelled.labels[n] for n in tags) for tags in found]
        kept: list[Any] = [None] * len(predicted)
        scores = tagging_scores(gold, predicted)
    else:
        predicted = [labelled.labels[int(np.argmax(row))] for row in found]
        kept = [tuple(round(float(p), 6) for p in row) for row in found]
        scores = classification_scores(gold, predicted, np.stack(found), labelled.labels)
    predictions = tuple(Prediction(e.id, e.target, p, row) for e, p, row in zip(examples, predicted, kept, strict=True))
    return Judged(loss, scores, predictions)
