"""Test scores of all trials, after every choice is made: for the report, which shows what validation promised."""

import dataclasses
import json
from collections.abc import Callable, Sequence

from seedbed.cells import Outcome
from seedbed.comparison.plan import PlannedCell
from seedbed.comparison.search.cells import Search
from seedbed.comparison.search.shapes import groups_of_shapes, members_at_once
from seedbed.comparison.search.trials import Trial

FILE = "audit.json"
"""The artifact of a tuned cell with the test scores of its trials, by number."""
TEST = "test/"

Train = Callable[[Sequence[PlannedCell]], Sequence[Outcome]]


def left_to_audit(search: Search) -> list[Trial]:
    """Return the finished trials without test scores: trial 0 and the chosen one are cells of their own."""
    scored = {0, search.chosen.number}
    return [trial for trial in search.trials if trial.status == "finished" and trial.number not in scored]


def audit(searches: Sequence[Search], train: Train) -> list[bytes]:
    """Return the file of each search of one arm at one size; `left_to_audit` are trained again with test scores."""
    cells: list[PlannedCell] = []
    origin: list[tuple[int, int]] = []
    for place, search in enumerate(searches):
        for trial in left_to_audit(search):
            arm, split = search.arm_of(trial), ["test"]
            arm = dataclasses.replace(arm, training=dataclasses.replace(arm.training, score_at_end=split))
            cell = dataclasses.replace(search.planned.cell, setting="trial")
            cells.append(dataclasses.replace(search.planned, cell=cell, arm=arm))
            origin.append((place, trial.number))
    places = {id(cell): own for cell, own in zip(cells, origin, strict=True)}
    scores: list[dict[int, dict[str, float]]] = [{} for _ in searches]
    for group in groups_of_shapes(cells, members_at_once(searches[0].planned)):
        for planned, outcome in zip(group, train(group), strict=True):
            place, number = places[id(planned)]
            own = {name: float(value) for name, value in outcome.metrics.items() if name.startswith(TEST)}
            scores[place][number] = own
    return [json.dumps(own, allow_nan=False).encode() for own in scores]
