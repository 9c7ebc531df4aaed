"""All pictures of an analysis, and two of them: box plot with points, paired plot.

They are matplotlib figures made without pyplot; `rendering` turns them into files.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from seedbed.processes import Background
from seedbed.report.analysis.crossed_seeds import unit_of
from seedbed.report.analysis.histories import histories_of_largest
from seedbed.report.analysis.scores import metric_label
from seedbed.report.pictures.cost import cost_plot
from seedbed.report.pictures.dots import dot_plot
from seedbed.report.pictures.epochs import epoch_pictures
from seedbed.report.pictures.labels import (
    axis_label,
    center_texts,
    complete_lines,
    drawn_scores,
    paired_scores,
    point_title,
    rise_text,
    shared_replicates,
    short_names,
)
from seedbed.report.pictures.learning_curve import learning_curve
from seedbed.report.pictures.palette import ArmStyle, arm_styles
from seedbed.report.pictures.rendering import FAINT, INK, Picture, drawing
from seedbed.report.pictures.search import search_pictures
from seedbed.report.pictures.selection import MOST_PANELS, MOST_SIZES, drawn_part
from seedbed.report.pictures.svg_tooltips import name_points
from seedbed.report.sections.floor import floor_means, floor_suffix
from seedbed.report.sections.rows import primary
from seedbed.report.wording import sentence

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from seedbed.report.analysis.analysis import Analysis

WIDTH = 5.2
"""Inches; narrow, so that the text is legible on a phone."""
WORTH_A_PROCESS = 100
"""Rows of a table from which a second process saves time."""


def pictures_of(analysis: "Analysis") -> list[Picture]:
    """Return all pictures of an analysis; one size has no learning curve, one arm has no pairs."""
    return start_pictures(analysis)()


def start_pictures(analysis: "Analysis") -> Callable[[], list[Picture]]:
    """Start to draw the pictures of a large table in a second process; the returned function draws the rest.

    Together they are `pictures_of`, in less time if there is other work in between.
    """
    if analysis.metric is None:
        return list
    by_panel, panel_note = drawn_part(analysis, MOST_PANELS)
    by_size, size_note = drawn_part(analysis, MOST_SIZES)
    histories_of_largest(analysis)  # read here, so that this process too knows which of them are damaged

    def others() -> list[Picture]:
        with drawing():
            paired, cost = paired_plot(by_panel), cost_plot(by_panel)
            curve, epochs, searched = learning_curve(by_size), epoch_pictures(analysis), search_pictures(analysis)
        first = [*_noted(curve, size_note), *_noted(paired, panel_note), *_noted(cost, panel_note)]
        return [*first, *epochs, *searched]

    pending = Background(others) if len(analysis.table) >= WORTH_A_PROCESS else None

    def finish() -> list[Picture]:
        with drawing():
            dots, box = dot_plot(analysis), box_plot(by_panel)
        return [*_noted(dots, ""), *_noted(box, panel_note), *(others() if pending is None else pending.result())]

    return finish


def _noted(picture: Picture | None, note: str) -> list[Picture]:
    return [] if picture is None else [replace(picture, title=picture.title + note)]


def box_plot(analysis: "Analysis") -> Picture | None:
    """Return one panel per size with a box per arm and a point per replicate."""
    groups, styles = drawn_scores(analysis), arm_styles(analysis.arms)
    sizes = [size for size in analysis.sizes if any(groups.get((size, arm)) for arm in analysis.arms)]
    if not sizes:
        return None
    floors = floor_means(analysis)
    figure, panels = _panels(
        len(sizes), 1, 0.75 + 0.25 * bool(floors) + len(sizes) * (0.4 + 0.36 * len(analysis.arms)), sharex=True
    )
    for axes, size in zip(panels, sizes, strict=True):
        by_index = {index: scores for index, arm in enumerate(analysis.arms) if (scores := groups.get((size, arm)))}
        _boxes(axes, {index: list(scores.values()) for index, scores in by_index.items()}, list(styles.values()))
        for index, scores in by_index.items():
            arm, label = analysis.arms[index], analysis.labels[analysis.arms[index]]
            titles = [point_title(label, analysis.sized(size), replicate, score) for replicate, score in scores.items()]
            _points(axes, index, scores, styles[arm], titles)
        axes.set_yticks(range(len(analysis.arms)), short_names(analysis.arms))
        axes.set_ylim(len(analysis.arms) - 0.5, -0.5)
        axes.set_title(analysis.sized(size), loc="left")
        axes.grid(axis="x", color=FAINT)
        if size in floors:
            axes.axvline(floors[size], color=INK, linestyle="--", linewidth=1.2, zorder=1, label="best floor")
    if drawn := next((axes for axes, size in zip(panels, sizes, strict=True) if size in floors), None):
        figure.legend(*drawn.get_legend_handles_labels(), loc="outside upper right", frameon=False)
    panels[-1].set_xlabel(axis_label(analysis))
    label = metric_label(primary(analysis)[0])
    title = f"Every replicate's {label}: box, whiskers, median, and a point each{floor_suffix(analysis, sizes)}"
    return Picture.of(figure, "box", title, f"Box plot of {label}. {center_texts(analysis, 'median')}.")


def paired_plot(analysis: "Analysis") -> Picture | None:
    """Return one panel per size with a line per replicate, or draw with crossed seeds, and their mean in bold."""
    scores, unit = paired_scores(analysis), unit_of(analysis.crossed)
    groups = {size: complete_lines(scores, analysis.arms, size) for size in analysis.sizes}
    groups = {size: lines for size, lines in groups.items() if lines}
    if len(analysis.arms) < 2 or not groups:
        return None
    across = 2 if len(analysis.arms) == 2 and len(groups) > 1 else 1
    down = -(-len(groups) // across)
    figure, panels = _panels(down, across, 0.4 + 2.4 * down, sharey=True)
    for axes in panels[len(groups) :]:
        axes.set_visible(False)
    for axes, (size, lines) in zip(panels, groups.items(), strict=False):
        replicates = shared_replicates(scores, analysis.arms, size)
        titles = {
            arm: [
                point_title(analysis.labels[arm], analysis.sized(size), number, scores[size, arm][number], unit)
                for number in replicates
            ]
            for arm in analysis.arms
        }
        _pairs(axes, analysis.arms, lines, titles)
        _name_arms(axes, analysis.arms, across)
        axes.set_title(analysis.sized(size), loc="left")
    for axes in panels[::across]:
        axes.set_ylabel(axis_label(analysis))
    label = metric_label(primary(analysis)[0])
    title = f"{sentence(label)} of the same examples in each arm: a line a {unit}, dashed where it falls, mean in bold"
    texts = "; ".join(f"{analysis.sized(size)}: {rise_text(lines, unit)}" for size, lines in groups.items())
    arms = ", ".join(analysis.labels[arm] for arm in analysis.arms)
    return Picture.of(figure, "paired", title, f"Paired plot of {label} over {arms}. {texts}.")


_PANEL_POINTS, _LINE_POINTS = 270, 12
"""Width of one panel, and height of a line of text, points."""


def _panels(
    down: int, across: int, height: float, *, sharex: bool = False, sharey: bool = False
) -> tuple["Figure", list["Axes"]]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    return figure, list(figure.subplots(down, across, squeeze=False, sharex=sharex, sharey=sharey).flat)


def _boxes(axes: "Axes", scores: dict[int, list[float]], styles: Sequence[ArmStyle]) -> None:
    """Draw the boxes by vertical position, in one call, which is much faster."""
    line_style = {"linewidth": 1.2}
    boxplot = axes.boxplot(
        list(scores.values()), positions=list(scores), orientation="horizontal", widths=0.56, patch_artist=True,
        showfliers=False, whiskerprops=line_style, capprops=line_style, medianprops={"color": INK, "linewidth": 1.8},
        manage_ticks=False,
    )  # fmt: skip
    for n, index in enumerate(scores):
        color = styles[index].color
        boxplot["boxes"][n].set(facecolor=color + "30", edgecolor=color)
        for kind in ("whiskers", "caps"):
            for artist in boxplot[kind][2 * n : 2 * n + 2]:
                artist.set_color(color)


def _points(axes: "Axes", index: int, scores: dict[int, float], style: ArmStyle, titles: Sequence[str]) -> None:
    # The golden ratio spreads adjacent replicates, in the same way in every picture.
    heights = [index + ((replicate * 0.618) % 1 - 0.5) * 0.4 for replicate in scores]
    points = axes.scatter(
        list(scores.values()), heights, s=16, color=style.color, marker=style.marker, linewidths=0, alpha=0.75, zorder=3
    )
    name_points(points, titles)


def _pairs(axes: "Axes", arms: Sequence[str], lines: list[list[float]], titles: dict[str, list[str]]) -> None:
    styles, positions = arm_styles(arms), range(len(arms))
    steps = [(index, line[index], line[index + 1]) for line in lines for index in positions[:-1]]
    rising, falling = [step for step in steps if step[2] >= step[1]], [step for step in steps if step[2] < step[1]]
    for dash, segments in (("-", rising), ("--", falling)):
        # One line with gaps is drawn much faster than separate lines.
        across = [x for index, _, _ in segments for x in (index, index + 1, math.nan)]
        along = [y for _, start, end in segments for y in (start, end, math.nan)]
        axes.plot(across, along, color=INK, alpha=0.45, lw=0.9, ls=dash)
    for index, arm in enumerate(arms):
        values, style = [line[index] for line in lines], styles[arm]
        points = axes.scatter([index] * len(values), values, s=18, color=style.color, marker=style.marker, zorder=3)
        name_points(points, titles[arm])
    means = [sum(column) / len(column) for column in zip(*lines, strict=True)]
    axes.plot(positions, means, color=INK, lw=2.6, marker="_", markersize=16, zorder=4)
    axes.grid(axis="y", color=FAINT)


def _name_arms(axes: "Axes", arms: Sequence[str], across: int) -> None:
    """Set the names of the arms as tick labels, rotated if they would overlap: the more, the closer they stand."""
    names = short_names(arms)
    if max(map(len, names)) * len(arms) * across <= 52:
        axes.set_xticks(range(len(arms)), names)
    else:
        distance = _PANEL_POINTS / across / len(arms)
        angle = next((a for a in (20, 45) if distance * math.sin(math.radians(a)) > _LINE_POINTS), 90)
        axes.set_xticks(range(len(arms)), names, rotation=angle, ha="right", rotation_mode="anchor")
    axes.set_xlim(-0.3, len(arms) - 0.7)
