"""The learning curve: the mean of each arm by size, with intervals."""

import math
from typing import TYPE_CHECKING

from seedbed.report.analysis.scores import metric_label
from seedbed.report.pictures.dots import HEIGHT, NARROW, interval_lengths
from seedbed.report.pictures.labels import (
    axis_label,
    center_texts,
    drawn_scores,
    mean_title,
    point_title,
    short_names,
    size_axis,
)
from seedbed.report.pictures.palette import arm_styles
from seedbed.report.pictures.rendering import ANSWER, FAINT, INK, Picture
from seedbed.report.pictures.svg_tooltips import name_points
from seedbed.report.sections.floor import floor_means, floor_suffix
from seedbed.report.sections.page_table import interval_name
from seedbed.report.sections.rows import primary, summary_rows
from seedbed.report.wording import sentence

if TYPE_CHECKING:
    from seedbed.report.analysis.analysis import Analysis

_MOST_TICKS = 9


def learning_curve(analysis: "Analysis") -> Picture | None:
    """Return the mean of each arm by size with its interval, and a faint point per replicate."""
    from matplotlib.figure import Figure

    metric, scale = primary(analysis)
    summary = [row for row in summary_rows(analysis) if not math.isnan(row.mean)]
    if len({row.n_train for row in summary}) < 2:
        return None
    across = max(1, min(len(analysis.arms), 42 // (max(map(len, short_names(analysis.arms))) + 7)))
    height = max(HEIGHT, 2.7 + 0.19 * -(-len(analysis.arms) // across))  # 0.19 inches are a line of the legend
    figure = Figure(figsize=(NARROW, height), layout="constrained")
    axes = figure.subplots()
    low, high = min(analysis.sizes), max(analysis.sizes)
    logarithmic = low > 0 and high / low >= 3
    groups, styles = drawn_scores(analysis), arm_styles(analysis.arms)
    for index, (arm, name) in enumerate(zip(analysis.arms, short_names(analysis.arms), strict=True)):
        rows, style = [row for row in summary if row.arm == arm], styles[arm]
        # Arms are shifted a little, so that intervals do not overlap.
        step = min(0.02, 0.12 / len(analysis.arms) / (len(analysis.sizes) - 1))
        shift = (index - (len(analysis.arms) - 1) / 2) * step
        x = [row.n_train * (high / low) ** shift if logarithmic else row.n_train + (high - low) * shift for row in rows]
        points = [
            (position, score, point_title(analysis.labels[arm], analysis.sized(row.n_train), number, score))
            for position, row in zip(x, rows, strict=True)
            for number, score in groups[row.n_train, arm].items()
        ]
        x_values, y_values, titles = zip(*points, strict=True) if points else ((), (), ())
        name_points(axes.scatter(x_values, y_values, s=9, color=style.color, alpha=0.3, linewidths=0, zorder=2), titles)
        line = axes.errorbar(
            x, [row.mean * scale.factor for row in rows], yerr=interval_lengths(rows, scale), label=name,
            color=style.color, marker=style.marker, linestyle=style.line, markersize=6, capsize=3, zorder=3,
        )[0]  # fmt: skip
        name_points(line, [mean_title(row, row.n_train, analysis) for row in rows])
    if floors := floor_means(analysis):
        axes.plot(list(floors), list(floors.values()), color=INK, linestyle="--", linewidth=1.2, zorder=1)
    size_axis(axes, analysis.sizes[:: -(-len(analysis.sizes) // _MOST_TICKS)], logarithmic, analysis.size_unit.axis)
    axes.set_ylabel(axis_label(analysis))
    axes.grid(axis="y", color=FAINT)
    figure.legend(loc="outside upper left", ncols=across, frameon=False)
    label = metric_label(metric)
    suffix = floor_suffix(analysis, analysis.sizes)
    interval = interval_name(row.ci_level for row in summary)
    title = f"{sentence(label)} by number of {analysis.size_unit.axis}: mean and its {interval}{suffix}"
    return Picture.of(figure, "curve", title, f"Learning curve of {label}. {center_texts(analysis, 'mean')}.", ANSWER)
