"""The test items behind the comparisons of a study, read from the predictions that were kept."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from operator import eq
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from seedbed.cells import Prediction
from seedbed.report.analysis.comparisons import ArmPair, Pairing
from seedbed.report.analysis.predictions import spans_of
from seedbed.report.analysis.scores import SPLITS, metric_scale
from seedbed.report.statistics.two_level import two_level_interval

if TYPE_CHECKING:
    from pandas import DataFrame

    from seedbed.report.analysis.predictions import PredictionReader

SCORES = {"classification": "accuracy", "tagging": "f1"}
"""The score that the counts of a task make: 2 x hits / (predicted + gold), summed over the items."""

ITEM_COLUMNS = ("items", "items_low", "items_high")
_TIED = 1e-6
"""Of a score as a fraction: further from it, the predictions are not those that the score was computed from."""

Key = tuple[int, str, str]
"""Size, arm and baseline."""


@dataclass(frozen=True)
class ItemLevel:
    """By comparison: distinct test items, and the interval over replicates and items in the unit of the table.

    ``differing``: how many cells were left out because their predictions do not give the score in the table.
    """

    intervals: Mapping[Key, tuple[int, float, float]] = field(default_factory=dict)
    differing: int = 0


def item_level(table: "DataFrame", metric: str, paired: Iterable[ArmPair], said: "PredictionReader") -> ItemLevel:
    """Of each comparison in ``metric``, as ``paired``, whose predictions can be read for two replicates at least.

    ``metric`` must be accuracy or F1 of the test split. Comparisons that lack predictions are left out.
    """
    if not said.runs or metric not in {f"{SPLITS[0]}/{score}" for score in SCORES.values()}:
        return ItemLevel()
    factor = 100 / metric_scale(table, metric).factor  # 1 where the table has fractions, 100 for percentages
    cells = _Cells(table, metric, factor, said)
    found = {}
    for n_train, arm, other, pairing in paired:
        index = _Index()
        pairs = [cells.pair(n_train, arm, other, members, index) for members in pairing.members]
        read = [pair for pair in pairs if pair is not None]
        if len(read) > 1:
            low, high = two_level_interval(_differences(pairing), factor * _aligned(read, len(index)))
            if math.isfinite(low):
                found[n_train, arm, other] = len(index), low, high
    return ItemLevel(found, len(cells.differing))


def with_items(comparisons: "DataFrame", metric: str, items: ItemLevel) -> "DataFrame":
    """``comparisons`` with the columns ITEM_COLUMNS filled where ``items`` has them."""
    keys = zip(*(comparisons[name] for name in ("metric", "n_train", "arm", "baseline")), strict=True)
    nothing = (math.nan,) * len(ITEM_COLUMNS)
    rows = [items.intervals.get(tuple(key), nothing) if of == metric else nothing for of, *key in keys]
    values = np.array(rows, dtype=float).reshape(-1, len(ITEM_COLUMNS))
    return comparisons.assign(**dict(zip(ITEM_COLUMNS, values.T, strict=True)))


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


class _Index:
    """Numbers test items as they come; cells of one draw have the same, which are numbered together."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._known: dict[tuple[str, ...], NDArray[np.int64]] = {}

    def __len__(self) -> int:
        return len(self._numbers)

    def places(self, ids: tuple[str, ...]) -> NDArray[np.int64]:
        if ids not in self._known:
            numbers = self._numbers
            self._known[ids] = np.array([numbers.setdefault(one, len(numbers)) for one in ids], np.int64)
        return self._known[ids]


class _Cells:
    """The counts of cells, each read once."""

    def __init__(self, table: "DataFrame", metric: str, factor: float, said: "PredictionReader") -> None:
        keys = zip(table["arm"], table["n_train"], table["replicate"], strict=True)
        scored = zip(table["run"].fillna("").astype(str), table[metric] / factor, strict=True)
        self._scored = dict(zip(keys, scored, strict=True))
        self._metric, self._said = metric, said
        self._read: dict[str, ItemCounts | None] = {}
        self.differing: set[str] = set()

    def pair(
        self, n_train: int, arm: str, other: str, members: Sequence[tuple[int, int]], index: "_Index"
    ) -> "tuple[NDArray[np.int64], NDArray[np.float64]] | None":
        """(places, influences) of the items on one paired difference, the mean over ``members``, which are replicates
        of the arm and of its baseline; ``index`` is given the ids that it lacks. None where a cell cannot be read.
        """
        places, influences = [], []
        for of_arm, of_other in members:
            for sign, key in ((1, (arm, n_train, of_arm)), (-1, (other, n_train, of_other))):
                counts = self._counts(*self._scored[key])
                if counts is None:
                    return None
                places.append(index.places(counts.ids))
                influences.append(sign / len(members) * counts.influences)
        return np.concatenate(places), np.concatenate(influences)

    def _counts(self, run: str, score: float) -> ItemCounts | None:
        if run not in self._read:
            counts = item_counts(self._said.predictions(run))
            if counts is not None and self._metric != f"{SPLITS[0]}/{SCORES[counts.task]}":
                counts = None
            if counts is not None and abs(counts.score - score) > _TIED:
                self.differing.add(run)
                counts = None
            self._read[run] = counts
        return self._read[run]


def _differences(pairing: Pairing) -> NDArray[np.float64]:
    return np.subtract(pairing.arm, pairing.baseline)


def _aligned(pairs: "Sequence[tuple[NDArray[np.int64], NDArray[np.float64]]]", items: int) -> NDArray[np.float64]:
    """[pairs, items]: influences by item, NaN where a pair was not tested on it."""
    found = np.full((len(pairs), items), np.nan)
    for row, (places, influences) in zip(found, pairs, strict=True):
        row[places] = np.bincount(places, weights=influences, minlength=items)[places]
    return found
