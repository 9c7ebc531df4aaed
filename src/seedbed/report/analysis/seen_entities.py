"""Precision, recall and F1 on entities seen in training, and on unseen ones.

After Augenstein, Derczynski and Bontcheva, "Generalisation in named entity recognition: a quantitative analysis"
(Computer Speech and Language 44, 2017), who call an entity seen where its surface form occurs as an entity in the
training data. Here its type must be the same too (and case does not count), so that a known word in a new sense is
unseen; and the training data are those of the replicate's own draw, not of the corpus. A predicted span is seen or
unseen by the same rule, so each hit is in one class alone, and both classes together are the whole score.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass

from seedbed.cells import Prediction, surface_form
from seedbed.matching import Matches, add_strict
from seedbed.metrics import Span
from seedbed.report.analysis.item_texts import Items, Mention
from seedbed.report.analysis.predictions import PredictionReader, spans_of
from seedbed.report.analysis.results import Results
from seedbed.report.statistics.paired import spread

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


def seen_counts(
    predictions: Iterable[Prediction], tokens: Mapping[str, tuple[str, ...]], training: Set[Mention]
) -> dict[str, Matches]:
    """Return the counts of seen and unseen entities. Sentences with truncated or missing tokens are left out."""
    total = dict.fromkeys(KINDS, Matches())
    for prediction in predictions:
        words = tokens.get(prediction.id, ())
        if (
            not isinstance(prediction.gold, tuple)
            or not isinstance(prediction.predicted, tuple)
            or len(words) != len(prediction.gold)
        ):
            continue
        add_strict(total, spans_of(prediction.gold), spans_of(prediction.predicted), _kind_in(words, training))
    return total


def _kind_in(words: Sequence[str], training: Set[Mention]) -> Callable[[Span], str]:
    """Returns the kind of a span of these words."""
    return lambda span: KINDS[(surface_form(words[span[0] : span[1]]), span[2]) not in training]


class SeenEntities:
    """Counts of the cells of a study with predictions and known training entities, computed once per cell."""

    def __init__(self, results: Results, items: Items | None, reader: PredictionReader) -> None:
        self._results, self._items, self._reader = results, items, reader
        self._counts: dict[str, dict[str, Matches]] = {}

    def counts(self, run: str, dataset: str, draw: str) -> dict[str, Matches] | None:
        """Return the counts of one cell; None if its predictions or training entities are unknown."""
        items = self._items
        training = None if items is None else items.training_mentions(dataset, draw)
        if items is None or training is None:
            return None
        if run not in self._counts:
            predictions = self._reader.predictions(run)
            texts = {prediction.id: items.text(dataset, draw, prediction.id) for prediction in predictions}
            tokens = {name: text.tokens for name, text in texts.items() if text is not None}
            self._counts[run] = seen_counts(predictions, tokens, training)
        counts = self._counts[run]
        return counts if any(counts[kind].gold for kind in KINDS) else None

    def scores(self) -> list[SeenScore]:
        """Return the scores of every arm at every size, seen and unseen."""
        results = self._results
        if self._items is None or any(name not in results.table.columns for name in ("run", "draw", "dataset")):
            return []
        unit = "data_seed" if results.crossed else "replicate"
        by_group: dict[tuple[int, str], list[tuple[int, dict[str, Matches]]]] = {}
        columns = ("n_train", "arm", "run", "dataset", "draw", unit)
        cells = zip(*(results.pairable[name] for name in columns), strict=True)
        for n_train, arm, run, dataset, draw, unit_value in cells:
            counts = self.counts(str(run), str(dataset), str(draw)) if run in self._reader.allowed else None
            if counts is not None:
                by_group.setdefault((int(n_train), arm), []).append((int(unit_value), counts))
        ordered = [(n_train, arm) for n_train in results.sizes for arm in results.arms if (n_train, arm) in by_group]
        return [_score(*key, kind, by_group[key]) for key in ordered for kind in KINDS]


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
