"""The choice of a setting by validation, against brute force over the table."""

import math

import numpy as np
import pandas as pd
import pytest

from seedbed.errors import InputError
from seedbed.report.analysis.choice import choices, validation_metric, without_test
from seedbed.report.analysis.results_table import check_table


def cells(scores, **columns):
    """A table of cells; ``scores``: by arm, size and data set, validation scores of the replicates."""
    rows = [
        {"arm": arm, "dataset": dataset, "n_train": size, "replicate": replicate, "test/accuracy": 1 - score,
         "validation/accuracy": score, "validation/loss": 1 - score, "task": "classification",
         "status": "failed" if math.isnan(score) else "finished"} | columns
        for (arm, size, dataset), values in scores.items()
        for replicate, score in enumerate(values)
    ]  # fmt: skip
    return check_table(pd.DataFrame(rows))


def test_the_best_mean_of_each_size_and_data_set_is_chosen_and_test_scores_have_no_part_in_it():
    rng = np.random.default_rng(0)
    keys = [(arm, size, data) for arm in "abcd" for size in (10, 20) for data in ("x", "y")]
    scores = {key: rng.random(3) for key in keys}
    for score, better in (("accuracy", max), ("loss", min)):
        found = choices(cells(scores), f"validation/{score}")
        assert {(choice.dataset, choice.n_train) for choice in found} == {(data, size) for _, size, data in keys}
        for choice in found:
            values = {arm: scores[arm, choice.n_train, choice.dataset] for arm in "abcd"}
            values = {arm: v if score == "accuracy" else 1 - v for arm, v in values.items()}
            means = {arm: v.mean() for arm, v in values.items()}
            assert choice.best.arm == better(means, key=means.__getitem__)
            order = [setting.mean for setting in choice.settings]
            assert order == sorted(order, reverse=score == "accuracy")
            for setting in choice.settings:
                assert setting.n == choice.replicates == 3
                assert setting.mean == pytest.approx(means[setting.arm])
                assert setting.sd == pytest.approx(np.std(values[setting.arm], ddof=1))
    shuffled = cells(scores)
    shuffled["test/accuracy"] = rng.permutation(shuffled["test/accuracy"])
    assert choices(shuffled) == choices(cells(scores))


def test_of_equal_settings_the_first_is_chosen():
    found = choices(cells({("b", 10, "x"): [0.1, 0.5, 0.3], ("a", 10, "x"): [0.3, 0.1, 0.5]}))
    assert [setting.arm for setting in found[0].settings] == ["b", "a"]


def test_a_setting_that_diverged_in_a_replicate_is_not_chosen_for_the_mean_of_the_others():
    scores = {("a", 10, "x"): [0.9, math.nan], ("b", 10, "x"): [0.5, 0.6], ("c", 10, "x"): [math.nan, math.nan]}
    [choice] = choices(cells(scores))
    assert [(setting.arm, setting.n) for setting in choice.settings] == [("b", 2), ("a", 1)]
    assert choice.replicates == 2


def test_a_metric_of_another_split_is_refused_and_a_bare_name_is_one_of_validation():
    table = cells({("a", 10, "x"): [0.9]})
    assert validation_metric(table) == validation_metric(table, "accuracy") == "validation/accuracy"
    for metric in ("test/accuracy", "train/accuracy"):
        with pytest.raises(InputError, match=f"metric={metric}: a setting is chosen by validation scores only"):
            validation_metric(table, metric)


@pytest.mark.parametrize("columns", [[], ["validation/accuracy", "validation/loss"]])
def test_without_validation_scores_nothing_is_chosen(columns):
    table = cells({("a", 10, "x"): [0.9]})
    table["validation/accuracy"] = table["validation/loss"] = math.nan
    table = table.drop(columns=columns)
    with pytest.raises(InputError, match=r"set sampling\.validation to a number of examples"):
        choices(table)


def test_a_sweep_in_which_nothing_finished():
    with pytest.raises(InputError, match="no cell has finished"):
        choices(cells({("a", 10, "x"): [math.nan]}))


def test_test_scores_are_taken_out_and_nothing_else():
    table = cells({("a", 10, "x"): [0.9]})
    assert set(table.columns) - set(without_test(table).columns) == {"test/accuracy"}
