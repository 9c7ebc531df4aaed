"""Cost against score: what the seconds of an arm buy."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from seedbed.report.analysis.scores import metric_label
from seedbed.report.pictures.labels import axis_label, short_names
from seedbed.report.pictures.palette import ArmStyle, arm_styles
from seedbed.report.pictures.rendering import FAINT, INK, Picture
from seedbed.report.pictures.svg_tooltips import name_points
from seedbed.report.sections.cost import seconds_of, short
from seedbed.report.wording import count_examples, sanitize, sentence

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from seedbed.report.analysis.analysis import Analysis

WIDE = 5.0
"""The largest over the least seconds from which on their axis is logarithmic."""
_MOST_NAMED = 16


@dataclass(frozen=True)
class Point:
    """An arm at a size: median seconds of a cell and their range; mean score as drawn and its interval."""

    n_train: int
    arm: str
    seconds: float
    fastest: float
    slowest: float
    score: float
    low: float
    high: float


def points_of(analysis: "Analysis") -> list[Point]:
    """Arms and sizes with both, by size and then arm."""
    summary = analysis.summaries[analysis.metric]
    scores = {(row.n_train, row.arm): row for row in summary.itertuples()}
    factor = analysis.scales[analysis.metric].factor
    points = []
    for size, arm, seconds in seconds_of(analysis):
        row = scores[size, arm]
        if np.isfinite(row.mean):
            low, high = (value if np.isfinite(value) else row.mean for value in (row.ci_low, row.ci_high))
            between = (float(np.median(seconds)), float(seconds[0]), float(seconds[-1]))
            points.append(Point(size, arm, *between, *(factor * value for value in (row.mean, low, high))))
    return points


def front(points: Sequence[Point], higher_is_better: bool) -> list[Point]:
    """Those that no other beats at the same or less cost (Pareto's front), from the cheapest on."""
    sign = 1 if higher_is_better else -1
    kept: list[Point] = []
    for point in sorted(points, key=lambda point: (point.seconds, -sign * point.score)):
        if not kept or sign * point.score > sign * kept[-1].score:
            kept.append(point)
    return kept


def cost_plot(analysis: "Analysis") -> Picture | None:
    """A point an arm and size, larger with the size, and the front of those that no other beats."""
    from matplotlib.figure import Figure

    points = points_of(analysis)
    if len(points) < 2 or not any(point.seconds > 0 for point in points):
        return None
    figure = Figure(figsize=(5.2, 3.7), layout="constrained")
    axes, scale = figure.subplots(), analysis.scales[analysis.metric]
    best = front(points, scale.higher_is_better)
    for arm, name in zip(analysis.arms, short_names(analysis.arms), strict=True):
        own, style = [point for point in points if point.arm == arm], arm_styles(analysis.arms)[arm]
        look = {"color": style.colour, "marker": style.marker, "linewidths": 0, "zorder": 3}
        _bars(axes, own, style)
        for point in own:
            size = 25 + 70 * _rank(point.n_train, analysis.sizes)
            name_points(axes.scatter([point.seconds], [point.score], s=size, **look), [_said(point, analysis)])
        axes.scatter([], [], s=50, color=style.colour, marker=style.marker, linewidths=0, label=name)
    if len(analysis.sizes) > 1 and len(points) <= _MOST_NAMED:
        for point in points:
            place = {"xytext": (6, 4), "textcoords": "offset points", "fontsize": 8}
            axes.annotate(f"{point.n_train:,}", (point.seconds, point.score), **place)
    axes.plot([p.seconds for p in best], [p.score for p in best], color=INK, ls="--", lw=1, zorder=1)
    least = min(point.fastest for point in points)
    logarithmic = least > 0 and max(point.slowest for point in points) / least >= WIDE
    if logarithmic:
        _logarithmic(axes)
    axes.set_xlabel("seconds a cell" + (" (logarithmic)" if logarithmic else ""))
    axes.set_ylabel(axis_label(analysis))
    axes.grid(color=FAINT)
    longest = max(map(len, short_names(analysis.arms)))
    figure.legend(
        loc="outside upper left", ncols=max(1, min(len(analysis.arms), 54 // (longest + 7))),
        frameon=False,
    )  # fmt: skip
    label = metric_label(analysis.metric)
    larger = "; larger with more examples" if len(analysis.sizes) > 1 else ""
    title = (
        f"{sentence(label)} against the seconds of a cell: mean and interval, median and range{larger}; dashed, "
        "what nothing else beats at the same cost"
    )
    told = "; ".join(_said(point, analysis) for point in best)
    return Picture.of(figure, "cost", title, f"Cost against {label}. Not beaten at the same cost: {told}.")


def _bars(axes: "Axes", points: Sequence[Point], style: ArmStyle) -> None:
    """Ranges and intervals of all points of an arm at once, as matplotlib takes long to start."""
    at = [[point.seconds for point in points], [point.score for point in points]]
    ends = {
        "xerr": [[p.seconds - p.fastest for p in points], [p.slowest - p.seconds for p in points]],
        "yerr": [[p.score - p.low for p in points], [p.high - p.score for p in points]],
    }
    axes.errorbar(*at, **ends, fmt="none", ecolor=style.colour, elinewidth=1, alpha=0.5, zorder=2)


def _rank(size: int, sizes: Sequence[int]) -> float:
    return 0.3 if len(sizes) < 2 else sizes.index(size) / (len(sizes) - 1)


def _said(point: Point, analysis: "Analysis") -> str:
    scale = analysis.scales[analysis.metric]
    score, low, high = (scale.show(value / scale.factor, 1) for value in (point.score, point.low, point.high))
    between = "" if low == high else f" ({low} to {high})"
    return (
        f"{sanitize(point.arm, 60)}, {count_examples(point.n_train)}: {score}{between}, {short(point.seconds)} s a cell"
    )


def _logarithmic(axes: object) -> None:
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    axes.set_xscale("log")
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.4g}"))
    axes.xaxis.set_minor_formatter(NullFormatter())
