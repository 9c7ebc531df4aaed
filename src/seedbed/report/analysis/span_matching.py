"""F1 of entity spans by kind of match, by length, and of seen and unseen entities: of arms and of pairs of arms."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from seedbed.matching import LENGTHS, MATCHINGS, Matches, length_matches
from seedbed.report.analysis.comparisons import pairings
from seedbed.report.analysis.crossed_seeds import mean_of_draws
from seedbed.report.analysis.item_agreement import pairs_of
from seedbed.report.analysis.predictions import spans_of
from seedbed.report.analysis.results import finished_groups
from seedbed.report.analysis.scores import metric_scale
from seedbed.report.analysis.seen_entities import KINDS
from seedbed.report.statistics.paired import PairedDifference, compare_pairs, spread

if TYPE_CHECKING:
    from seedbed.report.analysis.analysis import Analysis

STRICT = "test/f1"
STORED = {"strict": STRICT, **{name: f"test/{name}_f1" for name in MATCHINGS}}
"""The column of each score that is stored with a cell."""
COUNTED = {
    **{length: f"length {length}" for length in LENGTHS},
    **{kind: kind for kind in KINDS},
}
"""The columns of the scores that are counted from predictions: lengths in tokens, and seen or unseen."""


@dataclass(frozen=True)
class SpanScore:
    """F1 of one arm at one size under one column: mean and sample standard deviation over replicates with a value."""

    n_train: int
    arm: str
    column: str
    mean: float
    sd: float


@dataclass(frozen=True)
class SpanDifference:
    """The difference of two arms at one size under one column, paired as in the report: arm minus baseline."""

    n_train: int
    arm: str
    baseline: str
    column: str
    paired: PairedDifference


class SpanMatching:
    """The scores of a study of tagging; ``columns`` is empty where there is none beside strict F1."""

    def __init__(self, analysis: "Analysis") -> None:
        import pandas as pd

        self._analysis = analysis
        self.columns: tuple[str, ...] = ()
        if STRICT not in analysis.table.columns:
            return
        counted = {column: values for column, values in self._counted().items() if any(map(math.isfinite, values))}
        table = pd.concat([analysis.table, pd.DataFrame(counted, index=analysis.table.index)], axis=1)
        stored = [column for column in STORED.values() if column in table.columns and table[column].notna().any()]
        self.columns = (*stored, *counted) if set(stored) - {STRICT} or counted else ()
        self._results = replace(analysis, table=table)

    def scores(self) -> Iterator[SpanScore]:
        """Yield the score of each arm at each size under each column."""
        for n_train, arm, cells in finished_groups(self._results.table, self._analysis.arms) if self.columns else ():
            for column in self.columns:
                yield SpanScore(n_train, arm, column, *spread(mean_of_draws(cells, column, self._analysis.crossed)))

    def differences(self) -> Iterator[SpanDifference]:
        """Yield those of the pairs of arms in the error viewer, under each column but strict F1."""
        chosen = {(pair.n_train, frozenset((pair.first, pair.second))) for pair in pairs_of(self._analysis)}
        for column in self.columns:
            paired_arms = pairings(self._results, column, chosen) if column != STRICT else ()
            for n_train, arm, baseline, pairing in paired_arms:
                if pairing.replicates:
                    paired = compare_pairs(pairing.arm, pairing.baseline)
                    yield SpanDifference(n_train, arm, baseline, column, paired)

    def _counted(self) -> Mapping[str, list[float]]:
        """The counted columns of the table, in its order and unit; NaN where predictions or texts are unknown."""
        analysis, seen = self._analysis, self._analysis.seen_entities
        table = analysis.table
        values: dict[str, list[float]] = {column: [] for column in COUNTED.values()}
        if any(name not in table.columns for name in ("run", "draw", "dataset")):
            return {}
        unit = 100 / metric_scale(table, STRICT).factor
        for run, dataset, draw in zip(*(table[name] for name in ("run", "dataset", "draw")), strict=True):
            readable = run in analysis.reader.allowed
            by_length = self._by_length(str(run)) if readable else {}
            by_kind = seen.counts(str(run), str(dataset), str(draw)) or {} if readable else {}
            for name, column in COUNTED.items():
                counts = by_length.get(name) or by_kind.get(name)
                values[column].append(unit * counts.f1 if counts else math.nan)
        return values

    def _by_length(self, run: str) -> Mapping[str, Matches]:
        predictions = self._analysis.reader.predictions(run)
        tagged = ((row.gold, row.predicted) for row in predictions)
        return length_matches(
            (spans_of(gold), spans_of(predicted))
            for gold, predicted in tagged
            if isinstance(gold, tuple) and isinstance(predicted, tuple)
        )
