"""PostgreSQL itself, and behind an MLflow server: stopped in the middle and started again, nothing is lost or twice."""

import importlib.util
import os
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest

from seedbed.errors import InputError, StoreUnavailableError
from seedbed.tracking import opening, spooling
from seedbed.tracking.opening import open_store
from seedbed.tracking.settings import Tracking
from seedbed.tracking.spool import spool_files
from seedbed.tracking.spooling import SpoolingWriter, deliver_spool

_spec = importlib.util.spec_from_file_location("postgres", Path(__file__).parents[1] / "postgres.py")
postgres = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(postgres)

pytestmark = pytest.mark.skipif(bool(postgres.REASON), reason=postgres.REASON)


@pytest.fixture(scope="module")
def cluster():
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        with postgres.cluster(Path(folder, "cluster")) as made:
            yield made


@pytest.fixture(autouse=True)
def quick(tmp_path, monkeypatch):
    monkeypatch.setenv("SEEDBED_STATE", str(tmp_path / "state"))
    monkeypatch.setattr(opening, "OPENING_PATIENCE", 0.0)
    monkeypatch.setattr(spooling, "EVERY_S", 0.0)


@pytest.fixture(scope="module")
def server(cluster, tmp_path_factory):
    """The address of an MLflow server before the cluster."""
    with postgres.mlflow_server(cluster.address, tmp_path_factory.mktemp("server")) as address:
        yield address


@pytest.fixture(params=["direct", "server"])
def tracking(request, cluster, tmp_path):
    if request.param == "direct":
        return Tracking(cluster.address, f"{tmp_path}/files", experiment=f"direct {tmp_path.name}", patience=0.5)
    return Tracking(request.getfixturevalue("server"), experiment=f"server {tmp_path.name}", patience=0.5)


def cells(store):
    return sorted((run.tags["seedbed.cell"], run.status) for run in store.find_runs({"seedbed.kind": "cell"}))


@pytest.mark.slow
def test_a_database_that_is_stopped_and_started_again_loses_nothing(cluster, tracking, make_cell, make_outcome):
    store, said = open_store(tracking), []
    writer = SpoolingWriter(store, said.append)

    def write(name):
        return writer.write_group([make_cell(f"{name}{n}") for n in range(2)], [make_outcome()] * 2, None, {})

    assert len(write("a")) == 2
    cluster.stop()
    try:
        assert write("b") == []
        assert write("c") == []
        with pytest.raises(StoreUnavailableError, match="4 cells; there is no report yet"):
            writer.finish()
    finally:
        cluster.start()
    patient = replace(tracking, patience=20.0)  # the first connections of a server's pool are closed ones
    delivery = deliver_spool(open_store(patient), print)
    assert (len(delivery.runs), delivery.known) == (4, 0)
    store = open_store(patient)
    assert cells(store) == [(f"{name}{n}", "FINISHED") for name in "abc" for n in range(2)]
    assert spool_files(tracking) == []
    files = store.cell_artifacts()
    rows = store.finished(["a0", "c1"])
    assert files.predictions(rows["a0"]["run"]) == files.predictions(rows["c1"]["run"]) != ()
    assert "does not answer" in said[0] or "answers 5" in said[0]


@pytest.mark.slow
def test_a_call_waits_for_a_database_that_is_started_within_its_patience(cluster, tracking, make_cell, make_outcome):
    import threading

    store = open_store(replace(tracking, patience=60.0))
    cluster.stop()
    starting = threading.Timer(1.0, cluster.start)
    starting.start()
    try:
        assert len(SpoolingWriter(store, print).write_group([make_cell()], [make_outcome()], None, {})) == 1
    finally:
        starting.join()
    assert cells(store) == [("c0", "FINISHED")]
    assert spool_files(tracking) == []


def test_a_wrong_password_is_said_at_once_and_is_no_outage(cluster):
    with pytest.raises(InputError, match="password authentication failed") as error:
        open_store(Tracking(cluster.address.replace("%2Fpass", "%2Fother")))
    assert not isinstance(error.value, StoreUnavailableError)
    assert "Zq7" not in str(error.value)


def test_connections_of_mlflow_and_of_leases_notice_a_host_that_is_gone(cluster, tmp_path):
    from mlflow.store.db.utils import create_sqlalchemy_engine
    from sqlalchemy import create_engine

    open_store(Tracking(cluster.address, f"{tmp_path}/files"))
    for made, own in ((create_sqlalchemy_engine, "30000"), (create_engine, "30000"), (create_engine, "5")):
        engine = made(cluster.address + ("?tcp_user_timeout=5" if own == "5" else ""))
        with engine.connect() as connection:
            parameters = connection.connection.dbapi_connection.info.get_parameters()
        engine.dispose()
        assert parameters["tcp_user_timeout"] == own
        assert parameters["keepalives_idle"] == "30"
