"""Whether a local store can be written, known without MLflow and without a trace."""

import os
import re
import subprocess
import sys

import pytest

from seedbed.errors import InputError
from seedbed.tracking.database import prepare_database, refuse_unwritable
from seedbed.tracking.settings import Tracking


def test_what_can_be_written_is_left_as_it_is(tmp_path, empty_database, tracking):
    before = tracking.database.read_bytes()
    refuse_unwritable(tracking)
    refuse_unwritable(Tracking(uri=f"sqlite:///{tmp_path}/new/folder/mlflow.db"))
    assert tracking.database.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["mlflow.db"]


def test_a_server_is_not_asked(monkeypatch):
    asked = []
    monkeypatch.setattr("socket.socket.connect", lambda self, address: asked.append(address))
    refuse_unwritable(Tracking(uri="http://127.0.0.1:9"))
    assert not asked


def test_no_database_or_no_folder_is_one_line(tmp_path):
    (tmp_path / "file").write_bytes(b"something else " * 200)
    for path, said in (("file", "file is not a database"), ("file/a/mlflow.db", "file is not a folder")):
        with pytest.raises(InputError, match=f"cannot be opened for writing: .*{said}") as error:
            refuse_unwritable(Tracking(uri=f"sqlite:///{tmp_path}/{path}"))
        assert len(str(error.value).splitlines()) == 1
    assert (tmp_path / "file").read_bytes() == b"something else " * 200


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_an_unwritable_folder_is_one_line(tmp_path):
    tmp_path.chmod(0o500)
    for path in ("mlflow.db", "new/mlflow.db"):
        with pytest.raises(InputError, match="cannot be opened for writing: Permission denied"):
            refuse_unwritable(Tracking(uri=f"sqlite:///{tmp_path}/{path}"))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_database_or_a_folder_that_is_read_only_is_one_line(tracking):
    for place in (tracking.database, tracking.database.parent):
        before = place.stat().st_mode
        place.chmod(0o500)
        with pytest.raises(InputError, match="cannot be opened for writing: attempt to write a readonly database"):
            refuse_unwritable(tracking)
        place.chmod(before)
    refuse_unwritable(tracking)


def test_a_disk_that_is_full_while_a_database_is_created_is_one_line_and_leaves_nothing(tmp_path):
    code = (
        "import resource, sys\n"
        "from pathlib import Path\n"
        "from seedbed.errors import InputError\n"
        "from seedbed.tracking.database import prepare_database\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))\n"
        "try:\n"
        "    prepare_database(Path(sys.argv[1]), 'file:///files')\n"
        "except InputError as error:\n"
        "    print(error)\n"
    )
    command = [sys.executable, "-W", "ignore", "-c", code, tmp_path / "mlflow.db"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    [line] = done.stdout.splitlines()
    assert re.search(r"mlflow\.db: cannot be opened for writing: (database or disk is full|disk I/O error)", line)
    assert list(tmp_path.iterdir()) == []


def test_what_killed_creations_left_is_deleted_and_what_runs_is_not(tracking, tmp_path):
    with subprocess.Popen([sys.executable, "-c", "pass"]) as ended:
        ended.wait()
    left = [f".mlflow.db.{ended.pid}.new", f".mlflow.db.{ended.pid}.new-journal"]
    kept = [f".mlflow.db.{os.getpid()}.new", ".mlflow.db.new", ".other.db.1.new", f".mlflow.db.{ended.pid}.new.bak"]
    for name in (*left, *kept):
        (tmp_path / name).touch()
    prepare_database(tracking.database, "")
    assert {file.name for file in tmp_path.iterdir()} == {"mlflow.db", *kept}
