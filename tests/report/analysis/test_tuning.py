import math

import pandas as pd
import pytest
from tests.report.searches import SPACES, make_trials

from seedbed.errors import InputError
from seedbed.report.analysis.trials_table import check_trials, trials_bytes
from seedbed.report.analysis.tuning import Tuning, read_tuning


def search(metric="validation/accuracy", **options):
    trials = check_trials(make_trials(metric=metric, **options))
    spaces = {"random": {}, "glove": SPACES}
    return Tuning(trials, spaces, "tpe", 8, metric, metric.endswith("loss"), {"random": ("encoder.dropout",)})


def same(first: Tuning, second: Tuning) -> bool:
    pd.testing.assert_frame_equal(first.trials, second.trials, check_exact=True)
    return first.record() == second.record()


@pytest.mark.parametrize("metric", ["validation/accuracy", "validation/loss"])
def test_a_search_is_read_from_its_files(tmp_path, metric):
    written = search(metric)
    for name, content in written.files().items():
        (tmp_path / name).write_bytes(content)
    assert same(read_tuning(tmp_path), written)


def test_a_folder_without_trials_has_no_search(tmp_path):
    assert read_tuning(tmp_path) is None


@pytest.mark.parametrize(("metric", "lower"), [("validation/accuracy", False), ("validation/loss", True)])
def test_of_trials_alone_the_metric_and_its_direction_are_what_explains_the_choices(tmp_path, metric, lower):
    trials = make_trials(metric=metric, seed=4).assign(**{"validation/other": range(192)})
    (tmp_path / "trials.csv").write_bytes(trials_bytes(trials))
    found = read_tuning(tmp_path)
    assert (found.metric, found.lower_is_better, found.budget) == (metric, lower, 8)


def test_the_direction_of_an_unknown_metric_is_found_too(tmp_path):
    trials = make_trials(metric="validation/loss").rename(columns={"validation/loss": "validation/badness"})
    (tmp_path / "trials.csv").write_bytes(trials_bytes(trials))
    assert read_tuning(tmp_path).lower_is_better


@pytest.mark.parametrize("status", ["pruned", "failed"])
def test_trials_that_did_not_finish_have_no_part_in_what_explains_the_choices(tmp_path, status):
    trials = make_trials()
    best = trials.groupby(["arm", "n_train", "replicate"])["validation/accuracy"].transform("max")
    trials.loc[(trials["trial"] == 5) & ~trials["chosen"], "status"] = status
    trials["validation/accuracy"] = trials["validation/accuracy"].where(trials["status"] != status, best + 0.1)
    (tmp_path / "trials.csv").write_bytes(trials_bytes(trials))
    found = read_tuning(tmp_path)
    assert (found.metric, found.lower_is_better) == ("validation/accuracy", False)


def test_a_search_without_a_choice_is_read_beside_others(tmp_path):
    trials = make_trials()
    without = (trials["arm"] == "glove") & (trials["replicate"] == 1)
    trials.loc[without, ["validation/accuracy", "status"]] = [math.nan, "failed"]
    (tmp_path / "trials.csv").write_bytes(trials_bytes(trials.assign(chosen=trials["chosen"] & ~without)))
    assert read_tuning(tmp_path).metric == "validation/accuracy"


def test_choices_that_no_score_explains_are_refused(tmp_path):
    trials = make_trials()
    trials["validation/accuracy"] = trials["trial"].where(trials["chosen"], 99.0)
    trials.loc[trials["chosen"], "validation/accuracy"] = 50.0
    (tmp_path / "trials.csv").write_bytes(trials_bytes(trials))
    with pytest.raises(InputError, match=r"trials\.csv: none of validation/accuracy is best .* say in tuning\.json"):
        read_tuning(tmp_path)


@pytest.mark.parametrize("content", ["{", "[]", '{"method": "tpe"}'])
def test_a_damaged_description_is_refused(tmp_path, content):
    for name, written in search().files().items():
        (tmp_path / name).write_bytes(written)
    (tmp_path / "tuning.json").write_text(content)
    with pytest.raises(InputError, match=r"tuning\.json: not (the description of a search|JSON: )"):
        read_tuning(tmp_path)


def test_trials_of_other_arms_and_sizes_are_left_out():
    cells = pd.DataFrame({"arm": ["glove"], "n_train": [200], "replicate": [0]})
    trials = search().of_cells(cells).trials
    assert set(zip(trials["arm"], trials["n_train"], strict=True)) == {("glove", 200)}
    assert search().of_cells(cells.assign(arm="elmo")) is None


def test_a_gain_is_negated_where_lower_is_better():
    assert search("validation/loss").gain(0.3) == -0.3
    assert search().gain(0.3) == 0.3
    assert math.isnan(search().gain(math.nan))
