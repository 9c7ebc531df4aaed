"""Typed rows of an analysis's tables, and its primary metric."""

from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from seedbed.report.analysis.analysis import Analysis
    from seedbed.report.analysis.scores import Scale


class HasInterval(Protocol):
    """A confidence interval that covers ``ci_level``: a row of a table, or a `PairedDifference`."""

    @property
    def ci_low(self) -> float: ...  # noqa: D102
    @property
    def ci_high(self) -> float: ...  # noqa: D102
    @property
    def ci_level(self) -> float: ...  # noqa: D102


class ComparisonRow(Protocol):
    """A row of ``comparisons.csv``."""

    metric: str
    n_train: int
    arm: str
    baseline: str
    pairs: int
    mean_arm: float
    mean_baseline: float
    mean_difference: float
    median_difference: float
    ci_low: float
    ci_high: float
    ci_level: float
    p_value: float
    p_holm: float
    p_wilcoxon: float
    bca_low: float
    bca_high: float
    improved: float
    improved_low: float
    improved_high: float
    iqm_arm: float
    iqm_baseline: float
    replicates_needed: float
    items: float
    items_low: float
    items_high: float


class SummaryRow(Protocol):
    """One arm at one size."""

    n_train: int
    arm: str
    n: int
    mean: float
    sd: float
    median: float
    iqm: float
    ci_low: float
    ci_high: float
    ci_level: float
    seconds: float
    peak_mb: float


def primary(analysis: "Analysis") -> "tuple[str, Scale]":
    """Return the primary metric and its scale. Raises ValueError if no cell has a score."""
    if analysis.metric is None:
        raise ValueError("no finished cell has a score")
    return analysis.metric, analysis.scales[analysis.metric]


def comparison_rows(analysis: "Analysis", metric: str | None = None) -> list[ComparisonRow]:
    """Return the comparisons in ``metric``, the primary one by default."""
    table = analysis.comparisons
    return cast("list[ComparisonRow]", list(table[table["metric"] == (metric or analysis.metric)].itertuples()))


def summary_rows(analysis: "Analysis", metric: str | None = None) -> list[SummaryRow]:
    """Return the summary of each arm at each size in ``metric``, the primary one by default."""
    table = analysis.summaries[metric or primary(analysis)[0]]
    return cast("list[SummaryRow]", list(table.itertuples()))
