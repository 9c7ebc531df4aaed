"""The run of a search: it is found by its fingerprint, goes on, and is no cell."""

import json
import math

import pytest

from seedbed.tracking.searches import Searches


@pytest.fixture
def searches(store):
    return Searches(store, "trials.json")


@pytest.fixture
def read(store):
    from mlflow import MlflowClient

    client = MlflowClient(store.tracking.address)

    def made(run):
        history = client.get_metric_history(run, "validation/accuracy")
        return client.get_run(run), {metric.step: metric.value for metric in history}

    return made


def content(*numbers):
    return json.dumps([{"number": number} for number in numbers]).encode()


def test_a_search_is_a_run_with_the_scores_of_its_trials_by_number(searches, make_cell, read):
    run = searches.start("abc", make_cell(), None, {"seedbed.name": "own"})
    searches.keep(run, content(0), "validation/accuracy", {0: 0.5})
    searches.keep(run, content(0, 1, 2), "validation/accuracy", {1: 0.75})
    found, scores = read(run)
    assert (found.info.run_name.split()[-1], found.info.status) == ("search", "RUNNING")
    assert scores == {0: 0.5, 1: 0.75}
    tags = {name: found.data.tags.get(f"seedbed.{name}") for name in ("kind", "search", "arm", "replicate", "name")}
    assert tags == {"kind": "search", "search": "abc", "arm": "glove", "replicate": "7", "name": "own"}
    searches.finish(run, "finished")
    assert read(run)[0].info.status == "FINISHED"


def test_trials_are_found_by_the_fingerprint_of_the_search(searches, make_cell):
    runs = {key: searches.start(key, make_cell(), None, {}) for key in ("abc", "abd", "new")}
    for number, (key, run) in enumerate(runs.items()):
        if key != "new":
            searches.keep(run, content(0, number + 1), "validation/accuracy", {})
    assert searches.known(["abd", "new", "other"]) == {"abd": (runs["abd"], content(0, 2))}
    assert searches.known([]) == {}


def test_of_two_searches_the_latest_is_known(searches, make_cell):
    runs = [searches.start("abc", make_cell(), None, {}) for _ in range(3)]
    for number, run in enumerate(reversed(runs)):  # the order of writes does not matter
        searches.keep(run, content(number), "validation/accuracy", {0: 0.5})
    assert searches.known(["abc"]) == {"abc": (runs[2], content(0))}


def test_a_search_that_was_killed_before_its_first_trial_does_not_hide_the_one_before(searches, make_cell):
    runs = [searches.start("abc", make_cell(), None, {}) for _ in range(4)]
    for number, run in enumerate(runs[:2]):
        searches.keep(run, content(number), "validation/accuracy", {0: 0.5})
    assert searches.known(["abc"]) == {"abc": (runs[1], content(1))}


@pytest.mark.slow
@pytest.mark.parametrize("status", ["failed", "interrupted", "finished"])
def test_a_search_that_ended_goes_on(searches, make_cell, read, status):
    run = searches.start("abc", make_cell(), None, {})
    searches.keep(run, content(0), "validation/accuracy", {0: 0.5})
    searches.finish(run, status)
    searches.resume(run, {})
    assert read(run)[0].info.status == "RUNNING"
    searches.keep(run, content(0, 1), "validation/accuracy", {1: 0.25})
    searches.finish(run, "finished")
    found, scores = read(run)
    assert (found.info.status, scores) == ("FINISHED", {0: 0.5, 1: 0.25})
    assert searches.known(["abc"]) == {"abc": (run, content(0, 1))}


def test_a_score_that_is_not_a_number_is_kept(searches, make_cell, read):
    run = searches.start("abc", make_cell(), None, {})
    searches.keep(run, content(0), "validation/accuracy", {0: math.nan, 1: 0.5})
    assert math.isnan(read(run)[1][0])


def test_a_search_below_a_comparison_is_its_child_and_no_cell(searches, store, make_cell, make_outcome, read):
    parent = store.start_comparison("study", "d", {}, ["abc"])
    run = searches.start("abc", make_cell("abc"), parent, {})
    searches.keep(run, content(0), "validation/accuracy", {0: 0.5})
    assert read(run)[0].data.tags["mlflow.parentRunId"] == parent
    assert store.finished(["abc"]) == store.latest(["abc"]) == {}
    store.write_group([make_cell("abc", setting="tuned")], [make_outcome()], parent, {})
    searches.finish(run, "finished")
    assert store.finished(["abc"])["abc"]["setting"] == "tuned"


def test_a_cell_keeps_its_trials_as_a_file(store, make_cell, make_outcome):
    run = store.write_group(
        [make_cell(setting="tuned")], [make_outcome(files={"trials.json": content(0, 1)})], None, {}
    )[0]
    assert store.read_bytes(run, "trials.json") == content(0, 1)


def test_in_a_sqlite_file_trials_are_kept_without_mlflows_client(searches, make_cell, read, monkeypatch):
    """Which takes ten times as long."""
    from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

    def refused(*args, **kwargs):
        raise AssertionError("MLflow's client wrote")

    with monkeypatch.context() as without:
        for name in ("create_run", "log_batch", "update_run_info"):
            without.setattr(SqlAlchemyStore, name, refused)
        run = searches.start("abc", make_cell(), None, {})
        searches.keep(run, content(0), "validation/accuracy", {0: 0.5})
        searches.keep(run, content(0, 1), "validation/accuracy", {1: 0.75})
        searches.finish(run, "finished")
    found, scores = read(run)
    assert (found.info.status, scores) == ("FINISHED", {0: 0.5, 1: 0.75})
    assert found.data.metrics["validation/accuracy"] == 0.75
