"""The floor in words and tables."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from seedbed.report.answers import count_examples
from seedbed.report.entries import (
    Entry,
    PageTable,
    arm_entry,
    interval_entry,
    metric_title,
    number_entry,
    places_of,
    size_entry,
    whole_entry,
)
from seedbed.report.floor import Against, Series, floor_name
from seedbed.report.scores import Scale, metric_label
from seedbed.report.statistics.sign_flips import LEVEL
from seedbed.report.wording import level_text, plain

if TYPE_CHECKING:
    from seedbed.report.study import Study

MOST_ARMS = 4
"""How many arms are named with their figures in a sentence; the table has them all."""
_BEATS = {True: "yes", False: "no", None: "–"}


@dataclass(frozen=True)
class FloorAnswer:
    """What is to be said of the arms at one size and the floor."""

    n_train: int
    beaten: bool
    text: str


def floor_answers(study: "Study") -> list[FloorAnswer]:
    """A sentence a size: which arms do not beat the best floor, or that all do. Empty without a floor."""
    if study.floor is None:
        return []
    groups: dict[tuple[int, str], list[Against]] = {}
    for one in study.floor.against:
        groups.setdefault((one.n_train, one.series.dataset), []).append(one)
    several = len({series.dataset for series in study.floor.series}) > 1
    said = (_said(size, dataset if several else "", own, study) for (size, dataset), own in groups.items())
    return [answer for answer in said if answer is not None]


def floor_tables(study: "Study") -> list[PageTable]:
    """Each floor at each size, and each arm against the best of them; empty without a floor."""
    if study.floor is None:
        return []
    return [_floors(study), _arms(study)]


def _said(n_train: int, dataset: str, group: list[Against], study: "Study") -> FloorAnswer | None:
    scale, label = study.scales[study.metric], metric_label(study.metric)
    where = f"At {count_examples(n_train)}" + (f" of {plain(dataset, 60)}" if dataset else "")
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
    who = "every arm" if len(group) > 1 else plain(group[0].arm, 60)
    return FloorAnswer(n_train, True, f"{where} {who} beats the floor: {floor}.")


def _gain(one: Against, scale: Scale) -> float:
    return one.paired.mean_difference * (1 if scale.higher_is_better else -1)


def _names(under: list[Against]) -> str:
    if len(under) > MOST_ARMS:
        return f"{len(under)} arms"
    names = [plain(one.arm, 60) for one in under]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _figures(one: Against, best: Series, scale: Scale) -> str:
    """``glove 64.2 % (−4.5, 95 % interval −7.0 to −2.1)``."""
    digits = 1 if scale.unit else scale.digits
    paired = one.paired
    inner = scale.signed(paired.mean_difference, digits)
    if paired.pairs > 1:
        low, high = scale.show(paired.ci_low, digits), scale.show(paired.ci_high, digits)
        level = "95 %" if paired.ci_level >= 1 - LEVEL else level_text(paired.ci_level)
        inner += f", {level} interval {low} to {high}"
    other = "" if one.series.floor == best.floor else f" against {floor_name(one.series.floor)}"
    return f"{plain(one.arm, 60)} {_score(paired.mean_arm, scale)} ({inner}{other})"


def _score(value: float, scale: Scale) -> str:
    return f"{scale.show(value, 1)} %" if scale.unit else scale.show(value)


def _floors(study: "Study") -> PageTable:
    scale = study.scales[study.metric]
    rows = []
    for series in study.floor.series:
        rows.append((
            size_entry(series.n_train), Entry(plain(series.dataset, 60)), Entry(floor_name(plain(series.floor, 60))),
            whole_entry(len(series.scores)), *(number_entry(value, scale.show(value)) for value in series.spread),
        ))  # fmt: skip
    heads = ("examples", "data set", "floor", "draws", "mean", "sd")
    note = "Learned from the training examples of the arms' own draws, scored on their test examples."
    return PageTable(metric_title(study, study.metric), heads, tuple(rows), note)


def _arms(study: "Study") -> PageTable:
    scale, places = study.scales[study.metric], places_of(study)
    rows = []
    for one in study.floor.against:
        paired = one.paired
        rows.append((
            size_entry(one.n_train), arm_entry(one.arm, places), Entry(_BEATS[one.beats]),
            Entry(floor_name(plain(one.series.floor, 60))), whole_entry(paired.pairs),
            *(number_entry(value, scale.show(value)) for value in (paired.mean_arm, paired.mean_baseline)),
            number_entry(paired.mean_difference, scale.signed(paired.mean_difference)), interval_entry(paired, scale),
        ))  # fmt: skip
    heads = (
        "examples", "arm", "beats the floor", "best floor", "pairs", "mean of arm", "mean of floor",
        "mean difference", "95 % interval",
    )  # fmt: skip
    note = (
        "An arm beats the floor where the interval of arm minus floor, paired by draw, is all on the better side of 0."
    )
    return PageTable("Each arm against the best floor on its draws", heads, tuple(rows), note)


def floor_lines(study: "Study") -> dict[int, float]:
    """Size to the mean of its best floor as drawn, for pictures; without sizes that have several data sets."""
    if study.floor is None:
        return {}
    scale = study.scales[study.metric]
    found = {n_train: study.floor.best(n_train, scale) for n_train in study.sizes}
    return {n_train: best.mean * scale.factor for n_train, best in found.items() if best}


def floor_said(study: "Study", sizes: Iterable[int]) -> str:
    """What follows a picture's title where ``floor_lines`` are drawn in it."""
    return "; dashed, the best floor" if floor_lines(study).keys() & set(sizes) else ""
