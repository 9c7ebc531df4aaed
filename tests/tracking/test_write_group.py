"""A group is written as MLflow's client writes its runs one by one, but whole or not at all, by many processes."""

import math
import multiprocessing
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np
import pytest

from seedbed.cells import Outcome
from seedbed.errors import InputError
from seedbed.tracking.artifact_location import local_path
from seedbed.tracking.opening import open_store
from seedbed.tracking.settings import Tracking
from seedbed.tracking.staged_files import PREFIX


def sql(tracking, *statements):
    with closing(sqlite3.connect(tracking.database)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def tables(tracking):
    with closing(sqlite3.connect(tracking.database)) as connection:
        connection.row_factory = sqlite3.Row
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: [dict(row) for row in connection.execute(f"SELECT * FROM {name}")] for name in names}


def rows_by_run_name(tracking):
    """Every row of every table, with the name of its run in place of the id, and times relative to its end."""
    found = tables(tracking)
    runs = {run["run_uuid"]: run for run in found["runs"]}
    models = {model["model_id"]: runs[model["source_run_id"]] for model in found["logged_models"]}

    def plain(row):
        if model := row.get("model_id") or (row.get("source_type") == "RUN_OUTPUT" and row["destination_id"]):
            return of_model(row, model, models[model])
        run = runs.get(row.get("run_uuid"))
        if run is None:
            return row
        assert "artifact_uri" not in row or row["artifact_uri"].count(run["run_uuid"]) == 1
        timed = {key: value - run["end_time"] for key, value in row.items()
                 if key in ("start_time", "end_time", "timestamp")}  # fmt: skip
        named = {key: value.replace(run["run_uuid"], run["name"]) for key, value in row.items()
                 if key in ("run_uuid", "artifact_uri")}  # fmt: skip
        return row | timed | named

    def of_model(row, model, run):
        """Times are those of its creation through the client, later than the run."""
        times = {key: 0 for key in row if key.endswith("creation_timestamp_ms") or key == "last_updated_timestamp_ms"}
        times |= {key: value - run["end_time"] for key, value in row.items() if key == "metric_timestamp_ms"}
        text = {
            key: value.replace(model, "model").replace(run["run_uuid"], run["name"])
            for key, value in row.items() if isinstance(value, str) and key != "input_uuid"
        }  # fmt: skip
        return row | text | times | {key: "" for key in row if key == "input_uuid"}

    def typed(row):
        return sorted((key, type(value).__name__, value) for key, value in row.items())

    return {name: sorted(map(str, map(typed, map(plain, rows)))) for name, rows in found.items()}


def files_of(store, runs):
    root = store.tracking.database.parent / "mlartifacts"
    return {
        (number, str(file.relative_to(root / run))): file.read_bytes()
        for number, run in enumerate(runs)
        for file in (root / run).rglob("*")
        if file.is_file()
    }


@pytest.fixture
def group(make_cell, make_outcome):
    """Cells whose outcomes have everything that is stored: numbers of all kinds, files, errors, odd and long texts."""
    rng = np.random.default_rng(0)
    cells = [make_cell(f"c{n}", replicate=n) for n in range(4)]
    cells[1] = make_cell("c1", arm="a" * 300, replicate=1, settings={"x" * 300: "y" * 7000, "é/ü|": 'it\'s "ß"'})
    curve = (0.5, math.nan, math.inf, 0.5, -math.inf)
    outcomes = [
        make_outcome(metrics={"test/f1": math.nan, "test/x|y": math.inf, "b": np.float32(0.1), "epoch/b": -0.0}),
        make_outcome(history={"train/loss": curve, "validation/f1": (1.0,)}, weights={"w": rng.random((3, 2))},
                     recorded={"probabilities": {"values": rng.random(4)}},
                     files={"trials.json": b"[]", "model/manifest.json": b"{}"}),
        make_outcome("failed", metrics={}, history={}, predictions=(), error="loss is not finite: " + "é" * 6000),
        Outcome("interrupted"),
    ]  # fmt: skip
    return cells, outcomes


def written(path, empty_database, group, by_client, tags):
    path.mkdir()
    (path / "mlflow.db").write_bytes(empty_database.read_bytes())
    store = open_store(Tracking(uri=f"sqlite:///{path}/mlflow.db", save_model=True))
    parent = store.start_comparison("study", "digest", {})
    if by_client:
        store._writer = None
    runs = store.write_group(*group, parent, tags)
    sql(store.tracking, f"UPDATE tags SET value = 'parent' WHERE value = '{parent}'",
        f"UPDATE tags SET value = 'now' WHERE key = 'seedbed.opened' AND run_uuid = '{parent}'",
        "UPDATE experiments SET creation_time = 0, last_update_time = 0",
        f"UPDATE experiments SET artifact_location = replace(artifact_location, '{path}', 'folder')",
        f"UPDATE runs SET artifact_uri = replace(artifact_uri, '{path}', 'folder')",
        "UPDATE logged_models SET artifact_location = ''",  # see the test of its own
        "DELETE FROM logged_model_tags WHERE tag_key = 'mlflow.model.isExternal'",
        f"UPDATE runs SET end_time = start_time WHERE run_uuid = '{parent}'")  # fmt: skip
    return rows_by_run_name(store.tracking), files_of(store, runs), store.table(unfinished=True)


def test_every_row_and_file_is_as_mlflows_client_writes_it(tmp_path, empty_database, group):
    tags = {"seedbed.device": "cpu", "mlflow.source.name": "seedbed", "mlflow.user": "ada", "long": "z" * 9000}
    (tables, files, table), (client_tables, client_files, client_table) = (
        written(tmp_path / name, empty_database, group, name == "client", tags) for name in ("direct", "client")
    )
    assert sum(map(len, tables.values())) > 150
    assert len(tables["logged_models"]) == 1, "only of the cell with a saved model"
    assert len(tables["logged_model_metrics"]) > 3
    assert tables.keys() == client_tables.keys()
    for name, rows in tables.items():
        assert rows == client_tables[name], name
    assert {name for _, name in files} == {f"artifacts/{name}" for name in (
        "epochs.json", "predictions.jsonl", "probabilities.npz", "trials.json", "model/manifest.json")}  # fmt: skip
    assert files == client_files
    both = [frame.drop(columns="run").sort_values("cell", ignore_index=True) for frame in (table, client_table)]
    assert both[0].equals(both[1])


@pytest.mark.parametrize("by_client", [False, True])
def test_the_files_of_a_logged_model_are_those_in_its_run(tmp_path, empty_database, make_cell, make_outcome, by_client):
    """MLflow's client chooses another place for them: there the model is marked as external."""
    (tmp_path / "mlflow.db").write_bytes(empty_database.read_bytes())
    store = open_store(Tracking(uri=f"sqlite:///{tmp_path}/mlflow.db", save_model=True))
    if by_client:
        store._writer = None
    [run] = store.write_group([make_cell()], [make_outcome(files={"model/manifest.json": b"{}"})], None, {})
    [model] = store._client.search_logged_models([store.experiment_id])
    assert store.run_of_model(model.model_id) == model.source_run_id == run
    assert store.run_of_model("m-0") is None
    at = Path(local_path(model.artifact_location))
    assert (at == tmp_path / "mlartifacts" / run / "artifacts" / "model") is not by_client
    assert (at / "manifest.json").exists() is not by_client
    assert model.tags.get("mlflow.model.isExternal") == ("true" if by_client else None)


def test_the_runs_are_returned_in_order_and_the_last_is_the_newest(store, make_cell, make_outcome):
    names = [f"c{n}" for n in range(20)]
    runs = store.write_group([make_cell(name) for name in names], [make_outcome() for _ in names], None, {})
    assert [row["run"] for row in store.finished(names).values()] == runs
    assert store.table()["cell"].to_list() == names[::-1]
    assert store.write_group([], [], None, {}) == []


@pytest.mark.slow
@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError("no space left"), sqlite3.OperationalError("disk I/O")])
@pytest.mark.parametrize("step", ["new file", "publish", "insert", "commit"])
def test_an_error_leaves_nothing_of_the_group(store, tmp_path, monkeypatch, group, step, error):
    expected = error if isinstance(error, type) else InputError
    if isinstance(error, sqlite3.Error) and step not in ("insert", "commit"):
        return
    before = tables(store.tracking)
    failing(monkeypatch, step, error)
    with pytest.raises(expected):
        store.write_group(*group, None, {})
    monkeypatch.undo()
    assert tables(store.tracking) == before
    assert list((tmp_path / "mlartifacts").iterdir()) == []
    runs = store.write_group(*group, None, {})
    assert sorted(path.name for path in (tmp_path / "mlartifacts").iterdir()) == sorted(runs[:2])


def failing(monkeypatch, step, error):
    """Raise the error at this step: of files after the first, of rows after those of runs."""
    if step == "new file":
        target, name, late = "seedbed.tracking.staged_files.StagedFiles", "write", 2
    elif step == "publish":
        target, name, late = "seedbed.tracking.staged_files.Path", "rename", 2
    else:
        monkeypatch.setattr("seedbed.tracking.sqlite_writer.transaction", failing_transaction(step, error))
        return
    from importlib import import_module

    module, _, owner = target.rpartition(".")
    cls, calls = getattr(import_module(module), owner), []
    original = getattr(cls, name)

    def raising(self, *words):
        calls.append(words)
        if len(calls) == late:
            raise error
        return original(self, *words)

    monkeypatch.setattr(cls, name, raising)


def failing_transaction(step, error):
    from seedbed.tracking.sqlite_schema import transaction

    class Connection:
        def __init__(self, connection):
            self.connection = connection

        def executemany(self, statement, rows):
            if step == "insert" and "INTO tags" in statement:
                raise error
            return self.connection.executemany(statement, rows)

    @contextmanager
    def raising(database):
        with transaction(database) as connection:
            yield Connection(connection)
            if step == "commit":
                raise error

    return raising


@pytest.mark.parametrize("change", [
    "ALTER TABLE runs ADD COLUMN cost BIGINT", "ALTER TABLE metrics RENAME COLUMN is_nan TO nan",
    "ALTER TABLE params RENAME TO settings",
])  # fmt: skip
def test_a_file_of_another_layout_is_left_to_the_client(store, change, make_cell, make_outcome):
    assert store._writer.artifact_location() == store.location.address
    sql(store.tracking, change)
    assert store._writer.artifact_location() is None


def test_through_the_client_each_cell_counts_when_it_is_complete(store, monkeypatch, group):
    monkeypatch.setattr(store, "_writer", None)
    original, calls = store._client.set_terminated, []

    def interrupt(*words):
        calls.append(words)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return original(*words)

    monkeypatch.setattr(store._client, "set_terminated", interrupt)
    with pytest.raises(KeyboardInterrupt):
        store.write_group(*group, None, {})
    assert list(store.finished(["c0", "c1", "c2", "c3"])) == ["c0"]
    assert store.table(unfinished=True)["status"].value_counts().to_dict() == {"finished": 1, "interrupted": 1}


def write_many(uri, process, ready, go):
    from tests.tracking.conftest import plain_cell, plain_outcome

    store = open_store(Tracking(uri=uri))
    ready.release()
    go.wait()
    for number in range(6):
        cells = [plain_cell(f"{process} {number} {n}") for n in range(5)]
        store.write_group(cells, [plain_outcome() for _ in cells], None, {})


def test_several_processes_write_groups_at_once(store, tracking):
    context = multiprocessing.get_context("spawn")
    ready, go = context.Semaphore(0), context.Event()
    writers = [context.Process(target=write_many, args=(tracking.uri, n, ready, go)) for n in range(3)]
    for writer in writers:
        writer.start()
    for _ in writers:
        assert ready.acquire(timeout=120)
    go.set()
    for writer in writers:
        writer.join(120)
    assert [writer.exitcode for writer in writers] == [0, 0, 0]
    cells = Counter(store.table()["cell"])
    assert len(cells) == 90
    assert set(cells.values()) == {1}
    runs = set(store.table()["run"])
    assert {path.name for path in (tracking.database.parent / "mlartifacts").iterdir()} == runs


def test_a_write_waits_for_that_of_another_process(store, tracking, make_cell, make_outcome):
    hold = (
        "import sqlite3, sys, time\n"
        "c = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "c.execute('BEGIN EXCLUSIVE'); print('held', flush=True); time.sleep(1.5); c.execute('COMMIT')\n"
    )
    command = [sys.executable, "-c", hold, str(tracking.database)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout.readline() == "held\n"
        store.write_group([make_cell()], [make_outcome()], None, {})
        assert holder.wait() == 0
    assert list(store.finished(["c0"])) == ["c0"]


KILLED = """
import os, signal, sys
from seedbed.tracking import group_writing, staged_files
from seedbed.tracking.opening import open_store
from seedbed.tracking.settings import Tracking
from tests.tracking.conftest import plain_cell, plain_outcome

store = open_store(Tracking(uri=sys.argv[1]))
def kill(*words, **keys):
    os.kill(os.getpid(), signal.SIGKILL)
target = {"file": (staged_files.StagedFiles, "publish"), "rows": (store._writer, "insert"),
          "after": (staged_files.shutil, "rmtree")}[sys.argv[2]]
setattr(*target, kill)
store.write_group([plain_cell("c0"), plain_cell("c1")], [plain_outcome(), plain_outcome()], None, {})
"""


@pytest.mark.parametrize(("step", "kept"), [("file", 0), ("rows", 0), ("after", 2)])
def test_what_a_killed_process_left_is_gone_when_the_store_is_opened(tracking, tmp_path, step, kept):
    open_store(tracking)
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", KILLED, tracking.uri, step], check=False)
    assert done.returncode == -signal.SIGKILL
    root = tmp_path / "mlartifacts"
    assert any(path.name.startswith(PREFIX) for path in root.iterdir())
    store = open_store(tracking)
    assert len(store.table(unfinished=True)) == kept
    assert sorted(path.name for path in root.iterdir()) == sorted(store.table()["run"])


def test_what_others_write_is_left_alone(store, tracking, tmp_path, make_cell, make_outcome):
    root = tmp_path / "mlartifacts"
    kept = store.write_group([make_cell()], [make_outcome()], None, {})[0]
    files = {
        "of another database": '{"database": "/elsewhere/mlflow.db", "runs": ["' + "0" * 32 + '"]}',
        "hostile": f'{{"database": "{tracking.database}", "runs": ["../../outside", "..", "{kept}"]}}',
        "no json": "{",
    }
    (root / ("0" * 32)).mkdir()
    (tmp_path.parent / "outside").mkdir(exist_ok=True)
    for name, content in files.items():
        (root / f"{PREFIX}{name}").mkdir()
        (root / f"{PREFIX}{name}" / "runs.json").write_text(content)
    open_store(tracking)
    assert {path.name for path in root.iterdir()} == {
        kept, "0" * 32, f"{PREFIX}of another database", f"{PREFIX}no json"
    }  # fmt: skip
    assert (tmp_path.parent / "outside").is_dir()
    assert len(store.cell_artifacts().predictions(kept)) == 2


def test_the_saved_model_of_a_cell_is_a_logged_model_that_mlflow_finds_by_its_score(store, make_cell, make_outcome):
    saved = make_outcome(files={"model/manifest.json": b"{}"}, metrics={"test/f1": 0.5, "test/x": math.nan})
    [run, _] = store.write_group(
        [make_cell("c0", arm="glove/100d: 'x'"), make_cell("c1")], [saved, make_outcome()], None, {}
    )
    [model] = store._client.search_logged_models([store.experiment_id], "metrics.`test/f1` > 0.4")
    assert (model.name, model.source_run_id, str(model.status)) == ("glove_100d_ _x_", run, "READY")
    assert model.tags["seedbed.arm"] == "glove/100d: 'x'"
    assert {metric.key for metric in model.metrics} >= {"test/f1", "seconds"}
    assert "test/x" not in {metric.key for metric in model.metrics}
    assert [output.model_id for output in store._client.get_run(run).outputs.model_outputs] == [model.model_id]
