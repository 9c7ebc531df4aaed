"""All statistics of a report, computed from a checked table for the page, report.md, pictures and terminal."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import TYPE_CHECKING

from seedbed.cells import SizeUnit, size_unit
from seedbed.errors import InputError
from seedbed.report.analysis.budget_curves import BudgetCurve, Lead, budget_curves, leads
from seedbed.report.analysis.comparisons import ArmPair, compare_pairings, pairings
from seedbed.report.analysis.datasets import data_of, datasets_apart
from seedbed.report.analysis.floor import Floor, compare_with_floor
from seedbed.report.analysis.history_reader import HistoryReader
from seedbed.report.analysis.importance import Importance, importances
from seedbed.report.analysis.inputs import ReportInputs
from seedbed.report.analysis.item_intervals import ItemLevel, item_level, with_items
from seedbed.report.analysis.label_savings import Saving, study_savings
from seedbed.report.analysis.predictions import PredictionReader
from seedbed.report.analysis.published_verdicts import Verdict, verdicts_of
from seedbed.report.analysis.ranking import Ranking, rank_arms
from seedbed.report.analysis.results import Results, find_results, metrics_with_first
from seedbed.report.analysis.results_table import check_table
from seedbed.report.analysis.search_changes import SearchChange, search_changes
from seedbed.report.analysis.seen_entities import SeenEntities
from seedbed.report.analysis.summaries import missing_cells, summarise_arms
from seedbed.report.analysis.tuned_cells import default_cells, further_searches, main_cells
from seedbed.report.analysis.tuning_gains import (
    ArmOrders,
    AuditCorrelation,
    TuningGain,
    arm_orders,
    audit_correlations,
    tuning_gains,
)
from seedbed.report.analysis.variance import VarianceComponents, estimate_variance_components
from seedbed.report.wording import join_limited

if TYPE_CHECKING:
    from pandas import DataFrame


@dataclass(frozen=True)
class Analysis(Results):
    """Results with all statistics that a report shows; ``input_table`` is the table before validation.

    ``paired``: the pairs of arms in the primary metric, ``comparisons`` their statistics, in all metrics.
    ``variance_components``: where seeds are crossed; ``search_changes``: where they are not, and replicates were
    searched several times. ``reader`` and ``histories``: predictions and histories of the
    cells, each read once; ``items``: test items of the comparisons. ``missing``: cells that the table lacks.
    ``cells``: all rows, with those of a search that ``table`` leaves out (`main_cells`).

    Without any score (no cell finished) the tables of statistics are empty.
    """

    input_table: "DataFrame"
    paired: tuple[ArmPair, ...]
    comparisons: "DataFrame"
    summaries: "Mapping[str, DataFrame]"
    missing: tuple[tuple[str, int, int], ...]
    reader: PredictionReader
    histories: HistoryReader
    items: ItemLevel
    floor: Floor | None
    savings: tuple[Saving, ...]
    variance_components: tuple[VarianceComponents, ...]
    verdicts: tuple[Verdict, ...]
    inputs: ReportInputs
    cells: "DataFrame"
    search_changes: tuple[SearchChange, ...] = ()

    @cached_property
    def size_unit(self) -> SizeUnit:
        """What the sizes count."""
        return size_unit(self.inputs.settings.get(arm, {}) for arm in self.arms)

    def sized(self, n_train: int) -> str:
        """``200 examples``: a size with its unit."""
        return self.size_unit.count(n_train)

    def main_comparisons(self) -> "DataFrame":
        """The comparisons in the primary metric."""
        return self.comparisons[self.comparisons["metric"] == self.metric]

    @cached_property
    def missing_number(self) -> int:
        """The number of cells implied by arms, sizes and replicates without a row; `missing` lists the first."""
        if not self.inputs.planned:
            return 0
        implied = len(self.arms) * len(self.sizes) * self.table["replicate"].nunique()
        return implied - int(self.table["arm"].isin(self.arms).sum())

    @cached_property
    def gains(self) -> tuple[TuningGain, ...]:
        """The tuned cells of each arm against its default ones in the primary metric; empty without a search."""
        if self.metric is None or self.inputs.tuning is None:
            return ()
        return tuning_gains(self.cells, self.arms, self.metric, self.inputs.lower_is_better)

    @cached_property
    def refits(self) -> tuple[TuningGain, ...]:
        """The refitted cells of each arm against its tuned ones in the primary metric; empty without refits."""
        if self.metric is None or self.inputs.tuning is None:
            return ()
        return tuning_gains(self.cells, self.arms, self.metric, self.inputs.lower_is_better, "refit", "tuned")

    @cached_property
    def orders(self) -> tuple[ArmOrders, ...]:
        """The order of the arms by default and tuned at each size; empty without a search."""
        if self.metric is None or self.inputs.tuning is None:
            return ()
        return arm_orders(self.cells, self.arms, self.metric, self.inputs.lower_is_better)

    @cached_property
    def budget_curves(self) -> tuple[BudgetCurve, ...]:
        """The expected score of the best of n trials for each arm at each size; empty without a search."""
        if self.metric is None or self.inputs.tuning is None:
            return ()
        seeds = self.pairable[["replicate", "data_seed"]].astype("int64") if self.crossed else None
        draws = None if seeds is None else dict(seeds.itertuples(index=False, name=None))
        curves = budget_curves(self.inputs.tuning, self.metric, self.scale.higher_is_better, draws)
        return tuple(curve for curve in curves if curve.arm in self.labels)

    @cached_property
    def leads(self) -> tuple[Lead, ...]:
        """Which of the leading arms is ahead after how many trials, at each size."""
        tuning = self.inputs.tuning
        return () if tuning is None else leads(self.budget_curves, tuning.lower_is_better)

    @cached_property
    def audit(self) -> tuple[AuditCorrelation, ...]:
        """The correlation of validation and test over the trials, where all have test scores."""
        tuning = self.inputs.tuning
        if self.metric is None or tuning is None:
            return ()
        found = audit_correlations(tuning, self.metric, self.scale.higher_is_better)
        return tuple(row for row in found if row.arm in self.labels)

    @cached_property
    def importances(self) -> tuple[Importance, ...]:
        """The importance of each key for each arm at each size; empty without a search."""
        tuning = self.inputs.tuning
        return () if tuning is None else tuple(row for row in importances(tuning) if row.arm in self.labels)

    @cached_property
    def rankings(self) -> dict[int, Ranking]:
        """The arms at each size, best first, in the primary metric; empty without one."""
        if self.metric is None:
            return {}
        return rank_arms(self, self.summaries[self.metric], self.comparisons)

    @cached_property
    def ranking(self) -> Ranking | None:
        """The ranking at the largest size at which two arms have a score, or else one has; None without any."""
        scored = [ranking for ranking in self.rankings.values() if ranking.arms]
        return max(scored, key=lambda ranking: (len(ranking.arms) > 1, ranking.n_train), default=None)

    @cached_property
    def seen_entities(self) -> SeenEntities:
        """The counts of entities seen in training and of others, for each cell, computed once for all parts."""
        return SeenEntities(self, self.inputs.items, self.reader)

    def unfinished(self) -> "DataFrame":
        """Rows whose status is not ``finished``: shown, and left out of all statistics."""
        return self.table[self.table["status"] != "finished"]


def analyse(
    table: "DataFrame", baseline: str | None = None, metric: str | None = None, inputs: ReportInputs | None = None
) -> Analysis:
    """Check ``table`` and compute all statistics of a report; InputError on a bad table, arm or metric name."""
    inputs = inputs or ReportInputs()
    input_table, cells = table, check_table(table)
    table = main_cells(cells)
    if table.empty:
        raise InputError("table: no rows, so nothing to report")
    if several := datasets_apart(table):
        raise InputError(f"table: {len(several)} data sets ({join_limited(several, 4)}), which have a report each")
    inputs = inputs.of_data(data_of(table))
    inputs = replace(inputs, tuning=inputs.tuning.of_cells(cells)) if inputs.tuning is not None else inputs
    results = find_results(table, baseline, metrics_with_first(table, metric), inputs.lower_is_better)
    pairs = {name: tuple(pairings(results, name)) for name in results.metrics}
    primary = pairs[results.metrics[0]] if results.metrics else ()
    comparisons = compare_pairings(pairs, results.scales)
    reader = PredictionReader(inputs.artifacts, table)
    items = item_level(results, primary, reader) if results.metrics else ItemLevel()
    return Analysis(
        **{field.name: getattr(results, field.name) for field in fields(results)},
        input_table=input_table,
        paired=primary,
        comparisons=with_items(comparisons, results.metrics[0], items) if results.metrics else comparisons,
        summaries={name: summarise_arms(results, name) for name in results.metrics},
        missing=tuple(missing_cells(results)) if inputs.planned else (),
        reader=reader,
        histories=HistoryReader(inputs.artifacts),
        items=items,
        floor=compare_with_floor(results, inputs.floor) if results.metrics else None,
        savings=study_savings(primary, results.scale.higher_is_better) if results.metrics else (),
        variance_components=tuple(estimate_variance_components(results, results.metrics[0], further_searches(cells)))
        if results.metrics
        else (),
        verdicts=verdicts_of(default_cells(cells), inputs.published),
        inputs=inputs,
        cells=cells,
        search_changes=()
        if results.crossed or not results.metrics or not len(further_searches(cells))
        else search_changes(cells, results, results.metrics[0]),
    )


def best_arm(analysis: "Analysis", n_train: int) -> str | None:
    """Return the arm with the best mean at a size, or None if no cell has a score."""
    summary = analysis.summaries[analysis.metrics[0]]
    scored = summary[(summary["n_train"] == n_train) & summary["mean"].notna()]
    if scored.empty:
        return None
    means = scored["mean"] if analysis.scale.higher_is_better else -scored["mean"]
    return str(scored["arm"][means.idxmax()])


def tested(analysis: "Analysis") -> int:
    """Return the number of comparisons that p is corrected for."""
    return int((analysis.main_comparisons()["pairs"] > 1).sum())
