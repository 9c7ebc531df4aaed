"""The run of a training: what it holds, that it is taken up again, and that nothing is in it twice."""

import pytest

from seedbed.errors import InputError
from seedbed.tracking.opening import open_store
from seedbed.tracking.pretrainings import STATUS, Point, PretrainingRun, points
from seedbed.tracking.settings import Tracking


@pytest.fixture
def read(store):
    from mlflow import MlflowClient

    client = MlflowClient(store.tracking.address)

    def made(run):
        return client.get_run(run.id), lambda name: [(m.step, m.value) for m in client.get_metric_history(run.id, name)]

    return made


def test_a_run_has_its_params_metrics_files_note_and_status(store, read, tmp_path):
    (tmp_path / "README.md").write_text("# A card\n", encoding="utf-8")
    run = PretrainingRun.start(store, "pretrain own", {"size": "tiny", "lstm.dim": 8}, {"seedbed.name": "own"})
    found, _ = read(run)
    assert (found.info.run_name, found.info.status) == ("pretrain own", "RUNNING")
    run.log(points({"perplexity/mean": 3.5, "train/loss": 1.25}, 100))
    run.log(points({"train/loss": 1.0}, 200))
    run.end("done", [tmp_path / "README.md"], note="# A card")
    found, history = read(run)
    assert found.data.params == {"size": "tiny", "lstm.dim": "8"}
    assert history("train/loss") == [(100, 1.25), (200, 1.0)]
    assert history("perplexity/mean") == [(100, 3.5)]
    tags = found.data.tags
    assert (tags["seedbed.kind"], tags["seedbed.name"], tags["seedbed.ended"]) == ("pretraining", "own", "done")
    assert tags["mlflow.note.content"] == "# A card"
    assert found.info.status == "FINISHED"
    assert store.read_bytes(run.id, "README.md") == b"# A card\n"


@pytest.mark.parametrize("ended", STATUS)
def test_each_end_is_a_tag_and_a_status(store, read, ended):
    run = PretrainingRun.start(store, "name", {}, {})
    run.end(ended, error="no room" if ended == "failed" else "")
    found, _ = read(run)
    assert found.data.tags["seedbed.ended"] == ended
    assert found.info.status == {"failed": "FAILED", "interrupted": "KILLED"}.get(ended, "FINISHED")
    assert found.data.tags.get("seedbed.error") == ("no room" if ended == "failed" else None)


def test_a_session_more_goes_on_with_the_run_and_logs_nothing_twice(store, read):
    first = PretrainingRun.start(store, "name", {"size": "tiny"}, {})
    first.log([*points({"a & b": 1.0, "loss": 5.0}, 10), *points({"loss": 4.0}, 20)])
    first.end("failed", error="no room")
    again = PretrainingRun.resume(store, first.id, {"seedbed.device": "gpu"})
    found, _ = read(again)
    assert (again.id, found.info.status, found.data.tags["seedbed.device"]) == (first.id, "RUNNING", "gpu")
    assert found.data.tags["seedbed.ended"] == found.data.tags["seedbed.error"] == ""
    again.log([*points({"a & b": 1.5, "loss": 4.5}, 20), *points({"loss": 3.0}, 30), *points({"a & b": 9.0}, 10)])
    again.end("done")
    found, history = read(again)
    assert history("loss") == [(10, 5.0), (20, 4.0), (30, 3.0)]
    assert history("a :u26: b") == [(10, 1.0), (20, 1.5)]
    assert (found.info.status, found.data.params) == ("FINISHED", {"size": "tiny"})


def test_the_same_points_written_twice_are_there_once(store, read):
    run = PretrainingRun.start(store, "name", {}, {})
    for _ in range(2):
        run.log([Point("loss", 1.0, 10, 5), Point("loss", 2.0, 20, 6)])
    assert read(run)[1]("loss") == [(10, 1.0), (20, 2.0)]


def test_only_a_run_that_still_runs_is_taken_up_where_that_is_asked_for(store, read):
    run = PretrainingRun.start(store, "name", {}, {})
    assert PretrainingRun.resume(store, run.id, {}, unended=True).id == run.id
    run.end("done")
    assert PretrainingRun.resume(store, run.id, {}, unended=True) is None
    assert read(run)[0].info.status == "FINISHED"


def test_a_run_that_was_deleted_or_never_was_or_is_elsewhere_is_not_taken_up(store, tracking):
    from mlflow import MlflowClient

    assert PretrainingRun.resume(store, "0" * 32, {}) is None
    run = PretrainingRun.start(store, "name", {}, {})
    other = open_store(Tracking(uri=tracking.uri, experiment="another"))
    assert PretrainingRun.resume(other, run.id, {}) is None
    MlflowClient(tracking.address).delete_run(run.id)
    assert PretrainingRun.resume(store, run.id, {}) is None


def test_a_file_that_cannot_be_kept_is_one_line_and_the_run_is_closed_all_the_same(store, read, tmp_path):
    run = PretrainingRun.start(store, "name", {}, {})
    with pytest.raises(InputError, match="tracking store"):
        run.end("done", [tmp_path / "nowhere.md"])
    assert read(run)[0].info.status == "FINISHED"


def test_it_is_no_cell_and_no_comparison(store):
    PretrainingRun.start(store, "name", {}, {"seedbed.name": "name"}).end("done")
    assert store.table(unfinished=True).empty
    assert store.comparisons("name") == []
