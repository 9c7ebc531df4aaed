"""Curves over the epochs: losses and scores of all arms, and of each type in an arm."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from seedbed.report.analysis.histories import BAND, Histories, course, histories_of, recorded, types_recorded
from seedbed.report.analysis.scores import Scale, metric_label, metric_scale
from seedbed.report.pictures.curves import grid, legend, line, panels
from seedbed.report.pictures.palette import ArmStyle, arm_styles
from seedbed.report.pictures.rendering import Picture
from seedbed.report.wording import count, count_examples, sanitize

if TYPE_CHECKING:
    from seedbed.report.analysis.analysis import Analysis

SECTION = "Epoch by epoch"
MOST_ARMS, MOST_TYPES, MOST_BY_TYPE = 8, 8, 2
"""Arms in the picture of all, types in that of an arm, and arms with a picture of their types: the best ones."""
_FEW_POINTS = 12
"""Named points of a line among many."""
_SPLITS = {
    "train": ArmStyle("#7f7f7f", "s", ":"), "validation": ArmStyle("#0072b2", "o", "-"),
    "test": ArmStyle("#d55e00", "D", "--"),
}  # fmt: skip
_SCORES = ("precision", "recall", "f1")
NAMES = ("epochs", *(f"types-{number}" for number in range(MOST_BY_TYPE)))


def epoch_pictures(analysis: "Analysis") -> list[Picture]:
    """At the largest size with histories: a picture of all arms, and in tagging of the types of each of the best."""
    for size in sorted(analysis.sizes, reverse=True):
        histories = histories_of(analysis, size)
        if histories:
            best = _best_first(analysis, size, histories)
            drawn = [
                _all_arms(analysis, size, {arm: histories[arm] for arm in analysis.arms if arm in best[:MOST_ARMS]})
            ]
            for number, arm in enumerate(best[:MOST_BY_TYPE] if has_types(analysis) else ()):
                drawn.append(_by_type(analysis, size, arm, histories, number))
            return [picture for picture in drawn if picture is not None]
    return []


def _all_arms(analysis: "Analysis", size: int, histories: Histories) -> Picture | None:
    score = analysis.metric.partition("/")[2] or analysis.metric
    scores = recorded(histories, score)
    names = [*recorded(histories, "loss"), *scores]
    if not names or max(len(values) for own in histories.values() for one in own for values in one.values()) < 2:
        return None
    stops = any(len({_length(history) for history in own}) > 1 for own in histories.values())
    number = len(names) + stops
    figure, axes = panels(-(-number // 2), 2, 1.75)
    styles = arm_styles(analysis.arms)
    for place, name in zip(axes, names, strict=False):
        scale = analysis.scales[analysis.metric] if name in scores else Scale(1.0, 3, "", False)
        for arm, own in histories.items():
            if found := course(own, name):
                line(place, found, scale, styles[arm], sanitize(arm, 60))
        place.set_title(metric_label(name) + (" (%)" if scale.unit else ""), loc="left")
    if stops:
        for arm, own in histories.items():
            left = [sum(_length(history) > epoch for history in own) for epoch in range(max(map(_length, own)))]
            style, at = styles[arm], np.arange(1, len(left) + 1)
            axes[len(names)].step(at, left, where="mid", color=style.colour, linestyle=style.line, linewidth=1.2)
        axes[len(names)].set_title("replicates still training", loc="left")
    for place in axes[number:]:
        place.set_visible(False)
    for place in axes[max(number - 2, 0) : number]:
        place.set_xlabel("epoch", fontsize=8)
    legend(figure, {sanitize(arm, 24): styles[arm] for arm in histories})
    label, arms = metric_label(analysis.metric), count(len(histories), "arm")
    some = f" of {len(analysis.arms)}" if len(histories) < len(analysis.arms) else ""
    title = (
        f"Epoch by epoch at {count_examples(size)}: mean over replicates, and the band from the {BAND[0]:.0f} to the "
        f"{BAND[1]:.0f} % point" + ("; a line ends where fewer than half still train" if stops else "")
    )
    return Picture.of(figure, "epochs", title, f"Losses and {label} of {arms}{some} after each epoch.", SECTION)


def _by_type(analysis: "Analysis", size: int, arm: str, histories: Histories, number: int) -> Picture | None:
    own = histories[arm]
    types = _frequent(analysis, size, arm, types_recorded({arm: own}))
    splits = [name.partition("/")[0] for name in recorded({arm: own}, f"f1/{types[0]}")] if types else []
    if not splits or max(map(_length, own)) < 2:
        return None
    scale = metric_scale(analysis.table, "test/f1")
    courses = {(kind, score): {split: found for split in splits if (found := course(own, f"{split}/{score}/{kind}"))}
               for kind in types for score in _SCORES}  # fmt: skip
    if not any(courses.values()):
        return None
    figure, axes = grid(len(types), len(_SCORES), [one for drawn in courses.values() for one in drawn.values()], scale)
    for place, ((kind, score), drawn) in zip(axes, courses.items(), strict=True):
        for split, found in drawn.items():
            line(
                place,
                found,
                scale,
                _SPLITS[split],
                f"{sanitize(kind, 40)}, {metric_label(score)}, {split}",
                _FEW_POINTS,
            )
        if score == _SCORES[0]:
            place.set_title(sanitize(kind, 16), loc="left", fontsize=8)
        if kind == types[0]:
            place.set_title(metric_label(score), loc="right", fontsize=8)
    for place in axes[-len(_SCORES) :]:
        place.set_xlabel("epoch", fontsize=8)
    legend(figure, {split: _SPLITS[split] for split in splits}, loc="upper left")
    title = (
        f"{sanitize(arm, 60)} at {count_examples(size)}, type by type: precision, recall and F1 (%) after each epoch, "
        "mean over replicates and band"
    )
    names = ", ".join(sanitize(k, 40) for k in types)
    alt = f"Precision, recall and F1 after each epoch in {sanitize(arm, 60)} for {names}."
    return Picture.of(figure, f"types-{number}", title, alt, SECTION)


def _best_first(analysis: "Analysis", size: int, histories: Histories) -> list[str]:
    summary = analysis.summaries[analysis.metric]
    means = {row.arm: row.mean for row in summary.itertuples() if row.n_train == size and row.mean == row.mean}
    sign = 1 if analysis.scales[analysis.metric].higher_is_better else -1
    return sorted(histories, key=lambda arm: -sign * means.get(arm, -np.inf * sign))


def _frequent(analysis: "Analysis", size: int, arm: str, types: Sequence[str]) -> list[str]:
    """The types with most mentions in the test sets, by name."""
    here = analysis.table[(analysis.table["n_train"] == size) & (analysis.table["arm"] == arm)]

    def mentions(kind: str) -> float:
        column = f"test/support/{kind}"
        return float(here[column].mean()) if column in here.columns else 0.0

    return sorted(sorted(types, key=lambda kind: (-np.nan_to_num(mentions(kind)), kind))[:MOST_TYPES])


def has_types(analysis: "Analysis") -> bool:
    """Whether entities have types; the classes of a classification are left to the tables."""
    return "task" not in analysis.table.columns or not (analysis.table["task"] == "classification").all()


def _length(history: Mapping[str, Sequence[float]]) -> int:
    return max(map(len, history.values()), default=0)
