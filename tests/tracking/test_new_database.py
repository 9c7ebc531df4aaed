"""A new store without MLflow has what one of MLflow has."""

import sqlite3
import subprocess
import sys
import threading
from contextlib import closing

import pytest
from tests.tracking.mlflow_tables import DEFINITION, dumped, made_by_mlflow

from seedbed.tracking.database import prepare_database
from seedbed.tracking.new_database import create_experiment, tables
from seedbed.tracking.opening import EXPERIMENT_TAGS, open_store, preload_for
from seedbed.tracking.settings import Tracking


@pytest.fixture(scope="module")
def by_mlflow(tmp_path_factory):
    path = tmp_path_factory.mktemp("made") / "mlflow.db"
    made_by_mlflow(path, "file:///files/of runs%20%C3%A9")
    return path


@pytest.fixture
def without_definition(monkeypatch):
    """Another version of MLflow is installed."""
    tables.cache_clear()
    monkeypatch.setattr("seedbed.tracking.new_database.version", lambda name: "99.0")
    yield
    tables.cache_clear()


def created(text):
    return [line for line in text.splitlines() if not line.startswith("INSERT")]


def experiments(path):
    with closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        rows = [dict(row) for row in connection.execute("SELECT * FROM experiments ORDER BY experiment_id")]
        tags = connection.execute("SELECT * FROM experiment_tags ORDER BY key").fetchall()
    times = [row.pop(name) for row in rows for name in ("creation_time", "last_update_time")]
    assert all(time > 1e12 for time in times)
    return rows, [tuple(tag) for tag in tags]


def test_the_definition_is_that_of_the_installed_mlflow(by_mlflow):
    assert DEFINITION.read_text("utf-8") == dumped(by_mlflow), "python -m tests.tracking.mlflow_tables --write"


def test_a_file_has_the_tables_and_the_experiments_of_mlflow(by_mlflow, tmp_path):
    from mlflow import MlflowClient

    mine, root = tmp_path / "mlflow.db", "file:///files/of runs%20%C3%A9"
    prepare_database(mine, root)
    assert dumped(mine) == dumped(by_mlflow)
    assert experiments(mine) == experiments(by_mlflow)
    assert create_experiment(mine, "é'\"", f"{root}/x", EXPERIMENT_TAGS)
    client = MlflowClient(f"sqlite:///{by_mlflow}")
    client.create_experiment("é'\"", f"{root}/x", EXPERIMENT_TAGS)
    assert experiments(mine) == experiments(by_mlflow)
    assert not create_experiment(mine, "é'\"", f"{root}/y", {})
    assert experiments(mine) == experiments(by_mlflow)


def test_mlflow_takes_the_file_as_it_is(tmp_path):
    from mlflow import MlflowClient

    tracking = Tracking(uri=f"sqlite:///{tmp_path}/mlflow.db")
    store = open_store(tracking)
    client = MlflowClient(tracking.address)
    found = client.get_experiment_by_name("seedbed")
    assert (found.experiment_id, found.artifact_location) == (store.experiment_id, tracking.artifact_root)
    assert found.tags == EXPERIMENT_TAGS
    run = client.create_run(found.experiment_id)
    client.log_metric(run.info.run_id, "f1", 0.5)
    assert client.get_run(run.info.run_id).data.metrics == {"f1": 0.5}
    assert created(dumped(tracking.database)) == created(DEFINITION.read_text("utf-8"))


def test_an_experiment_is_added_to_a_store_that_has_others(tmp_path):
    uri = f"sqlite:///{tmp_path}/mlflow.db"
    ids = [open_store(Tracking(uri=uri, experiment=name)).experiment_id for name in ("one", "two", "one")]
    assert ids == ["1", "2", "1"]


def test_of_an_unknown_version_mlflow_makes_the_file(without_definition, tmp_path):
    tracking = Tracking(uri=f"sqlite:///{tmp_path}/mlflow.db")
    store = open_store(tracking)
    assert dumped(tracking.database) == DEFINITION.read_text("utf-8")
    assert store.table().empty


def test_mlflow_is_imported_in_the_background_only_where_it_makes_the_file(without_definition, tmp_path, monkeypatch):
    started = []
    monkeypatch.setattr("seedbed.tracking.opening.preload", lambda: started.append(threading.current_thread()))
    new = Tracking(uri=f"sqlite:///{tmp_path}/mlflow.db")
    preload_for(new)
    assert len(started) == 1
    monkeypatch.undo()
    tables.cache_clear()
    monkeypatch.setattr("seedbed.tracking.opening.preload", lambda: started.append(threading.current_thread()))
    preload_for(new)
    open_store(new)
    preload_for(new)
    assert len(started) == 1
    preload_for(Tracking(uri="http://127.0.0.1:9"))
    assert len(started) == 2


NEW = """
import sys
from seedbed.tracking.opening import open_store, preload_for
from seedbed.tracking.settings import Tracking
tracking = Tracking(uri=sys.argv[1])
preload_for(tracking)
store = open_store(tracking)
store.finish(store.start_comparison("study", "digest", {}, ["c0"]), "finished")
assert not {"mlflow", "sqlalchemy", "alembic"} & set(sys.modules)
"""


@pytest.mark.slow
def test_a_new_store_is_made_and_written_without_importing_mlflow(tmp_path):
    command = [sys.executable, "-W", "ignore", "-c", NEW, f"sqlite:///{tmp_path}/new/mlflow.db"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
