"""Test items of the comparisons of a study, from the stored predictions."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from operator import eq
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from seedbed.cells import Prediction
from seedbed.label_sets import LabelSet, labels_of
from seedbed.metric_names import SPLITS
from seedbed.report.analysis.comparisons import ArmPair, Pairing
from seedbed.report.analysis.predictions import spans_of
from seedbed.report.analysis.results import Results
from seedbed.report.statistics.two_level import two_level_interval

if TYPE_CHECKING:
    from pandas import DataFrame

    from seedbed.report.analysis.predictions import PredictionReader

SCORES = {"classification": "accuracy", "tagging": "f1", "multilabel": "micro_f1"}
"""The score of a task's counts: 2 x hits / (predicted + gold), summed over the items."""

ITEM_COLUMNS = ("items", "items_low", "items_high")
_TIED = 1e-6
"""Tolerance, of a score as a fraction, within which predictions reproduce the score in the table."""

Key = tuple[int, str, str]
"""Size, arm and baseline."""


@dataclass(frozen=True)
class ItemLevel:
    """By comparison: distinct test items, and the interval over replicates and items in the unit of the table.

    ``differing``: the number of cells left out because their predictions do not reproduce the score in the table.
    """

    intervals: Mapping[Key, tuple[int, float, float]] = field(default_factory=dict)
    differing: int = 0


def item_level(results: Results, paired: Iterable[ArmPair], reader: "PredictionReader") -> ItemLevel:
    """Return the items of each comparison (``paired``) whose predictions can be read for two replicates or more.

    The metric must be accuracy, F1 or micro F1 of the test split. Comparisons that lack predictions are left out.
    """
    table, metric = results.table, results.metrics[0]
    if not reader.runs or metric not in {f"{SPLITS[0]}/{score}" for score in SCORES.values()}:
        return ItemLevel()
    factor = 100 / results.scale.factor  # 1 where the table has fractions, 100 for percentages
    cells = _CellCounts(table, metric, factor, reader)
    intervals = {}
    for n_train, arm, other, pairing in paired:
        index = _ItemIndex()
        pairs = [cells.pair(n_train, arm, other, members, index) for members in pairing.members]
        readable = [pair for pair in pairs if pair is not None]
        if len(readable) > 1:
            low, high = two_level_interval(_differences(pairing), factor * _aligned(readable, len(index)))
            if math.isfinite(low):
                intervals[n_train, arm, other] = len(index), low, high
    return ItemLevel(intervals, len(cells.differing))


def with_items(comparisons: "DataFrame", metric: str, items: ItemLevel) -> "DataFrame":
    """Return ``comparisons`` with the columns ITEM_COLUMNS, NaN where ``items`` has no value."""
    keys = zip(*(comparisons[name] for name in ("metric", "n_train", "arm", "baseline")), strict=True)
    missing = (math.nan,) * len(ITEM_COLUMNS)
    rows = [items.intervals.get(tuple(key), missing) if row_metric == metric else missing for row_metric, *key in keys]
    values = np.array(rows, dtype=float).reshape(-1, len(ITEM_COLUMNS))
    return comparisons.assign(**dict(zip(ITEM_COLUMNS, values.T, strict=True)))


@dataclass(frozen=True)
class ItemCounts:
    """``counts`` [items, 3]: hits, predicted and gold, of the items ``ids``.

    In classification an item predicts one label and has one; sets of labels have any number; in tagging they are
    entities, by sentence.
    """

    task: str
    ids: tuple[str, ...]
    counts: NDArray[np.int64]

    @cached_property
    def score(self) -> float:
        """Accuracy, or micro F1 of labels or of entities (strict), as a fraction; 0 if undefined."""
        hits, predicted, gold = self.counts.sum(axis=0)
        return float(2 * hits / (predicted + gold)) if predicted + gold else 0.0

    @cached_property
    def influences(self) -> NDArray[np.float64]:
        """[items], sum 0: how the score changes with the weight of each item, to first order (Hampel 1974)."""
        denominators = self.counts[:, 1] + self.counts[:, 2]
        total = denominators.sum()
        return (2 * self.counts[:, 0] - self.score * denominators) / total if total else np.zeros(len(self.ids))


def item_counts(predictions: Sequence[Prediction]) -> ItemCounts | None:
    """Return the counts of one cell; None without predictions, or with those of several tasks."""
    ids, golds, predicted, _ = zip(*predictions, strict=True) if predictions else ((),) * 4
    kinds = set(map(type, golds))
    if len(kinds) != 1:
        return None
    if kinds == {LabelSet}:
        sets = ((set(gold.names), set(labels_of(own))) for gold, own in zip(golds, predicted, strict=True))
        numbers = [(len(gold & own), len(own), len(gold)) for gold, own in sets]
        return ItemCounts("multilabel", ids, np.array(numbers, dtype=np.int64))
    if kinds == {str}:
        right = np.fromiter(map(eq, golds, predicted), np.int64, len(ids))
        return ItemCounts("classification", ids, np.stack([right, np.ones_like(right), np.ones_like(right)], axis=1))
    spans = (
        (spans_of(tuple(gold)), spans_of(tuple(prediction))) for gold, prediction in zip(golds, predicted, strict=True)
    )
    rows = [(len(gold & prediction), len(prediction), len(gold)) for gold, prediction in spans]
    return ItemCounts("tagging", ids, np.array(rows, dtype=np.int64))


class _ItemIndex:
    """Assigns indices to test items; cells of one draw share their items, which are looked up once."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._known: dict[tuple[str, ...], NDArray[np.int64]] = {}

    def __len__(self) -> int:
        return len(self._numbers)

    def indices(self, ids: tuple[str, ...]) -> NDArray[np.int64]:
        if ids not in self._known:
            numbers = self._numbers
            self._known[ids] = np.array([numbers.setdefault(item, len(numbers)) for item in ids], np.int64)
        return self._known[ids]


class _CellCounts:
    """Counts of cells, each read once."""

    def __init__(self, table: "DataFrame", metric: str, factor: float, reader: "PredictionReader") -> None:
        keys = zip(table["arm"], table["n_train"], table["replicate"], strict=True)
        scored = zip(table["run"].fillna("").astype(str), table[metric] / factor, strict=True)
        self._scored = dict(zip(keys, scored, strict=True))
        self._metric, self._reader = metric, reader
        self._counts_by_run: dict[str, ItemCounts | None] = {}
        self.differing: set[str] = set()

    def pair(
        self, n_train: int, arm: str, other: str, members: Sequence[tuple[int, int]], index: "_ItemIndex"
    ) -> "tuple[NDArray[np.int64], NDArray[np.float64]] | None":
        """Return (indices, influences) of the items on a paired difference; None if a cell cannot be read.

        The difference is the mean over ``members``, pairs of replicates of the arm and of its baseline. ``index`` is
        extended with new ids.
        """
        indices, influences = [], []
        for of_arm, of_other in members:
            for sign, key in ((1, (arm, n_train, of_arm)), (-1, (other, n_train, of_other))):
                counts = self._counts(*self._scored[key])
                if counts is None:
                    return None
                indices.append(index.indices(counts.ids))
                influences.append(sign / len(members) * counts.influences)
        return np.concatenate(indices), np.concatenate(influences)

    def _counts(self, run: str, score: float) -> ItemCounts | None:
        if run not in self._counts_by_run:
            counts = item_counts(self._reader.predictions(run))
            if counts is not None and self._metric != f"{SPLITS[0]}/{SCORES[counts.task]}":
                counts = None
            if counts is not None and abs(counts.score - score) > _TIED:
                self.differing.add(run)
                counts = None
            self._counts_by_run[run] = counts
        return self._counts_by_run[run]


def _differences(pairing: Pairing) -> NDArray[np.float64]:
    return np.subtract(pairing.arm, pairing.baseline)


def _aligned(pairs: "Sequence[tuple[NDArray[np.int64], NDArray[np.float64]]]", items: int) -> NDArray[np.float64]:
    """[pairs, items]: influences by item, NaN where a pair was not tested on it."""
    aligned = np.full((len(pairs), items), np.nan)
    for row, (indices, influences) in zip(aligned, pairs, strict=True):
        row[indices] = np.bincount(indices, weights=influences, minlength=items)[indices]
    return aligned
