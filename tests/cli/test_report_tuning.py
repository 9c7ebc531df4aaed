"""``seedbed report from=results.csv`` where the table has tuned cells and the trials are beside it."""

import re

import pandas as pd
import pytest
from tests.report.searches import cells_of, make_trials

from seedbed.report.analysis.results_table import table_bytes
from seedbed.report.analysis.trials_table import read_trials, trials_bytes


def written(folder, metric="validation/accuracy", **options):
    trials = make_trials(metric=metric, **options)
    cells = cells_of(trials)
    if metric == "validation/loss":
        names = {"test/accuracy": "test/loss"}
        trials, cells = trials.rename(columns=names), cells.rename(columns=names)
        trials["test/loss"], cells["test/loss"] = 1.2 - trials["test/loss"], 1.2 - cells["test/loss"]
    (folder / "results.csv").write_bytes(table_bytes(cells))
    (folder / "trials.csv").write_bytes(trials_bytes(trials))
    return trials, cells


@pytest.mark.slow
@pytest.mark.parametrize("metric", ["validation/accuracy", "validation/loss"])
def test_the_trials_beside_a_table_are_read(seedbed, tmp_path, metric):
    trials, cells = written(tmp_path, metric)
    score = metric.replace("validation", "test")
    said = seedbed("report", "from=results.csv", "output=out", "-v")
    assert said.code == 0, said
    words = " ".join(said.out.split())
    label = metric.replace("/", " ")
    assert f"the best of 8 trials (search) by {label}. " in words
    means = cells[(cells["n_train"] == 200) & (cells["setting"] == "tuned")].groupby("arm")[score].mean()
    best = means.idxmin() if metric.endswith("loss") else means.idxmax()
    assert re.search(rf"(too few|no arm|^)\W*.*?{best} has|{best} is clearly the best", words)
    gains = re.search(r"Tuned against default at 200 examples: (.*?)\. ", words)[1]
    assert "glove gained" in gains
    report = (tmp_path / "out" / "report" / "report.md").read_text(encoding="utf-8")
    row = next(
        line for line in report.splitlines() if re.match(r"\| 200 \| glove \| 6 \| [\d.]+ \| [\d.]+ \| [\d.]+ \|", line)
    )
    curve = [float(cell) for cell in row.split("|")[4:-1]]
    assert curve == sorted(curve, reverse=metric.endswith("loss"))
    chosen = trials[trials["chosen"] & (trials["arm"] == "glove") & (trials["n_train"] == 200)][metric].mean()
    assert curve[-1] == pytest.approx(chosen * (1 if metric.endswith("loss") else 100), abs=0.01)


@pytest.mark.slow
def test_a_report_is_read_again_with_what_was_searched(seedbed, tmp_path):
    written(tmp_path)
    assert seedbed("report", "from=results.csv", "output=out").code == 0
    again = seedbed("report", "from=out/results.csv", "output=again")
    assert again.code == 0, again
    for name in ("trials.csv", "tuning.json", "results.csv", "comparisons.csv"):
        assert (tmp_path / "again" / name).read_bytes() == (tmp_path / "out" / name).read_bytes()
    pd.testing.assert_frame_equal(read_trials(tmp_path / "again" / "trials.csv"), read_trials(tmp_path / "trials.csv"))
    assert not (tmp_path / "again" / "experiment").exists()  # the settings of the study are not known


def test_trials_beside_a_table_without_tuned_cells_are_not_read(seedbed, tmp_path):
    _, cells = written(tmp_path)
    (tmp_path / "results.csv").write_bytes(table_bytes(cells[cells["setting"] == "default"].drop(columns="setting")))
    (tmp_path / "trials.csv").write_text("subject,answer\n1,yes\n", encoding="utf-8")
    said = seedbed("report", "from=results.csv", "output=out")
    assert said.code == 0, said
    assert not (tmp_path / "out" / "trials.csv").exists()


def test_bad_trials_are_refused_with_file_and_line(refused, tmp_path):
    written(tmp_path)
    (tmp_path / "trials.csv").write_text("arm,n_train\nglove,200\n", encoding="utf-8")
    assert "trials.csv:1: no column replicate, trial, status, chosen" in refused("report", "from=results.csv")
    assert not (tmp_path / "seedbed-out").exists()


@pytest.mark.slow
def test_several_data_sets_have_their_own_trials(seedbed, tmp_path):
    tables = [make_trials(budget=4, dataset=name, seed=number) for number, name in enumerate(("imdb", "trec", "sst2"))]
    cells = [cells_of(trials).assign(dataset=trials["dataset"].iloc[0]) for trials in tables]
    (tmp_path / "results.csv").write_bytes(table_bytes(pd.concat(cells, ignore_index=True)))
    (tmp_path / "trials.csv").write_bytes(trials_bytes(pd.concat(tables, ignore_index=True)))
    said = seedbed("report", "from=results.csv", "output=out")
    assert said.code == 0, said
    overview = (tmp_path / "out" / "report" / "report.md").read_text(encoding="utf-8")
    assert "Scores are tuned: in each replicate of each arm, the best of 4 trials" in overview
    assert len(read_trials(tmp_path / "out" / "trials.csv")) == 3 * len(tables[0])
    of_trec = read_trials(tmp_path / "out" / "report" / "trec" / "trials.csv")
    assert set(of_trec["dataset"]) == {"trec"}
    assert len(of_trec) == len(tables[0])
