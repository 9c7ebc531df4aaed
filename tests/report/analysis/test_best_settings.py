import math

import numpy as np
import pandas as pd
import pytest
from tests.report.searches import SPACES, make_trials

from seedbed.report.analysis.best_settings import best_settings, is_log, value_text
from seedbed.report.analysis.trials_table import check_trials
from seedbed.report.analysis.tuning import Tuning


def settings_at(trials, arm="glove", size=200, spaces=None):
    tuning = Tuning(trials, {arm: SPACES if spaces is None else spaces}, metric="validation/accuracy")
    (best,) = [best for best in best_settings(tuning) if (best.arm, best.n_train) == (arm, size)]
    return best, {setting.key: setting for setting in best.settings}


def test_each_key_has_the_middle_of_the_chosen_values():
    trials = make_trials()
    best, by_key = settings_at(trials)
    chosen = trials[trials["chosen"] & (trials["arm"] == "glove") & (trials["n_train"] == 200)]
    rate = by_key["training.learning_rate"]
    assert float(rate.value) == pytest.approx(math.exp(np.median(np.log(chosen["training.learning_rate"]))), rel=1e-3)
    assert rate.how == "median of logarithms"
    assert float(by_key["encoder.dropout"].value) == pytest.approx(chosen["encoder.dropout"].median(), rel=1e-3)
    filters = by_key["encoder.filters"]
    assert int(filters.value) == chosen["encoder.filters"].quantile(0.5, interpolation="lower")
    optimizer = by_key["training.optimizer"]
    assert optimizer.value == chosen["training.optimizer"].value_counts().idxmax()
    assert optimizer.how == "most frequent"
    assert best.replicates == 6


def test_a_key_that_an_arm_lacks_has_no_value():
    _, by_key = settings_at(make_trials(), "random")
    assert "encoder.dropout" not in by_key


def test_categories_that_are_numbers_are_not_averaged():
    trials = make_trials()
    chosen = trials["chosen"] & (trials["arm"] == "glove") & (trials["n_train"] == 200)
    trials["encoder.filters"] = trials["encoder.filters"].astype(float)
    trials.loc[chosen, "encoder.filters"] = [16.0, 256.0, 256.0, 16.0, 64.0, 16.0]
    _, by_key = settings_at(trials, spaces=SPACES | {"encoder.filters": "choice(16, 64, 256)"})
    assert (by_key["encoder.filters"].value, by_key["encoder.filters"].chosen) == ("16", "3 of 6")


def with_list(trials, chosen=None):
    """Trials whose default has a list of rates, as probes do, and is chosen in the first replicates."""
    is_default = trials["trial"] == 0
    rates = trials["training.learning_rate"].astype(object)
    trials = trials.assign(**{"training.learning_rate": rates.where(~is_default, "[0.001, 0.01]")})
    if chosen is not None:
        part = (trials["arm"] == "glove") & (trials["n_train"] == 200) & (trials["replicate"] < chosen)
        trials.loc[part, "chosen"] = is_default[part]
    return check_trials(trials)


def test_a_default_that_is_a_list_does_not_make_a_range_of_numbers_a_category():
    trials = with_list(make_trials(), chosen=2)
    _, by_key = settings_at(trials)
    rate = by_key["training.learning_rate"]
    chosen = trials[trials["chosen"] & (trials["arm"] == "glove") & (trials["n_train"] == 200)]
    numbers = chosen.loc[chosen["trial"] > 0, "training.learning_rate"].astype(float)
    assert float(rate.value.strip("[]")) == pytest.approx(math.exp(np.median(np.log(numbers))), rel=1e-3)
    assert rate.value.startswith("[")  # as the default is a list, so is this value
    assert rate.chosen.endswith("; 2 of 6 as by default")


def test_a_list_that_most_replicates_chose_is_the_best_setting():
    best, by_key = settings_at(with_list(make_trials(), chosen=5))
    rate = by_key["training.learning_rate"]
    assert (rate.value, rate.how, rate.chosen) == ("[0.001, 0.01]", "most frequent", "5 of 6")
    assert "'training.learning_rate=[0.001, 0.01]'" in best.command_line


def test_where_the_space_is_unknown_the_scale_follows_from_the_trials():
    tuning = Tuning(make_trials())
    assert is_log(tuning, "glove", "training.learning_rate")
    assert not is_log(tuning, "glove", "encoder.dropout")
    assert not is_log(tuning, "glove", "training.optimizer")


def test_the_overrides_can_be_typed_in_a_shell():
    trials = make_trials().assign(**{"encoder.widths": "[3, 4]"})
    best, _ = settings_at(trials)
    assert "'encoder.widths=[3, 4]'" in best.command_line
    assert "training.optimizer=" in best.command_line


@pytest.mark.parametrize(
    ("value", "distribution", "text"),
    [
        (0.00123456, "log(1e-4, 0.1)", "0.001235"), (1e-5, "log(1e-6, 0.1)", "1e-05"), (16.0, "int(1, 20)", "16"),
        (16.0, "choice(16, 32)", "16"), (0.25, "choice(0.25, 0.5)", "0.25"), (3, "", "3"), ("adam", "", "adam"),
        (0.123456, "choice(0.123456, 1)", "0.123456"),
    ],
)  # fmt: skip
def test_values_are_written_as_typed(value, distribution, text):
    assert value_text(value, distribution) == text


def test_a_search_without_a_choice_has_no_best_settings():
    assert best_settings(Tuning(make_trials().assign(chosen=False))) == ()
    assert best_settings(Tuning(pd.DataFrame(make_trials().iloc[:0]))) == ()
