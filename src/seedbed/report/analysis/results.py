"""Results of a table: arms, sizes, metrics with their scales, and groups of finished cells."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from seedbed.errors import InputError, nearest
from seedbed.report.analysis.crossed_seeds import CrossedSeeds, find_crossed_seeds, has_seeds
from seedbed.report.analysis.scores import Scale, choose_metric, main_metrics, metric_columns, metric_scale
from seedbed.report.wording import sanitize

if TYPE_CHECKING:
    from pandas import DataFrame

Group = tuple[int, str, "DataFrame"]
"""A size, an arm, and its finished cells."""


@dataclass(frozen=True)
class Results:
    """A checked ``table`` of cells, with its arms, sizes and metrics.

    ``arms``: in order of appearance, a named baseline first. ``with_first``: each arm is compared with the first alone.
    ``metrics``: the primary one first; empty if no cell has a score. ``crossed``: set if draws have several
    initializations, which are then averaged before pairing.
    """

    table: "DataFrame"
    arms: tuple[str, ...]
    sizes: tuple[int, ...]
    metrics: tuple[str, ...]
    scales: Mapping[str, Scale]
    crossed: CrossedSeeds | None
    with_first: bool

    @property
    def metric(self) -> str | None:
        """The primary metric."""
        return self.metrics[0] if self.metrics else None

    @property
    def scale(self) -> Scale:
        """The scale of the primary metric."""
        return self.scales[self.metrics[0]]

    @cached_property
    def labels(self) -> dict[str, str]:
        """The names of the arms as shown."""
        return {arm: sanitize(arm, 60) for arm in self.arms}

    @cached_property
    def score_columns(self) -> tuple[str, ...]:
        """All columns that are scores."""
        return tuple(metric_columns(self.table))

    @cached_property
    def finished(self) -> "DataFrame":
        """The cells that finished."""
        return self.table[self.table["status"] == "finished"]

    @cached_property
    def pairable(self) -> "DataFrame":
        """The cells that may be paired: those with seeds, where seeds are crossed."""
        return self.table[has_seeds(self.table)] if self.crossed else self.table

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """The finished cells of each arm at each size where it was tried."""
        return tuple(finished_groups(self.table, self.arms))


def find_results(
    table: "DataFrame", baseline: str | None = None, metrics: Sequence[str] | None = None,
    lower_is_better: Mapping[str, bool] | None = None,
) -> Results:  # fmt: skip
    """Return the results in a checked table. InputError for an unknown arm or metric.

    ``metrics``: by default the main ones. ``lower_is_better``: by column, where its name does not show it.
    """
    names = main_metrics(table) if metrics is None else [choose_metric(table, name) for name in metrics]
    return Results(
        table=table,
        arms=arm_order(table, baseline),
        sizes=tuple(sorted(int(size) for size in set(table["n_train"]))),
        metrics=tuple(names),
        scales={name: metric_scale(table, name, lower_is_better) for name in names},
        crossed=find_crossed_seeds(table),
        with_first=baseline is not None,
    )


def metrics_with_first(table: "DataFrame", metric: str | None) -> list[str]:
    """Return the main metrics of a table, the one that ``metric`` names first. InputError if there is no such score."""
    names = main_metrics(table)
    if metric is None:
        return names
    chosen = choose_metric(table, metric)
    return [chosen, *(name for name in names if name != chosen)]


def arm_order(table: "DataFrame", baseline: str | None = None) -> tuple[str, ...]:
    """Return the arms in order of first appearance, ``baseline`` first; InputError if there is no such arm."""
    arms = list(dict.fromkeys(table["arm"].astype(str)))
    if baseline is None:
        return tuple(arms)
    if baseline not in arms:
        raise InputError(f"baseline={baseline}: the table has no such arm{nearest(baseline, arms)}")
    return (baseline, *(arm for arm in arms if arm != baseline))


def finished_groups(table: "DataFrame", arms: Sequence[str]) -> Iterator[Group]:
    """Yield size, arm and its finished cells, by size and then order of ``arms``; only where the arm was tried."""
    index = {arm: number for number, arm in enumerate(arms)}
    tried = {key for key in zip(table["n_train"], table["arm"], strict=True) if key[1] in index}
    finished = table[table["status"] == "finished"]
    groups = dict(list(finished.groupby(["n_train", "arm"], sort=False)))
    for n_train, arm in sorted(tried, key=lambda key: (key[0], index[key[1]])):
        yield int(n_train), arm, groups.get((n_train, arm), finished.iloc[:0])
