"""Test scores of all trials are those of their settings trained as a cell, and come after every choice."""

import dataclasses
import json
from types import SimpleNamespace

import pytest

from seedbed.comparison.group import train_cells
from seedbed.comparison.search.cells import Search
from seedbed.comparison.search.run import SearchRun


@pytest.mark.parametrize(("arm", "space", "left_out"), [
    ("pool", {"training.learning_rate": "log(1e-3, 1e-1)"}, {"pruned"}),
    ("probe", {"encoder.c": "log(1e-4, 1e2)"}, set()),
])  # fmt: skip
def test_finished_trials_have_the_test_scores_of_their_settings(searches, memory, arm, space, left_out):
    plan = searches(arm, method="random", budget=7, space=space, prune="halving")
    memory.run(plan)
    before, groups, stored = memory.trials(plan), [], []
    listener = SimpleNamespace(
        group=groups.append, embedded=lambda _: None, epoch=lambda _: None, group_done=lambda _: None,
        group_stored=lambda: stored.append(len(groups[-1])),
    )  # fmt: skip
    run = SearchRun(plan, memory.rows(), memory.known(), memory, memory, None, {}, listener, lambda _: None)
    tuned = [planned for planned in plan.planned if planned.cell.setting == "tuned"]
    files = [(planned, json.loads(content)) for planned, content in run.audit(tuned)]
    assert memory.trials(plan) == before
    assert run.count_audit(tuned) == sum(stored) == sum(len(scores) for _, scores in files) > 0
    for planned, scores in files:
        search = Search(planned, plan.spaces[arm], plan.tune, seed=1, trials=list(memory.known()[planned.search][1]))
        others = [trial for trial in search.trials if trial.number not in (0, search.chosen.number)]
        assert {int(number) for number in scores} == {t.number for t in others if t.status == "finished"}
        assert {trial.status for trial in others} - {"finished"} == left_out
        number, found = next(iter(scores.items()))
        alone = dataclasses.replace(planned, arm=search.arm_of(search.trials[int(number)]))
        (outcome,) = train_cells([alone], lambda epoch: None)
        expected = {name: value for name, value in outcome.metrics.items() if name.startswith("test/")}
        assert found == pytest.approx(expected, abs=1e-4)
