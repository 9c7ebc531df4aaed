"""The dot plot: the mean of each arm at the largest size with its interval, best first, with floor and chance."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from seedbed.report.analysis.chance import chance_level
from seedbed.report.analysis.floor import floor_name
from seedbed.report.analysis.scores import Scale, metric_label
from seedbed.report.pictures.labels import axis_label, mean_title, short_names
from seedbed.report.pictures.palette import arm_styles
from seedbed.report.pictures.rendering import ANSWER, FAINT, INK, Picture
from seedbed.report.pictures.selection import MOST_ARMS
from seedbed.report.pictures.svg_tooltips import name_points
from seedbed.report.sections.floor import floor_suffix
from seedbed.report.sections.page_table import interval_name, score_text
from seedbed.report.sections.rows import HasInterval, primary
from seedbed.report.wording import sanitize, sentence

if TYPE_CHECKING:
    from seedbed.report.analysis.analysis import Analysis
    from seedbed.report.analysis.ranking import Ranking

NARROW, WIDE, HEIGHT = 4.2, 5.2, 3.4
"""Inches: the width of two pictures beside a table, and of one, and their height."""


class HasMean(HasInterval, Protocol):
    """A mean with its interval."""

    @property
    def mean(self) -> float: ...  # noqa: D102


def dot_plot(analysis: "Analysis") -> Picture | None:
    """Return a point per arm with its interval and letters, best on top; dashed the best floor, dotted chance."""
    from matplotlib.figure import Figure

    ranking = analysis.ranking
    if ranking is None:
        return None
    (metric, scale), shown = primary(analysis), ranking.arms[:MOST_ARMS]
    one_size = len([size for size in analysis.sizes if analysis.rankings[size].arms]) == 1
    height = max(HEIGHT, 1.1 + 0.24 * len(shown))
    figure = Figure(figsize=(WIDE if one_size else NARROW, height), layout="constrained")
    axes, styles = figure.subplots(), arm_styles(analysis.arms)
    for rank, row in enumerate(shown):
        style = styles[row.arm]
        line = axes.errorbar(
            [row.mean * scale.factor], [rank], xerr=interval_lengths([row], scale), color=style.color,
            marker=style.marker, markersize=7, capsize=3, linewidth=1.8, zorder=3,
        )[0]  # fmt: skip
        name_points(line, [mean_title(row, ranking.n_train, analysis)])
        axes.text(1.02, rank, row.letters, transform=axes.get_yaxis_transform(), va="center", family="monospace")
    levels = _levels(analysis, ranking)
    for (name, level), dash in levels.items():
        axes.axvline(level * scale.factor, color=INK, linestyle=dash, linewidth=1.2, zorder=1, label=name)
    if levels:
        figure.legend(loc="outside upper left", ncols=2 if one_size else 1, frameon=False)
    axes.set_yticks(range(len(shown)), short_names([row.arm for row in shown]))
    axes.set_ylim(len(shown) - 0.5, -0.5)
    axes.set_xlabel(f"{axis_label(analysis)}, {analysis.sized(ranking.n_train)}")
    axes.grid(axis="x", color=FAINT)
    label = metric_label(metric)
    interval = interval_name(row.ci_level for row in shown)
    title = f"{sentence(label)} at {analysis.sized(ranking.n_train)}: mean, {interval}, letters of ties"
    title += f"; the best {len(shown)} of {len(ranking.arms):,} arms" if len(shown) < len(ranking.arms) else ""
    title += floor_suffix(analysis, [ranking.n_train])
    texts = [f"{analysis.labels[row.arm]}: {score_text(row.mean, scale)} {row.letters}".rstrip() for row in shown]
    texts += [name for name, _ in levels]
    return Picture.of(figure, "dots", title, f"Dot plot of {label}, best first. {'; '.join(texts)}.", ANSWER)


def interval_lengths(rows: Sequence[HasMean], scale: Scale) -> list[list[float]]:
    """Return the lengths of the two sides of each interval as drawn; 0 without one."""
    below = [_length(row.mean - row.ci_low) * scale.factor for row in rows]
    above = [_length(row.ci_high - row.mean) * scale.factor for row in rows]
    return [below, above]


def _length(side: float) -> float:
    return 0.0 if math.isnan(side) else max(side, 0.0)


def _levels(analysis: "Analysis", ranking: "Ranking") -> dict[tuple[str, float], str]:
    """Return the dash of each line by its name and level: the best floor, and chance."""
    scale, levels = analysis.scale, dict[tuple[str, float], str]()
    best = None if analysis.floor is None else analysis.floor.best(ranking.n_train, scale)
    if best is not None:
        name = floor_name(sanitize(best.floor, 24), short=True)
        levels[f"floor: {name} {score_text(best.mean, scale)}", best.mean] = "--"
    if chance := chance_level(analysis, ranking.n_train):
        levels[f"chance: {score_text(chance.level, scale)}", chance.level] = ":"
    return levels
