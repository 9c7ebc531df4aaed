"""A checked table with all that is computed from it: what the page, report.md, pictures and terminal draw from."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from seedbed.errors import InputError
from seedbed.report.beside import Beside
from seedbed.report.comparisons import COMPARISON_COLUMNS, arm_order, compare_arms
from seedbed.report.floor import Floor, floor_of_study
from seedbed.report.scores import Scale, choose_metric, main_metrics, scale_of
from seedbed.report.summaries import missing_cells, summarise_arms, summarise_types
from seedbed.report.tables import check_table

if TYPE_CHECKING:
    from pandas import DataFrame


@dataclass(frozen=True)
class Study:
    """What one report is about: the cells as ``given``, and as a checked ``table``.

    ``metrics`` starts with ``metric``, the one that the answer is given in.

    Without any score (no cell finished) ``metric`` is None and the tables of statistics are empty.
    """

    given: "DataFrame"
    table: "DataFrame"
    arms: tuple[str, ...]
    sizes: tuple[int, ...]
    metric: str | None
    metrics: tuple[str, ...]
    scales: dict[str, Scale]
    comparisons: "DataFrame"
    summaries: dict[str, "DataFrame"]
    types: "DataFrame"
    missing: tuple[tuple[str, int, int], ...]
    floor: Floor | None = None
    beside: Beside = field(default_factory=Beside)

    def main_comparisons(self) -> "DataFrame":
        """The comparisons in the primary metric."""
        return self.comparisons[self.comparisons["metric"] == self.metric]

    def unfinished(self) -> "DataFrame":
        """Rows whose status is not ``finished``: shown, and left out of all statistics."""
        return self.table[self.table["status"] != "finished"]


def study_of(
    table: "DataFrame", baseline: str | None = None, metric: str | None = None, beside: Beside | None = None
) -> Study:
    """Check ``table`` and compute what a report needs; InputError on a bad table, arm or metric name."""
    import pandas as pd

    beside = beside or Beside()
    given, table = table, check_table(table)
    if table.empty:
        raise InputError("table: no rows, so nothing to report")
    arms = arm_order(table, baseline)
    metrics = main_metrics(table)
    if metric is not None:
        chosen = choose_metric(table, metric)
        metrics = [chosen, *(name for name in metrics if name != chosen)]
    scales = {name: scale_of(table, name) for name in metrics}
    comparisons = compare_arms(table, metrics, baseline) if metrics else pd.DataFrame(columns=list(COMPARISON_COLUMNS))
    return Study(
        given=given,
        table=table,
        arms=arms,
        sizes=tuple(sorted(int(size) for size in set(table["n_train"]))),
        metric=metrics[0] if metrics else None,
        metrics=tuple(metrics),
        scales=scales,
        comparisons=comparisons,
        summaries={name: summarise_arms(table, name, arms) for name in metrics},
        types=summarise_types(table, arms),
        missing=tuple(missing_cells(table, arms)),
        floor=floor_of_study(table, beside.floor, arms, metrics[0], scales[metrics[0]]) if metrics else None,
        beside=beside,
    )
