"""Budget curves: the expected score of the best of n trials, over trials, seconds and joules."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np

from seedbed.report.analysis.budget_curves import BudgetCurve
from seedbed.report.analysis.scores import Scale, metric_label
from seedbed.report.pictures.curves import legend, logarithmic
from seedbed.report.pictures.palette import ArmStyle, arm_styles
from seedbed.report.pictures.rendering import FAINT, Picture
from seedbed.report.pictures.selection import MOST_ARMS
from seedbed.report.pictures.svg_tooltips import name_points
from seedbed.report.sections.budget import budgets_shown, validation_scale
from seedbed.report.sections.cost import short
from seedbed.report.sections.page_table import interval_name
from seedbed.report.sections.rows import primary
from seedbed.report.sections.tuning_tables import SECTION
from seedbed.report.statistics.grids import spread_out
from seedbed.report.statistics.sign_flips import level_of
from seedbed.report.wording import count, sanitize

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from seedbed.report.analysis.analysis import Analysis

NAME = "budget"
MOST_SIZES = 3
"""Sizes with a row of panels."""
_COSTS = (("trials", ""), ("seconds", "seconds"), ("joules", "energy_j"))


def budget_picture(analysis: "Analysis") -> Picture | None:
    """Return a row of panels per size: over the number of trials with intervals, and over what they cost.

    Those of a single size are below one another, so that they can be read on a phone.
    """
    from matplotlib.figure import Figure

    tuning, curves = analysis.inputs.tuning, _drawn(analysis)
    if tuning is None or not any(curve.budget > 1 for curve in curves):
        return None
    sizes = spread_out(sorted({curve.n_train for curve in curves}), MOST_SIZES)
    costs = [(title, name) for title, name in _COSTS if not name or any(_has_cost(curve, name) for curve in curves)]
    scale, styles, (metric, test_scale) = validation_scale(tuning), arm_styles(analysis.arms), primary(analysis)
    of_test = test_scale if scale.unit and scale.unit == test_scale.unit else None
    rows, columns, width = (len(sizes), len(costs), 7.0) if len(sizes) > 1 else (len(costs), 1, 4.6)
    figure = Figure(figsize=(width, 0.6 + 2.5 * rows), layout="constrained")
    sharey: Literal["row", "all"] = "row" if columns > 1 else "all"
    panels = figure.subplots(rows, columns, squeeze=False, sharey=sharey).reshape(len(sizes), len(costs))
    for row, size in zip(panels, sizes, strict=True):
        for axes, (title, name) in zip(row, costs, strict=True):
            for curve in curves:
                if curve.n_train == size:
                    _draw(axes, curve, name, scale, of_test, styles[curve.arm], analysis.labels[curve.arm])
            axes.grid(axis="y", color=FAINT)
            axes.tick_params(labelsize=8)
            axes.set_xlabel(title if title == "trials" else f"{title} (logarithmic)", fontsize=8)
            if name:
                logarithmic(axes)
        row[0].set_title(analysis.sized(size), loc="left")
        for axes in row if columns == 1 else row[:1]:
            axes.set_ylabel(sanitize(metric_label(tuning.metric), 40) + (" (%)" if scale.unit else ""), fontsize=8)
    shown = {sanitize(arm, 24): styles[arm] for arm in analysis.arms if any(curve.arm == arm for curve in curves)}
    legend(figure, shown, width=width)
    label = metric_label(tuning.metric)
    tested = f"; thin: its test {metric_label(metric)}" if of_test and any(c.test is not None for c in curves) else ""
    band = interval_name(level_of(len(curve.replicates)) for curve in curves)
    title = f"Budget curves: expected {label} of the best of n trials, with its {band}{tested}"
    return Picture.of(figure, NAME, title, f"Budget curves of {label}. {_texts(analysis, curves, scale)}.", SECTION)


def _drawn(analysis: "Analysis") -> list[BudgetCurve]:
    """Return the whole curves of at most MOST_ARMS arms: those that are best with all trials."""
    tuning, curves = analysis.inputs.tuning, [curve for curve in analysis.budget_curves if curve.is_whole]
    arms = list(dict.fromkeys(curve.arm for curve in curves))
    if tuning is None or len(arms) <= MOST_ARMS:
        return curves
    largest = max(curve.n_train for curve in curves)
    ends = {curve.arm: tuning.gain(float(curve.mean[-1])) for curve in curves if curve.n_train == largest}
    best = sorted(ends, key=lambda arm: -ends[arm])[:MOST_ARMS]
    return [curve for curve in curves if curve.arm in best]


def _draw(
    axes: "Axes", curve: BudgetCurve, cost: str, scale: Scale, of_test: Scale | None, style: ArmStyle, name: str
) -> None:
    """Draw a curve; its test score too, if it has the same unit."""
    if cost and not _has_cost(curve, cost):
        return
    x = getattr(curve, cost) if cost else np.arange(1, curve.budget + 1)
    mean = scale.factor * curve.mean
    if not cost and len(curve.replicates) > 1:
        axes.fill_between(x, scale.factor * curve.low, scale.factor * curve.high, color=style.color, alpha=0.1, lw=0)
    axes.plot(x, mean, color=style.color, linestyle=style.line, linewidth=1.4)
    if not cost and curve.test is not None and of_test is not None:
        axes.plot(x, of_test.factor * curve.test, color=style.color, linestyle=style.line, linewidth=0.6)
    shown = np.array(budgets_shown(curve.budget)) - 1
    points = axes.scatter(x[shown], mean[shown], s=12, color=style.color, marker=style.marker, linewidths=0, zorder=3)
    name_points(points, [_point(curve, int(index) + 1, scale, name) for index in shown])


def _has_cost(curve: BudgetCurve, name: str) -> bool:
    return bool((getattr(curve, name) > 0).all())  # not where it is NaN


def _point(curve: BudgetCurve, n: int, scale: Scale, name: str) -> str:
    mean, low, high = (scale.show(float(values[n - 1])) for values in (curve.mean, curve.low, curve.high))
    between = "" if low == "–" else f" ({low} to {high})"
    costs = [
        f"{short(float(cost[n - 1]))} {unit}"
        for cost, unit in ((curve.seconds, "s"), (curve.energy_j, "J"))
        if math.isfinite(cost[n - 1])
    ]
    return ", ".join([f"{name}, best of {count(n, 'trial')}: {mean}{between}", *costs])


def _texts(analysis: "Analysis", curves: Sequence[BudgetCurve], scale: Scale) -> str:
    """Return the ends of the curves for the alt text."""
    texts = []
    for curve in curves:
        first, last = (scale.show(float(curve.mean[end])) for end in (0, -1))
        where = f"{analysis.labels[curve.arm]} at {analysis.sized(curve.n_train)}"
        texts.append(f"{where}: {first} with one, {last} with {curve.budget}")
    return "; ".join(texts)
