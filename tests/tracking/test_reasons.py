"""What is said of a server or a database that fails, by real exceptions: the reason, whether it may pass, no secret."""

import importlib.util
import socket
from pathlib import Path

import pytest
import sqlalchemy

from seedbed.errors import InputError, StoreUnavailableError
from seedbed.tracking.failures import store_errors
from seedbed.tracking.opening import open_store
from seedbed.tracking.reasons import reason_of
from seedbed.tracking.settings import Tracking

_spec = importlib.util.spec_from_file_location("fake_server", Path(__file__).parents[1] / "fake_server.py")
fakes = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(fakes)

SECRET = "Zq9secret"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("way", "said", "passing"),
    [
        (429, "answers 429 (too many requests)", True),
        (500, "answers 500 (internal server error)", True),
        (502, "answers 502 (bad gateway)", True),
        (503, "answers 503 (service unavailable)", True),
        (504, "answers 504 (gateway timeout)", True),
        (401, "answers 401 (unauthorized): set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD", False),
        (403, "answers 403 (forbidden): this user may not do it: ask for permission", False),
        (404, "answers 404 (not found): no MLflow server at this address", False),
        ("close", "closes the connection", True),
        ("empty", "its answer is empty: no MLflow server, or a proxy", False),
        ("html", "its answer is no JSON: no MLflow server, or a proxy or a page to log in before it", False),
        ("redirect", "redirects without end", False),
        (b"[]", "its answer is no JSON", False),
        (b'{"experiment": 5}', "its answer has another shape than MLflow's", False),
        (b'{"experiment": {"creation_time": "soon"}}', "its answer has another shape than MLflow's", False),
    ],
)  # fmt: skip
def test_a_server_that_fails_is_said_in_one_line_without_its_password(way, said, passing):
    with fakes.fake_server(way) as fake, pytest.raises(InputError) as error:
        open_store(Tracking(uri=fake.address(f"me:{SECRET}")))
    message = str(error.value)
    assert f"tracking store http://***@127.0.0.1:{fake.port}: {said}" in message
    assert isinstance(error.value, StoreUnavailableError) is passing
    assert "\n" not in message
    assert SECRET not in message
    assert "Zq9redirect" not in message


def test_a_server_that_does_not_answer_in_time(monkeypatch):
    from mlflow import MlflowClient

    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "1")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    with fakes.fake_server("hang") as fake:
        tracking = Tracking(uri=fake.address())
        with pytest.raises(StoreUnavailableError, match="does not answer in time"), store_errors(tracking):
            MlflowClient(tracking.address).get_run("0")


@pytest.mark.parametrize("uri", [f"postgresql+nothing://me:{SECRET}@127.0.0.1/x", f"http://me:{SECRET}@127.0.0.1:9"])
def test_an_address_where_nothing_listens_keeps_its_password(uri):
    with pytest.raises(InputError) as error:
        open_store(Tracking(uri=uri))
    assert SECRET not in str(error.value)


@pytest.mark.parametrize(
    ("module", "package"), [("psycopg", "psycopg[binary]"), ("MySQLdb", "mysqlclient"), ("pymysql", "pymysql")]
)
def test_a_missing_driver_names_its_package(module, package):
    tracking = Tracking(uri="postgresql://db/x")
    with pytest.raises(InputError, match="is not installed") as error, store_errors(tracking):
        raise ModuleNotFoundError(f"No module named {module!r}", name=module)
    assert str(error.value).endswith(f"the database driver {module} is not installed; pip install '{package}'")


def database_error(text, kind=sqlalchemy.exc.OperationalError):
    return kind("SELECT 1", {"password": SECRET}, RuntimeError(text))


@pytest.mark.parametrize(
    ("text", "passing"),
    [
        ("connection failed: Connection refused", True),
        ("server closed the connection unexpectedly", True),
        ("(2013, 'Lost connection to MySQL server during query')", True),
        ("FATAL: the database system is starting up", True),
        (f'FATAL: password authentication failed for user "{SECRET}"', False),
        ('FATAL: database "x" does not exist', False),
        ("(1045, \"Access denied for user 'me'@'host'\")", False),
    ],
)
def test_a_database_that_is_down_is_told_from_one_that_refuses(text, passing):
    reason = reason_of(database_error(text), (f"postgresql://me:{SECRET}@db/x",))
    assert reason.passing is passing
    assert "SELECT" not in reason.text
    assert SECRET not in reason.text


def test_a_closed_port_of_a_database_may_open_later():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(StoreUnavailableError), store_errors(Tracking(uri="postgresql://db/x")):
        socket.create_connection(("127.0.0.1", port))


def test_a_locked_sqlite_file_may_be_free_later_and_a_full_disk_not(tmp_path):
    import sqlite3

    assert reason_of(sqlalchemy.exc.OperationalError("", {}, sqlite3.OperationalError("database is locked"))).passing
    full = sqlalchemy.exc.OperationalError("", {}, sqlite3.OperationalError("database or disk is full"))
    assert not reason_of(full).passing
