"""Of each test item the counts that accuracy and micro F1 are made of, from what a cell said of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import eq

import numpy as np
from numpy.typing import NDArray

from seedbed.report.spans import spans_of
from seedbed.results import Prediction

SCORES = {"classification": "accuracy", "tagging": "f1"}
"""The score that the counts of a task make: 2 x hits / (predicted + gold), summed over the items."""


@dataclass(frozen=True)
class ItemCounts:
    """``counts`` [items, 3]: hits, predicted and gold, of the items ``ids``.

    In classification an item predicts one label and has one; in tagging they are entities, by sentence.
    """

    task: str
    ids: tuple[str, ...]
    counts: NDArray[np.int64]

    @cached_property
    def score(self) -> float:
        """Accuracy, or strict micro F1, as a fraction; 0 with nothing under it."""
        hits, predicted, gold = self.counts.sum(axis=0)
        return float(2 * hits / (predicted + gold)) if predicted + gold else 0.0

    @cached_property
    def influences(self) -> NDArray[np.float64]:
        """[items], sum 0: how the score changes with the weight of each item, to first order (Hampel 1974)."""
        under = self.counts[:, 1] + self.counts[:, 2]
        whole = under.sum()
        return (2 * self.counts[:, 0] - self.score * under) / whole if whole else np.zeros(len(self.ids))


def item_counts(predictions: Sequence[Prediction]) -> ItemCounts | None:
    """The counts of one cell; None where it has no predictions, or of both tasks."""
    ids, golds, said, _ = zip(*predictions, strict=True) if predictions else ((),) * 4
    is_text = {issubclass(kind, str) for kind in set(map(type, golds))}
    if len(is_text) != 1:
        return None
    if is_text == {True}:
        right = np.fromiter(map(eq, golds, said), np.int64, len(ids))
        return ItemCounts("classification", ids, np.stack([right, np.ones_like(right), np.ones_like(right)], axis=1))
    both = ((spans_of(tuple(gold)), spans_of(tuple(found))) for gold, found in zip(golds, said, strict=True))
    rows = [(len(gold & found), len(found), len(gold)) for gold, found in both]
    return ItemCounts("tagging", ids, np.array(rows, dtype=np.int64))
