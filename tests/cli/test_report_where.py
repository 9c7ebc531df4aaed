"""``seedbed report where=CONDITION`` on a store of several studies."""

from pathlib import Path

import pandas as pd
import pytest


def results():
    return pd.read_csv(Path("seedbed-out/where/results.csv"))


def test_the_cells_that_fit_are_reported_and_what_was_left_out_is_said(copied):
    said = copied("report", "where=n_train=10 and arm in ('cnn', 'pool')", "metric=accuracy", "baseline=pool")
    assert said.code == 0, said
    table = results()
    assert set(table["n_train"]) == {10}
    assert sorted(set(table["arm"])) == ["cnn", "pool"]
    line = "Of 8 runs of cells in the store 4 fit n_train=10 and arm in ('cnn', 'pool')."
    assert line in said.lines
    page = Path("seedbed-out/where/report/index.html").read_text("utf-8")
    assert "Of 8 runs of cells in the store 4 fit n_train=10" in page
    assert "Where they come from" in page
    assert "## Cells of this report" in Path("seedbed-out/where/report/report.md").read_text("utf-8")
    assert Path("seedbed-out/where/floor.csv").is_file()


def test_a_condition_that_fits_one_study_gives_the_numbers_of_that_study(copied, trained):
    said = copied("report", "where=study='mine'", "output=out", "title=Mine")
    assert said.code == 0, said
    ours = pd.read_csv("out/comparisons.csv")
    theirs = pd.read_csv(trained.untouched / "seedbed-out" / "mine" / "comparisons.csv")
    names = [name for name in theirs if not name.startswith("items")]
    pd.testing.assert_frame_equal(ours[names], theirs[names])
    assert "Mine" in Path("out/report/index.html").read_text("utf-8")


@pytest.mark.slow
def test_cells_trained_with_other_settings_under_one_name_are_arms_of_their_own(copied, trained):
    words = [word for word in trained.words if not word.startswith(("name=", "sizes="))]
    more = copied(*words, "name=other", "sizes=[10]", "training.learning_rate=0.5", "floor=false")
    assert more.code == 0, more
    said = copied("report", "where=n_train=10")
    assert said.code == 0, said
    assert len(results()) == 8
    arms = set(results()["arm"])
    assert {arm for arm in arms if arm.endswith("training.learning_rate=0.5")} == {
        "cnn training.learning_rate=0.5", "pool training.learning_rate=0.5",
    }  # fmt: skip
    assert len(arms) == 4
    assert any("distinguished by training.learning_rate" in line for line in said.lines)


@pytest.mark.parametrize(("where", "said"), [
    ("n_trian=10", "no column n_trian in the store; did you mean n_train?"),
    ("n_train=", "ends too early"),
    ("n_train=10; drop table runs", "one condition"),
    ("n_train=11", "matches none of 8 cells; n_train is 10, 20"),
    ("", "is empty"),
])  # fmt: skip
def test_a_bad_condition_is_one_line(copied, where, said):
    refused = copied("report", f"where={where}", "output=never")
    assert refused.code == 2
    (line,) = refused.err.splitlines()
    assert line.startswith("seedbed: where=")
    assert said in line
    assert not Path("never").exists()


def test_one_source_only(refused):
    assert "give one of from=, comparison=, study= and where=" in refused("report", "where=n_train=1", "study=b")
