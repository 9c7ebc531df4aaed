"""The level of chance, and the arms that are not better than it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from seedbed.metric_names import MetricName
from seedbed.report.analysis.floor import MAJORITY, floor_name
from seedbed.report.analysis.ranking import RankedArm
from seedbed.report.analysis.scores import type_columns

if TYPE_CHECKING:
    from seedbed.report.analysis.analysis import Analysis


@dataclass(frozen=True)
class Chance:
    """A score that needs no learning, in the unit of the table, and how it is reached."""

    level: float
    name: str


def chance_level(analysis: "Analysis", n_train: int) -> Chance | None:
    """Return the better of the majority class's mean score and, for accuracy, that of random labels; None if unknown.

    The majority class is one of the floors; the number of classes is known from their scores (``test/f1/CLASS``).
    """
    if analysis.metric is None:
        return None
    levels = []
    if analysis.floor is not None:
        levels = [
            Chance(floor.mean, floor_name(MAJORITY))
            for floor in analysis.floor.at(n_train)
            if floor.floor == MAJORITY and floor.mean == floor.mean
        ]
    classes = _number_of_classes(analysis)
    if classes > 1 and MetricName.of(analysis.metric).overall == "accuracy":
        percent = 100 / analysis.scale.factor
        levels.append(Chance(percent / classes, f"random labels of {classes} classes"))
    return max(levels, key=lambda chance: analysis.scale.gain(chance.level), default=None)


def arms_at_chance(analysis: "Analysis", n_train: int) -> list[RankedArm]:
    """Return the arms whose interval at a size does not exceed the level of chance, best first."""
    chance = chance_level(analysis, n_train)
    ranking = analysis.rankings.get(n_train)
    if chance is None or ranking is None:
        return []
    gain = analysis.scale.gain
    return [
        row
        for row in ranking.arms
        if row.ci_level == row.ci_level and min(gain(row.ci_low), gain(row.ci_high)) <= gain(chance.level)
    ]


def _number_of_classes(analysis: "Analysis") -> int:
    """Return the number of classes of a classification; 0 if unknown."""
    tasks = [str(task) for task in analysis.table["task"].dropna()] if "task" in analysis.table.columns else []
    return len(type_columns(analysis.table)) if tasks and all("class" in task for task in tasks) else 0
