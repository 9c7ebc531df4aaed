"""A checked table with all that is computed from it: what the page, report.md, pictures and terminal draw from."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from seedbed.errors import InputError
from seedbed.report.analysis.comparisons import COMPARISON_COLUMNS, ArmPair, arm_order, compare_pairings, pairings_of
from seedbed.report.analysis.crossed_seeds import CrossedSeeds, find_crossed_seeds, has_seeds
from seedbed.report.analysis.datasets import data_of, datasets_apart
from seedbed.report.analysis.floor import Floor, compare_with_floor
from seedbed.report.analysis.inputs import ReportInputs
from seedbed.report.analysis.item_intervals import ItemLevel, item_level, with_items
from seedbed.report.analysis.label_savings import Saving, study_savings
from seedbed.report.analysis.predictions import PredictionReader
from seedbed.report.analysis.published_verdicts import Verdict, verdicts_of
from seedbed.report.analysis.results_table import check_table
from seedbed.report.analysis.scores import Scale, choose_metric, main_metrics, metric_scale
from seedbed.report.analysis.summaries import missing_cells, summarise_arms
from seedbed.report.analysis.variance import VarianceComponents, estimate_variance_components
from seedbed.report.wording import join_limited

if TYPE_CHECKING:
    from pandas import DataFrame


@dataclass(frozen=True)
class Analysis:
    """What one report is about: the cells as ``given``, and as a checked ``table``.

    ``with_first``: each arm is compared with the first alone, which was named as the baseline.
    ``metrics`` starts with ``metric``, the one that the answer is given in. ``crossed``: where draws have several
    initialisations, which are then averaged before anything is paired; ``variance_components``: the parts of the
    variance there. ``paired``: what each comparison in ``metric`` is of.
    ``reader``: predictions of the cells, read once for all who ask; ``items``: what they say of the test items
    behind the comparisons.

    Without any score (no cell finished) ``metric`` is None and the tables of statistics are empty.
    """

    given: "DataFrame"
    table: "DataFrame"
    arms: tuple[str, ...]
    sizes: tuple[int, ...]
    metric: str | None
    metrics: tuple[str, ...]
    scales: dict[str, Scale]
    paired: tuple[ArmPair, ...]
    comparisons: "DataFrame"
    summaries: dict[str, "DataFrame"]
    missing: tuple[tuple[str, int, int], ...]
    reader: PredictionReader
    items: ItemLevel = field(default_factory=ItemLevel)
    floor: Floor | None = None
    savings: tuple[Saving, ...] = ()
    crossed: CrossedSeeds | None = None
    variance_components: tuple[VarianceComponents, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    with_first: bool = False
    inputs: ReportInputs = field(default_factory=ReportInputs)

    @cached_property
    def pairable(self) -> "DataFrame":
        """The cells that may be paired: those with seeds, where seeds are crossed."""
        return self.table[has_seeds(self.table)] if self.crossed else self.table

    def main_comparisons(self) -> "DataFrame":
        """The comparisons in the primary metric."""
        return self.comparisons[self.comparisons["metric"] == self.metric]

    @cached_property
    def missing_number(self) -> int:
        """How many cells the arms, sizes and replicates imply without a row in the table; `missing` lists the first."""
        if not self.inputs.planned:
            return 0
        implied = len(self.arms) * len(self.sizes) * self.table["replicate"].nunique()
        return implied - int(self.table["arm"].isin(self.arms).sum())

    def unfinished(self) -> "DataFrame":
        """Rows whose status is not ``finished``: shown, and left out of all statistics."""
        return self.table[self.table["status"] != "finished"]


def analyse(
    table: "DataFrame", baseline: str | None = None, metric: str | None = None, inputs: ReportInputs | None = None
) -> Analysis:
    """Check ``table`` and compute what a report needs; InputError on a bad table, arm or metric name."""
    import pandas as pd

    inputs = inputs or ReportInputs()
    given, table = table, check_table(table)
    if table.empty:
        raise InputError("table: no rows, so nothing to report")
    if several := datasets_apart(table):
        raise InputError(f"table: {len(several)} data sets ({join_limited(several, 4)}), which have a report each")
    inputs = inputs.of_data(data_of(table))
    arms = arm_order(table, baseline)
    metrics = main_metrics(table)
    if metric is not None:
        chosen = choose_metric(table, metric)
        metrics = [chosen, *(name for name in metrics if name != chosen)]
    crossed = find_crossed_seeds(table)
    scales = {name: metric_scale(table, name, inputs.lower_is_better) for name in metrics}
    paired = {name: tuple(pairings_of(table, name, arms, crossed, baseline is not None)) for name in metrics}
    main = paired[metrics[0]] if metrics else ()
    comparisons = compare_pairings(paired, scales) if metrics else pd.DataFrame(columns=list(COMPARISON_COLUMNS))
    reader = PredictionReader(inputs.kept, table)
    items = item_level(table, metrics[0], main, reader) if metrics else ItemLevel()
    return Analysis(
        given=given,
        table=table,
        arms=arms,
        sizes=tuple(sorted(int(size) for size in set(table["n_train"]))),
        metric=metrics[0] if metrics else None,
        metrics=tuple(metrics),
        scales=scales,
        paired=main,
        with_first=baseline is not None,
        comparisons=with_items(comparisons, metrics[0], items) if metrics else comparisons,
        summaries={name: summarise_arms(table, name, arms, crossed) for name in metrics},
        missing=tuple(missing_cells(table, arms)) if inputs.planned else (),
        reader=reader,
        items=items,
        savings=study_savings(main, scales[metrics[0]].higher_is_better) if metrics else (),
        floor=compare_with_floor(table, inputs.floor, arms, metrics[0], scales[metrics[0]], crossed)
        if metrics
        else None,
        crossed=crossed,
        variance_components=tuple(estimate_variance_components(table, metrics[0], arms, crossed, baseline is not None))
        if metrics
        else (),
        verdicts=verdicts_of(table, inputs.published),
        inputs=inputs,
    )


def best_arm(analysis: "Analysis", n_train: int) -> str | None:
    """The arm with the best mean at a size, or None where no cell has a score."""
    summary = analysis.summaries[analysis.metric]
    here = summary[(summary["n_train"] == n_train) & summary["mean"].notna()]
    if here.empty:
        return None
    means = here["mean"] if analysis.scales[analysis.metric].higher_is_better else -here["mean"]
    return str(here["arm"][means.idxmax()])


def tested(analysis: "Analysis") -> int:
    """The size of the family that p is corrected for."""
    return int((analysis.main_comparisons()["pairs"] > 1).sum())
