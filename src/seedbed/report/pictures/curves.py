"""Lines with bands over the epochs, and their panels."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np

from seedbed.report.analysis.histories import EpochCurve
from seedbed.report.analysis.scores import Scale
from seedbed.report.pictures.palette import ArmStyle
from seedbed.report.pictures.rendering import FAINT, INK
from seedbed.report.pictures.svg_tooltips import name_points
from seedbed.report.wording import count

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_POINTS = 25
"""Most points with tooltips in a line; a longer line has one at every second epoch, and so on."""


def line(axes: "Axes", curve: EpochCurve, scale: Scale, style: ArmStyle, name: str, most: int = MOST_POINTS) -> None:
    """Draw mean, band and points with tooltips."""
    epochs = np.arange(1, len(curve.mean) + 1)
    mean, low, high = (scale.factor * values for values in (curve.mean, curve.low, curve.high))
    axes.fill_between(epochs, low, high, color=style.color, alpha=0.15, linewidth=0)
    axes.plot(epochs, mean, color=style.color, linestyle=style.line, linewidth=1.3)
    every = -(-len(epochs) // most)
    points = axes.scatter(
        epochs[::every], mean[::every], s=9, color=style.color, marker=style.marker, linewidths=0, zorder=3
    )
    titles = [
        f"{name}, epoch {epoch + 1}: {scale.show(curve.mean[epoch])} "
        f"({scale.show(curve.low[epoch])} to {scale.show(curve.high[epoch])}), "
        f"{count(int(curve.training[epoch]), 'replicate')}"
        for epoch in range(0, len(epochs), every)
    ]
    name_points(points, titles)


def panels(down: int, across: int, height: float) -> tuple["Figure", list["Axes"]]:
    """Return a figure and its panels, row by row, each with its own limits."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    figure = Figure(figsize=(5.2, 0.5 + height * down), layout="constrained")
    axes = list(figure.subplots(down, across, squeeze=False).flat)
    for panel in axes:
        panel.grid(axis="y", color=FAINT)
        panel.xaxis.set_major_locator(MaxNLocator(4, integer=True))
        panel.tick_params(labelsize=8)
    return figure, axes


def grid(down: int, across: int, curves: Sequence[EpochCurve], scale: Scale) -> tuple["Figure", list["Axes"]]:
    """Return a figure and panels with common limits, computed here because matplotlib's layout is slow."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    epochs = max(len(curve.mean) for curve in curves)
    low = scale.factor * min(curve.low.min() for curve in curves)
    high = scale.factor * max(curve.high.max() for curve in curves)
    margin = 0.05 * (high - low) or 1.0
    width, height = 5.2, 0.9 + 1.05 * down  # inches
    figure = Figure(figsize=(width, height))
    axes = list(figure.subplots(down, across, squeeze=False).flat)
    figure.subplots_adjust(0.4 / width, 0.45 / height, 1 - 0.1 / width, 1 - 0.55 / height, wspace=0.1, hspace=0.4)
    ticks = [
        [tick for tick in MaxNLocator(4, integer=integer).tick_values(*ends) if ends[0] <= tick <= ends[1]]
        for integer, ends in ((True, (1, epochs)), (False, (low - margin, high + margin)))
    ]
    for index, panel in enumerate(axes):
        panel.set(xticks=ticks[0], yticks=ticks[1])
        panel.set(xlim=(1 - 0.04 * epochs, 1.04 * epochs), ylim=(low - margin, high + margin))
        panel.grid(axis="y", color=FAINT)
        in_last_row, in_first_column = index >= len(axes) - across, index % across == 0
        panel.tick_params(labelsize=8, labelbottom=in_last_row, labelleft=in_first_column)
    return figure, axes


def logarithmic(axes: "Axes") -> None:
    """Make the horizontal axis logarithmic, with plain numbers: formulas are not drawn."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    axes.set_xscale("log")
    low, high = axes.get_xlim()
    if high <= 100 * low:
        axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    elif high > 1e6 * low:  # or labels such as 0.0001 overlap
        axes.xaxis.set_major_locator(LogLocator(numticks=6))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.4g}"))
    axes.xaxis.set_minor_formatter(NullFormatter())


def legend(
    figure: "Figure",
    styles: Mapping[str, ArmStyle],
    loc: Literal["upper left", "outside upper left"] = "outside upper left",
    width: float = 7.0,
) -> None:
    """Draw the legend above the panels; ``width``: of the figure, in inches."""
    from matplotlib.lines import Line2D

    handles = [
        Line2D([], [], color=style.color, marker=style.marker, linestyle=style.line, markersize=4, linewidth=1.3)
        for style in styles.values()
    ]
    ncols = max(1, int(54 * width / 7) // (max(map(len, styles)) + 7))
    figure.legend(handles=handles, labels=list(styles), loc=loc, ncols=ncols, frameon=False, labelcolor=INK)
