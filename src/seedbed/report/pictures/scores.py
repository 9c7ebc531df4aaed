"""The three pictures of a study: box plot with points, paired plot, learning curve with intervals.

They are matplotlib figures made without pyplot; `rendering` turns them into files.
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from seedbed.report.analysis.crossed_seeds import unit_of
from seedbed.report.analysis.scores import metric_label
from seedbed.report.pictures.cost import cost_plot
from seedbed.report.pictures.epochs import epoch_pictures
from seedbed.report.pictures.labels import (
    axis_label,
    centres,
    complete_lines,
    drawn_scores,
    mean_title,
    paired_scores,
    point_title,
    rises,
    shared_replicates,
    short_names,
)
from seedbed.report.pictures.palette import ArmStyle, arm_styles
from seedbed.report.pictures.rendering import FAINT, INK, Picture, drawing
from seedbed.report.pictures.selection import MOST_PANELS, MOST_SIZES, drawn_part
from seedbed.report.pictures.svg_tooltips import name_points
from seedbed.report.sections.floor import floor_lines, floor_said
from seedbed.report.statistics.sign_flips import LEVEL
from seedbed.report.wording import count_examples, sanitize, sentence

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from seedbed.report.analysis.analysis import Analysis

WIDTH = 5.2
"""Inches; narrow, so that the text stays legible on a phone."""
_MOST_TICKS = 9


def pictures_of(analysis: "Analysis") -> list[Picture]:
    """The pictures that the study has cells for: one size has no curve, one arm has no pairs."""
    if analysis.metric is None:
        return []
    with drawing():
        (few, told), (more, also) = drawn_part(analysis, MOST_PANELS), drawn_part(analysis, MOST_SIZES)
        drawn = [(box_plot(few), told), (learning_curve(more), also), (paired_plot(few), told), (cost_plot(few), told)]
        drawn += [(picture, "") for picture in epoch_pictures(analysis)]
        return [replace(picture, title=picture.title + note) for picture, note in drawn if picture is not None]


def box_plot(analysis: "Analysis") -> Picture | None:
    """A box an arm and a point a replicate, a panel a size."""
    groups, styles = drawn_scores(analysis), arm_styles(analysis.arms)
    sizes = [size for size in analysis.sizes if any(groups.get((size, arm)) for arm in analysis.arms)]
    if not sizes:
        return None
    floors = floor_lines(analysis)
    figure, panels = _panels(len(sizes), 1, 0.75 + len(sizes) * (0.4 + 0.36 * len(analysis.arms)), sharex=True)
    for axes, size in zip(panels, sizes, strict=True):
        own = {place: scores for place, arm in enumerate(analysis.arms) if (scores := groups.get((size, arm)))}
        _boxes(axes, {place: list(scores.values()) for place, scores in own.items()}, list(styles.values()))
        for place, scores in own.items():
            arm = analysis.arms[place]
            titles = [point_title(arm, size, replicate, score) for replicate, score in scores.items()]
            _points(axes, place, scores, styles[arm], titles)
        axes.set_yticks(range(len(analysis.arms)), short_names(analysis.arms))
        axes.set_ylim(len(analysis.arms) - 0.5, -0.5)
        axes.set_title(count_examples(size), loc="left")
        axes.grid(axis="x", color=FAINT)
        if size in floors:
            axes.axvline(floors[size], color=INK, linestyle="--", linewidth=1.2, zorder=1)
    panels[-1].set_xlabel(axis_label(analysis))
    label = metric_label(analysis.metric)
    title = f"Every replicate's {label}: box, whiskers, median, and a point each{floor_said(analysis, sizes)}"
    return Picture.of(figure, "box", title, f"Box plot of {label}. {centres(analysis, 'median')}.")


def paired_plot(analysis: "Analysis") -> Picture | None:
    """A line a replicate, or a draw where seeds are crossed, from arm to arm, a panel a size; their mean in bold."""
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
            arm: [point_title(arm, size, number, scores[size, arm][number], unit) for number in replicates]
            for arm in analysis.arms
        }
        _pairs(axes, analysis.arms, lines, titles)
        _name_arms(axes, analysis.arms, across)
        axes.set_title(count_examples(size), loc="left")
    for axes in panels[::across]:
        axes.set_ylabel(axis_label(analysis))
    label = metric_label(analysis.metric)
    title = f"{sentence(label)} of the same examples in each arm: a line a {unit}, dashed where it falls, mean in bold"
    told = "; ".join(f"{count_examples(size)}: {rises(lines, unit)}" for size, lines in groups.items())
    arms = ", ".join(sanitize(arm, 60) for arm in analysis.arms)
    return Picture.of(figure, "paired", title, f"Paired plot of {label} over {arms}. {told}.")


def learning_curve(analysis: "Analysis") -> Picture | None:
    """Mean over sizes with its 95 % interval, a line an arm, a faint point a replicate."""
    summary = analysis.summaries[analysis.metric]
    summary = summary[summary["mean"].notna()]
    if summary["n_train"].nunique() < 2:
        return None
    factor = analysis.scales[analysis.metric].factor
    figure, (axes,) = _panels(1, 1, 3.5)
    low, high = min(analysis.sizes), max(analysis.sizes)
    logarithmic = low > 0 and high / low >= 3
    groups, styles = drawn_scores(analysis), arm_styles(analysis.arms)
    for position, (arm, name) in enumerate(zip(analysis.arms, short_names(analysis.arms), strict=True)):
        rows, style = summary[summary["arm"] == arm], styles[arm]
        # Arms stand a little apart, so that one interval does not hide another.
        apart = (position - (len(analysis.arms) - 1) / 2) * min(
            0.02, 0.12 / len(analysis.arms) / (len(analysis.sizes) - 1)
        )
        at = [size * (high / low) ** apart if logarithmic else size + (high - low) * apart for size in rows["n_train"]]
        drawn = [
            (x, score, point_title(arm, int(size), number, score))
            for x, size in zip(at, rows["n_train"], strict=True)
            for number, score in groups[int(size), arm].items()
        ]
        across, along, titles = zip(*drawn, strict=True) if drawn else ((), (), ())
        look = {"color": style.colour, "alpha": 0.3, "linewidths": 0, "zorder": 2}
        name_points(axes.scatter(across, along, s=9, **look), titles)
        sides = [rows["mean"] - rows["ci_low"], rows["ci_high"] - rows["mean"]]
        line = axes.errorbar(
            at, rows["mean"] * factor, yerr=[side.fillna(0).clip(lower=0) * factor for side in sides], label=name,
            color=style.colour, marker=style.marker, linestyle=style.line, markersize=6, capsize=3, zorder=3,
        )[0]  # fmt: skip
        name_points(line, [mean_title(row, analysis) for row in rows.itertuples()])
    if floors := floor_lines(analysis):
        axes.plot(list(floors), list(floors.values()), color=INK, linestyle="--", linewidth=1.2, zorder=1)
    _size_axis(axes, analysis.sizes, logarithmic)
    axes.set_ylabel(axis_label(analysis))
    axes.grid(axis="y", color=FAINT)
    longest = max(map(len, short_names(analysis.arms)))
    figure.legend(loc="outside upper left", ncols=max(1, min(len(analysis.arms), 54 // (longest + 7))), frameon=False)
    label = metric_label(analysis.metric)
    said = floor_said(analysis, analysis.sizes)
    short = ", or the range of fewer than six replicates" if (summary["ci_level"] < 1 - LEVEL).any() else ""
    title = f"{sentence(label)} by number of training examples: mean and its 95 % interval{short}{said}"
    return Picture.of(figure, "curve", title, f"Learning curve of {label}. {centres(analysis, 'mean')}.")


def _panels(down: int, across: int, height: float, **shared: bool) -> tuple["Figure", list["Axes"]]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    return figure, list(figure.subplots(down, across, squeeze=False, **shared).flat)


def _boxes(axes: "Axes", values: dict[int, list[float]], styles: Sequence[ArmStyle]) -> None:
    """By place; all at once, as matplotlib takes long to start."""
    line = {"linewidth": 1.2}
    drawn = axes.boxplot(
        list(values.values()), positions=list(values), orientation="horizontal", widths=0.56, patch_artist=True,
        showfliers=False, whiskerprops=line, capprops=line, medianprops={"color": INK, "linewidth": 1.8},
        manage_ticks=False,
    )  # fmt: skip
    for number, place in enumerate(values):
        colour = styles[place].colour
        drawn["boxes"][number].set(facecolor=colour + "30", edgecolor=colour)
        for kind in ("whiskers", "caps"):
            for one in drawn[kind][2 * number : 2 * number + 2]:
                one.set_color(colour)


def _points(axes: "Axes", position: int, scores: dict[int, float], style: ArmStyle, titles: Sequence[str]) -> None:
    # The golden ratio spreads neighbouring replicates far apart, and the same way in every picture.
    heights = [position + ((replicate * 0.618) % 1 - 0.5) * 0.4 for replicate in scores]
    look = {"color": style.colour, "marker": style.marker, "linewidths": 0, "alpha": 0.75, "zorder": 3}
    name_points(axes.scatter(list(scores.values()), heights, s=16, **look), titles)


def _pairs(axes: "Axes", arms: Sequence[str], lines: list[list[float]], titles: dict[str, list[str]]) -> None:
    styles, places = arm_styles(arms), range(len(arms))
    steps = [(place, line[place], line[place + 1]) for line in lines for place in places[:-1]]
    falls = [step for step in steps if step[2] < step[1]]
    for dash, drawn in (("-", [step for step in steps if step[2] >= step[1]]), ("--", falls)):
        # One line with gaps draws much faster than a line each.
        across = [x for place, _, _ in drawn for x in (place, place + 1, math.nan)]
        along = [y for _, start, end in drawn for y in (start, end, math.nan)]
        axes.plot(across, along, color=INK, alpha=0.45, lw=0.9, ls=dash)
    for place, arm in enumerate(arms):
        values, style = [line[place] for line in lines], styles[arm]
        drawn = axes.scatter([place] * len(values), values, s=18, color=style.colour, marker=style.marker, zorder=3)
        name_points(drawn, titles[arm])
    means = [sum(column) / len(column) for column in zip(*lines, strict=True)]
    axes.plot(places, means, color=INK, lw=2.6, marker="_", markersize=16, zorder=4)
    axes.grid(axis="y", color=FAINT)


def _name_arms(axes: "Axes", arms: Sequence[str], across: int) -> None:
    """Names under the places, slanted where they would run into each other."""
    names = short_names(arms)
    crowded = max(map(len, names)) * len(arms) * across > 52
    axes.set_xticks(range(len(arms)), names, rotation=20 if crowded else 0, ha="right" if crowded else "center")
    axes.set_xlim(-0.3, len(arms) - 0.7)


def _size_axis(axes: "Axes", sizes: Sequence[int], logarithmic: bool) -> None:
    from matplotlib.ticker import FixedLocator, NullLocator

    if logarithmic:
        axes.set_xscale("log")
    shown = sizes if len(sizes) <= _MOST_TICKS else sizes[:: -(-len(sizes) // _MOST_TICKS)]
    axes.xaxis.set_major_locator(FixedLocator(shown))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xticks(shown, [f"{size:,}" for size in shown])
    axes.set_xlabel("training examples" + (" (logarithmic)" if logarithmic else ""))
