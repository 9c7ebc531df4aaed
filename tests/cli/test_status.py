"""The status of studies in the terminal and as JSON, of cells that were written and leases that are held."""

import json
import re
import shutil
import sqlite3
import subprocess
import sys
import warnings
from contextlib import closing
from dataclasses import replace

import pytest

from seedbed.cells import IDENTITY_COLUMNS, Cell, Outcome
from seedbed.cli.main import main
from seedbed.tracking.holders import WORKER, this_worker
from seedbed.tracking.lease_databases import SqliteFile
from seedbed.tracking.lease_table import LeaseTable
from seedbed.tracking.leases import Leases, open_leases
from seedbed.tracking.opening import open_store
from seedbed.tracking.settings import Tracking

pytestmark = pytest.mark.filterwarnings("ignore:The ``noload`` loader strategy is deprecated:DeprecationWarning")
DEAD = "far:1:a-b-c"


def cell(arm, replicate, **more):
    return Cell(
        arm=arm, dataset="mr", embedding="e", encoder="c", task="t", n_train=50, replicate=replicate, data_seed=0,
        init_seed=0, draw="d", cell=f"{arm}{replicate}", **more,
    )  # fmt: skip


CELLS = [cell(arm, replicate) for arm in ("cnn", "lstm") for replicate in range(4)]


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    """A database without runs: a new one costs a second."""
    path = tmp_path_factory.mktemp("template") / "mlflow.db"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        open_store(Tracking(uri=f"sqlite:///{path}", experiment="of the template"))
    return path


@pytest.fixture
def store(tmp_path, monkeypatch, empty):
    """A store with a study of eight cells: of each arm one is finished, one failed, one was interrupted."""
    monkeypatch.chdir(tmp_path)
    shutil.copy(empty, tmp_path / "mlflow.db")
    made = open_store(Tracking(uri=f"sqlite:///{tmp_path}/mlflow.db"))
    parent = made.start_comparison("grid", "digest", {}, [one.cell for one in CELLS])
    rows = [{name: getattr(one, name) for name in IDENTITY_COLUMNS} for one in CELLS]
    made.log_json(parent, "study.json", {"cells": rows})
    made.finish(parent, "interrupted")
    outcomes = [Outcome("finished"), Outcome("failed", error="nan"), Outcome("interrupted")]
    for arm in ("cnn", "lstm"):
        made.write_group([one for one in CELLS if one.arm == arm][:3], outcomes, parent, {"seedbed.name": "grid"})
    return made


@pytest.mark.slow
def test_the_grid_has_a_sign_for_each_replicate_and_says_who_trains(store, capsys):
    with open_leases(store, name="gpu 1") as leases:
        assert leases.claim(["lstm2", "lstm3"])
        assert main(["status", "grid"]) == 0
        lines = capsys.readouterr().out.splitlines()
    assert lines[:3] == [
        "cnn, n=50   #x!.",
        "lstm, n=50  #x>>",
        "8 cells: 2 finished, 2 running, 2 failed, 1 interrupted, 1 missing",
    ]
    assert lines[3].startswith(f"{leases.worker.host}:{leases.worker.pid} (gpu 1): 2 running, process since ")
    assert main(["status", "grid"]) == 0
    assert "lstm, n=50  #x!." in capsys.readouterr().out


def test_json_has_each_cell_and_without_a_name_all_studies(store, capsys):
    with open_leases(store) as leases:
        assert leases.claim(["cnn3"])
        assert main(["status", "grid", "--json"]) == 0
        found = json.loads(capsys.readouterr().out)
    assert found["counts"] == {"finished": 2, "running": 1, "failed": 2, "interrupted": 2, "missing": 1}
    (running,) = [one for one in found["cells"] if one["state"] == "running"]
    assert (running["arm"], running["replicate"], running["pid"]) == ("cnn", 3, leases.worker.pid)
    assert main(["status", "--json"]) == 0
    counts = {"finished": 2, "running": 0, "failed": 2, "interrupted": 2, "missing": 2}
    assert json.loads(capsys.readouterr().out)["studies"] == [{"study": "grid", "counts": counts}]
    assert main(["status"]) == 0
    assert capsys.readouterr().out == "grid  8 cells: 2 finished, 2 failed, 2 interrupted, 2 missing\n"


def test_watching_ends_when_every_cell_is_finished_or_failed(store, capsys):
    store.write_group(CELLS, [Outcome("finished")] * 8, None, {})
    assert main(["status", "grid", "--watch", "0.1"]) == 0
    assert capsys.readouterr().out.count("8 cells: 8 finished") == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["gird"], "gird: no study of this name in .*; did you mean grid"),
        (["a", "b"], "a b: give the name of one study"),
        (["grid", "sizes=[4]"], r"sizes=\[4\]: `seedbed status` takes keys of tracking"),
        (["--watch", "0"], "--watch 0: give seconds above 0"),
        (["grid", "tracking.uri=sqlite:///none.db"], "none.db: no such store"),
    ],
)
def test_bad_input_is_one_line(store, words, said, capsys):
    assert main(["status", *words]) == 2
    err = capsys.readouterr().err
    assert len(err.splitlines()) == 1
    assert re.search(said, err)


def test_runs_of_dead_workers_are_closed_and_those_of_living_and_unknown_ones_are_not(store, capsys):
    def left(worker, **tags):
        return store.create_run("x", {"seedbed.kind": "cell", WORKER: worker} | tags).info.run_id

    with open_leases(store) as mine, open_leases(store) as of_study:
        of_study.join_study("s")
        living = left(mine.worker.worker)
        parent = left(DEAD, **{"seedbed.kind": "comparison", "seedbed.study": "s"})
        unknown = store.create_run("x", {"seedbed.kind": "cell"}).info.run_id
        other_kind = left(DEAD, **{"seedbed.kind": "pretraining"})
        dead = left(DEAD)
        ended = left(":".join([*this_worker().worker.split(":")[:2], "-0-".join(
            [this_worker().worker.split(":")[2].split("-")[0], "0000"])]))  # fmt: skip
        assert main(["status", "grid"]) == 0
        running = {run.id for run in store.running()}
        assert running == {living, parent, unknown, other_kind, dead}  # a new table: it may have been deleted
        with closing(sqlite3.connect(store.tracking.database)) as connection, connection:
            connection.execute("UPDATE seedbed_workers SET since = since - 1000")
        assert main(["status", "grid"]) == 0
        assert {run.id for run in store.running()} == {living, parent, unknown, other_kind}
    assert ended not in running
    assert main(["status", "grid"]) == 0
    assert {run.id for run in store.running()} == {unknown, other_kind}
    assert store._client.get_run(dead).info.status == "KILLED"


def test_an_expired_worker_of_another_host_trains_nothing(store, capsys):
    keeper = LeaseTable(SqliteFile(store.tracking.database), 60.0)
    far = Leases(keeper, replace(this_worker(), worker=DEAD, host="far", pid=1), beat_s=1000.0)
    assert far.claim(["cnn3"])
    assert main(["status", "grid"]) == 0
    assert "far:1: 1 running" in capsys.readouterr().out
    with closing(sqlite3.connect(store.tracking.database)) as connection, connection:
        connection.execute("UPDATE seedbed_workers SET beat = beat - 61")
    assert main(["status", "grid"]) == 0
    assert ">" not in capsys.readouterr().out
    far.close()


def test_it_imports_neither_tensorflow_nor_mlflow(store):
    script = (
        "import sys\n"
        "from seedbed.cli.main import main\n"
        "main(['status', 'grid'])\n"
        "print(*{'tensorflow', 'keras', 'mlflow', 'numpy', 'pandas'} & set(sys.modules), file=sys.stderr)\n"
    )
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ended.stderr.strip() == ""


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'{"cells": [', "not JSON"), (b"[1]", "it must be an object"), (b'{"cells": 1}', "cells must be a list"),
        (b'{"cells": [{"cell": "a"}]}', "the key cells.0.dataset is missing"), (b"{}", "the key cells is missing"),
    ],
)  # fmt: skip
def test_a_damaged_record_of_a_study_is_one_line(store, tmp_path, capsys, content, said):
    [file] = tmp_path.rglob("study.json")
    file.write_bytes(content)
    assert main(["status", "grid"]) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("seedbed: study.json of run ")
    assert said in line
    assert line.endswith("the same `seedbed compare` again writes it anew, and trains nothing")
