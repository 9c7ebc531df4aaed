"""Precision, recall and F1 on entities seen in training, and on unseen ones.

After Augenstein, Derczynski and Bontcheva, "Generalisation in named entity recognition: a quantitative analysis"
(Computer Speech and Language 44, 2017), who call an entity seen where its surface form occurs as an entity in the
training data. Here its type must be the same too (and case does not count), so that a known word in a new sense is
unseen; and the training data are those of the replicate's own draw, not of the corpus. A predicted span is seen or
unseen by the same rule, so each hit is in one class alone, and both classes together are the whole score.
"""

import math
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from typing import TYPE_CHECKING

from seedbed.cells import Prediction, surface_form
from seedbed.matching import Matches
from seedbed.report.analysis.item_agreement import MOST_PAIRS, Pair, pairs_of, shared_cells
from seedbed.report.analysis.item_texts import Items, Mention
from seedbed.report.analysis.predictions import spans_of
from seedbed.report.statistics.paired import PairedDifference, compare_pairs, spread

if TYPE_CHECKING:
    from seedbed.report.analysis.analysis import Analysis

KINDS = ("seen", "unseen")


@dataclass(frozen=True)
class SeenScore:
    """One arm at one size, ``kind`` seen or unseen: means over replicates that have a value, and the spread of F1."""

    n_train: int
    arm: str
    kind: str
    replicates: int
    mentions: float
    precision: float
    recall: float
    f1: float
    sd: float


@dataclass(frozen=True)
class SeenDifference:
    """The F1 of two arms on seen or on unseen entities, paired by replicate: first minus second."""

    pair: Pair
    kind: str
    paired: PairedDifference


def seen_counts(
    predictions: Iterable[Prediction], tokens: Mapping[str, tuple[str, ...]], training: Set[Mention]
) -> dict[str, Matches]:
    """Return the counts of seen and unseen entities. Sentences with truncated or missing tokens are left out."""
    gold, predicted, hits = (dict.fromkeys(KINDS, 0) for _ in range(3))
    for prediction in predictions:
        words = tokens.get(prediction.id, ())
        if (
            isinstance(prediction.gold, str)
            or isinstance(prediction.predicted, str)
            or len(words) != len(prediction.gold)
        ):
            continue
        gold_spans, predicted_spans = spans_of(tuple(prediction.gold)), spans_of(tuple(prediction.predicted))
        for start, end, kind in gold_spans | predicted_spans:
            span = (start, end, kind)
            group = KINDS[(surface_form(words[start:end]), kind) not in training]
            gold[group] += span in gold_spans
            predicted[group] += span in predicted_spans
            hits[group] += span in gold_spans and span in predicted_spans
    return {kind: Matches(gold[kind], predicted[kind], hits[kind]) for kind in KINDS}


class SeenEntities:
    """Counts of the cells of a study with predictions and known training entities, computed once per cell."""

    def __init__(self, analysis: "Analysis") -> None:
        self._analysis = analysis
        self._counts: dict[str, dict[str, Matches]] = {}

    def counts(self, run: str, dataset: str, draw: str) -> dict[str, Matches] | None:
        """Return the counts of one cell; None if its predictions or training entities are unknown."""
        items: Items | None = self._analysis.inputs.items
        training = None if items is None else items.training_mentions(dataset, draw)
        if items is None or training is None:
            return None
        if run not in self._counts:
            predictions = self._analysis.reader.predictions(run)
            texts = {prediction.id: items.text(dataset, draw, prediction.id) for prediction in predictions}
            tokens = {name: text.tokens for name, text in texts.items() if text is not None}
            self._counts[run] = seen_counts(predictions, tokens, training)
        counts = self._counts[run]
        return counts if any(counts[kind].gold for kind in KINDS) else None

    def scores(self) -> list[SeenScore]:
        """Return the scores of every arm at every size, seen and unseen."""
        analysis = self._analysis
        if analysis.inputs.items is None or any(
            name not in analysis.table.columns for name in ("run", "draw", "dataset")
        ):
            return []
        unit = "data_seed" if analysis.crossed else "replicate"
        by_group: dict[tuple[int, str], list[tuple[int, dict[str, Matches]]]] = {}
        columns = ("n_train", "arm", "run", "dataset", "draw", unit)
        for n_train, arm, run, dataset, draw, unit_value in zip(
            *(analysis.pairable[name] for name in columns), strict=True
        ):
            counts = self.counts(str(run), str(dataset), str(draw)) if run in analysis.reader.allowed else None
            if counts is not None:
                by_group.setdefault((int(n_train), arm), []).append((int(unit_value), counts))
        ordered = [(n_train, arm) for n_train in analysis.sizes for arm in analysis.arms if (n_train, arm) in by_group]
        return [_score(*key, kind, by_group[key]) for key in ordered for kind in KINDS]

    def differences(self) -> list[SeenDifference]:
        """Return the differences of the pairs of arms in the error viewer, seen and unseen."""
        differences = []
        for pair in pairs_of(self._analysis)[:MOST_PAIRS]:
            cells = shared_cells(self._analysis, pair)
            sides = [[self.counts(getattr(cell, side), cell.dataset, cell.draw) for cell in cells]
                     for side in ("first", "second")]  # fmt: skip
            for kind in KINDS:
                by_unit: dict[int, list[tuple[float, float]]] = {}
                for cell, first, second in zip(cells, *sides, strict=True):
                    values = (first[kind].f1, second[kind].f1) if first and second else (math.nan, math.nan)
                    if all(map(math.isfinite, values)):
                        by_unit.setdefault(cell.unit, []).append(values)
                pairs = list(by_unit.values())
                if pairs:
                    means = [
                        (_mean(first for first, _ in values), _mean(second for _, second in values)) for values in pairs
                    ]
                    differences.append(
                        SeenDifference(
                            pair, kind, compare_pairs([first for first, _ in means], [second for _, second in means])
                        )
                    )
        return differences


def _score(n_train: int, arm: str, kind: str, cells: list[tuple[int, dict[str, Matches]]]) -> SeenScore:
    units: dict[int, list[Matches]] = {}
    for unit, counts in cells:
        units.setdefault(unit, []).append(counts[kind])

    def values(name: str) -> list[float]:
        by_unit = [
            [value for value in (getattr(counts, name) for counts in unit_counts) if math.isfinite(value)]
            for unit_counts in units.values()
        ]
        return [_mean(unit_counts) for unit_counts in by_unit if unit_counts]

    f1, sd = spread(values("f1"))
    mentions, precision, recall = (spread(values(name))[0] for name in ("gold", "precision", "recall"))
    return SeenScore(n_train, arm, kind, len(cells), mentions, precision, recall, f1, sd)


def _mean(values: Iterable[float]) -> float:
    values = list(values)
    return sum(values) / len(values)
