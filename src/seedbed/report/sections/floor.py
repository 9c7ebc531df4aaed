"""Sentences and tables on the floor."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from seedbed.report.analysis.floor import ArmVsBaseline, BaselineScores, Floor, floor_name
from seedbed.report.analysis.scores import Scale, metric_label
from seedbed.report.sections.page_table import (
    PageTable,
    TableCell,
    arm_cells,
    integer_cell,
    interval_column,
    interval_of,
    interval_text,
    metric_title,
    number_cell,
    score_text,
    shown_digits,
    size_cell,
)
from seedbed.report.sections.rows import primary
from seedbed.report.wording import join_and, sanitize

if TYPE_CHECKING:
    from seedbed.report.analysis.analysis import Analysis

MOST_ARMS = 4
"""Arms with their scores in a sentence; the table has all."""
_BEATS = {True: "yes", False: "no", None: "–"}


@dataclass(frozen=True)
class FloorAnswer:
    """The comparison of all arms at one size with the floor, in a sentence."""

    n_train: int
    beaten: bool
    text: str


def floor_answers(analysis: "Analysis") -> list[FloorAnswer]:
    """Return one sentence per size: which arms do not beat the best floor, or that all do. Empty without a floor."""
    if analysis.floor is None:
        return []
    groups: dict[tuple[int, str], list[ArmVsBaseline]] = {}
    for comparison in analysis.floor.against:
        groups.setdefault((comparison.n_train, comparison.series.dataset), []).append(comparison)
    several = len({series.dataset for series in analysis.floor.series}) > 1
    answers = (_answer(size, dataset if several else "", group, analysis) for (size, dataset), group in groups.items())
    return [answer for answer in answers if answer is not None]


def floor_tables(analysis: "Analysis") -> list[PageTable]:
    """Return the table of floors at each size, and of each arm against the best of them; empty without a floor."""
    if analysis.floor is None:
        return []
    return [_floors(analysis, analysis.floor), _arms(analysis, analysis.floor)]


def _answer(n_train: int, dataset: str, group: list[ArmVsBaseline], analysis: "Analysis") -> FloorAnswer | None:
    metric, scale = primary(analysis)
    label = metric_label(metric)
    where = f"At {analysis.sized(n_train)}" + (f" of {sanitize(dataset, 60)}" if dataset else "")
    best = max(group, key=lambda comparison: len(comparison.series.scores)).series
    below = [comparison for comparison in group if comparison.beats is False]
    below.sort(key=lambda comparison: -scale.gain(comparison.paired.mean_difference))
    floor = f"{floor_name(best.floor)} reaches {score_text(best.mean, scale)} {label}"
    if below:
        scores = ", ".join(_scores_of(comparison, best, scale, analysis.labels) for comparison in below[:MOST_ARMS])
        scores += f" and {len(below) - MOST_ARMS} more in the table" if len(below) > MOST_ARMS else ""
        clearly = "clearly " * (scale.gain(below[0].paired.mean_difference) > 0)
        if len(below) == len(group) and len(group) > 1:
            return FloorAnswer(n_train, False, f"{where} no arm {clearly}beats the floor: {floor}, {scores}.")
        names = _names(below, analysis.labels)
        verb = "does" if len(below) == 1 else "do"
        return FloorAnswer(n_train, False, f"{where} {names} {verb} not {clearly}beat the floor: {floor}, {scores}.")
    if any(comparison.beats is None for comparison in group):
        return None
    subject = "every arm" if len(group) > 1 else analysis.labels[group[0].arm]
    return FloorAnswer(n_train, True, f"{where} {subject} beats the floor: {floor}.")


def _names(comparisons: list[ArmVsBaseline], labels: Mapping[str, str]) -> str:
    if len(comparisons) > MOST_ARMS:
        return f"{len(comparisons)} arms"
    return join_and([labels[comparison.arm] for comparison in comparisons])


def _scores_of(comparison: ArmVsBaseline, best: BaselineScores, scale: Scale, labels: Mapping[str, str]) -> str:
    """``glove 64.2 % (−4.5, 95 % interval −7.0 to −2.1)``."""
    paired = comparison.paired
    inner = scale.signed(paired.mean_difference, shown_digits(scale))
    inner += f", {interval_text(paired, scale)}" if paired.pairs > 1 else ""
    other = "" if comparison.series.floor == best.floor else f" against {floor_name(comparison.series.floor)}"
    return f"{labels[comparison.arm]} {score_text(paired.mean_arm, scale)} ({inner}{other})"


def _floors(analysis: "Analysis", floor: Floor) -> PageTable:
    metric, scale = primary(analysis)
    rows = []
    for series in floor.series:
        rows.append((
            size_cell(series.n_train), TableCell(sanitize(series.dataset, 60)),
            TableCell(floor_name(sanitize(series.floor, 60))),
            integer_cell(len(series.scores)), *(number_cell(value, scale.show(value)) for value in series.spread),
        ))  # fmt: skip
    header = (analysis.size_unit.many, "data set", "floor", "draws", "mean", "sd")
    note = "Trained on the training examples of the arms' own draws, scored on their test examples."
    return PageTable(metric_title(analysis, metric), header, tuple(rows), note)


def _arms(analysis: "Analysis", floor: Floor) -> PageTable:
    (_, scale), arms = primary(analysis), arm_cells(analysis)
    head, intervals = interval_column([interval_of(comparison.paired, scale) for comparison in floor.against])
    rows = []
    for comparison, interval in zip(floor.against, intervals, strict=True):
        paired = comparison.paired
        rows.append((
            size_cell(comparison.n_train), arms[comparison.arm], TableCell(_BEATS[comparison.beats]),
            TableCell(floor_name(sanitize(comparison.series.floor, 60))), integer_cell(paired.pairs),
            *(number_cell(value, scale.show(value)) for value in (paired.mean_arm, paired.mean_baseline)),
            number_cell(paired.mean_difference, scale.signed(paired.mean_difference)), interval,
        ))  # fmt: skip
    header = (
        analysis.size_unit.many, "arm", "beats the floor", "best floor", "pairs", "mean of arm", "mean of floor",
        "mean difference", head,
    )  # fmt: skip
    note = "An arm beats the floor if the interval of arm minus floor, paired by draw, is entirely better than 0."
    return PageTable("Each arm against the best floor on its draws", header, tuple(rows), note)


def floor_means(analysis: "Analysis") -> dict[int, float]:
    """Return the mean of the best floor by size as drawn in pictures, without sizes that have several data sets."""
    if analysis.floor is None:
        return {}
    _, scale = primary(analysis)
    floors = {n_train: analysis.floor.best(n_train, scale) for n_train in analysis.sizes}
    return {n_train: best.mean * scale.factor for n_train, best in floors.items() if best}


def floor_suffix(analysis: "Analysis", sizes: Iterable[int]) -> str:
    """Return the suffix of the title of a picture that shows the floor."""
    return "; dashed, the best floor" if floor_means(analysis).keys() & set(sizes) else ""
