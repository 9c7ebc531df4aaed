"""Slices of a search: a point a trial, its score over the value of each key."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from seedbed.report.analysis.best_settings import is_list_default, is_log, value_text, with_numbers
from seedbed.report.analysis.scores import Scale, metric_label
from seedbed.report.analysis.tuning import Tuning
from seedbed.report.pictures.curves import legend, logarithmic
from seedbed.report.pictures.palette import ArmStyle, arm_styles
from seedbed.report.pictures.rendering import FAINT, Picture, on_lines
from seedbed.report.pictures.selection import MOST_ARMS
from seedbed.report.pictures.svg_tooltips import name_points
from seedbed.report.sections.budget import validation_scale
from seedbed.report.sections.tuning_tables import SECTION, settings_text
from seedbed.report.statistics.grids import spread_out
from seedbed.report.wording import sanitize

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from pandas import DataFrame

    from seedbed.report.analysis.analysis import Analysis

NAME = "slices"
MOST_KEYS, MOST_POINTS, MOST_CATEGORIES = 6, 500, 12
"""Keys with a panel, points of all panels, and values of a category on an axis."""
_BINS, _FEWEST = 6, 3
"""Parts of an axis with a median of the scores, and the trials that it needs."""


def slices_picture(analysis: "Analysis") -> Picture | None:
    """Return a panel per key at the largest size that was searched; of many trials every second, third and so on.

    The chosen trials are all there, and larger. Lines connect medians, of arms whose trials all have their final score.
    Trials that diverged are crosses at the edge.
    """
    from matplotlib.figure import Figure

    tuning = analysis.inputs.tuning
    if tuning is None:
        return None
    size = int(tuning.trials["n_train"].max())
    keys = _keys(analysis, tuning, size)
    arms = [arm for arm in analysis.arms if _of(tuning, arm, size)["status"].ne("failed").any()][:MOST_ARMS]
    if not keys or not arms:
        return None
    scale, styles = validation_scale(tuning), arm_styles(analysis.arms)
    down = -(-len(keys) // 2)
    figure = Figure(figsize=(7.0, 0.6 + 2.3 * down), layout="constrained")
    panels = list(figure.subplots(down, 2, squeeze=False, sharey=True).flat)
    most = MOST_POINTS // (len(keys) * len(arms))
    thinned = False
    for axes, key in zip(panels, keys, strict=False):
        categories = _categories(tuning, arms, key, size)
        slot = _slot(tuning, arms, key, size)
        for arm in arms:
            trials = _of(tuning, arm, size)
            trials = trials[trials[key].notna() | is_list_default(tuning.trials.loc[trials.index, key], trials[key])]
            kept = _thinned(trials, most)
            thinned |= len(kept) < len(trials)
            if len(trials):
                label = analysis.labels[arm]
                _draw(axes, tuning, trials, kept, key, categories, scale, styles[arm], label, arms.index(arm), slot)
        _axis(axes, tuning, arms, key, categories)
        if slot is not None:
            axes.text(
                slot, 0.05, "default: a list", transform=axes.get_xaxis_transform(), rotation=90, ha="center",
                va="bottom", fontsize=7, zorder=1.5, bbox=on_lines(),
            )  # fmt: skip
    for axes in panels[len(keys) :]:
        axes.set_visible(False)
    for axes in panels[::2]:
        axes.set_ylabel(sanitize(metric_label(tuning.metric), 40) + (" (%)" if scale.unit else ""), fontsize=8)
    legend(figure, {sanitize(arm, 24): styles[arm] for arm in arms})
    label = metric_label(tuning.metric)
    some = ", some of them" if thinned else ""
    n_keys = len(tuning.keys)
    more = f"; the {len(keys)} most important of {n_keys} keys" if n_keys > len(keys) == MOST_KEYS else ""
    has_lines = not all(_has_pruned(_of(tuning, arm, size)) for arm in arms)
    title = (
        f"Slices at {analysis.sized(size)}: {label} of the trials{some}, over each key; large: chosen; crosses: "
        f"diverged{'; lines: medians' if has_lines else ''}{more}"
    )
    alt = f"Scatter plots of {label} over {', '.join(sanitize(key, 60) for key in keys)} for {len(arms)} arms."
    return Picture.of(figure, NAME, title, alt, SECTION)


def _of(tuning: Tuning, arm: str, size: int) -> "DataFrame":
    trials = tuning.trials[(tuning.trials["arm"] == arm) & (tuning.trials["n_train"] == size)]
    return with_numbers(tuning, arm, trials)


def _slot(tuning: Tuning, arms: Sequence[str], key: str, size: int) -> float | None:
    """Return the place left of the numbers for defaults that are lists of values; None where there are none."""
    found = [_of(tuning, arm, size)[key] for arm in arms]
    if not any(is_list_default(tuning.trials.loc[values.index, key], values).any() for values in found):
        return None
    numbers = [float(value) for values in found for value in values.dropna()]
    low, high = (min(numbers), max(numbers)) if numbers else (1.0, 1.0)
    if any(is_log(tuning, arm, key) for arm in arms) and low > 0:
        return float(low * (low / high) ** 0.12) if high > low else low / 2
    return low - 0.12 * ((high - low) or 1.0)


def _has_pruned(trials: "DataFrame") -> bool:
    return bool((trials["status"] == "pruned").any())


def _keys(analysis: "Analysis", tuning: Tuning, size: int) -> list[str]:
    """Return the keys that vary, at most MOST_KEYS: those that are most important in an arm, in the table's order."""
    trials = tuning.trials[tuning.trials["n_train"] == size]
    keys = [key for key in tuning.keys if trials[key].dropna().nunique() > 1]
    if len(keys) <= MOST_KEYS:
        return keys
    largest = dict.fromkeys(keys, 0.0)
    for row in analysis.importances:
        for key, share in row.shares.items():
            largest[key] = max(largest.get(key, 0.0), share)
    best = sorted(keys, key=lambda key: -largest[key])[:MOST_KEYS]
    return [key for key in keys if key in best]


def _categories(tuning: Tuning, arms: Sequence[str], key: str, size: int) -> list[str] | None:
    """Return the values of a category as typed, or None for numbers on an axis."""
    values = [value for arm in arms for value in _of(tuning, arm, size)[key].dropna().tolist()]
    spaces = {tuning.distribution(arm, key) for arm in arms} - {""}
    is_choice = any(space.startswith("choice") for space in spaces) or any(isinstance(value, str) for value in values)
    if not is_choice:
        return None
    numbers = not any(isinstance(value, str) for value in values)
    ordered = sorted(set(values)) if numbers else sorted(set(values), key=str)
    return [value_text(value, "choice") for value in ordered][:MOST_CATEGORIES]


def _thinned(trials: "DataFrame", most: int) -> "DataFrame":
    """Return at most about ``most`` trials: the chosen ones, and of the others some of each status."""
    others = trials[~trials["chosen"]]
    number = max(most - int(trials["chosen"].sum()), _FEWEST)
    kept = spread_out(list(others.sort_values(["status", "replicate", "trial"]).index), number)
    return trials[trials["chosen"] | trials.index.isin(kept)]


def _draw(
    axes: "Axes", tuning: Tuning, trials: "DataFrame", kept: "DataFrame", key: str, categories: Sequence[str] | None,
    scale: Scale, style: ArmStyle, name: str, index: int, slot: float | None,
) -> None:  # fmt: skip
    """Draw the trials of an arm; ``slot``: where those are whose default is a list of values."""
    x = dict(zip(trials.index, _positions(trials[key].tolist(), categories, index), strict=True))
    listed = {row for row, place in x.items() if math.isnan(place)}
    x |= dict.fromkeys(listed, slot or 0.0)
    scored = trials[tuning.metric].notna() & (trials["status"] != "failed")
    for chosen in (False, True):
        part = kept[scored[kept.index] & (kept["chosen"] == chosen)]
        points = axes.scatter(
            [x[row] for row in part.index], scale.factor * part[tuning.metric], s=34 if chosen else 9,
            color=style.color, marker=style.marker, alpha=0.9 if chosen else 0.4, linewidths=0, zorder=2 + chosen,
        )  # fmt: skip
        name_points(points, [trial_title(tuning, trial, scale, name) for trial in part.to_dict("records")])
    failed = kept[~scored[kept.index]]
    if len(failed):
        crosses = axes.scatter(
            [x[row] for row in failed.index], [0.02] * len(failed), s=14, color=style.color, marker="x", linewidths=0.8,
            transform=axes.get_xaxis_transform(), zorder=2,
        )  # fmt: skip
        name_points(crosses, [trial_title(tuning, trial, scale, name) for trial in failed.to_dict("records")])
    if _has_pruned(trials):
        return
    on_line = scored & ~trials.index.isin(listed)
    x_scored = np.array([x[row] for row in trials.index[on_line]])
    _line(axes, x_scored, scale.factor * trials.loc[on_line, tuning.metric].to_numpy(dtype=float), style, categories)


def _line(axes: "Axes", x: Any, values: Any, style: ArmStyle, categories: Sequence[str] | None) -> None:
    """Draw medians of the scores in parts of the axis with equally many trials, or in each category."""
    order = np.argsort(x, kind="stable")
    parts = np.array_split(order, max(1, min(_BINS, len(order) // _FEWEST))) if categories is None else [
        np.flatnonzero(np.round(x) == position) for position in range(len(categories))
    ]  # fmt: skip
    parts = [part for part in parts if len(part) >= _FEWEST]
    if len(parts) > 1:
        centers = [float(np.median(x[part])) for part in parts]
        medians = [float(np.median(values[part])) for part in parts]
        axes.plot(centers, medians, color=style.color, linestyle=style.line, linewidth=1.3, zorder=2.5)


def _positions(values: Sequence[Any], categories: Sequence[str] | None, index: int) -> list[float]:
    """Return positions on the axis; those of a category are spread a little, in the same way in every picture."""
    if categories is None:
        return [float(value) for value in values]
    places = {text: place for place, text in enumerate(categories)}
    return [
        places.get(value_text(value, "choice"), len(places)) + ((number * 0.618 + index * 0.31) % 1 - 0.5) * 0.5
        for number, value in enumerate(values)
    ]


def _axis(axes: "Axes", tuning: Tuning, arms: Sequence[str], key: str, categories: Sequence[str] | None) -> None:
    if categories is not None:
        axes.set_xticks(range(len(categories)), [sanitize(text, 12) for text in categories])
    elif any(is_log(tuning, arm, key) for arm in arms) and axes.dataLim.x0 > 0:
        logarithmic(axes)
    axes.set_xlabel(sanitize(key, 44), fontsize=8)
    axes.tick_params(labelsize=8)
    axes.grid(axis="y", color=FAINT)


def trial_title(tuning: Tuning, trial: dict[str, Any], scale: Scale, name: str) -> str:
    """``glove, replicate 3, trial 7: 81.20, chosen; training.learning_rate=0.01``."""
    score = trial[tuning.metric]
    text = "diverged" if trial["status"] == "failed" else scale.show(math.nan if score is None else score)
    chosen = ", chosen" if trial["chosen"] else ", pruned" if trial["status"] == "pruned" else ""
    where = f"{name}, replicate {trial['replicate']}, trial {trial['trial']}"
    return f"{where}: {text}{chosen}; {settings_text(tuning, trial)}"
