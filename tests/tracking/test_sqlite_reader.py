"""Reading a sqlite store directly gives what MLflow's client gives."""

import importlib.metadata
import math
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

from seedbed.tracking.opening import open_store, read_store
from seedbed.tracking.search import Search
from seedbed.tracking.settings import Tracking
from seedbed.tracking.sqlite_reader import SqliteReader, find_experiment
from seedbed.tracking.sqlite_schema import SCHEMA


def sql(tracking, *statements):
    with closing(sqlite3.connect(tracking.database)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def told(rows):
    """Rows by fingerprint in order, NaN equal to itself."""
    return [(cell, {name: repr(value) for name, value in row.items()}) for cell, row in rows.items()]


@pytest.fixture
def mixed(store, tracking, make_cell, make_outcome):
    """Cells of every kind, among runs of other tools, deleted runs and another experiment."""
    for status, score in (("finished", 0.1), ("finished", 0.2), ("failed", 0.3)):
        store.write_group([make_cell("twice")], [make_outcome(status, score)], None, {"seedbed.name": "mine"})
    metrics = {"test/f1": math.nan, "test/log_loss": math.inf, "test/x": -math.inf, "test/f1/a & b": 0.5, "arm": 1.0}
    store.write_group(
        [make_cell("odd", arm='it\'s "a"')], [make_outcome(metrics=metrics)], None, {"seedbed.name": "mine"}
    )
    store.write_group([make_cell("failed")], [make_outcome("failed", metrics={}, error="not finite")], None, {})
    store.write_group([make_cell("cut")], [make_outcome("interrupted", metrics={})], None, {})
    gone = store.write_group([make_cell("gone")], [make_outcome()], None, {})[0]
    store._client.delete_run(gone)
    client, experiment = store._client, store.experiment_id
    for tags in ({}, {"seedbed.kind": "cell"}, {"seedbed.kind": "cell", "seedbed.cell": "odd"}):
        run = client.create_run(experiment, tags=tags)
        client.log_metric(run.info.run_id, "test/f1", 0.9)
    broken = store.write_group([make_cell("broken")], [make_outcome()], None, {})[0]
    client.set_tag(broken, "seedbed.n_train", "many")
    huge = store.write_group([make_cell("huge")], [make_outcome()], None, {})[0]
    client.set_tag(huge, "seedbed.replicate", str(2**70))
    other = open_store(Tracking(uri=tracking.uri, experiment="another"))
    other.write_group([make_cell("elsewhere")], [make_outcome()], None, {})
    store.start_comparison("mine", "digest", {}, ["twice", "odd"])
    return store


ASKED = [
    (None, {}, False), (None, {}, True), (None, {"seedbed.name": "mine"}, True),
    (["odd", "twice", "never", "failed", "gone", "elsewhere", "broken"], {}, True), (["twice", "cut"], {}, False),
]  # fmt: skip


@pytest.mark.parametrize(("fingerprints", "tags", "unfinished"), ASKED)
def test_cells_are_those_that_the_client_gives(mixed, fingerprints, tags, unfinished):
    slow = Search(mixed._client, mixed.experiment_id)
    expected = slow.cells(fingerprints, tags, unfinished)
    assert expected
    assert told(mixed._search.cells(fingerprints, tags, unfinished)) == told(expected)


def test_all_runs_are_those_that_the_client_gives(mixed):
    slow = Search(mixed._client, mixed.experiment_id)
    expected, found = slow.all_runs(), mixed._search.all_runs()
    assert len(expected) == 12
    for name in ("id", "status", "ended", "params"):
        assert [getattr(run, name) for run in found] == [getattr(run, name) for run in expected]
    assert [repr(sorted(run.metrics.items())) for run in found] == [
        repr(sorted(run.metrics.items())) for run in expected
    ]
    assert [dict(run.tags) for run in found] == [dict(run.tags) for run in expected]


def test_comparisons_and_their_files_are_those_that_the_client_gives(mixed):
    (run,) = mixed.comparisons("mine")
    assert mixed.last_comparison() == run
    assert mixed.name_of(run) == "mine"
    assert mixed.comparison_cells(run) == ["twice", "odd"]
    assert {cell["cell"] for cell in mixed.identities({"seedbed.name": "mine"})} == {"twice", "odd"}
    assert mixed.cell_artifacts().history(mixed.latest(["odd"])["odd"]["run"])["train/loss"] == (0.7, 0.1 + 0.2)


def test_infinite_and_missing_metrics_come_back_from_the_file(mixed):
    row = mixed.latest(["odd"])["odd"]
    assert math.isnan(row["test/f1"])
    assert (row["test/log_loss"], row["test/x"]) == (math.inf, -math.inf)
    assert row["arm"] == 'it\'s "a"'


@pytest.mark.parametrize("change", [
    "ALTER TABLE latest_metrics RENAME COLUMN is_nan TO nan", "ALTER TABLE runs RENAME COLUMN end_time TO ended",
    "ALTER TABLE params RENAME TO settings",
])  # fmt: skip
def test_a_file_of_another_layout_is_left_to_the_client(mixed, tracking, tmp_path, change):
    copy = Tracking(uri=f"sqlite:///{tmp_path}/copy.db")
    shutil.copy(tracking.database, copy.database)
    sql(copy, change)
    assert SqliteReader(copy.database, mixed.experiment_id).find_runs({}) is None
    assert find_experiment(copy.database, "seedbed") is None
    unreadable = Search(mixed._client, mixed.experiment_id, SqliteReader(copy.database, mixed.experiment_id))
    assert told(unreadable.cells(None, {})) == told(mixed._search.cells(None, {}))


def test_the_schema_is_that_of_mlflow_3(tracking):
    """A later major version may change its tables: then compare them with ``SCHEMA``, and change this version."""
    assert importlib.metadata.version("mlflow").split(".")[0] == "3"
    with closing(sqlite3.connect(tracking.database)) as connection:
        for table, columns in SCHEMA.items():
            assert columns <= {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}


@pytest.mark.parametrize("content", [b"", b"no database at all" * 100])
def test_what_is_no_database_has_no_answer(tmp_path, content):
    (tmp_path / "x.db").write_bytes(content)
    assert SqliteReader(tmp_path / "x.db", "1").find_runs({}) is None
    assert SqliteReader(tmp_path / "none.db", "1").find_runs({}) is None
    assert not (tmp_path / "none.db").exists()


def test_reading_cannot_write(mixed, tracking):
    before = tracking.database.read_bytes()
    reader = read_store(tracking)
    reader.table(unfinished=True)
    reader.all_runs()
    assert tracking.database.read_bytes() == before


def test_a_deleted_experiment_is_not_read_past(store, tracking):
    store._client.delete_experiment(store.experiment_id)
    assert find_experiment(tracking.database, "seedbed") is None


READING = """
import sys
from seedbed.tracking.opening import read_store
from seedbed.tracking.settings import Tracking
store = read_store(Tracking(uri=sys.argv[1]))
assert len(store.table(unfinished=True)) == 4
assert store.comparison_cells(store.last_comparison()) == ["twice", "odd"]
assert len(store.all_runs()) == 12
assert not {"mlflow", "sqlalchemy", "tensorflow", "keras"} & set(sys.modules)
assert store._client.get_experiment_by_name("seedbed") is not None
"""


@pytest.mark.slow
def test_a_store_is_read_without_importing_mlflow_which_is_there_when_needed(mixed, tracking):
    command = [sys.executable, "-W", "ignore", "-c", READING, tracking.uri]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


KILLED_IN_A_TRANSACTION = """
import os, sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA cache_size = 1")  # pages go to the file before the end, so that the journal is needed
connection.execute("BEGIN")
connection.execute("UPDATE runs SET status = 'KILLED', name = hex(zeroblob(20000))")
os._exit(9)
"""


def test_a_file_whose_writer_was_killed_in_a_transaction_is_read_as_it_was_before(mixed, tracking):
    """A connection with ``mode=ro`` refuses it: SQLite 3.40, https://sqlite.org/rescode.html#readonly_rollback."""
    before = mixed._search.cells(None, {}, True)
    done = subprocess.run([sys.executable, "-c", KILLED_IN_A_TRANSACTION, str(tracking.database)], check=False)
    assert done.returncode == 9
    assert tracking.database.with_name("mlflow.db-journal").stat().st_size > 0
    assert SqliteReader(tracking.database, mixed.experiment_id).statuses() is not None
    assert told(mixed._search.cells(None, {}, True)) == told(before)
    assert not tracking.database.with_name("mlflow.db-journal").exists()
