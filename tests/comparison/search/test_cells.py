"""The cells of a search: trials without test examples, and the chosen settings."""

import dataclasses
import json
import math

import pytest

from seedbed.cells import Outcome
from seedbed.comparison.search.cells import Search
from seedbed.comparison.search.trials import Trial

SPACE = "tune.space={encoder.dropout: uniform(0, 0.5), training.learning_rate: log(1e-3, 1e-1)}"
VALUES = {"encoder.dropout": 0.25, "training.learning_rate": 0.05}


@pytest.fixture
def plan(planned):
    return planned("sizes=[6]", "replicates=1", "arms={cnn: []}", "tune=random", SPACE, "tune.refit=true",
                   "training.score_at_end=[validation,test,train]")  # fmt: skip


@pytest.fixture
def search(plan):
    _, tuned, _ = plan.planned
    made = Search(tuned, plan.spaces["cnn"], plan.tune, seed=1, run="abc")
    made.trials = [
        Trial(0, made.space.default(), {"validation/accuracy": 0.5}, epochs=2, best_epoch=1),
        Trial(1, VALUES, {"validation/accuracy": 0.75}, epochs=9, best_epoch=6),
    ]
    return made


def test_a_plan_has_a_cell_of_each_setting(plan):
    default, tuned, refit = plan.planned
    assert [p.cell.setting for p in plan.planned] == ["default", "tuned", "refit"]
    assert tuned.default is refit.default is default
    assert tuned.search == refit.search != ""
    assert len({p.cell.cell for p in plan.planned} | {tuned.search}) == 4 - (tuned.search == tuned.cell.cell)
    assert plan.as_they_are.planned == (default,)


def test_a_trial_has_no_test_examples_and_no_test_scores(search):
    trial = search.trial_cell(search.trials[1])
    assert trial.cell.setting == "trial"
    assert trial.draw.test == ()
    assert (trial.draw.train, trial.draw.validation) == (search.planned.draw.train, search.planned.draw.validation)
    assert trial.arm.training.score_at_end == ["validation"]
    assert (trial.arm.encoder.dropout, trial.arm.training.learning_rate) == (0.25, 0.05)


def test_trial_0_is_the_arm_as_it_is_with_its_scores_on_validation_only(search):
    row = {"status": "finished", "epochs": 7.0, "best_epoch": 4.0, "seconds": 1.5, "energy_j": math.nan,
           "validation/accuracy": 0.5, "validation/loss": 0.7, "test/accuracy": 0.9, "train/loss": 0.1}  # fmt: skip
    trial = search.default_trial(row)
    assert trial.values == search.space.default()
    assert search.arm_of(trial) is search.space.arm
    assert trial.scores == {"validation/accuracy": 0.5, "validation/loss": 0.7}
    assert (trial.number, trial.epochs, trial.best_epoch, trial.status) == (0, 7, 4, "finished")


def test_an_arm_that_failed_is_a_failed_trial(search):
    trial = search.default_trial({"status": "failed"})
    assert (trial.status, trial.number, trial.values) == ("failed", 0, search.space.default())


@pytest.mark.slow
@pytest.mark.parametrize(("status", "left", "expected"), [
    ("finished", False, "finished"), ("finished", True, "pruned"), ("failed", False, "failed"),
    ("failed", True, "failed"),
])  # fmt: skip
def test_what_came_out_of_a_trial_is_kept_with_it(search, status, left, expected):
    outcome = Outcome(status, {"validation/accuracy": 0.5, "test/accuracy": 1.0}, epochs=3, best_epoch=2, error="why")
    trial = search.after(search.trials[1], outcome, left)
    assert (trial.status, trial.scores, trial.epochs, trial.best_epoch, trial.error) == (
        expected, {"validation/accuracy": 0.5}, 3, 2, "why",
    )  # fmt: skip


def test_the_chosen_settings_are_trained_with_test_examples(plan, search):
    _, tuned, _ = plan.planned
    chosen = search.chosen_cell(tuned)
    assert chosen.draw == tuned.draw
    assert chosen.arm.training == dataclasses.replace(tuned.arm.training, learning_rate=0.05)
    assert chosen.cell.cell == tuned.cell.cell
    settings = chosen.cell.settings
    assert (settings["tune.trial"], settings["tune.run"], settings["encoder.dropout"]) == ("1", "abc", "0.25")


def test_a_refit_trains_on_train_and_validation_for_the_best_number_of_epochs(plan, search):
    *_, refit = plan.planned
    chosen = search.chosen_cell(refit)
    assert chosen.draw.train == (*refit.draw.train, *refit.draw.validation)
    assert (chosen.draw.validation, chosen.draw.test) == ((), refit.draw.test)
    training = chosen.arm.training
    assert (training.epochs, training.patience, training.keep) == (6, None, "last")
    assert (training.score_each_epoch, training.score_at_end) == ([], ["test", "train"])
    assert chosen.cell.settings["examples.train"] == str(len(chosen.draw.train))


@pytest.mark.parametrize(("more", "expected"), [([], 20), (["training.schedule_epochs=30"], 30)])
def test_a_refit_falls_to_a_rate_of_0_when_the_tuned_cell_did(planned, more, expected):
    plan = planned("sizes=[6]", "replicates=1", "arms={cnn: []}", "tune=random", SPACE, "tune.refit=true",
                   "training.schedule=warmup", "training.warmup_steps=2", "training.epochs=20", *more)  # fmt: skip
    *_, refit = plan.planned
    search = Search(refit, plan.spaces["cnn"], plan.tune, seed=1)
    search.trials = [Trial(0, search.space.default(), {"validation/accuracy": 0.5}, epochs=9, best_epoch=6)]
    training = search.chosen_cell(refit).arm.training
    assert (training.epochs, training.schedule_epochs) == (6, expected)


def test_a_refit_of_a_probe_has_the_value_that_was_chosen_on_validation(planned):
    plan = planned("sizes=[6]", "replicates=1", "arms={probe: [encoder=probe]}", "tune=random", "~training.epochs",
                   "~encoder.filters", "tune.space={encoder.standardize: 'choice(true, false)'}",
                   "tune.refit=true")  # fmt: skip
    *_, refit = plan.planned
    search = Search(refit, plan.spaces["probe"], plan.tune, seed=1)
    search.trials = [Trial(0, search.space.default(), {"validation/accuracy": 0.5, "probe/c": 0.125})]
    chosen = search.chosen_cell(refit)
    assert chosen.arm.encoder.c == [0.125]
    assert chosen.arm.encoder.standardize == refit.arm.encoder.standardize


def test_without_a_finished_trial_the_chosen_cell_failed(search):
    search.trials = [dataclasses.replace(trial, status="failed") for trial in search.trials]
    outcome = search.chosen_outcome(Outcome("finished", {"test/accuracy": 1.0}, seconds=2.0))
    assert (outcome.status, outcome.error, outcome.metrics) == ("failed", "no trial of the search finished", {})
    assert [row["status"] for row in json.loads(outcome.files["trials.json"])["trials"]] == ["failed", "failed"]


def test_the_file_is_of_all_trials_also_after_more_are_added(search):
    for number in range(2, 4):
        search.trials.append(Trial(number, {}, {"validation/accuracy": 0.5}))
        assert [own["number"] for own in json.loads(search.content)["trials"]] == list(range(len(search.trials)))
        assert search.content is search.content


def test_the_chosen_cell_has_the_trials_as_a_file(search):
    outcome = search.chosen_outcome(Outcome("finished", {"test/accuracy": 1.0}))
    assert [row["number"] for row in json.loads(outcome.files["trials.json"])["trials"]] == [0, 1]
    assert outcome.metrics == {"test/accuracy": 1.0}
