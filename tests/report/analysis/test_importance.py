import optuna
import pytest
from tests.report.searches import SPACES, make_trials

from seedbed.report.analysis.importance import importances
from seedbed.report.analysis.trials_table import check_trials
from seedbed.report.analysis.tuning import Tuning


def searched(trials, spaces=SPACES, metric="validation/accuracy", lower=False):
    return Tuning(check_trials(trials), dict.fromkeys(("random", "glove"), spaces), "random", 8, metric, lower)


def test_the_key_that_scores_depend_on_is_the_most_important_one():
    for row in importances(searched(make_trials(budget=16))):
        assert max(row.shares, key=row.shares.get) == "training.learning_rate"
        assert row.shares["training.learning_rate"] > 0.7
        assert sum(row.shares.values()) == pytest.approx(1)
        assert ("encoder.dropout" in row.shares) == (row.arm == "glove")
        assert row.trials == 96


def test_a_loss_has_the_importance_of_its_negative():
    trials = make_trials(budget=16)
    loss = trials.assign(**{"validation/loss": -trials["validation/accuracy"]}).drop(columns="validation/accuracy")
    assert importances(searched(trials)) == importances(searched(loss, metric="validation/loss", lower=True))


def test_replicates_that_are_easier_do_not_count_as_better_settings():
    trials = make_trials(("a", "glove"), (200,), budget=16)
    shifted = trials.assign(**{"validation/accuracy": trials["validation/accuracy"] + trials["replicate"]})
    for plain, moved in zip(importances(searched(trials)), importances(searched(shifted)), strict=True):
        assert plain.shares == pytest.approx(moved.shares, abs=1e-6)


def test_it_is_that_of_optuna():
    trials = check_trials(make_trials(("a", "glove"), (200,), replicates=1, budget=40))
    (row,) = [row for row in importances(searched(trials)) if row.arm == "glove"]
    study = optuna.create_study(direction="maximize")
    distributions = {
        "training.learning_rate": optuna.distributions.FloatDistribution(1e-4, 0.1, log=True),
        "encoder.dropout": optuna.distributions.FloatDistribution(0, 0.6),
        "encoder.filters": optuna.distributions.IntDistribution(16, 256),
        "training.optimizer": optuna.distributions.CategoricalDistribution(["adam", "adamw"]),
    }
    part = trials[trials["arm"] == "glove"]
    scores = part["validation/accuracy"].fillna(part["validation/accuracy"].min())
    for (_, trial), score in zip(part.iterrows(), scores, strict=True):
        params = {key: trial[key] for key in distributions}
        study.add_trial(optuna.trial.create_trial(params=params, distributions=distributions, value=score))
    evaluator = optuna.importance.PedAnovaImportanceEvaluator()
    assert row.shares == pytest.approx(optuna.importance.get_param_importances(study, evaluator=evaluator))


@pytest.mark.parametrize("spaces", [{}, SPACES | {"encoder.filters": "choice(16, 64)"}])
def test_spaces_that_are_unknown_or_do_not_hold_the_default_are_no_problem(spaces):
    trials = make_trials(budget=16)
    trials.loc[trials["trial"] == 0, "training.learning_rate"] = 5.0
    assert len(importances(searched(trials, spaces))) == 4


def test_a_default_that_is_a_list_is_left_out():
    trials = make_trials(budget=16)
    rates = trials["training.learning_rate"].astype(object).where(trials["trial"] > 0, "[0.001, 0.01]")
    for row in importances(searched(trials.assign(**{"training.learning_rate": rates}))):
        assert row.trials == 90
        assert row.shares["training.learning_rate"] > 0.7


def test_pruned_scores_are_not_read_as_final_ones():
    trials = make_trials(budget=16)
    trials.loc[(trials["arm"] == "glove") & (trials["n_train"] == 50) & (trials["trial"] == 3), "status"] = "pruned"
    found = importances(searched(trials))
    assert [(row.arm, row.n_train) for row in found] == [("random", 50), ("random", 200), ("glove", 200)]


def test_few_trials_and_keys_that_do_not_vary_have_none():
    assert importances(searched(make_trials(budget=3))) == ()
    fixed = make_trials(budget=16).assign(
        **{"encoder.dropout": 0.1, "encoder.filters": 3, "training.optimizer": "adam"}
    )
    assert importances(searched(fixed)) == ()
    equal = make_trials(budget=16).assign(**{"validation/accuracy": 0.5, "status": "finished"})
    assert importances(searched(equal)) == ()
