"""Scores of predictions against gold labels: strict entity spans for tagging, classes, sets of labels.

All are fractions, except ``log_loss`` (nats) and ``support/...`` (counts). A ratio with denominator 0 is 0.
"""

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from seedbed.label_sets import Target, labels_of

PRIMARY = {"tagging": "f1", "classification": "accuracy", "multilabel": "micro_f1"}
"""The score that early stopping and the report use by default, by task."""

THRESHOLD = 0.5
"""A label of multi-label classification is predicted where its probability is above this."""

Span = tuple[int, int, str]


def entity_spans(tags: Sequence[str]) -> list[Span]:
    """Return (start, end, type) of each entity of an IOB2 sequence, end exclusive, as seqeval's strict parser does.

    Strict: an entity starts with ``B-`` and continues with ``I-`` of the same type; any other ``I-`` is not part of an
    entity.
    """
    if all(tag == "O" for tag in tags):  # most sentences
        return []
    return list(_parsed(tuple(tags)))


@lru_cache(maxsize=100_000)
def _parsed(tags: tuple[str, ...]) -> tuple[Span, ...]:
    """As seqeval reads them. It is slow, and each metric, epoch and part of a report asks for the same sentences."""
    from seqeval.scheme import IOB2, Entities

    (entities,) = Entities([list(tags)], scheme=IOB2).entities
    return tuple((entity.start, entity.end, entity.tag) for entity in entities)


def tagging_scores(
    gold: Sequence[Sequence[str]], predicted: Sequence[Sequence[str]], padded_to: int | None = None
) -> dict[str, float]:
    """Return strict entity scores of IOB2 tags (seqeval's ``mode="strict", scheme=IOB2``) and token accuracy.

    ``precision``, ``recall``, ``f1`` (micro), ``macro_...`` (mean over the types in gold or predicted), ``accuracy``,
    and ``precision/TYPE``, ``recall/TYPE``, ``f1/TYPE``, ``support/TYPE`` (gold mentions).
    With ``padded_to`` also ``padded_accuracy``: token accuracy if every shorter sentence were padded to that length
    with ``O`` and the padding counted as correct. It is included for comparison with published numbers only.
    Raises ValueError if lengths differ.
    """
    in_gold: Counter[str] = Counter()
    in_predicted: Counter[str] = Counter()
    hits: Counter[str] = Counter()
    tokens = correct = padding = 0
    for gold_tags, predicted_tags in zip(gold, predicted, strict=True):
        correct += sum(map(str.__eq__, gold_tags, predicted_tags))
        tokens += len(gold_tags)
        padding += max(0, (padded_to or 0) - len(gold_tags))
        if len(gold_tags) != len(predicted_tags):
            raise ValueError(f"{len(predicted_tags)} predicted tags for a sentence of {len(gold_tags)} tokens")
        gold_spans, predicted_spans = entity_spans(gold_tags), entity_spans(predicted_tags)
        in_gold.update(kind for *_, kind in gold_spans)
        in_predicted.update(kind for *_, kind in predicted_spans)
        if gold_spans and predicted_spans:
            hits.update(kind for *_, kind in set(gold_spans).intersection(predicted_spans))
    types = sorted(in_gold | in_predicted)
    micro = _ratios(hits.total(), in_predicted.total(), in_gold.total())
    by_type = {kind: _ratios(hits[kind], in_predicted[kind], in_gold[kind]) for kind in types}
    return (
        micro
        | {f"macro_{name}": _mean([scores[name] for scores in by_type.values()]) for name in micro}
        | {"accuracy": _ratio(correct, tokens)}
        | ({} if padded_to is None else {"padded_accuracy": _ratio(correct + padding, tokens + padding)})
        | _per_class(by_type, in_gold)
    )


def classification_scores(
    gold: Sequence[str], predicted: Sequence[str], probabilities: NDArray[np.floating], labels: Sequence[str]
) -> dict[str, float]:
    """Return the scores of one label for each example; ``probabilities``: [examples, classes], in order of ``labels``.

    ``accuracy``, ``macro_f1`` (mean over the classes in gold or predicted), ``log_loss`` (mean negative log of the
    gold class's probability, clipped by the epsilon of its type as in scikit-learn), and ``precision/LABEL``,
    ``recall/LABEL``, ``f1/LABEL``, ``support/LABEL`` for every label. Raises ValueError if lengths differ.
    """
    number = {label: n for n, label in enumerate(labels)}
    of_gold, of_predicted = (np.array([number[label] for label in own], np.int64) for own in (gold, predicted))
    return scores_of_classes(of_gold, of_predicted[None], np.asarray(probabilities)[None], labels)[0]


def scores_of_classes(
    gold: NDArray[np.int64], predicted: NDArray[np.int64], probabilities: NDArray[np.floating], labels: Sequence[str]
) -> list[dict[str, float]]:
    """Return `classification_scores` of several classifiers on the same examples.

    ``gold``: class numbers ``[examples]``; ``predicted``: ``[classifiers, examples]``; ``probabilities``:
    ``[classifiers, examples, classes]``. Raises ValueError if these shapes differ.
    """
    shape = (len(predicted), len(gold))
    if predicted.shape != shape or probabilities.shape != (*shape, len(labels)):
        raise ValueError(f"{predicted.shape} and {probabilities.shape}, not {shape} and {(*shape, len(labels))}")
    classes = np.arange(len(labels))
    in_gold = (gold[:, None] == classes).sum(axis=0).tolist()
    of_classes = predicted[:, :, None] == classes
    in_predicted = of_classes.sum(axis=1).tolist()
    hits = (of_classes & (gold[:, None] == classes)).sum(axis=1).tolist()
    epsilon = np.finfo(probabilities.dtype).eps
    of_gold = np.ascontiguousarray(probabilities[:, np.arange(len(gold)), gold])  # so each row is summed as one alone
    of_gold = np.clip(of_gold, epsilon, 1 - epsilon).astype(np.float64)
    losses = (-np.log(of_gold).mean(axis=1) if len(gold) else np.zeros(len(predicted))).tolist()
    scores, support = [], Counter(dict(zip(labels, in_gold, strict=True)))
    for own_hits, own_predicted, loss in zip(hits, in_predicted, losses, strict=True):
        numbers = list(zip(own_hits, own_predicted, in_gold, strict=True))
        by_class = {label: _ratios(*own) for label, own in zip(labels, numbers, strict=True)}
        present = [own["f1"] for own, (_, *counts) in zip(by_class.values(), numbers, strict=True) if any(counts)]
        overall = {"accuracy": _ratio(sum(own_hits), len(gold)), "macro_f1": _mean(present), "log_loss": loss}
        scores.append(overall | _per_class(by_class, support))
    return scores


def has_labels(targets: Sequence[Target], labels: Sequence[str]) -> NDArray[np.bool_]:
    """Return which of the labels each target has, ``[targets, labels]``."""
    place = {label: n for n, label in enumerate(labels)}
    has = np.zeros((len(targets), len(labels)), bool)
    for row, target in zip(has, targets, strict=True):
        row[[place[label] for label in labels_of(target)]] = True
    return has


def multilabel_scores(
    gold: NDArray[np.bool_], predicted: NDArray[np.bool_], probabilities: NDArray[np.floating], labels: Sequence[str]
) -> dict[str, float]:
    """Return the scores of sets of labels: arrays ``[examples, labels]`` of which labels an example has.

    They are those of scikit-learn on these arrays with ``zero_division=0``: ``micro_...`` and ``macro_...`` precision,
    recall and F1 (macro: the mean over all ``labels``, also over those that never occur, whose scores are 0),
    ``subset_accuracy`` (all labels of an example right: ``accuracy_score``), ``log_loss`` (the mean of the binary log
    losses of the labels; probabilities clipped as in `classification_scores`), and ``precision/LABEL``,
    ``recall/LABEL``, ``f1/LABEL``, ``support/LABEL``. Raises ValueError if shapes differ.
    """
    if not gold.shape == predicted.shape == probabilities.shape == (len(gold), len(labels)):
        raise ValueError(f"{gold.shape}, {predicted.shape} and {probabilities.shape}, not {(len(gold), len(labels))}")
    hits, in_predicted, in_gold = (x.sum(axis=0).tolist() for x in (gold & predicted, predicted, gold))
    numbers = zip(labels, hits, in_predicted, in_gold, strict=True)
    by_label = {label: _ratios(*own) for label, *own in numbers}
    micro = _ratios(sum(hits), sum(in_predicted), sum(in_gold))
    right = int((gold == predicted).all(axis=1).sum())
    return (
        {f"micro_{name}": micro[name] for name in micro}
        | {f"macro_{name}": _mean([scores[name] for scores in by_label.values()]) for name in micro}
        | {"subset_accuracy": _ratio(right, len(gold)), "log_loss": binary_log_loss(gold, probabilities)}
        | _per_class(by_label, Counter(dict(zip(labels, in_gold, strict=True))))
    )


def binary_log_loss(gold: NDArray[np.bool_], probabilities: NDArray[np.floating]) -> float:
    """Return the mean of the binary log losses, of arrays of one shape; clipped by the epsilon of the probabilities."""
    if not gold.size:
        return 0.0
    epsilon = np.finfo(probabilities.dtype).eps
    of_gold = np.where(gold, probabilities, 1 - probabilities)
    return float(-np.log(np.clip(of_gold, epsilon, 1 - epsilon).astype(np.float64)).mean())


def _ratios(hits: int, predicted: int, gold: int) -> dict[str, float]:
    return {
        "precision": _ratio(hits, predicted),
        "recall": _ratio(hits, gold),
        "f1": _ratio(2 * hits, predicted + gold),
    }


def _per_class(scores: dict[str, dict[str, float]], support: Counter[str]) -> dict[str, float]:
    return {
        f"{name}/{kind}": value
        for kind, values in scores.items()
        for name, value in (values | {"support": float(support[kind])}).items()
    }


def _ratio(numerator: int, denominator: int) -> float:
    return numerator / denominator if denominator else 0.0


def _mean(values: list[float]) -> float:
    return sum(values) / len(values) if values else 0.0
