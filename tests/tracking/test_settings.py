from dataclasses import asdict
from pathlib import Path

import pytest
from omegaconf import OmegaConf

from seedbed.errors import InputError
from seedbed.tracking.settings import Tracking
from seedbed.tracking.ui import ui_command


def test_the_default_is_a_file_in_the_working_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert Tracking().address == f"sqlite:///{tmp_path}/mlflow.db"
    assert Tracking().artifact_root == (tmp_path / "mlartifacts").as_uri()


def test_relative_paths_become_absolute(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    tracking = Tracking(uri="sqlite:///runs/my store.db?timeout=5", artifacts="files")
    assert tracking.address == f"sqlite:///{tmp_path}/runs/my store.db?timeout=5"
    assert tracking.database == tmp_path / "runs/my store.db"
    assert tracking.artifact_root == (tmp_path / "files").as_uri()


def test_a_server_decides_where_its_files_lie():
    tracking = Tracking(uri="http://127.0.0.1:5000")
    assert (tracking.database, tracking.artifact_root, ui_command(tracking)) == (None, None, tracking.uri)
    assert Tracking(uri="http://h", artifacts="s3://bucket/x").artifact_root == "s3://bucket/x"


def test_a_password_is_not_shown():
    tracking = Tracking(uri="postgresql://me:secret@db/mlflow")
    assert tracking.address == "postgresql://me:secret@db/mlflow"
    assert tracking.shown_address == "postgresql://***@db/mlflow"
    assert "secret" not in ui_command(tracking)


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"uri": "runs/mlflow.db"}, r"tracking.uri=runs/mlflow.db: .*perhaps sqlite:///runs/mlflow.db"),
        ({"uri": "file:///tmp/mlruns"}, "one of sqlite, postgresql"),
        ({"uri": "sqlite://"}, "name the file"),
        ({"uri": "sqlite:///:memory:"}, "name the file"),
        ({"uri": "http://"}, "tracking.uri=http://: names no host, as http://127.0.0.1:5000 does"),
        ({"uri": "https:///x"}, "names no host"),
        ({"experiment": " "}, "tracking.experiment is empty"),
    ],
)
def test_what_is_no_store_is_refused(keys, message):
    with pytest.raises(InputError, match=message):
        Tracking(**keys)


def test_the_ui_command_names_the_absolute_store(tmp_path):
    command = ui_command(Tracking(uri=f"sqlite:///{tmp_path}/a b.db"))
    assert command.endswith(f"mlflow ui --backend-store-uri 'sqlite:///{tmp_path}/a b.db'")


@pytest.mark.parametrize("name", ["mlflow", "server"])
def test_the_configs_list_every_key_with_its_default(name, monkeypatch):
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    path = Path(__file__).parents[2] / "conf" / "tracking" / f"{name}.yaml"
    keys = OmegaConf.to_container(OmegaConf.load(path), resolve=True)
    assert keys.pop("_target_") == f"{Tracking.__module__}.Tracking"
    given = asdict(Tracking(**keys))
    assert given == keys
    assert given == asdict(Tracking()) | ({"uri": "http://127.0.0.1:5000"} if name == "server" else {})
