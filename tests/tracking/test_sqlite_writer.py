"""Runs that go on are opened, logged to and closed in the database as MLflow's client does it."""

import math
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

from seedbed.errors import InputError
from seedbed.tracking.client_runs import ClientRuns
from seedbed.tracking.opening import open_store


def rows(tracking, run):
    with closing(sqlite3.connect(tracking.database)) as connection:
        connection.row_factory = sqlite3.Row
        found = {
            table: sorted(
                str({key: value for key, value in dict(row).items() if key not in ("run_uuid", "artifact_uri")})
                for row in connection.execute(f"SELECT * FROM {table} WHERE run_uuid = ?", [run])
            )
            for table in ("tags", "params", "metrics", "latest_metrics")
        }
        run_row = dict(connection.execute("SELECT * FROM runs WHERE run_uuid = ?", [run]).fetchone())
        assert run_row.pop("artifact_uri").endswith(f"/mlartifacts/{run_row.pop('run_uuid')}/artifacts")
        assert run_row.pop("start_time") > 1e12
    return found | {"runs": run_row}


def go_on(runs):
    """Open a run, log to it twice and close it; yield its id after each step."""
    run = runs.open("study", {"seedbed.kind": "comparison", "long": "x" * 9000})
    yield run
    runs.log(run, [("f1", 0.5, 10, 0), ("f1", 0.25, 10, 0), ("loss", math.nan, 10, 1)], {"a": "1", "long": "y" * 9000})
    yield run
    later = [("f1", 0.5, 10, 0), ("f1", 0.75, 9, 0), ("f1", -math.inf, 11, 0), ("loss", 2.0, 12, 0), ("new", 1.0, 1, 3)]
    runs.log(run, later, {"a": "2", "b": "é'\""})
    yield run
    runs.set_status(run, "FINISHED", 1234567890123)
    yield run
    runs.set_status(run, "RUNNING", None)
    yield run


def test_every_row_is_as_mlflows_client_writes_it(store, tracking):
    assert store._runs is store._writer
    both = zip(go_on(store._runs), go_on(ClientRuns(store._client, store.experiment_id)), strict=True)
    for direct, by_client in both:
        assert rows(tracking, direct) == rows(tracking, by_client)


def test_a_run_that_was_deleted_or_never_was_is_refused(store):
    run = store.start_comparison("study", "digest", {})
    store._client.delete_run(run)
    for unknown in (run, "0" * 32):
        with pytest.raises(InputError, match=f"no run {unknown}"):
            store.finish(unknown, "finished")
        with pytest.raises(InputError, match=f"no run {unknown}"):
            store.log_metrics(unknown, {"f1": 0.5})


def test_names_that_are_too_long_are_refused(store):
    run = store.start_comparison("study", "digest", {})
    with pytest.raises(InputError, match="251 characters, 250 at most"):
        store._writer.log(run, [("f" * 251, 0.5, 1, 0)], {})


WORKING = """
import sys
from seedbed.tracking.opening import open_store
from seedbed.tracking.settings import Tracking
from tests.tracking.conftest import plain_cell, plain_outcome
store = open_store(Tracking(uri=sys.argv[1]))
parent = store.start_comparison("study", "digest", {}, ["c0"])
store.write_group([plain_cell()], [plain_outcome()], parent, {})
store.log_json(parent, "study.json", {"cells": []})
store.describe(parent, "- note", {"test/f1": 0.5})
store.finish(parent, "finished")
assert len(store.table(comparison=parent)) == 1
assert store.cell_artifacts().predictions(store.table()["run"][0])
assert not {"mlflow", "sqlalchemy"} & set(sys.modules)
assert store._client.get_run(parent).info.status == "FINISHED"
"""


@pytest.mark.slow
def test_a_study_is_written_without_importing_mlflow(tracking):
    open_store(tracking)
    command = [sys.executable, "-W", "ignore", "-c", WORKING, tracking.uri]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
