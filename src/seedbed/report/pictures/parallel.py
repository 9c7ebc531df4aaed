"""Parallel coordinates of a search: a line a trial through the values of its keys to its score."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from seedbed.report.analysis.best_settings import is_list_default, is_log, value_text, with_numbers
from seedbed.report.analysis.scores import Scale, metric_label
from seedbed.report.analysis.trials_table import is_missing
from seedbed.report.analysis.tuning import Tuning
from seedbed.report.pictures.rendering import INK, Picture, on_lines
from seedbed.report.pictures.slices import trial_title
from seedbed.report.pictures.svg_tooltips import name_line
from seedbed.report.sections.budget import validation_scale
from seedbed.report.sections.tuning_tables import SECTION
from seedbed.report.statistics.grids import spread_out
from seedbed.report.wording import sanitize

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from pandas import DataFrame

    from seedbed.report.analysis.analysis import Analysis

MOST_PICTURES, MOST_LINES, MOST_KEYS = 3, 40, 8
"""Arms with a picture, trials in it, and keys."""
_LISTED = -0.15
"""The height of a default that is a list of values, below an axis of numbers."""
NAMES = tuple(f"parallel-{number}" for number in range(MOST_PICTURES))


def parallel_pictures(analysis: "Analysis") -> list[Picture]:
    """Return a picture each of the best arms at the largest size that was searched, with evenly spaced trials.

    Each line can be pointed at, touched, or reached with the tabulator, and then shows its settings above the axes.
    """
    from matplotlib import colormaps
    from matplotlib.figure import Figure

    tuning = analysis.inputs.tuning
    if tuning is None:
        return []
    size = int(tuning.trials["n_train"].max())
    pictures: list[Picture] = []
    for arm in _best_arms(analysis, tuning, size)[:MOST_PICTURES]:
        trials = tuning.trials[(tuning.trials["arm"] == arm) & (tuning.trials["n_train"] == size)]
        raw, trials = trials, with_numbers(tuning, arm, trials)
        lists = {key: is_list_default(raw[key], trials[key]) for key in tuning.keys}
        keys = [key for key in tuning.keys if trials[key].dropna().nunique() > 1][:MOST_KEYS]
        scored = trials[trials[tuning.metric].notna() & (trials["status"] != "failed")]
        if not keys or len(scored) < 2:
            continue
        shown = _thinned(tuning, scored)
        scale = validation_scale(tuning)
        figure = Figure(figsize=(7.0, 3.6))
        axes = figure.add_axes((0.06, 0.15, 0.88, 0.69))
        columns = [_Axis(tuning, arm, key, trials[key].tolist(), listed=lists[key].any()) for key in keys]
        columns.append(_Axis(tuning, arm, tuning.metric, (scale.factor * scored[tuning.metric]).tolist(), scale))
        shares = np.linspace(0.0, 1.0, len(shown))  # by rank, the best last
        for (index, trial), share in zip(shown.iterrows(), shares, strict=True):
            values = [trial[key] for key in keys] + [scale.factor * trial[tuning.metric]]
            listed = [bool(lists[key][index]) for key in keys] + [False]
            heights = [
                _LISTED if is_list else column.height(value)
                for column, value, is_list in zip(columns, values, listed, strict=True)
            ]
            (line,) = axes.plot(
                range(len(columns)), heights, color=colormaps["viridis"](0.9 * (1 - share)),
                linewidth=2.2 if trial["chosen"] else 0.9, alpha=1.0 if trial["chosen"] else 0.7, zorder=2 + share,
            )  # fmt: skip
            name_line(line, trial_title(tuning, dict(raw.loc[index]), scale, analysis.labels[arm]))
        _draw_axes(axes, columns)
        label = metric_label(tuning.metric)
        some = f"{len(shown)} of {len(trials)}" if len(shown) < len(trials) else f"{len(trials)}"
        title = (
            f"{analysis.labels[arm]} at {analysis.sized(size)}: {some} trials as lines through their settings, dark: "
            f"best {label}, thick: chosen; point at a line, touch it or use the tab key to read it"
        )
        names = ", ".join([*keys, label])
        alt = f"Parallel coordinates of {len(shown)} trials of {analysis.labels[arm]} over {names}."
        pictures.append(Picture.of(figure, NAMES[len(pictures)], title, sanitize(alt, 500), SECTION))
    return pictures


def _best_arms(analysis: "Analysis", tuning: Tuning, size: int) -> list[str]:
    """Return the arms by their expected score with all trials."""
    ends = {c.arm: tuning.gain(float(c.mean[-1])) for c in analysis.budget_curves if c.n_train == size}
    return sorted(ends, key=lambda arm: -ends[arm])


def _thinned(tuning: Tuning, trials: "DataFrame") -> "DataFrame":
    """Return at most MOST_LINES trials, worst first: the chosen ones, and of the others evenly spaced ones by score."""
    ordered = trials.sort_values(tuning.metric, ascending=not tuning.lower_is_better, kind="stable")
    chosen = list(ordered.index[ordered["chosen"]])[-MOST_LINES // 2 :]
    others = [row for row in ordered.index if row not in set(chosen)]
    kept = {*chosen, *spread_out(others, max(MOST_LINES - len(chosen), 2))}
    return ordered[[row in kept for row in ordered.index]]


class _Axis:
    """A vertical axis from 0 to 1 for the values of a key, or for the score."""

    def __init__(
        self, tuning: Tuning, arm: str, key: str, values: Sequence[Any], scale: Scale | None = None,
        listed: bool = False,
    ) -> None:  # fmt: skip
        self.listed = listed
        self.scale, self.space = scale, "" if scale else tuning.distribution(arm, key)
        self.title = (metric_label(key) + (" (%)" if scale.unit else "")) if scale else key.rpartition(".")[2]
        known = [value for value in values if not is_missing(value)]
        self.categories: list[str] | None = None
        if scale is None and (self.space.startswith("choice") or any(isinstance(value, str) for value in known)):
            numbers = not any(isinstance(value, str) for value in known)
            ordered = sorted(set(known)) if numbers else sorted(set(known), key=str)
            self.categories = [value_text(value, "choice") for value in ordered]
            return
        self.logarithmic = scale is None and is_log(tuning, arm, key) and min(known) > 0
        self.low, self.high = (self._place(end) for end in (min(known), max(known)))

    def _place(self, value: float) -> float:
        return float(np.log10(value)) if self.logarithmic else float(value)

    def height(self, value: Any) -> float:
        """Return the height of a value; NaN if it is missing."""
        if is_missing(value):
            return float("nan")
        if self.categories is not None:
            place = self.categories.index(value_text(value, "choice"))
            return (place + 0.5) / len(self.categories)
        return (self._place(value) - self.low) / ((self.high - self.low) or 1.0)

    def ticks(self) -> list[tuple[float, str]]:
        """Return heights and texts of a few values."""
        if self.categories is not None:
            places = range(len(self.categories))
            return [((place + 0.5) / len(self.categories), sanitize(self.categories[place], 12)) for place in places]
        shown = []
        for share in (0.0, 0.5, 1.0):
            place = self.low + share * (self.high - self.low)
            value = 10**place if self.logarithmic else place
            shown.append((share, f"{value:.1f}" if self.scale and self.scale.unit else f"{value:.3g}"))
        return [*shown, (_LISTED, "default: a list")] if self.listed else shown


def _draw_axes(axes: "Axes", columns: Sequence[_Axis]) -> None:
    for position, column in enumerate(columns):
        axes.axvline(position, color=INK, linewidth=0.8, zorder=1)
        for height, text in column.ticks():
            axes.text(position + 0.03, height, text, fontsize=7, va="center", zorder=6, bbox=on_lines())
    titles = [_broken(sanitize(column.title, 26), 84 // len(columns)) for column in columns]
    axes.set_xticks(range(len(columns)), titles, fontsize=8)
    axes.set_yticks([])
    axes.set_xlim(-0.1, len(columns) - 0.65)
    axes.set_ylim(_LISTED - 0.05 if any(column.listed for column in columns) else -0.05, 1.05)
    axes.spines[:].set_visible(False)


def _broken(title: str, width: int) -> str:
    """Return a title in two lines if it is longer than ``width``."""
    mark = " " if " " in title else "_"
    return title.replace(mark, f"{mark.strip()}\n", 1) if len(title) > width else title
