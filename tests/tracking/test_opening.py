import os
import shlex
import subprocess
import sys
import time

import pytest

from seedbed.errors import InputError
from seedbed.tracking.mlflow_env import mlflow_environment, single_attempt
from seedbed.tracking.opening import is_new, open_store
from seedbed.tracking.settings import Tracking

WRITERS = """
import multiprocessing
import sys
from seedbed.cells import Cell, Outcome
from seedbed.tracking.mlflow_import import preload
from seedbed.tracking.opening import open_store
from seedbed.tracking.settings import Tracking

def write(name):
    store = open_store(Tracking(uri=sys.argv[1]))
    parent = store.start_comparison("together", "digest", {})
    for i in range(5):
        cell = Cell("a", "d", "e", "c", "tagging", 50, i, i, i, "d", f"{name}-{i}")
        store.write_group([cell], [Outcome("finished", {"test/f1": i / 7})], parent, {})
    return parent

preload().join()
with multiprocessing.get_context("fork").Pool(4) as pool:
    print(len(set(pool.map(write, "abcd", chunksize=1))), "parent")
"""


@pytest.mark.slow
def test_four_processes_that_open_a_fresh_store_at_once_lose_nothing(tmp_path):
    tracking = Tracking(uri=f"sqlite:///{tmp_path}/new/mlflow.db")
    assert is_new(tracking)
    command = [sys.executable, "-W", "ignore", "-c", WRITERS, tracking.uri]
    said = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert (said.returncode, said.stdout, said.stderr) == (0, "1 parent\n", "")
    assert len(open_store(tracking).table()) == 20
    assert sorted(file.name for file in (tmp_path / "new").iterdir()) == ["mlflow.db"]
    assert not is_new(tracking)


def test_opening_and_writing_is_silent(tracking, make_cell, make_outcome, capfd):
    store = open_store(tracking)
    parent = store.start_comparison("name", "digest", {}, ["c0"])
    store.write_group([make_cell()], [make_outcome()], parent, {})
    store.table(comparison=parent)
    store.finish(parent, "finished")
    assert capfd.readouterr() == ("", "")


def test_an_open_store_does_not_depend_on_the_working_directory(
    tmp_path, empty_database, monkeypatch, make_cell, make_outcome
):
    (tmp_path / "mlflow.db").write_bytes(empty_database.read_bytes())
    monkeypatch.chdir(tmp_path)
    run = open_store(Tracking()).write_group([make_cell()], [make_outcome()], None, {})[0]
    assert (tmp_path / "mlartifacts" / run / "artifacts" / "predictions.jsonl").exists()
    command = shlex.split(open_store(Tracking()).ui_command())
    assert command[-1] == f"sqlite:///{tmp_path}/mlflow.db"


def one_line(error):
    return len(str(error.value).splitlines()) == 1 and len(str(error.value)) < 500


def test_a_server_that_does_not_answer_is_known_in_a_moment(monkeypatch):
    before = os.environ.get("MLFLOW_HTTP_REQUEST_MAX_RETRIES")
    started = time.monotonic()
    with pytest.raises(InputError, match=r"tracking store http://127.0.0.1:9: ") as error:
        open_store(Tracking(uri="http://127.0.0.1:9"))
    assert time.monotonic() - started < 20  # MLflow's own patience is minutes
    assert one_line(error)
    assert os.environ.get("MLFLOW_HTTP_REQUEST_MAX_RETRIES") in {before, "0"}


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match=r"mlflow.db: cannot be opened for writing: .*/file is not a folder") as error:
        open_store(Tracking(uri=f"sqlite:///{tmp_path}/file/mlflow.db"))
    assert one_line(error)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_an_unwritable_folder_is_one_line(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(InputError, match="cannot be opened for writing: Permission denied"):
        open_store(Tracking(uri=f"sqlite:///{tmp_path}/mlflow.db"))


def test_a_file_that_is_no_database_is_one_line_and_left_alone(tmp_path):
    path = tmp_path / "mlflow.db"
    path.write_bytes(b"something else " * 200)
    with pytest.raises(InputError, match="file is not a database"):
        open_store(Tracking(uri=f"sqlite:///{path}"))
    assert path.read_bytes() == b"something else " * 200


def test_a_place_elsewhere_is_asked_while_mlflow_is_imported_in_the_background(tmp_path):
    code = (
        "from seedbed.tracking.mlflow_import import preload\n"
        "from seedbed.tracking.opening import open_store\n"
        "from seedbed.tracking.settings import Tracking\n"
        "preload()\n"
        f"open_store(Tracking(uri='sqlite:///{tmp_path}/mlflow.db', artifacts='ftp://127.0.0.1:9/x'))\n"
    )
    command = [sys.executable, "-W", "ignore", "-c", code]
    said = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False).stderr
    assert "artifacts ftp://127.0.0.1:9/x: does not answer" in said.splitlines()[-1], said
    assert "partially initialized" not in said
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("known", [True, False])
def test_a_creation_that_is_cut_short_leaves_no_store(tmp_path, monkeypatch, known):
    def interrupt(*_):
        raise KeyboardInterrupt

    if known:
        monkeypatch.setattr("seedbed.tracking.new_database.os.replace", interrupt)
    else:
        for module in ("new_database", "opening"):
            monkeypatch.setattr(f"seedbed.tracking.{module}.tables", lambda: None)
        monkeypatch.setattr("mlflow.store.tracking.sqlalchemy_store.SqlAlchemyStore.__init__", interrupt)
    with pytest.raises(KeyboardInterrupt):
        open_store(Tracking(uri=f"sqlite:///{tmp_path}/mlflow.db"))
    assert list(tmp_path.iterdir()) == []


def test_a_database_driver_that_is_missing_is_one_line():
    with pytest.raises(InputError, match=r"tracking store mssql\+nothing://\*\*\*@host/db: ") as error:
        open_store(Tracking(uri="mssql+nothing://me:secret@host/db"))
    assert one_line(error)
    assert "secret" not in str(error.value)


def test_the_environment_is_left_as_it_was(tracking, make_cell, make_outcome):
    before = dict(os.environ)
    store = open_store(tracking)
    store.write_group([make_cell()], [make_outcome()], None, {})
    assert dict(os.environ) == before


def test_nested_scopes_restore_the_environment_once(monkeypatch):
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "7")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "5")
    before = dict(os.environ)
    with mlflow_environment():
        with single_attempt():
            assert os.environ["MLFLOW_HTTP_REQUEST_MAX_RETRIES"] == "0"
            assert os.environ["MLFLOW_HTTP_REQUEST_TIMEOUT"] == "10"
        assert os.environ["MLFLOW_HTTP_REQUEST_MAX_RETRIES"] == "5"
        assert os.environ["MLFLOW_HTTP_REQUEST_TIMEOUT"] == "7"
    assert dict(os.environ) == before
