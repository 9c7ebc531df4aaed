import json
import math

import pytest

from seedbed.cells import CELL_COLUMNS
from seedbed.errors import InputError
from seedbed.tracking.opening import open_store


def run_of(store, run_id):
    return store._client.get_run(run_id)


def test_a_cell_comes_back_exactly_as_it_was_written(store, make_cell, make_outcome):
    cell, outcome = make_cell(), make_outcome()
    run_id = store.write_group([cell], [outcome], None, {"seedbed.device": "cpu"})[0]
    table = store.table(fingerprints=["c0", "never"])
    assert list(table)[: len(CELL_COLUMNS)] == list(CELL_COLUMNS)
    fields = {name: getattr(cell, name) for name in CELL_COLUMNS if hasattr(cell, name)}
    measured = {"seconds": 2.5, "peak_mb": 100.25, "energy_j": 1.5, "trained_weights": 10, "frozen_weights": 20}
    measured |= {"epochs": 2, "best_epoch": 1}
    expected = fields | {"status": "finished"} | measured | {"run": run_id, "error": ""} | dict(outcome.metrics)
    assert table.to_dict("records") == [expected]
    assert store.finished(["c0", "never"]) == {"c0": expected}


def test_a_run_holds_tags_params_history_and_times(store, make_cell, make_outcome):
    parent = store.start_comparison("study", "digest", {})
    run_id = store.write_group([make_cell()], [make_outcome()], parent, {"seedbed.device": "cpu"})[0]
    run = run_of(store, run_id)
    assert run.info.run_name == "glove n=50 r=7"
    assert run.info.status == "FINISHED"
    assert run.info.end_time - run.info.start_time == 2500
    tags = {"seedbed.cell": "c0", "seedbed.n_train": "50", "seedbed.device": "cpu", "mlflow.parentRunId": parent}
    assert tags.items() <= run.data.tags.items()
    assert {"encoder.filters": "8", "n_train": "50", "arm": "glove"}.items() <= run.data.params.items()
    history = store._client.get_metric_history(run_id, "epoch/train/loss")
    assert [(point.step, point.value) for point in history] == [(1, 0.7), (2, 0.1 + 0.2)]
    assert run.info.start_time <= history[0].timestamp < history[1].timestamp == run.info.end_time


def test_predictions_are_an_artifact_of_one_line_each(store, tmp_path, make_cell, make_outcome):
    run_id = store.write_group([make_cell()], [make_outcome()], None, {})[0]
    lines = (tmp_path / "mlartifacts" / run_id / "artifacts" / "predictions.jsonl").read_text().splitlines()
    assert [json.loads(line)["id"] for line in lines] == ["test/0", "test/1"]


def test_more_than_a_batch_holds_is_written_whole(store, make_cell, make_outcome):
    settings = {f"training.{i}": "x" for i in range(250)}
    history = {f"train/{i}": tuple(float(epoch) for epoch in range(200)) for i in range(11)}
    tags = {f"extra.{i}": "y" for i in range(250)}
    run_id = store.write_group([make_cell(settings=settings)], [make_outcome(history=history)], None, tags)[0]
    run = run_of(store, run_id)
    assert settings.items() <= run.data.params.items()
    assert tags.items() <= run.data.tags.items()
    assert len(store._client.get_metric_history(run_id, "epoch/train/10")) == 200


def test_nan_and_infinite_metrics_come_back(store, make_cell, make_outcome):
    metrics = {"test/f1": math.nan, "test/log_loss": math.inf, "test/x": -math.inf}
    store.write_group([make_cell()], [make_outcome(metrics=metrics, history={"train/loss": (0.1, math.nan)})], None, {})
    row = store.finished(["c0"])["c0"]
    assert math.isnan(row["test/f1"])
    assert (row["test/log_loss"], row["test/x"]) == (math.inf, -math.inf)


@pytest.mark.parametrize("step", ["log_batch", "_artifacts", "set_terminated"])
@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
def test_an_interrupted_write_through_the_client_leaves_the_cell_unfinished(store, monkeypatch, written, step, error):
    cell, outcome = written
    calls = []
    monkeypatch.setattr(store, "_writer", None)
    target = store if step == "_artifacts" else store._client
    original = getattr(target, step)

    def interrupt(*words, **keys):
        calls.append(words)
        if len(calls) == 1:
            raise error
        return original(*words, **keys)

    monkeypatch.setattr(target, step, interrupt)
    with pytest.raises(error):
        store.write_group([cell], [outcome], None, {})
    assert store.finished(["c0"]) == {}
    assert len(store.table()) == 0
    assert store.table(unfinished=True)["status"].to_list() == ["interrupted"]
    store.write_group([cell], [outcome], None, {})
    assert list(store.finished(["c0"])) == ["c0"]


def test_failed_and_interrupted_cells_are_seen_only_when_asked_for(store, make_cell, make_outcome):
    store.write_group([make_cell("ok")], [make_outcome()], None, {})
    run_id = store.write_group(
        [make_cell("bad")], [make_outcome("failed", metrics={}, error="loss is not finite")], None, {}
    )[0]
    store.write_group([make_cell("cut")], [make_outcome("interrupted", metrics={})], None, {})
    assert run_of(store, run_id).data.tags["seedbed.error"] == "loss is not finite"
    assert list(store.finished(["ok", "bad", "cut"])) == ["ok"]
    table = store.table(fingerprints=["ok", "bad", "cut"], unfinished=True)
    assert table["status"].to_list() == ["finished", "failed", "interrupted"]


def test_a_cell_written_twice_counts_once_and_the_latest_finished_wins(store, make_cell, make_outcome):
    for status, score in (("finished", 0.1), ("finished", 0.2), ("failed", 0.3)):
        store.write_group([make_cell()], [make_outcome(status, score)], None, {})
    for table in (store.table(), store.table(fingerprints=["c0"]), store.table(unfinished=True)):
        assert table["test/accuracy"].to_list() == [0.2]


def test_more_cells_than_a_page_are_all_found(store, make_cell, make_outcome, monkeypatch):
    monkeypatch.setattr("seedbed.tracking.search._FIRST_PAGE", 3)
    monkeypatch.setattr("seedbed.tracking.search._PAGE", 4)
    outcome = make_outcome(predictions=(), history={})
    names = [f"c{i}" for i in range(12)]
    for name in names:
        store.write_group([make_cell(name)], [outcome], None, {"seedbed.device": "gpu" if name > "c5" else "cpu"})
    assert set(store.table()["cell"]) == set(names)
    assert store.table(tags={"seedbed.device": "gpu"})["cell"].to_list() == ["c9", "c8", "c7", "c6"]
    for asked_singly in (0, 5, 100):
        monkeypatch.setattr("seedbed.tracking.search._MOST_SINGLE_LOOKUPS", asked_singly)
        assert list(store.finished([*names, "never"])) == names
        assert list(store.finished(["never"])) == []


def test_the_same_study_goes_on_under_the_same_parent(tracking, make_cell, make_outcome):
    store = open_store(tracking)
    parent = store.start_comparison("name", "digest", {"seedbed.device": "cpu"}, ["c0", "c1"])
    store.finish(parent, "interrupted")
    assert run_of(store, parent).info.status == "KILLED"
    again = open_store(tracking)
    assert again.start_comparison("name", "digest", {"seedbed.device": "gpu"}, ["c1", "c2"]) == parent
    assert run_of(again, parent).info.status == "RUNNING"
    assert run_of(again, parent).data.tags["seedbed.device"] == "gpu"
    assert again.comparison_cells(parent) == ["c0", "c1", "c2"]
    assert again.start_comparison("name", "another", {}) != parent


def test_a_comparison_reads_the_cells_that_others_computed(store, make_cell, make_outcome):
    first = store.start_comparison("first", "digest 1", {}, ["c0"])
    store.write_group([make_cell("c0")], [make_outcome()], first, {})
    second = store.start_comparison("se'cond", "digest 2", {}, ["c1", "c0", "not yet"])
    store.write_group([make_cell("c1")], [make_outcome()], second, {})
    assert store.table(comparison=first)["cell"].to_list() == ["c0"]
    assert store.table(comparison=second)["cell"].to_list() == ["c1", "c0"]
    assert store.table(study="se'cond")["cell"].to_list() == ["c1", "c0"]
    assert list(store.table(study="unknown")["cell"]) == []


def test_the_last_comparison_is_the_one_started_last(store):
    assert store.last_comparison() is None
    first = store.start_comparison("a", "1", {})
    second = store.start_comparison("b", "2", {})
    assert store.last_comparison() == second
    store.start_comparison("a", "1", {})
    assert store.last_comparison() == first


def test_files_and_json_are_kept_with_a_run(store, tmp_path):
    run_id = store.start_comparison("a", "1", {})
    (tmp_path / "page.html").write_text("page")
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "box.svg").write_text("box")
    store.log_files(run_id, {"report": [tmp_path / "page.html", tmp_path / "pictures"], "": [tmp_path / "page.html"]})
    store.log_json(run_id, "draws.json", {"50": ["train/1"]})
    store.log_json(run_id, "more/draws.json", [1])
    kept = tmp_path / "mlartifacts" / run_id / "artifacts"
    assert sorted(str(file.relative_to(kept)) for file in kept.rglob("*") if file.is_file()) == [
        "draws.json",
        "more/draws.json",
        "page.html",
        "report/page.html",
        "report/pictures/box.svg",
    ]
    assert store.read_json(run_id, "draws.json") == {"50": ["train/1"]}
    assert store.read_json(run_id, "more/draws.json") == [1]
    assert store.read_json(run_id, "never.json", "default") == "default"


def test_an_unknown_comparison_is_one_line(store):
    with pytest.raises(InputError, match=r"tracking store sqlite:.*0123"):
        store.table(comparison="0123456789abcdef0123456789abcdef")


def test_a_store_that_is_taken_away_is_one_line(store, tmp_path, make_cell, make_outcome):
    store.start_comparison("a", "1", {})
    (tmp_path / "mlflow.db").write_bytes(b"no database any more" * 1000)
    with pytest.raises(InputError, match="tracking store") as error:
        store.write_group([make_cell()], [make_outcome()], None, {})
    assert len(str(error.value).splitlines()) == 1


def test_a_file_comes_back_as_it_was_and_a_missing_one_is_none(store, tmp_path):
    run_id = store.start_comparison("study", "digest", {})
    (tmp_path / "floor.csv").write_bytes(b"a,b\r\n\xc3\xa4")
    store.log_files(run_id, {"": [tmp_path / "floor.csv"]})
    assert store.read_bytes(run_id, "floor.csv") == b"a,b\r\n\xc3\xa4"
    assert store.read_bytes(run_id, "other.csv") is None
