"""A checked table with all that is computed from it: what the page, report.md, pictures and terminal draw from."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from seedbed.errors import InputError
from seedbed.report.beside import Beside
from seedbed.report.comparisons import COMPARISON_COLUMNS, Paired, arm_order, compared, pairings_of
from seedbed.report.confusion import Confusion, confusions
from seedbed.report.crossing import Crossing, crossing_of, seeded
from seedbed.report.floor import Floor, floor_of_study
from seedbed.report.item_level import ItemLevel, item_level, with_items
from seedbed.report.overview.datasets import data_of, datasets_apart
from seedbed.report.published.verdicts import Verdict, verdicts_of
from seedbed.report.said import Said
from seedbed.report.savings import Saving, study_savings
from seedbed.report.scores import Scale, choose_metric, main_metrics, scale_of
from seedbed.report.seen import SeenStudy
from seedbed.report.splits import Split, splits_of
from seedbed.report.summaries import missing_cells, summarise_arms, summarise_types
from seedbed.report.tables import check_table
from seedbed.report.wording import listed

if TYPE_CHECKING:
    from pandas import DataFrame

    from seedbed.report.answers import Answer
    from seedbed.report.context import Section


@dataclass(frozen=True)
class Study:
    """What one report is about: the cells as ``given``, and as a checked ``table``.

    ``with_first``: each arm is compared with the first alone, which was named as the baseline.
    ``metrics`` starts with ``metric``, the one that the answer is given in. ``crossing``: where draws have several
    initialisations, which are then averaged before anything is paired; ``splits``: the parts of the variance there.
    ``paired``: what each comparison in ``metric`` is of.
    ``said``: predictions of the cells, read once for all who ask; ``items``: what they say of the test items behind the
    comparisons.

    Without any score (no cell finished) ``metric`` is None and the tables of statistics are empty.
    """

    given: "DataFrame"
    table: "DataFrame"
    arms: tuple[str, ...]
    sizes: tuple[int, ...]
    metric: str | None
    metrics: tuple[str, ...]
    scales: dict[str, Scale]
    paired: tuple[Paired, ...]
    comparisons: "DataFrame"
    summaries: dict[str, "DataFrame"]
    types: "DataFrame"
    missing: tuple[tuple[str, int, int], ...]
    said: Said
    items: ItemLevel = field(default_factory=ItemLevel)
    floor: Floor | None = None
    savings: tuple[Saving, ...] = ()
    crossing: Crossing | None = None
    splits: tuple[Split, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    with_first: bool = False
    beside: Beside = field(default_factory=Beside)

    @cached_property
    def contents(self) -> "list[Section]":
        """The tables of the page and of report.md, by section."""
        from seedbed.report.contents import contents

        return contents(self)

    @cached_property
    def answers(self) -> "list[Answer]":
        """The answer in sentences."""
        from seedbed.report.answers import answers

        return answers(self)

    @cached_property
    def pairable(self) -> "DataFrame":
        """The cells that may be paired: those with seeds, where seeds are crossed."""
        return self.table[seeded(self.table)] if self.crossing else self.table

    @cached_property
    def confusions(self) -> list[Confusion]:
        """What test examples were taken for."""
        return confusions(self)

    @cached_property
    def seen(self) -> SeenStudy:
        """Scores on entities seen in training, and on others."""
        return SeenStudy(self)

    def main_comparisons(self) -> "DataFrame":
        """The comparisons in the primary metric."""
        return self.comparisons[self.comparisons["metric"] == self.metric]

    @cached_property
    def missing_number(self) -> int:
        """How many cells the arms, sizes and replicates imply without a row in the table; `missing` lists the first."""
        if not self.beside.planned:
            return 0
        implied = len(self.arms) * len(self.sizes) * self.table["replicate"].nunique()
        return implied - int(self.table["arm"].isin(self.arms).sum())

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
    if several := datasets_apart(table):
        raise InputError(f"table: {len(several)} data sets ({listed(several, 4)}), which have a report each")
    beside = beside.of_data(data_of(table))
    arms = arm_order(table, baseline)
    metrics = main_metrics(table)
    if metric is not None:
        chosen = choose_metric(table, metric)
        metrics = [chosen, *(name for name in metrics if name != chosen)]
    crossing = crossing_of(table)
    scales = {name: scale_of(table, name, beside.lower_is_better) for name in metrics}
    paired = {name: tuple(pairings_of(table, name, arms, crossing, baseline is not None)) for name in metrics}
    main = paired[metrics[0]] if metrics else ()
    comparisons = compared(paired, scales) if metrics else pd.DataFrame(columns=list(COMPARISON_COLUMNS))
    said = Said(beside.kept, table)
    items = item_level(table, metrics[0], main, said) if metrics else ItemLevel()
    return Study(
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
        summaries={name: summarise_arms(table, name, arms, crossing) for name in metrics},
        types=summarise_types(table, arms, crossing),
        missing=tuple(missing_cells(table, arms)) if beside.planned else (),
        said=said,
        items=items,
        savings=study_savings(main, scales[metrics[0]].higher_is_better) if metrics else (),
        floor=floor_of_study(table, beside.floor, arms, metrics[0], scales[metrics[0]], crossing) if metrics else None,
        crossing=crossing,
        splits=tuple(splits_of(table, metrics[0], arms, crossing, baseline is not None)) if metrics else (),
        verdicts=verdicts_of(table, beside.published),
        beside=beside,
    )
