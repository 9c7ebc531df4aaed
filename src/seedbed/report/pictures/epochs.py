"""Learning curves over the epochs: losses and scores of all arms, and of each type in an arm."""

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from seedbed.metric_names import MetricName
from seedbed.report.analysis.histories import (
    BAND,
    Histories,
    histories_of_largest,
    measure_curve,
    recorded,
    types_recorded,
)
from seedbed.report.analysis.scores import Scale, metric_label, metric_scale
from seedbed.report.pictures.curves import grid, legend, line, panels
from seedbed.report.pictures.palette import ArmStyle, arm_styles
from seedbed.report.pictures.rendering import Picture
from seedbed.report.sections.rows import primary, summary_rows
from seedbed.report.wording import sanitize, share_text

if TYPE_CHECKING:
    from seedbed.report.analysis.analysis import Analysis

SECTION = "Training curves"
MOST_ARMS, MOST_TYPES, MOST_BY_TYPE = 8, 8, 2
"""Arms in the picture of all, types in that of an arm, and best arms with a picture of their types."""
_FEW_POINTS = 12
"""Most points with tooltips in a line of a small panel."""
_SPLITS = {
    "train": ArmStyle("#7f7f7f", "s", ":"), "validation": ArmStyle("#0072b2", "o", "-"),
    "test": ArmStyle("#d55e00", "D", "--"),
}  # fmt: skip
_SCORES = ("precision", "recall", "f1")
NAMES = ("epochs", *(f"types-{number}" for number in range(MOST_BY_TYPE)))


def epoch_pictures(analysis: "Analysis") -> list[Picture]:
    """Return pictures at the largest size with histories: of all arms, and in tagging of the types of the best arms."""
    size, histories = histories_of_largest(analysis)
    if not histories:
        return []
    best = _best_first(analysis, size, histories)
    pictures = [_all_arms(analysis, size, {arm: histories[arm] for arm in analysis.arms if arm in best[:MOST_ARMS]})]
    for index, arm in enumerate(best[:MOST_BY_TYPE] if has_types(analysis) else ()):
        pictures.append(_by_type(analysis, size, arm, histories, index))
    return [picture for picture in pictures if picture is not None]


def _all_arms(analysis: "Analysis", size: int, histories: Histories) -> Picture | None:
    metric, main_scale = primary(analysis)
    score = MetricName.of(metric).without_split
    scores = recorded(histories, score)
    names = [*recorded(histories, "loss"), *scores]
    if not names or max(map(_length, (history for group in histories.values() for history in group))) < 2:
        return None
    stops = any(len({_length(history) for history in replicates}) > 1 for replicates in histories.values())
    n_panels = len(names) + stops
    figure, axes = panels(-(-n_panels // 2), 2, 1.75)
    styles = arm_styles(analysis.arms)
    for panel, name in zip(axes, names, strict=False):
        scale = main_scale if name in scores else Scale(1.0, 3, "", False)
        for arm, replicates in histories.items():
            if curve := measure_curve(replicates, name):
                line(panel, curve, scale, styles[arm], analysis.labels[arm])
        panel.set_title(metric_label(name) + (" (%)" if scale.unit else ""), loc="left")
    if stops:
        for arm, replicates in histories.items():
            lengths = [_length(history) for history in replicates]
            training = [sum(length > epoch for length in lengths) for epoch in range(max(lengths))]
            style, epochs = styles[arm], np.arange(1, len(training) + 1)
            axes[len(names)].step(epochs, training, where="mid", color=style.color, linestyle=style.line, linewidth=1.2)
        axes[len(names)].set_title("replicates still training", loc="left")
    for panel in axes[n_panels:]:
        panel.set_visible(False)
    for panel in axes[max(n_panels - 2, 0) : n_panels]:
        panel.set_xlabel("epoch", fontsize=8)
    legend(figure, {sanitize(arm, 24): styles[arm] for arm in histories})
    label, arms = metric_label(metric), share_text(len(histories), len(analysis.arms), "arm")
    title = (
        f"Training curves at {analysis.sized(size)}: mean over replicates, and the band from the {BAND[0]:.0f} to the "
        f"{BAND[1]:.0f} % point" + ("; a line ends where fewer than half still train" if stops else "")
    )
    return Picture.of(figure, "epochs", title, f"Losses and {label} of {arms} after each epoch.", SECTION)


def _by_type(analysis: "Analysis", size: int, arm: str, histories: Histories, index: int) -> Picture | None:
    replicates = histories[arm]
    types = _frequent(analysis, size, arm, types_recorded({arm: replicates}))
    splits = [MetricName.of(name).split for name in recorded({arm: replicates}, f"f1/{types[0]}")] if types else []
    if not splits or max(map(_length, replicates)) < 2:
        return None
    scale = metric_scale(analysis.table, "test/f1")
    curves = {
        (kind, score): {
            split: curve
            for split in splits
            if (curve := measure_curve(replicates, f"{split}/{score}/{kind}")) is not None
        }
        for kind in types
        for score in _SCORES
    }
    if not any(curves.values()):
        return None
    all_curves = [curve for by_split in curves.values() for curve in by_split.values()]
    figure, axes = grid(len(types), len(_SCORES), all_curves, scale)
    for panel, ((kind, score), by_split) in zip(axes, curves.items(), strict=True):
        for split, curve in by_split.items():
            name = f"{sanitize(kind, 40)}, {metric_label(score)}, {split}"
            line(panel, curve, scale, _SPLITS[split], name, _FEW_POINTS)
        if score == _SCORES[0]:
            panel.set_title(sanitize(kind, 16), loc="left", fontsize=8)
        if kind == types[0]:
            panel.set_title(metric_label(score), loc="right", fontsize=8)
    for panel in axes[-len(_SCORES) :]:
        panel.set_xlabel("epoch", fontsize=8)
    legend(figure, {split: _SPLITS[split] for split in splits}, loc="upper left")
    title = (
        f"{analysis.labels[arm]} at {analysis.sized(size)}, type by type: precision, recall and F1 (%) after each "
        "epoch, mean over replicates and band"
    )
    names = ", ".join(sanitize(kind, 40) for kind in types)
    alt = f"Precision, recall and F1 after each epoch in {analysis.labels[arm]} for {names}."
    return Picture.of(figure, f"types-{index}", title, alt, SECTION)


def _best_first(analysis: "Analysis", size: int, histories: Histories) -> list[str]:
    _, scale = primary(analysis)
    rows = [row for row in summary_rows(analysis) if row.n_train == size and not math.isnan(row.mean)]
    gains = {row.arm: scale.gain(row.mean) for row in rows}
    return sorted(histories, key=lambda arm: -gains.get(arm, -math.inf))


def _frequent(analysis: "Analysis", size: int, arm: str, types: Sequence[str]) -> list[str]:
    """Return the types with most mentions in the test sets, sorted by name."""
    cells = analysis.table[(analysis.table["n_train"] == size) & (analysis.table["arm"] == arm)]

    def mentions(kind: str) -> float:
        column = f"test/support/{kind}"
        return float(cells[column].mean()) if column in cells.columns else 0.0

    return sorted(sorted(types, key=lambda kind: (-np.nan_to_num(mentions(kind)), kind))[:MOST_TYPES])


def has_types(analysis: "Analysis") -> bool:
    """Return whether entities have types; classes of a classification have tables only."""
    return "task" not in analysis.table.columns or not (analysis.table["task"] == "classification").all()


def _length(history: Mapping[str, Sequence[float]]) -> int:
    return max(map(len, history.values()), default=0)
