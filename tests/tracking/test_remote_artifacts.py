"""Places of artifacts that are not on this machine: what is lacking is known before anything is written."""

import os
import shutil
import sys
from pathlib import Path

import pytest
from mlflow.store.artifact import artifact_repository_registry as registry
from mlflow.store.artifact.local_artifact_repo import LocalArtifactRepository

from seedbed.errors import InputError
from seedbed.tracking.opening import open_store
from seedbed.tracking.remote_artifacts import (
    CLIENTS,
    PROBE_FILE,
    artifact_errors,
    refuse_without_client,
    scheme_of,
    without_password,
)
from seedbed.tracking.settings import Tracking
from seedbed.tracking.store_checks import usable_location


class Remote(LocalArtifactRepository):
    """A place that fails where a test says so; it keeps files in a folder."""

    folder, fails, error = "", (), None

    def __init__(self, artifact_uri, tracking_uri=None, registry_uri=None):
        if "open" in self.fails:
            raise self.error
        super().__init__(artifact_uri.replace("remote://bucket", f"file://{self.folder}"), tracking_uri, registry_uri)

    def log_artifact(self, local_file, artifact_path=None):
        if "write" in self.fails or os.path.basename(local_file) in self.fails:
            raise self.error
        super().log_artifact(local_file, artifact_path)

    def list_artifacts(self, path=None):
        if "list" in self.fails:
            raise self.error
        return super().list_artifacts(path)


@pytest.fixture
def remote(tmp_path, monkeypatch):
    monkeypatch.setitem(registry._artifact_repository_registry._registry, "remote", Remote)
    monkeypatch.setattr(Remote, "folder", str(tmp_path / "far away"))
    monkeypatch.setattr(Remote, "fails", ())

    def failing(error, *places):
        monkeypatch.setattr(Remote, "error", error)
        monkeypatch.setattr(Remote, "fails", places)

    return failing


def new(tmp_path, artifacts="remote://bucket/x"):
    return Tracking(uri=f"sqlite:///{tmp_path}/new/mlflow.db", artifacts=artifacts)


@pytest.fixture
def made(tmp_path, empty_database):
    """The database of ``new``, without its experiment: to make it takes seconds."""
    (tmp_path / "new").mkdir()
    return Path(shutil.copy(empty_database, tmp_path / "new" / "mlflow.db"))


def refused(do, *given, **keys):
    with pytest.raises(InputError) as error:
        do(*given, **keys)
    assert len(str(error.value).splitlines()) == 1
    return str(error.value)


@pytest.mark.parametrize(
    ("address", "module", "said"),
    [
        ("s3://bucket/x", "boto3", "boto3 is not installed; pip install boto3"),
        ("s3://bucket/x", "botocore", "botocore is not installed; pip install boto3"),
        ("r2://bucket@account.r2.cloudflarestorage.com/x", "boto3", "pip install boto3"),
        ("b2://bucket@s3.eu.backblazeb2.com/x", "boto3", "pip install boto3"),
        ("gs://bucket/x", "google.cloud.storage", "pip install google-cloud-storage"),
        ("wasbs://c@a.blob.core.windows.net/x", "azure.storage.blob", "pip install azure-storage-blob azure-identity"),
        ("abfss://c@a.dfs.core.windows.net/x", "azure.storage.filedatalake", "azure-storage-file-datalake"),
        ("sftp://me:secret@host/x", "pysftp", "pip install pysftp"),
        ("hdfs://host:9000/x", "pyarrow.fs", "pyarrow.fs is not installed; pip install pyarrow"),
        ("viewfs://cluster/x", "pyarrow.fs", "pip install pyarrow"),
    ],
)
def test_a_client_that_is_not_installed_is_named_before_anything_is_made(tmp_path, monkeypatch, address, module, said):
    for name in CLIENTS[scheme_of(address)].modules:
        monkeypatch.setitem(sys.modules, name, None if name == module else os)
    for check in (usable_location, open_store):
        message = refused(check, new(tmp_path, address))
        assert said in message
        assert "secret" not in message
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("gcs://bucket/x", "unknown scheme; give a folder, or one of s3, r2, b2, gs, wasbs"),
        ("runs:/1/x", "unknown scheme"),
        ("s3:/bucket/x", "names no host or bucket; write s3://BUCKET/PATH"),
        ("gs:///x", "names no host or bucket; write gs://BUCKET/PATH"),
    ],
)
def test_what_is_no_place_is_one_line(tmp_path, address, said):
    for check in (usable_location, open_store):
        assert said in refused(check, new(tmp_path, address))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("place", ["open", "write"])
@pytest.mark.parametrize("error", [PermissionError(13, "denied"), ConnectionRefusedError(), KeyError("secret"),
                                   RuntimeError("two\nlines"), ImportError("no ssl", name="ssl")])  # fmt: skip
def test_a_place_that_takes_no_file_is_known_before_anything_is_made(tmp_path, remote, place, error):
    remote(error, place)
    assert refused(open_store, new(tmp_path)).startswith("tracking store: artifacts remote://bucket/x: ")
    assert not (tmp_path / "new").exists()


def test_an_experiment_is_not_bound_to_a_place_that_failed(tmp_path, made, remote):
    before = made.read_bytes()
    remote(RuntimeError("no"), "write")
    refused(open_store, new(tmp_path))
    assert made.read_bytes() == before
    remote(None)
    assert open_store(new(tmp_path)).location.address == "remote://bucket/x"
    assert os.listdir(tmp_path / "far away" / "x") == [PROBE_FILE]


def test_cells_are_kept_in_a_place_elsewhere_and_come_back(tmp_path, made, remote, make_cell, make_outcome):
    store = open_store(new(tmp_path))
    parent = store.start_comparison("study", "digest", {}, ["c0"])
    run = store.write_group([make_cell()], [make_outcome()], parent, {})[0]
    again = open_store(new(tmp_path, ""))
    assert again.comparison_cells(parent) == ["c0"]
    assert len(again.cell_artifacts().predictions(run)) == 2
    remote(OSError(5, "input/output error"), "list")
    assert "input/output error" in refused(again.cell_artifacts().predictions, run)
    assert "input/output error" in refused(again.comparison_cells, parent)
    assert not (tmp_path / "new" / "mlartifacts").exists()


@pytest.mark.parametrize("error", [RuntimeError("out of credit"), OSError(28, "No space left on device")])
def test_no_run_is_left_running_where_a_place_fails_later(tmp_path, made, remote, make_cell, make_outcome, error):
    store = open_store(new(tmp_path))
    remote(error, "cells.json", "predictions.jsonl")
    assert "far away" not in refused(store.start_comparison, "study", "digest", {}, ["c0"])
    refused(store.write_group, [make_cell()], [make_outcome()], None, {})
    runs = store._client.search_runs([store.experiment_id])
    assert [run.info.status for run in runs] == ["FAILED"]  # of the comparison; of the cell there is nothing
    remote(None)
    assert open_store(new(tmp_path)).finished(["c0"]) == {}


def test_an_experiment_whose_client_is_missing_goes_on_beside_the_database_if_nothing_was_finished(
    tmp_path, made, remote, make_cell, make_outcome
):
    """As it was left by versions that wrote before they looked."""
    store = open_store(new(tmp_path))
    remote(ImportError("no client"), "cells.json")
    refused(store.start_comparison, "study", "digest", {}, ["c0"])
    del registry._artifact_repository_registry._registry["remote"]
    store = open_store(new(tmp_path, ""))
    parent = store.start_comparison("study", "digest", {}, ["c0"])
    store.write_group([make_cell()], [make_outcome()], parent, {})
    store.finish(parent, "finished")
    assert {run.info.status for run in store._client.search_runs([store.experiment_id])} == {"FINISHED"}
    assert len(list((tmp_path / "new" / "mlartifacts").iterdir())) == 2


def test_an_experiment_with_results_is_not_taken_from_its_place(tmp_path, made, remote, make_cell, make_outcome):
    open_store(new(tmp_path)).write_group([make_cell()], [make_outcome()], None, {})
    del registry._artifact_repository_registry._registry["remote"]
    assert "artifacts remote://bucket/x: unknown scheme" in refused(open_store, new(tmp_path, ""))


def test_a_folder_that_cannot_be_made_is_known_before_anything_is(tmp_path):
    (tmp_path / "file").write_text("")
    for place in (tmp_path / "file" / "x", "/proc/nothing/here"):
        for check in (usable_location, open_store):
            assert refused(check, new(tmp_path, str(place))).startswith(f"tracking store: artifacts {place}: ")
    assert os.listdir(tmp_path) == ["file"]


def test_an_error_without_words_is_named(tmp_path):
    for error, said in ((OSError(), "OSError"), (KeyError("bucket"), "KeyError: 'bucket'")):
        with (
            pytest.raises(InputError, match=f"artifacts ftp://[*]+@h/x: {said}$"),
            artifact_errors("ftp://me:secret@h/x"),
        ):
            raise error


def test_addresses_are_shown_without_passwords():
    assert without_password("sftp://me:secret@host/x") == "sftp://***@host/x"
    assert (
        without_password("wasbs://container@account.blob.core.windows.net/x")
        == "wasbs://container@account.blob.core.windows.net/x"
    )
    assert without_password("file:///a%20b") == "/a b"
    refuse_without_client("/a/path")
