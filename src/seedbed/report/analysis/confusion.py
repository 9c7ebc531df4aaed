"""Confusion: the predicted class of the test examples of each class, or type of the entities of each type."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from seedbed.cells import Prediction
from seedbed.label_sets import LabelSet
from seedbed.report.analysis.predictions import spans_of

if TYPE_CHECKING:
    from seedbed.report.analysis.analysis import Analysis

MISSED, SPURIOUS = "missed", "spurious"
MOST_TABLES = 24
"""Pairs of an arm and a size that are shown; the largest sizes come first."""

Confused = Counter[tuple[str | None, str | None]]
"""(gold, predicted) to how often; None for no entity: missed where predicted is None, spurious where gold is."""


@dataclass(frozen=True)
class Confusion:
    """Sums over the replicates of an arm at a size; ``entities`` for spans, else for classes."""

    n_train: int
    arm: str
    replicates: int
    entities: bool
    counts: Confused


def confusions(analysis: "Analysis") -> list[Confusion]:
    """Return the confusions of each arm and size with stored predictions, largest size and best arm first."""
    tables: list[Confusion] = []
    groups = list(analysis.groups) if analysis.reader.runs else []
    means = {} if analysis.metric is None else _gains(analysis)
    groups.sort(key=lambda group: (-group[0], -means.get(group[:2], 0.0)))
    for size, arm, cells in groups:
        if len(tables) == MOST_TABLES:
            break
        cell_predictions = [
            predictions for predictions in map(analysis.reader.predictions, map(str, cells["run"])) if predictions
        ]
        counts: Confused = Counter()
        for predictions in cell_predictions:
            counts.update(confused(predictions))
        if counts:
            entities = any(
                isinstance(prediction.gold, tuple) for predictions in cell_predictions for prediction in predictions[:1]
            )
            tables.append(Confusion(size, arm, len(cell_predictions), entities, counts))
    return tables


def confused(predictions: Iterable[Prediction]) -> Confused:
    """Count the pairs of gold and predicted labels of a cell. Entities are matched by their exact bounds.

    An entity without a counterpart of the same bounds is missed or spurious; bounds are unique within an example. Sets
    of labels are not counted: no label of a text is predicted in the place of another.
    """
    counts: Confused = Counter()
    for (gold, predicted), number in Counter(
        (prediction.gold, prediction.predicted) for prediction in predictions
    ).items():
        if isinstance(gold, LabelSet) or isinstance(predicted, LabelSet):
            continue
        if isinstance(gold, str) or isinstance(predicted, str):
            counts[str(gold), str(predicted)] += number
            continue
        gold_spans, predicted_spans = _by_bounds(gold), _by_bounds(predicted)
        for bounds in gold_spans.keys() | predicted_spans.keys():
            counts[gold_spans.get(bounds), predicted_spans.get(bounds)] += number
    return counts


def names_of(counts: Confused, most: int) -> tuple[list[str], bool]:
    """Return the ``most`` frequent classes or types in gold and predictions, sorted, and whether there are more."""
    frequency: Counter[str] = Counter()
    for pair, number in counts.items():
        for name in {name for name in pair if name is not None}:
            frequency[name] += number
    frequent = sorted(frequency, key=lambda name: (-frequency[name], name))[:most]
    return sorted(frequent), len(frequent) < len(frequency)


def merge_rare(counts: Confused, names: Sequence[str], rest: str) -> Confused:
    """Return the counts with all labels but ``names`` merged as ``rest``."""
    known = set(names)
    merged: Confused = Counter()
    for (gold, predicted), number in counts.items():
        names_shown = [name if name is None or name in known else rest for name in (gold, predicted)]
        merged[names_shown[0], names_shown[1]] += number
    return merged


def _by_bounds(tags: tuple[str, ...]) -> dict[tuple[int, int], str]:
    return {(start, end): kind for start, end, kind in spans_of(tuple(tags))}


def _gains(analysis: "Analysis") -> dict[tuple[int, str], float]:
    rows = analysis.summaries[analysis.metrics[0]].itertuples()
    return {(row.n_train, row.arm): analysis.scale.gain(row.mean) for row in rows if row.mean == row.mean}
