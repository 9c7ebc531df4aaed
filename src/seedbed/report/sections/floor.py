"""The floor in words and tables."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from seedbed.report.analysis.floor import ArmVsBaseline, Series, floor_name
from seedbed.report.analysis.scores import Scale, metric_label
from seedbed.report.sections.page_table import (
    PageTable,
    TableCell,
    arm_cell,
    arm_indices,
    integer_cell,
    interval_cell,
    metric_title,
    number_cell,
    size_cell,
)
from seedbed.report.statistics.sign_flips import LEVEL
from seedbed.report.wording import count_examples, level_text, sanitize

if TYPE_CHECKING:
    from seedbed.report.analysis.analysis import Analysis

MOST_ARMS = 4
"""How many arms are named with their figures in a sentence; the table has them all."""
_BEATS = {True: "yes", False: "no", None: "–"}


@dataclass(frozen=True)
class FloorAnswer:
    """What is to be said of the arms at one size and the floor."""

    n_train: int
    beaten: bool
    text: str


def floor_answers(analysis: "Analysis") -> list[FloorAnswer]:
    """A sentence a size: which arms do not beat the best floor, or that all do. Empty without a floor."""
    if analysis.floor is None:
        return []
    groups: dict[tuple[int, str], list[ArmVsBaseline]] = {}
    for one in analysis.floor.against:
        groups.setdefault((one.n_train, one.series.dataset), []).append(one)
    several = len({series.dataset for series in analysis.floor.series}) > 1
    said = (_said(size, dataset if several else "", own, analysis) for (size, dataset), own in groups.items())
    return [answer for answer in said if answer is not None]


def floor_tables(analysis: "Analysis") -> list[PageTable]:
    """Each floor at each size, and each arm against the best of them; empty without a floor."""
    if analysis.floor is None:
        return []
    return [_floors(analysis), _arms(analysis)]


def _said(n_train: int, dataset: str, group: list[ArmVsBaseline], analysis: "Analysis") -> FloorAnswer | None:
    scale, label = analysis.scales[analysis.metric], metric_label(analysis.metric)
    where = f"At {count_examples(n_train)}" + (f" of {sanitize(dataset, 60)}" if dataset else "")
    best = max(group, key=lambda one: len(one.series.scores)).series
    under = sorted((one for one in group if one.beats is False), key=lambda one: -_gain(one, scale))
    floor = f"{floor_name(best.floor)} reaches {_score(best.mean, scale)} {label}"
    if under:
        figures = ", ".join(_figures(one, best, scale) for one in under[:MOST_ARMS])
        figures += f" and {len(under) - MOST_ARMS} more in the table" if len(under) > MOST_ARMS else ""
        if len(under) == len(group) and len(group) > 1:
            return FloorAnswer(n_train, False, f"{where} no arm beats the floor: {floor}, {figures}.")
        names = _names(under)
        do = "does" if len(under) == 1 else "do"
        return FloorAnswer(n_train, False, f"{where} {names} {do} not beat the floor: {floor}, {figures}.")
    if any(one.beats is None for one in group):
        return None
    who = "every arm" if len(group) > 1 else sanitize(group[0].arm, 60)
    return FloorAnswer(n_train, True, f"{where} {who} beats the floor: {floor}.")


def _gain(one: ArmVsBaseline, scale: Scale) -> float:
    return one.paired.mean_difference * (1 if scale.higher_is_better else -1)


def _names(under: list[ArmVsBaseline]) -> str:
    if len(under) > MOST_ARMS:
        return f"{len(under)} arms"
    names = [sanitize(one.arm, 60) for one in under]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _figures(one: ArmVsBaseline, best: Series, scale: Scale) -> str:
    """``glove 64.2 % (−4.5, 95 % interval −7.0 to −2.1)``."""
    digits = 1 if scale.unit else scale.digits
    paired = one.paired
    inner = scale.signed(paired.mean_difference, digits)
    if paired.pairs > 1:
        low, high = scale.show(paired.ci_low, digits), scale.show(paired.ci_high, digits)
        level = "95 %" if paired.ci_level >= 1 - LEVEL else level_text(paired.ci_level)
        inner += f", {level} interval {low} to {high}"
    other = "" if one.series.floor == best.floor else f" against {floor_name(one.series.floor)}"
    return f"{sanitize(one.arm, 60)} {_score(paired.mean_arm, scale)} ({inner}{other})"


def _score(value: float, scale: Scale) -> str:
    return f"{scale.show(value, 1)} %" if scale.unit else scale.show(value)


def _floors(analysis: "Analysis") -> PageTable:
    scale = analysis.scales[analysis.metric]
    rows = []
    for series in analysis.floor.series:
        rows.append((
            size_cell(series.n_train), TableCell(sanitize(series.dataset, 60)),
            TableCell(floor_name(sanitize(series.floor, 60))),
            integer_cell(len(series.scores)), *(number_cell(value, scale.show(value)) for value in series.spread),
        ))  # fmt: skip
    header = ("examples", "data set", "floor", "draws", "mean", "sd")
    note = "Learned from the training examples of the arms' own draws, scored on their test examples."
    return PageTable(metric_title(analysis, analysis.metric), header, tuple(rows), note)


def _arms(analysis: "Analysis") -> PageTable:
    scale, places = analysis.scales[analysis.metric], arm_indices(analysis)
    rows = []
    for one in analysis.floor.against:
        paired = one.paired
        rows.append((
            size_cell(one.n_train), arm_cell(one.arm, places), TableCell(_BEATS[one.beats]),
            TableCell(floor_name(sanitize(one.series.floor, 60))), integer_cell(paired.pairs),
            *(number_cell(value, scale.show(value)) for value in (paired.mean_arm, paired.mean_baseline)),
            number_cell(paired.mean_difference, scale.signed(paired.mean_difference)), interval_cell(paired, scale),
        ))  # fmt: skip
    header = (
        "examples", "arm", "beats the floor", "best floor", "pairs", "mean of arm", "mean of floor",
        "mean difference", "95 % interval",
    )  # fmt: skip
    note = (
        "An arm beats the floor where the interval of arm minus floor, paired by draw, is all on the better side of 0."
    )
    return PageTable("Each arm against the best floor on its draws", header, tuple(rows), note)


def floor_lines(analysis: "Analysis") -> dict[int, float]:
    """Size to the mean of its best floor as drawn, for pictures; without sizes that have several data sets."""
    if analysis.floor is None:
        return {}
    scale = analysis.scales[analysis.metric]
    found = {n_train: analysis.floor.best(n_train, scale) for n_train in analysis.sizes}
    return {n_train: best.mean * scale.factor for n_train, best in found.items() if best}


def floor_said(analysis: "Analysis", sizes: Iterable[int]) -> str:
    """What follows a picture's title where ``floor_lines`` are drawn in it."""
    return "; dashed, the best floor" if floor_lines(analysis).keys() & set(sizes) else ""
