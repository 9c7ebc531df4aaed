"""Scores as drawn, axes of sizes, names that fit an axis, and descriptions for alt texts."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from seedbed.report.analysis.comparisons import mean_score, scored_cells
from seedbed.report.analysis.ranking import RankedArm
from seedbed.report.analysis.scores import metric_label
from seedbed.report.sections.page_table import interval_text, shown_digits
from seedbed.report.sections.rows import SummaryRow, primary, summary_rows
from seedbed.report.wording import sanitize

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from seedbed.report.analysis.analysis import Analysis

NAME_LENGTH = 24
Scores = dict[tuple[int, str], dict[int, float]]
"""By size and arm: replicate to score as drawn, in order of replicates."""


def drawn_scores(analysis: "Analysis") -> Scores:
    """Return the finished scores in the primary metric."""
    groups: Scores = {}
    metric, scale = primary(analysis)
    for n_train, arm, cells in analysis.groups:
        scored = cells[cells[metric].notna()].sort_values("replicate")
        groups[n_train, arm] = dict(zip(scored["replicate"], scored[metric] * scale.factor, strict=True))
    return groups


def paired_scores(analysis: "Analysis") -> Scores:
    """Return the scores of all replicates, or data seeds if crossed, that every arm finished, by size and arm.

    As in the table of differences, pairs are cells on the same draw, or with crossed seeds the mean of the
    initializations that all arms finished.
    """
    metric, scale = primary(analysis)
    cells = scored_cells(analysis, metric)
    groups: Scores = {}
    for size in analysis.sizes:
        by_arm = {arm: cells.get((arm, size), {}) for arm in analysis.arms}
        units: dict[int, list[tuple[int, ...]]] = {}
        for key in sorted(set.intersection(*map(set, by_arm.values()))):
            if len({by_arm[arm][key].draw for arm in analysis.arms}) == 1:
                units.setdefault(key[0], []).append(key)
        for arm in analysis.arms:
            groups[size, arm] = {unit: mean_score(by_arm[arm], keys) * scale.factor for unit, keys in units.items()}
    return groups


def complete_lines(scores: Scores, arms: Sequence[str], size: int) -> list[list[float]]:
    """Return the scores in order of the arms, for each replicate that all arms finished at ``size``."""
    return [[scores[size, arm][replicate] for arm in arms] for replicate in shared_replicates(scores, arms, size)]


def shared_replicates(scores: Scores, arms: Sequence[str], size: int) -> list[int]:
    """Return the replicates that all arms finished at ``size``, sorted."""
    return sorted(set.intersection(*(set(scores.get((size, arm), {})) for arm in arms)))


def point_title(label: str, size: str, replicate: int, score: float, unit: str = "replicate") -> str:
    """``glove, 200 examples, replicate 3: 64.2``, for a score as drawn."""
    return f"{label}, {size}, {unit} {replicate}: {score:.4g}"


def mean_title(row: SummaryRow | RankedArm, n_train: int, analysis: "Analysis") -> str:
    """``glove, 200 examples, mean 64.2, 95 % interval 60.1 to 68.0``, for an arm at a size."""
    _, scale = primary(analysis)
    texts = [analysis.labels[row.arm], analysis.sized(n_train), f"mean {scale.show(row.mean, shown_digits(scale))}"]
    return ", ".join([*texts, *filter(None, [interval_text(row, scale)])])


def axis_label(analysis: "Analysis") -> str:
    """Return the metric with its unit, if any."""
    metric, scale = primary(analysis)
    return sanitize(metric_label(metric), 60) + (" (%)" if scale.unit else "")


def size_axis(axes: "Axes", ticks: Sequence[int], logarithmic: bool, what: str) -> None:
    """Make the horizontal axis one of sizes, with these ticks alone."""
    from matplotlib.ticker import FixedLocator, NullLocator

    if logarithmic:
        axes.set_xscale("log")
    axes.xaxis.set_major_locator(FixedLocator(ticks))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xticks(ticks, [f"{size:,}" for size in ticks])
    axes.set_xlabel(what + (" (logarithmic)" if logarithmic else ""))


def short_names(arms: Sequence[str]) -> list[str]:
    """Return the names of the arms, cut to fit an axis."""
    return [sanitize(arm, NAME_LENGTH) for arm in arms]


def center_texts(analysis: "Analysis", column: Literal["mean", "median"]) -> str:
    """Return the ``mean`` or ``median`` of each arm at each size as text."""
    _, scale = primary(analysis)
    return "; ".join(
        f"{analysis.labels[row.arm]} at {analysis.sized(row.n_train)}: {column} {scale.show(getattr(row, column), 1)}"
        for row in summary_rows(analysis)
        if row.n
    )


def rise_text(lines: list[list[float]], unit: str = "replicate") -> str:
    """Return how many lines end higher than they start as text; each is a ``unit``."""
    rose = sum(line[-1] > line[0] for line in lines)
    return f"{rose} of {len(lines)} {unit}s are higher in the last arm than in the first"
