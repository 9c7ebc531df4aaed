"""Entities that a model met in training, against those it did not: precision, recall and F1 of each.

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
from seedbed.report.analysis.item_agreement import MOST_PAIRS, Pair, pairs_of, shared_cells
from seedbed.report.analysis.item_texts import Items, Mention
from seedbed.report.analysis.predictions import spans_of
from seedbed.report.statistics.paired import PairedDifference, compare_pairs, spread

if TYPE_CHECKING:
    from seedbed.report.analysis.analysis import Analysis

KINDS = ("seen", "unseen")


@dataclass(frozen=True)
class Counts:
    """Spans in gold, predicted, and in both."""

    gold: int = 0
    predicted: int = 0
    hits: int = 0

    @property
    def precision(self) -> float:
        """NaN where nothing was predicted."""
        return self.hits / self.predicted if self.predicted else math.nan

    @property
    def recall(self) -> float:
        """NaN where there is no such entity."""
        return self.hits / self.gold if self.gold else math.nan

    @property
    def f1(self) -> float:
        """NaN where there is no such entity and none was predicted."""
        return 2 * self.hits / (self.gold + self.predicted) if self.gold + self.predicted else math.nan


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
) -> dict[str, Counts]:
    """The counts of seen and of unseen entities. Sentences whose tokens are not all known are left out."""
    gold, predicted, hits = (dict.fromkeys(KINDS, 0) for _ in range(3))
    for one in predictions:
        words = tokens.get(one.id, ())
        if isinstance(one.gold, str) or isinstance(one.predicted, str) or len(words) != len(one.gold):
            continue
        ours, theirs = spans_of(tuple(one.gold)), spans_of(tuple(one.predicted))
        for start, end, kind in ours | theirs:
            span = (start, end, kind)
            which = KINDS[(surface_form(words[start:end]), kind) not in training]
            gold[which] += span in ours
            predicted[which] += span in theirs
            hits[which] += span in ours and span in theirs
    return {kind: Counts(gold[kind], predicted[kind], hits[kind]) for kind in KINDS}


class SeenEntities:
    """The counts of every cell of a study that has what it takes; each cell counted once."""

    def __init__(self, analysis: "Analysis") -> None:
        self._analysis = analysis
        self._counts: dict[str, dict[str, Counts]] = {}

    def counts(self, run: str, dataset: str, draw: str) -> dict[str, Counts] | None:
        """Of one cell; None where its predictions or its training entities are not known."""
        items: Items | None = self._analysis.inputs.items
        training = None if items is None else items.training_mentions(dataset, draw)
        if items is None or training is None:
            return None
        if run not in self._counts:
            said = self._analysis.reader.predictions(run)
            texts = {one.id: items.text(dataset, draw, one.id) for one in said}
            tokens = {name: text.tokens for name, text in texts.items() if text is not None}
            self._counts[run] = seen_counts(said, tokens, training)
        found = self._counts[run]
        return found if any(found[kind].gold for kind in KINDS) else None

    def scores(self) -> list[SeenScore]:
        """Every arm at every size, seen and unseen."""
        analysis = self._analysis
        if analysis.inputs.items is None or any(
            name not in analysis.table.columns for name in ("run", "draw", "dataset")
        ):
            return []
        unit = "data_seed" if analysis.crossed else "replicate"
        found: dict[tuple[int, str], list[tuple[int, dict[str, Counts]]]] = {}
        columns = ("n_train", "arm", "run", "dataset", "draw", unit)
        for n_train, arm, run, dataset, draw, own in zip(*(analysis.pairable[name] for name in columns), strict=True):
            counts = self.counts(str(run), str(dataset), str(draw)) if run in analysis.reader.allowed else None
            if counts is not None:
                found.setdefault((int(n_train), arm), []).append((int(own), counts))
        ordered = [(n_train, arm) for n_train in analysis.sizes for arm in analysis.arms if (n_train, arm) in found]
        return [_score(*key, kind, found[key]) for key in ordered for kind in KINDS]

    def differences(self) -> list[SeenDifference]:
        """The pairs of arms that the error viewer shows, seen and unseen."""
        made = []
        for pair in pairs_of(self._analysis)[:MOST_PAIRS]:
            cells = shared_cells(self._analysis, pair)
            sides = [[self.counts(getattr(cell, side), cell.dataset, cell.draw) for cell in cells]
                     for side in ("first", "second")]  # fmt: skip
            for kind in KINDS:
                both: dict[int, list[tuple[float, float]]] = {}
                for cell, one, other in zip(cells, *sides, strict=True):
                    values = (one[kind].f1, other[kind].f1) if one and other else (math.nan, math.nan)
                    if all(map(math.isfinite, values)):
                        both.setdefault(cell.unit, []).append(values)
                pairs = list(both.values())
                if pairs:
                    means = [(_mean(one for one, _ in values), _mean(other for _, other in values)) for values in pairs]
                    made.append(
                        SeenDifference(
                            pair, kind, compare_pairs([one for one, _ in means], [other for _, other in means])
                        )
                    )
        return made


def _score(n_train: int, arm: str, kind: str, cells: list[tuple[int, dict[str, Counts]]]) -> SeenScore:
    units: dict[int, list[Counts]] = {}
    for unit, counts in cells:
        units.setdefault(unit, []).append(counts[kind])

    def values(name: str) -> list[float]:
        by_unit = [[v for v in (getattr(one, name) for one in own) if math.isfinite(v)] for own in units.values()]
        return [_mean(own) for own in by_unit if own]

    f1, sd = spread(values("f1"))
    mentions, precision, recall = (spread(values(name))[0] for name in ("gold", "precision", "recall"))
    return SeenScore(n_train, arm, kind, len(cells), mentions, precision, recall, f1, sd)


def _mean(values: Iterable[float]) -> float:
    values = list(values)
    return sum(values) / len(values)
