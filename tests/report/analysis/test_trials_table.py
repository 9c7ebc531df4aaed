import math

import pandas as pd
import pytest
from tests.report.searches import DEFAULT, make_trials

from seedbed.errors import InputError
from seedbed.report.analysis.trials_table import check_trials, read_trials, trials_bytes, tuned_keys


def test_trials_are_read_as_they_were_written(tmp_path):
    trials = make_trials(audit=True)
    (tmp_path / "trials.csv").write_bytes(trials_bytes(trials))
    pd.testing.assert_frame_equal(read_trials(tmp_path / "trials.csv"), check_trials(trials), check_exact=True)
    assert trials_bytes(read_trials(tmp_path / "trials.csv")) == trials_bytes(trials)


def test_numbers_texts_and_truths_keep_their_kind(tmp_path):
    trials = make_trials(budget=3, replicates=1)
    trials["encoder.widths"] = ["[3, 4]"] * len(trials)
    trials["encoder.bias"] = [True, False, None] * (len(trials) // 3)
    trials["training.clip_norm"] = ["null", 5.0, 1e-7] * (len(trials) // 3)
    (tmp_path / "trials.csv").write_bytes(trials_bytes(trials))
    read = read_trials(tmp_path / "trials.csv")
    assert read["encoder.filters"].dtype == "int64"
    assert read["training.learning_rate"].tolist() == trials["training.learning_rate"].tolist()
    assert read["encoder.dropout"].isna().tolist() == (trials["arm"] == "random").tolist()
    assert read["encoder.widths"].tolist() == ["[3, 4]"] * len(trials)
    assert read["encoder.bias"].tolist()[:3] == ["true", "false", None]
    assert read["training.clip_norm"].tolist()[:3] == ["null", "5.0", "1e-07"]
    assert read["chosen"].dtype == bool


def test_the_settings_are_the_columns_that_are_neither_keys_nor_scores():
    assert tuned_keys(make_trials()) == tuple(DEFAULT)


def test_an_infinite_loss_is_a_missing_one():
    trials = make_trials(metric="validation/loss")
    trials.loc[0, "validation/loss"] = math.inf
    assert math.isnan(check_trials(trials).loc[0, "validation/loss"])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t.drop(columns="chosen"), "trials: no column chosen"),
        (lambda t: t.drop(columns="validation/accuracy"), "no validation score"),
        (lambda t: t.assign(trial=0), "row 2: .*trial 0 appears twice, first at trials: row 1"),
        (lambda t: t.assign(chosen=True), "row 2: .* is chosen, as is the trial at trials: row 1"),
        (lambda t: t.assign(status="done"), "row 1: column status: 'done' is none of finished, failed, pruned"),
        (lambda t: t.assign(replicate=0.5), "row 1: column replicate: not a whole number"),
        (lambda t: t.assign(seconds="long"), "row 1: column seconds: 'long' is not a number"),
        (lambda t: t.assign(chosen="maybe"), "row 1: column chosen: 'maybe' is neither true nor false"),
        (lambda t: t.assign(arm=" "), "row 1: column arm: no name"),
    ],
)
def test_bad_trials_are_refused(change, message):
    with pytest.raises(InputError, match=message):
        check_trials(change(make_trials()))


def test_a_bad_file_is_refused_with_its_line(tmp_path):
    lines = trials_bytes(make_trials()).decode().splitlines()
    lines[3] = lines[3].replace(",finished,", ",lost,").replace(",pruned,", ",lost,").replace(",failed,", ",lost,")
    (tmp_path / "trials.csv").write_text("\n".join(lines))
    with pytest.raises(InputError, match=r"trials\.csv:4: column status: 'lost'"):
        read_trials(tmp_path / "trials.csv")
