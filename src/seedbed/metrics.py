"""Scores of predictions against gold: strict entity spans for tagging, classes for classification.

All are fractions, save ``log_loss`` (nats) and ``support/...`` (counts). A ratio with nothing under it is 0.
"""

from collections import Counter
from collections.abc import Sequence

import numpy as np

PRIMARY = {"tagging": "f1", "classification": "accuracy"}
"""The score that early stopping and the report look at, by task."""

Span = tuple[int, int, str]


def entity_spans(tags: Sequence[str]) -> list[Span]:
    """(start, end, type) of each entity of an IOB2 sequence, end exclusive, as seqeval's strict parser finds them.

    Strict: an entity begins with ``B-`` and goes on with ``I-`` of the same type; an ``I-`` that continues nothing
    belongs to no entity. seqeval is slow, and most sentences have no entity: those it need not see.
    """
    from seqeval.scheme import IOB2, Entities

    if all(tag == "O" for tag in tags):
        return []
    (entities,) = Entities([list(tags)], scheme=IOB2).entities
    return [(entity.start, entity.end, entity.tag) for entity in entities]


def tagging_scores(
    gold: Sequence[Sequence[str]], predicted: Sequence[Sequence[str]], padded_to: int | None = None
) -> dict[str, float]:
    """Strict entity scores of IOB2 tags (seqeval's ``mode="strict", scheme=IOB2``), and the accuracy over tokens.

    ``precision``, ``recall``, ``f1`` (micro), ``macro_...`` (mean over the types in gold or predicted), ``accuracy``,
    and ``precision/TYPE``, ``recall/TYPE``, ``f1/TYPE``, ``support/TYPE`` (gold mentions).
    With ``padded_to`` also ``padded_accuracy``: the accuracy over tokens if every shorter sentence were padded to that
    length with ``O`` and the padding counted as right. It says little of the tagger, and is there to show that.
    Raises ValueError if lengths differ.
    """
    in_gold, in_predicted, hits = Counter(), Counter(), Counter()
    tokens = right = padding = 0
    for ours, theirs in zip(gold, predicted, strict=True):
        right += sum(map(str.__eq__, ours, theirs))
        tokens += len(ours)
        padding += max(0, (padded_to or 0) - len(ours))
        if len(ours) != len(theirs):
            raise ValueError(f"{len(theirs)} predicted tags for a sentence of {len(ours)} tokens")
        spans, found = entity_spans(ours), entity_spans(theirs)
        in_gold.update(kind for *_, kind in spans)
        in_predicted.update(kind for *_, kind in found)
        if spans and found:
            hits.update(kind for *_, kind in set(spans).intersection(found))
    types = sorted(in_gold | in_predicted)
    micro = _ratios(hits.total(), in_predicted.total(), in_gold.total())
    by_type = {kind: _ratios(hits[kind], in_predicted[kind], in_gold[kind]) for kind in types}
    return (
        micro
        | {f"macro_{name}": _mean([scores[name] for scores in by_type.values()]) for name in micro}
        | {"accuracy": _ratio(right, tokens)}
        | ({} if padded_to is None else {"padded_accuracy": _ratio(right + padding, tokens + padding)})
        | _per_class(by_type, in_gold)
    )


def classification_scores(
    gold: Sequence[str], predicted: Sequence[str], probabilities: np.ndarray, labels: Sequence[str]
) -> dict[str, float]:
    """Scores of one label an example; ``probabilities`` is [examples, classes] in the order of ``labels``.

    ``accuracy``, ``macro_f1`` (mean over the classes in gold or predicted), ``log_loss`` (mean negative log of the
    gold class's probability, clipped by the epsilon of its type as in scikit-learn), and ``precision/LABEL``,
    ``recall/LABEL``, ``f1/LABEL``, ``support/LABEL`` for every label. Raises ValueError if lengths differ.
    """
    in_gold, in_predicted = Counter(gold), Counter(predicted)
    hits = Counter(ours for ours, theirs in zip(gold, predicted, strict=True) if ours == theirs)
    by_class = {label: _ratios(hits[label], in_predicted[label], in_gold[label]) for label in labels}
    present = in_gold | in_predicted
    return {
        "accuracy": _ratio(hits.total(), len(gold)),
        "macro_f1": _mean([scores["f1"] for label, scores in by_class.items() if label in present]),
        "log_loss": _log_loss(gold, np.asarray(probabilities), labels),
    } | _per_class(by_class, in_gold)


def _log_loss(gold: Sequence[str], probabilities: np.ndarray, labels: Sequence[str]) -> float:
    if probabilities.shape != (len(gold), len(labels)):
        raise ValueError(f"probabilities are {probabilities.shape}, not {(len(gold), len(labels))}")
    if not len(gold):
        return 0.0
    column = {label: index for index, label in enumerate(labels)}
    of_gold = probabilities[np.arange(len(gold)), [column[label] for label in gold]]
    epsilon = np.finfo(probabilities.dtype).eps
    return float(-np.log(np.clip(of_gold, epsilon, 1 - epsilon).astype(np.float64)).mean())


def _ratios(hits: int, found: int, wanted: int) -> dict[str, float]:
    return {"precision": _ratio(hits, found), "recall": _ratio(hits, wanted), "f1": _ratio(2 * hits, found + wanted)}


def _per_class(scores: dict[str, dict[str, float]], support: Counter) -> dict[str, float]:
    return {
        f"{name}/{kind}": value
        for kind, values in scores.items()
        for name, value in (values | {"support": float(support[kind])}).items()
    }


def _ratio(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def _mean(values: list[float]) -> float:
    return sum(values) / len(values) if values else 0.0
