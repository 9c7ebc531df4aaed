"""The growth of each arm with the number of labels: measured means, fitted curve, forecast and interval."""

from typing import TYPE_CHECKING

import numpy as np

from seedbed.report.analysis.label_growth import ArmGrowth, LabelGrowth
from seedbed.report.analysis.scores import metric_label
from seedbed.report.pictures.labels import axis_label, size_axis
from seedbed.report.pictures.palette import ArmStyle, arm_styles
from seedbed.report.pictures.rendering import FAINT, INK, Picture, drawing
from seedbed.report.pictures.svg_tooltips import name_points
from seedbed.report.sections.page_table import score_text
from seedbed.report.wording import sentence

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_ARMS = 6
"""Arms that are drawn, the best by their forecast."""
_WIDTH, _HEIGHT, _POINTS = 5.2, 4.0, 120
_FLOOR = ArmStyle("#7f7f7f", "x", ":")


def growth_picture(growth: LabelGrowth) -> Picture:
    """Return the curves on a logarithmic axis; what is beyond the sizes measured is dashed."""
    from matplotlib.figure import Figure

    with drawing():
        figure = Figure(figsize=(_WIDTH, _HEIGHT), layout="constrained")
        axes, styles = figure.subplots(), arm_styles(growth.analysis.arms)
        last = max(growth.forecast_sizes)
        for arm in growth.with_floor(growth.ranked[:MOST_ARMS]):
            style = _FLOOR if arm.index is None else styles[growth.analysis.arms[arm.index]]
            _draw(axes, growth, arm, style, last)
        if growth.target is not None:
            axes.axhline(growth.target * growth.scale.factor, color=INK, linewidth=1, linestyle="-.", zorder=1,
                         label=f"target: {score_text(growth.target, growth.scale)}")  # fmt: skip
        axes.axvline(growth.largest, color=FAINT, linewidth=1.2, zorder=0)
        size_axis(axes, _ticks(growth, last), logarithmic=True, what=_axis(growth))
        axes.set_ylabel(axis_label(growth.analysis))
        axes.grid(axis="y", color=FAINT)
        longest = max(map(len, axes.get_legend_handles_labels()[1]))
        figure.legend(loc="outside upper left", ncols=max(1, min(3, 54 // (longest + 7))), frameon=False)
        label = metric_label(growth.analysis.metric or "")
        title = (
            f"{sentence(label)} by number of {growth.unit}: points are means over replicates, lines the fitted curves, "
            f"dashed beyond {growth.largest:,}, the largest size measured; bands are 95 % intervals"
        )
        texts = [
            f"{arm.label}: {score_text(arm.measured[arm.largest], growth.scale)} with {arm.largest:,}, "
            f"{score_text(arm.expected(growth.size).mean, growth.scale)} with {growth.size:,}"
            for arm in growth.with_floor(growth.ranked)
        ]
        return Picture.of(figure, "growth", title, f"Learning curves of {label}. {'; '.join(texts)}.")


def _draw(axes: "Axes", growth: LabelGrowth, arm: ArmGrowth, style: ArmStyle, last: int) -> None:
    factor = growth.scale.factor
    sizes = np.unique(np.round(np.geomspace(arm.sizes[0], max(last, arm.largest), _POINTS)).astype(int))
    sizes = np.union1d(sizes, [arm.largest])
    curve = arm.at([int(size) for size in sizes])
    mean, low, high = (
        factor * np.array([getattr(one, name) for one in curve]) for name in ("mean", "ci_low", "ci_high")
    )
    within = sizes <= arm.largest
    axes.fill_between(sizes, low, high, color=style.color, alpha=0.13, linewidth=0)
    axes.plot(sizes[within], mean[within], color=style.color, linewidth=1.6, label=arm.label)
    beyond = sizes >= arm.largest
    axes.plot(sizes[beyond], mean[beyond], color=style.color, linewidth=1.6, linestyle="--")
    points = axes.scatter(
        arm.sizes, [score * factor for score in arm.measured.values()], s=30, color=style.color, marker=style.marker,
        linewidths=1, zorder=3,
    )  # fmt: skip
    name_points(
        points,
        [f"{arm.label} with {size:,}: {score_text(score, growth.scale)}" for size, score in arm.measured.items()],
    )
    forecasts = [one for one in arm.at(growth.forecast_sizes) if one.size > arm.largest]
    hollow = axes.scatter(
        [one.size for one in forecasts], [one.mean * factor for one in forecasts], s=30, marker="o", zorder=3,
        facecolors="none", edgecolors=style.color,
    )  # fmt: skip
    name_points(hollow, [
        f"{arm.label} with {one.size:,}, forecast: {score_text(one.mean, growth.scale)} "
        f"({score_text(one.ci_low, growth.scale)} to {score_text(one.ci_high, growth.scale)})" for one in forecasts
    ])  # fmt: skip


def _axis(growth: LabelGrowth) -> str:
    axis = growth.analysis.size_unit.axis
    return f"labels: {axis}" if growth.unit == "labels" else axis


def _ticks(growth: LabelGrowth, last: int) -> list[int]:
    """Return the sizes whose names do not overlap, the largest first."""
    measured = {size for arm in growth.with_floor(growth.arms) for size in arm.sizes}
    ticks: list[int] = []
    for size in sorted(measured | set(growth.forecast_sizes), reverse=True):
        if not ticks or ticks[-1] / size > (last / min(measured)) ** (1 / 12):
            ticks.append(size)
    return ticks
