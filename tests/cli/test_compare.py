"""``seedbed compare`` and what follows it, on data of one's own."""

import json
import re

import pandas as pd
import pytest

from seedbed.cells import CELL_COLUMNS

COMPARISON_COLUMNS = [
    "metric", "n_train", "arm", "baseline", "pairs", "mean_arm", "mean_baseline", "mean_difference",
    "median_difference", "ci_low", "ci_high", "p_value", "ci_level", "p_holm", "p_wilcoxon", "bca_low", "bca_high",
    "improved", "improved_low", "improved_high", "iqm_arm", "iqm_baseline", "replicates_needed", "items", "items_low",
    "items_high",
]  # fmt: skip


def scores(table):
    measured = [name for name in table.columns if "/" in name]
    return table.set_index(["arm", "n_train", "replicate"])[measured]


@pytest.mark.slow
def test_it_ends_with_the_report_and_the_comparison(trained):
    assert trained.said.code == 0
    report, comparison = trained.said.lines[-2:]
    assert report == f"report: {trained.folder / 'seedbed-out' / 'mine' / 'report' / 'index.html'}"
    assert re.fullmatch(r"comparison: [0-9a-f]{32}", comparison)


def test_the_output_folder_holds_what_other_things_rely_on(trained):
    out = trained.folder / "seedbed-out" / "mine"
    assert {path.name for path in out.iterdir()} == {
        "results.csv", "ranking.csv", "comparisons.csv", "draws.json", "floor.csv", "report",
    }  # fmt: skip
    assert {"index.html", "report.md"} <= {path.name for path in (out / "report").iterdir()}
    assert {path.name for path in trained.folder.iterdir()} == {"seedbed-out", "mlflow.db", "mlartifacts", "cache"}


def test_results_have_a_row_a_cell(trained):
    table = pd.read_csv(trained.folder / "seedbed-out" / "mine" / "results.csv")
    assert tuple(table.columns[: len(CELL_COLUMNS)]) == CELL_COLUMNS
    assert {"test/accuracy", "test/macro_f1", "validation/accuracy"} <= set(table.columns)
    assert len(table) == 8
    assert (table["status"] == "finished").all()
    assert table["test/accuracy"].between(0, 1).all()
    assert (table["seconds"] > 0).all()
    assert (table.groupby(["n_train", "replicate"])["draw"].nunique() == 1).all()


def test_comparisons_have_their_columns(trained):
    table = pd.read_csv(trained.folder / "seedbed-out" / "mine" / "comparisons.csv")
    assert list(table.columns) == COMPARISON_COLUMNS
    assert set(table["n_train"]) == {10, 20}


def test_the_draws_are_written_down(trained):
    draws = json.loads((trained.folder / "seedbed-out" / "mine" / "draws.json").read_text(encoding="utf-8"))["draws"]
    table = pd.read_csv(trained.folder / "seedbed-out" / "mine" / "results.csv")
    assert {draw["digest"] for draw in draws} == set(table["draw"])


def test_run_again_it_says_that_nothing_is_missing_and_is_the_same_comparison(trained, there):
    before = (trained.folder / "seedbed-out" / "mine" / "results.csv").read_bytes()
    again = there(*trained.words)
    assert "nothing is missing: all 8 cells" in again.err
    assert "starting the backend" not in again.err
    assert again.lines[-2:] == trained.said.lines[-2:]
    assert (trained.folder / "seedbed-out" / "mine" / "results.csv").read_bytes() == before


def test_one_more_replicate_trains_only_that_one(trained, there):
    again = there(*trained.words[:-1], "replicates=3", "sizes=[10]", "arms={cnn: []}", "output=more")
    assert "3 cells: 2 finished before, 1 missing" in again.err


@pytest.mark.slow
def test_a_replicate_alone_gives_the_numbers_that_it_gives_in_the_whole_study(trained, there):
    whole = scores(pd.read_csv(trained.folder / "seedbed-out" / "mine" / "results.csv"))
    alone = there(*trained.words, "only=[1]", "output=alone", "tracking.uri=sqlite:///alone.db")
    assert alone.code == 0, alone
    assert "4 cells: 0 finished before, 4 missing" in alone.err
    table = scores(pd.read_csv(trained.folder / "alone" / "results.csv"))
    pd.testing.assert_frame_equal(table, whole.loc[table.index], check_exact=False, atol=1e-4)


def test_force_trains_again(trained, there):
    again = there(*trained.words, "force=true", "output=forced", "sizes=[10]", "arms={cnn: []}")
    assert "2 cells: 0 finished before, 2 missing" in again.err


def test_the_report_can_be_drawn_again_from_the_store(trained, there):
    run = trained.said.lines[-1].split()[-1]
    said = there("report", f"comparison={run}", "output=again")
    assert said.code == 0
    assert said.lines[-1] == f"report: {trained.folder / 'again' / 'report' / 'index.html'}"
    ours = pd.read_csv(trained.folder / "seedbed-out" / "mine" / "results.csv")
    pd.testing.assert_frame_equal(scores(pd.read_csv(trained.folder / "again" / "results.csv")).sort_index(),
                                  scores(ours).sort_index(), check_like=True)  # fmt: skip
    assert there("report", "study=mine", "output=study").code == 0


def test_the_store_has_a_parent_and_its_children(trained, there):
    import mlflow

    runs = mlflow.MlflowClient(f"sqlite:///{trained.folder / 'mlflow.db'}")
    parent = runs.get_run(trained.said.lines[-1].split()[-1])
    found = runs.search_runs([parent.info.experiment_id], f"tags.mlflow.parentRunId = '{parent.info.run_id}'")
    assert parent.info.status == "FINISHED"
    assert len(found) >= 8
    names = {"dataset", "embedding", "encoder", "task", "arm", "n_train", "replicate", "data_seed", "init_seed", "cell"}
    for run in found:
        assert {f"seedbed.{name}" for name in names} <= set(run.data.tags)


def test_run_finds_the_cells_of_a_comparison(trained, there):
    said = there("run", *trained.words[1:-4], "sizes=[10,20]", "replicates=2", "output=one")
    assert "nothing is missing: all 4 cells" in said.err
    assert said.lines[-1] == f"results: {trained.folder / 'one' / 'results.csv'}"
    comparison = said.lines[-2].removeprefix("comparison: ")
    assert there("report", f"comparison={comparison}", "output=of_one").code == 0


def test_run_prints_the_run_of_a_single_cell_and_names_its_arm_in_short(seedbed, own_csv):
    said = seedbed("run", *own_csv, "sizes=[10]", "replicates=1", "lint=off", "tracking.save_model=true")
    assert said.code == 0, said.err
    assert pd.read_csv(said.lines[-1].removeprefix("results: "))["arm"].tolist() == [
        "random-cnn dim=6 filters=4 epochs=2"
    ]
    run = said.lines[-2].removeprefix("run: ")
    assert seedbed("predict", f"run={run}", "text=a good film").code == 0


@pytest.mark.slow
def test_ctrl_c_marks_the_rest_as_interrupted_and_the_next_run_does_only_that(seedbed, own_csv, monkeypatch, tmp_path):
    from seedbed.progress.study import ProgressBar

    words = ["compare", *own_csv, "sizes=[10]", "replicates=2", "arms={a: [], b: [encoder=pool]}", "name=cut"]
    with monkeypatch.context() as patch:
        patch.setattr(ProgressBar, "group_done", _interrupt)
        assert seedbed(*words).code == 130
    said = seedbed("report", "study=cut", "output=cut")
    assert said.code == 0, said
    table = pd.read_csv(tmp_path / "cut" / "results.csv")
    assert sorted(table["status"]) == ["finished"] * 2 + ["interrupted"] * 2
    again = seedbed(*words)
    assert again.code == 0
    assert "4 cells: 2 finished before, 2 missing" in again.err


def _interrupt(self, outcomes):
    raise KeyboardInterrupt


@pytest.mark.slow
def test_failed_cells_are_exit_code_1(seedbed, own_csv, tmp_path):
    diverging = ["training.optimizer=sgd", "training.learning_rate=1e38", "training.epochs=3"]
    said = seedbed("compare", *own_csv, "sizes=[10]", *diverging, "name=bad")
    assert said.code == 1, said
    assert "failed" in said.err
    assert said.lines[-2].startswith("report: ")
    assert list(pd.read_csv(tmp_path / "seedbed-out" / "bad" / "results.csv")["status"]) == ["failed"]


@pytest.mark.slow
def test_tagging_of_ones_own_files(seedbed, own_conll, tmp_path):
    said = seedbed("compare", *own_conll, "replicates=2", "arms={bilstm: [], cnn: [encoder=cnn]}", "output=out")
    assert said.code == 0, said
    table = pd.read_csv(tmp_path / "out" / "results.csv")
    assert {"test/f1", "test/precision", "test/recall", "test/accuracy", "validation/f1"} <= set(table.columns)


@pytest.mark.parametrize("word", ["data list", "data show csv dataset.files.train={} dataset.reader.text_column=review "
                                  "dataset.reader.label_column=sentiment"])  # fmt: skip
def test_data(seedbed, reviews, word):
    said = seedbed(*word.format(reviews).split())
    assert said.code == 0, said
    assert ("twitter_ner" if "list" in word else "2 labels: neg pos") in said.out


def test_data_that_is_there_is_verified(seedbed, data_root):
    said = seedbed("data", "verify", "trec", "twitter_ner")
    assert said.code == 0, said
    assert said.out.count("as expected") == 2


@pytest.mark.slow
def test_doctor_says_what_is_there(there):
    said = there("doctor")
    assert said.code == 0, said
    for what in ("python", "tensorflow", "backend", "devices", "store", "cache", "extra ray", "data imdb"):
        assert what in said.out


@pytest.mark.slow
def test_doctor_says_that_a_store_does_not_answer(seedbed):
    said = seedbed("doctor", "tracking.uri=http://127.0.0.1:9")
    assert said.code == 1
    assert "http://127.0.0.1:9" in said.out


def test_a_part_of_a_study_leaves_the_whole_report_alone(trained, there):
    whole = trained.folder / "seedbed-out" / "mine"
    before = (whole / "results.csv").read_bytes()
    assert there(*trained.words, "only=[1]").code == 0
    assert (whole / "results.csv").read_bytes() == before
    assert set(pd.read_csv(whole / "only-1" / "results.csv")["replicate"]) == {1}


@pytest.mark.slow
def test_a_report_from_the_store_uses_the_names_of_its_study(trained, there):
    arms = "arms={first: [], second: [encoder=pool]}"
    said = there(*trained.words[:-3], arms, "name=other", "sizes=[10]", "replicates=2")
    assert "nothing is missing" in said.err
    assert there("report", "output=other").code == 0
    table = pd.read_csv(trained.folder / "other" / "results.csv")
    assert table["arm"].tolist() == ["first"] * 2 + ["second"] * 2
    assert "encoder.filters" in (trained.folder / "other" / "report" / "index.html").read_text(encoding="utf-8")
    assert there("report", "study=other", "output=other").code == 0
    assert len(pd.read_csv(trained.folder / "other" / "results.csv")) == 4


def test_two_names_of_the_same_cells_are_one_arm(trained, there):
    arms = "arms={first: [], second: [], pool: [encoder=pool]}"
    said = there(*trained.words[:-3], arms, "name=named", "sizes=[10]", "replicates=2", "output=named")
    assert said.code == 0, said
    assert "first and second are the same cells: one arm, shown as first." in said.out
    assert len(pd.read_csv(trained.folder / "named" / "comparisons.csv")["arm"].unique()) == 1


def test_a_metric_that_no_cell_has_is_refused_before_training(refused, own_csv):
    assert "metric=f2: no such score; did you mean test/" in refused("compare", *own_csv, "metric=f2")
    of_label = "metric=accuracy/pos"  # a label has an F1, and no accuracy
    assert f"{of_label}: no such score" in refused("compare", *own_csv, of_label)
