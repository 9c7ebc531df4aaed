"""Calls of a store that does not answer are repeated; what was done before its answer was lost is not done twice."""

import importlib.util
import threading
import time
from email.utils import formatdate
from pathlib import Path

import pytest

from seedbed.errors import InputError, StoreUnavailableError
from seedbed.tracking import retrying
from seedbed.tracking.client_runs import ClientRuns
from seedbed.tracking.failures import store_errors
from seedbed.tracking.mlflow_env import mlflow_environment
from seedbed.tracking.retrying import REQUEST, RepeatingClient, asked_wait, at_once, repeated
from seedbed.tracking.runs import NewModel
from seedbed.tracking.settings import Tracking

_spec = importlib.util.spec_from_file_location("fake_server", Path(__file__).parents[1] / "fake_server.py")
fakes = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(fakes)

EXPERIMENT = {"experiment": {"experiment_id": "7", "name": "x", "lifecycle_stage": "active"}}


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(retrying, "FIRST_WAIT", 0.01)
    monkeypatch.setattr(retrying, "LONGEST_WAIT", 0.05)


def client(fake, patience=5.0):
    from mlflow import MlflowClient

    return RepeatingClient(MlflowClient(fake.address()), fake.address(), patience)


@pytest.mark.parametrize("way", [408, 429, 500, 502, 503, 504, "close"])
def test_a_call_is_repeated_until_the_server_answers(way):
    with fakes.fake_server([way, way, way, EXPERIMENT]) as fake, mlflow_environment():
        assert client(fake).get_experiment("7").experiment_id == "7"
        assert len(fake.asked) >= 4


@pytest.mark.parametrize("way", [400, 401, 403, 404, "html"])
def test_what_will_not_be_different_later_is_asked_once(way):
    with fakes.fake_server([way, EXPERIMENT]) as fake:
        with pytest.raises(InputError) as error, store_errors(Tracking(uri=fake.address())):
            client(fake).get_experiment("7")
        assert not isinstance(error.value, StoreUnavailableError)
        assert len(fake.asked) == 1


def test_after_its_patience_a_call_fails():
    with fakes.fake_server("close") as fake:
        started = time.monotonic()
        with (
            pytest.raises(StoreUnavailableError, match="closes the connection"),
            store_errors(Tracking(fake.address())),
        ):
            client(fake, 0.5).get_experiment("7")
        assert len(fake.asked) > 5
        assert time.monotonic() - started < 10


def test_at_once_and_while_a_command_ends_nothing_is_repeated():
    calls = []

    def call():
        calls.append(time.monotonic())
        raise ConnectionError

    with pytest.raises(ConnectionError), at_once():
        repeated(call, 60)
    assert len(calls) == 1
    timer = threading.Timer(0.2, retrying.stopping.set)
    timer.start()
    try:
        with pytest.raises(ConnectionError):
            repeated(call, 600)
    finally:
        timer.join()
        retrying.stopping.clear()
    assert len(calls) > 1


def test_waits_grow_and_differ(monkeypatch):
    monkeypatch.setattr(retrying, "FIRST_WAIT", 1.0)
    monkeypatch.setattr(retrying, "LONGEST_WAIT", 8.0)
    waits = []
    monkeypatch.setattr(retrying.stopping, "wait", lambda pause: waits.append(pause) or len(waits) > 5)

    def fail():
        raise TimeoutError

    for _ in range(2):
        waits.clear()
        with pytest.raises(TimeoutError):
            repeated(fail, 1e9)
        assert all(0.5 * base <= wait <= 1.5 * base for wait, base in zip(waits, (1, 2, 4, 8, 8, 8), strict=True))
    assert len(set(waits)) == 6


def test_the_time_that_a_server_asks_to_wait_is_waited(monkeypatch):
    with fakes.fake_server(429) as fake:
        fake.headers = {"Retry-After": "1"}
        assert asked_wait(fake.address()) == 1
        fake.headers = {"Retry-After": formatdate(time.time() + 60, usegmt=True)}
        assert asked_wait(fake.address()) == pytest.approx(60, abs=3)
        fake.headers = {"Retry-After": "soon"}
        assert asked_wait(fake.address()) is None
        fake.way, fake.headers = [429, 429, EXPERIMENT], {"Retry-After": "1"}
        started = time.monotonic()
        assert client(fake).get_experiment("7").experiment_id == "7"
        assert time.monotonic() - started >= 1


def test_a_server_that_asks_for_more_than_is_left_is_not_waited_for():
    with fakes.fake_server(503) as fake:
        fake.headers = {"Retry-After": "3600"}
        started = time.monotonic()
        with pytest.raises(StoreUnavailableError, match="503"), store_errors(Tracking(uri=fake.address())):
            client(fake).get_experiment("7")
        assert time.monotonic() - started < 4


def test_a_run_whose_answer_was_lost_is_found_and_not_created_again(store):
    class Losing:
        """The client of a real store; the answer to the first creation is lost."""

        lost = False

        def create_run(self, *given, **settings):
            run = store._client.create_run(*given, **settings)
            if not self.lost:
                self.lost = True
                raise ConnectionResetError("Connection reset by peer")
            return run

        def __getattr__(self, name):
            return getattr(store._client, name)

    repeating = RepeatingClient(Losing(), "http://x", 5)
    run = repeating.create_run(store.experiment_id, tags={"a": "b"}, run_name="one", start_time=None)
    assert run.data.tags["a"] == "b"
    assert run.data.tags[REQUEST]
    assert [found.info.run_id for found in store._client.search_runs([store.experiment_id])] == [run.info.run_id]


def test_a_logged_model_whose_answers_were_lost_is_made_once(store):
    lost = []

    class Losing:
        """The client of a real store; the first answer to each call that makes something is lost."""

        def __getattr__(self, name):
            method = getattr(store._client, name)

            def once(*given, **settings):
                done = method(*given, **settings)
                if name in ("create_logged_model", "log_outputs", "finalize_logged_model") and name not in lost:
                    lost.append(name)
                    raise ConnectionResetError("Connection reset by peer")
                return done

            return once

    run = store._client.create_run(store.experiment_id).info.run_id
    model = NewModel("glove", {"seedbed.arm": "glove"}, [("test/f1", 0.5, 1, 0)])
    ClientRuns(RepeatingClient(Losing(), "http://x", 5), store.experiment_id).log_model(run, model)
    assert lost == ["create_logged_model", "log_outputs", "finalize_logged_model"]
    [made] = store._client.search_logged_models([store.experiment_id])
    assert (made.name, made.source_run_id, str(made.status), made.metrics[0].value) == ("glove", run, "READY", 0.5)
    assert [one.model_id for one in store._client.get_run(run).outputs.model_outputs] == [made.model_id]


def test_a_server_without_logged_models_takes_the_run_without_one():
    from mlflow.exceptions import MlflowException
    from mlflow.protos.databricks_pb2 import ENDPOINT_NOT_FOUND

    asked = []

    class Older:
        def create_logged_model(self, *given, **settings):
            asked.append(settings["name"])
            raise MlflowException("No API found for this endpoint", error_code=ENDPOINT_NOT_FOUND)

    ClientRuns(Older(), "0").log_model("run", NewModel("glove", {}, ()))
    assert asked == ["glove"]


def test_a_run_without_an_id_is_an_answer_that_is_empty():
    with fakes.fake_server("empty") as fake, pytest.raises(StoreUnavailableError, match="its answer is empty"):
        client(fake).create_run("0", tags={}, run_name="x", start_time=1)
