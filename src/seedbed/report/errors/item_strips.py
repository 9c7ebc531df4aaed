"""Heat strips of test items: the probabilities of two arms, averaged over replicates."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from seedbed.errors import InputError
from seedbed.label_sets import LabelSet, labels_of
from seedbed.report.analysis.item_agreement import ItemAgreement, Pair, SharedCell
from seedbed.report.analysis.probabilities import ProbabilityReader, mean_probabilities
from seedbed.report.errors.heat_strips import Strip, strip_of, token_text
from seedbed.report.wording import count, sanitize

if TYPE_CHECKING:
    from seedbed.report.analysis.analysis import Analysis

MOST_AVERAGED = 20
"""The first replicates, over which probabilities are averaged."""


class ItemStrips:
    """Strips of a pair of arms, from the ``class_probabilities`` of their cells.

    ``damaged``: the last file that could not be read, empty if none.
    """

    def __init__(
        self,
        analysis: "Analysis",
        pair: Pair,
        cells: Sequence[SharedCell],
        class_probabilities: ProbabilityReader | None,
    ) -> None:
        self.analysis, self.pair, self.cells, self.class_probabilities = analysis, pair, cells, class_probabilities
        self.damaged = ""

    def of(self, items: Sequence[ItemAgreement], texts: Mapping[str, Sequence[str]]) -> dict[str, tuple[Strip, ...]]:
        """Return the strips of each item, averaged over replicates. ``texts``: the known tokens of each item."""
        classified = {item.id: item.gold for item in items if not isinstance(item.gold, tuple)}
        tagged = {item.id: item.gold for item in items if isinstance(item.gold, tuple)}
        return {**self._of_tags(tagged, texts), **self._of_classes(classified)}

    def _of_tags(
        self, gold: Mapping[str, tuple[str, ...]], texts: Mapping[str, Sequence[str]]
    ) -> dict[str, tuple[Strip, ...]]:
        strips: dict[str, list[Strip]] = {}
        for side, arm in (("first", self.pair.first), ("second", self.pair.second)):
            labels, replicates = self._read(side, list(gold))
            for item, tags in gold.items():
                tokens, shape = texts.get(item, ()), (len(tags), len(labels))
                values = [array for array in replicates.get(item, ()) if array.shape == shape]
                if values and len(tokens) == len(tags):
                    title = f"{self.analysis.labels[arm]}, mean of {count(len(values), 'replicate')}"
                    words = [token_text(token) for token in tokens]
                    strips.setdefault(item, []).append(strip_of(title, words, tags, labels, mean_probabilities(values)))
        return {item: tuple(pair) for item, pair in strips.items()}

    def _read(self, side: str, ids: Sequence[str]) -> tuple[tuple[str, ...], dict[str, list[NDArray[np.uint8]]]]:
        """Return the labels, and by item the probabilities in each replicate of the arm on this side."""
        labels: tuple[str, ...] = ()
        replicates: dict[str, list[NDArray[np.uint8]]] = {}
        if self.class_probabilities is None or not ids:
            return labels, replicates
        for cell in self.cells[:MOST_AVERAGED]:
            try:
                stored = self.class_probabilities.of(getattr(cell, side))
            except InputError as error:
                self.damaged = str(error)
                continue
            if stored is None:
                continue
            labels = labels or stored.labels
            for item in ids if stored.labels == labels else ():
                if item in stored.values:
                    replicates.setdefault(item, []).append(stored.values[item])
        return labels, replicates

    def _of_classes(self, gold: Mapping[str, str | LabelSet]) -> dict[str, tuple[Strip, ...]]:
        by_arm: tuple[dict[str, list[tuple[float, ...]]], ...] = ({}, {})
        labels: set[str] = set()
        for cell in self.cells[:MOST_AVERAGED] if gold else ():
            for values_by_item, run in zip(by_arm, (cell.first, cell.second), strict=True):
                for prediction in self.analysis.reader.predictions(run):
                    labels.update((*labels_of(prediction.gold), *labels_of(prediction.predicted)))
                for item, values in self.analysis.reader.probabilities(run, gold).items():
                    values_by_item.setdefault(item, []).append(values)
        strips: dict[str, tuple[Strip, ...]] = {}
        for item, label in gold.items():
            replicates = [values_by_item.get(item, []) for values_by_item in by_arm]
            # Probabilities are by the sorted classes of the corpus; names of classes that never occur are unknown.
            if all(replicates) and all(len(values) == len(labels) for arm in replicates for values in arm):
                means = np.array([np.mean(arm, axis=0) for arm in replicates])
                header = [sanitize(arm, 40) for arm in (self.pair.first, self.pair.second)]
                title = f"mean of {count(min(map(len, replicates)), 'replicate')}"
                strips[item] = (strip_of(title, header, [label] * 2, sorted(labels), means),)
        return strips
