"""Score against cost: arms and sizes by the seconds of a cell."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from seedbed.report.analysis.scores import metric_label
from seedbed.report.pictures.labels import axis_label, short_names
from seedbed.report.pictures.palette import ArmStyle, arm_styles
from seedbed.report.pictures.rendering import FAINT, INK, Picture
from seedbed.report.pictures.svg_tooltips import name_points
from seedbed.report.sections.cost import search_costs, seconds_of, short
from seedbed.report.sections.page_table import interval_name
from seedbed.report.sections.rows import primary, summary_rows
from seedbed.report.wording import sentence

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from seedbed.report.analysis.analysis import Analysis

LOG_RATIO = 5.0
"""Ratio of the most to the fewest seconds from which their axis is logarithmic."""
_MOST_LABELED = 16
FRONT = "Pareto front"
HEIGHT, LINE = 3.4, 0.22
"""Inches: the height of the picture without its legend, and of a line of the legend."""


@dataclass(frozen=True)
class Point:
    """An arm at a size: median and range of the seconds of a cell; mean score as drawn, with its interval.

    ``searched``: the seconds are those of the search too that chose the settings.
    """

    n_train: int
    arm: str
    seconds: float
    fastest: float
    slowest: float
    score: float
    low: float
    high: float
    searched: bool = False


def points_of(analysis: "Analysis") -> list[Point]:
    """Return the arms and sizes with seconds and scores, by size and then arm."""
    scores = {(row.n_train, row.arm): row for row in summary_rows(analysis)}
    factor = primary(analysis)[1].factor
    searched, points = search_costs(analysis, "seconds"), []
    for size, arm, seconds in seconds_of(analysis):
        row = scores[size, arm]
        if np.isfinite(row.mean):
            low, high = (value if np.isfinite(value) else row.mean for value in (row.ci_low, row.ci_high))
            cost = (float(np.median(seconds)), float(seconds[0]), float(seconds[-1]))
            score = (factor * row.mean, factor * low, factor * high)
            points.append(Point(size, arm, *cost, *score, (size, arm) in searched))
    return points


def pareto_front(points: Sequence[Point], higher_is_better: bool) -> list[Point]:
    """Return the Pareto front, the points that no other beats at the same or a lower cost, the cheapest first."""
    sign = 1 if higher_is_better else -1
    front: list[Point] = []
    for point in sorted(points, key=lambda point: (point.seconds, -sign * point.score)):
        if not front or sign * point.score > sign * front[-1].score:
            front.append(point)
    return front


def cost_plot(analysis: "Analysis") -> Picture | None:
    """Return one point per arm and size, larger with the size, and their Pareto front; None without seconds."""
    from matplotlib.figure import Figure

    points = points_of(analysis)
    if len(points) < 2 or not any(point.seconds > 0 for point in points):
        return None
    metric, scale = primary(analysis)
    front = pareto_front(points, scale.higher_is_better)
    entries = [*short_names(analysis.arms), *([FRONT] if len(front) > 1 else [])]
    columns = max(1, min(len(entries), 54 // (max(map(len, entries)) + 7)))
    rows = math.ceil(len(entries) / columns)
    figure = Figure(figsize=(5.2, HEIGHT + LINE * rows), layout="constrained")
    axes = figure.subplots()
    for arm, name in zip(analysis.arms, short_names(analysis.arms), strict=True):
        of_arm, style = [point for point in points if point.arm == arm], arm_styles(analysis.arms)[arm]
        _bars(axes, of_arm, style)
        for point in of_arm:
            dot = axes.scatter(
                [point.seconds], [point.score], s=25 + 70 * _rank(point.n_train, analysis.sizes), color=style.color,
                marker=style.marker, linewidths=0, zorder=3,
            )  # fmt: skip
            name_points(dot, [_point_title(point, analysis)])
        axes.scatter([], [], s=50, color=style.color, marker=style.marker, linewidths=0, label=name)
    if len(analysis.sizes) > 1 and len(points) <= _MOST_LABELED:
        for point in points:
            axes.annotate(
                f"{point.n_train:,}", (point.seconds, point.score), (6, 4), textcoords="offset points", fontsize=8
            )
    if len(front) > 1:
        fronts = [p.seconds for p in front], [p.score for p in front]
        axes.plot(*fronts, color=INK, ls="--", lw=1, zorder=1, label=FRONT)
    least = min(point.fastest for point in points)
    logarithmic = least > 0 and max(point.slowest for point in points) / least >= LOG_RATIO
    if logarithmic:
        _logarithmic(axes, max(point.slowest for point in points) / least)
    else:
        axes.locator_params(axis="x", nbins=6)
    counted = " and its search" if any(point.searched for point in points) else ""
    axes.set_xlabel(f"seconds per cell{counted}" + (" (logarithmic)" if logarithmic else ""))
    axes.set_ylabel(axis_label(analysis))
    axes.grid(color=FAINT)
    figure.legend(loc="outside upper left", ncols=columns, frameon=False)
    label = metric_label(metric)
    larger = f"; larger with more {analysis.size_unit.many}" if len(analysis.sizes) > 1 else ""
    interval = interval_name(row.ci_level for row in summary_rows(analysis))
    title = f"{sentence(label)} against the seconds of a cell{counted}: mean and {interval}, median and range{larger}"
    title += "; dashed, the Pareto front: no other is better at the same or a lower cost" if len(front) > 1 else ""
    titles = "; ".join(_point_title(point, analysis) for point in front)
    return Picture.of(figure, "cost", title, f"Cost against {label}. Pareto front: {titles}.")


def _bars(axes: "Axes", points: Sequence[Point], style: ArmStyle) -> None:
    """Draw ranges and intervals of all points of an arm in one call, which is much faster."""
    ranges = [[p.seconds - p.fastest for p in points], [p.slowest - p.seconds for p in points]]
    intervals = [[p.score - p.low for p in points], [p.high - p.score for p in points]]
    axes.errorbar(
        [p.seconds for p in points], [p.score for p in points], intervals, ranges, fmt="none", ecolor=style.color,
        elinewidth=1, alpha=0.5, zorder=2,
    )  # fmt: skip


def _rank(size: int, sizes: Sequence[int]) -> float:
    return 0.3 if len(sizes) < 2 else sizes.index(size) / (len(sizes) - 1)


def _point_title(point: Point, analysis: "Analysis") -> str:
    _, scale = primary(analysis)
    score, low, high = (scale.show(value / scale.factor, 1) for value in (point.score, point.low, point.high))
    between = "" if low == high else f" ({low} to {high})"
    arm, size = analysis.labels[point.arm], analysis.sized(point.n_train)
    counted = " and its search" if point.searched else ""
    return f"{arm}, {size}: {score}{between}, {short(point.seconds)} s a cell{counted}"


def _logarithmic(axes: "Axes", ratio: float) -> None:
    """Make the axis of seconds logarithmic; fewer labels for a larger ``ratio``, so that they do not overlap."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    axes.set_xscale("log")
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if ratio < 100 else (1, 3) if ratio < 1000 else (1,)))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.4g}"))
    axes.xaxis.set_minor_formatter(NullFormatter())
