"""Lines with bands over the epochs, and the panels they stand in."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from seedbed.report.analysis.histories import Course
from seedbed.report.analysis.scores import Scale
from seedbed.report.pictures.palette import ArmStyle
from seedbed.report.pictures.rendering import FAINT, INK
from seedbed.report.pictures.svg_tooltips import name_points
from seedbed.report.wording import count

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_POINTS = 25
"""Named points of a line; a longer one has one at every second epoch, and so on."""


def line(axes: "Axes", found: Course, scale: Scale, style: ArmStyle, name: str, most: int = MOST_POINTS) -> None:
    """Mean, band and named points."""
    at = np.arange(1, len(found.mean) + 1)
    mean, low, high = (scale.factor * values for values in (found.mean, found.low, found.high))
    axes.fill_between(at, low, high, color=style.colour, alpha=0.15, linewidth=0)
    axes.plot(at, mean, color=style.colour, linestyle=style.line, linewidth=1.3)
    every = -(-len(at) // most)
    look = {"color": style.colour, "marker": style.marker, "linewidths": 0, "zorder": 3}
    points = axes.scatter(at[::every], mean[::every], s=9, **look)
    titles = [
        f"{name}, epoch {epoch + 1}: {scale.show(found.mean[epoch])} "
        f"({scale.show(found.low[epoch])} to {scale.show(found.high[epoch])}), "
        f"{count(int(found.training[epoch]), 'replicate')}"
        for epoch in range(0, len(at), every)
    ]
    name_points(points, titles)


def panels(down: int, across: int, height: float) -> tuple[object, list["Axes"]]:
    """A figure, and its panels from the top left, each with limits of its own."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    figure = Figure(figsize=(5.2, 0.5 + height * down), layout="constrained")
    axes = list(figure.subplots(down, across, squeeze=False).flat)
    for place in axes:
        place.grid(axis="y", color=FAINT)
        place.xaxis.set_major_locator(MaxNLocator(4, integer=True))
        place.tick_params(labelsize=8)
    return figure, axes


def grid(down: int, across: int, courses: Sequence[Course], scale: Scale) -> tuple[object, list["Axes"]]:
    """Panels of one frame: the limits and places are given, as finding them takes long."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    epochs = max(len(one.mean) for one in courses)
    low = scale.factor * min(one.low.min() for one in courses)
    high = scale.factor * max(one.high.max() for one in courses)
    room = 0.05 * (high - low) or 1.0
    width, height = 5.2, 0.9 + 1.05 * down  # inches
    figure = Figure(figsize=(width, height))
    axes = list(figure.subplots(down, across, squeeze=False).flat)
    figure.subplots_adjust(0.4 / width, 0.45 / height, 1 - 0.1 / width, 1 - 0.55 / height, wspace=0.1, hspace=0.4)
    ticks = [
        [tick for tick in MaxNLocator(4, integer=whole).tick_values(*ends) if ends[0] <= tick <= ends[1]]
        for whole, ends in ((True, (1, epochs)), (False, (low - room, high + room)))
    ]
    for number, place in enumerate(axes):
        place.set(
            xticks=ticks[0], yticks=ticks[1], xlim=(1 - 0.04 * epochs, 1.04 * epochs), ylim=(low - room, high + room)
        )
        place.grid(axis="y", color=FAINT)
        bottom, left = number >= len(axes) - across, number % across == 0
        place.tick_params(labelsize=8, labelbottom=bottom, labelleft=left)
    return figure, axes


def legend(figure: object, styles: Mapping[str, ArmStyle], loc: str = "outside upper left") -> None:
    """Names of the lines above the panels."""
    from matplotlib.lines import Line2D

    drawn = [
        Line2D([], [], color=style.colour, marker=style.marker, linestyle=style.line, markersize=4, linewidth=1.3)
        for style in styles.values()
    ]
    ncols = max(1, 54 // (max(map(len, styles)) + 7))
    figure.legend(drawn, list(styles), loc=loc, ncols=ncols, frameon=False, labelcolor=INK)
