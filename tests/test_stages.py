"""The clock of the stages of a study."""

import threading
import time

import pytest

from seedbed import stages
from seedbed.stages import STAGES, Stopwatch, stage


@pytest.fixture
def tick(monkeypatch):
    """A clock that moves on by calls only; its function adds seconds."""
    now = [100.0]
    monkeypatch.setattr(time, "perf_counter", lambda: now[0])
    monkeypatch.setattr(stages, "_clock", stages._Clock())

    def add(seconds):
        now[0] += seconds

    return add


def test_only_the_innermost_stage_counts_and_all_add_up(tick):
    stopwatch = Stopwatch()
    tick(1)
    with stage("embed"):
        tick(2)
        with stage("trace"):
            tick(4)
            with stage("embed"):
                tick(8)
        tick(16)
    tick(32)
    assert stopwatch.seconds() == {"embed": 26, "trace": 4, "other": 33}
    assert sum(stopwatch.seconds().values()) == stopwatch.elapsed() == 63


def test_a_stage_that_runs_is_counted_until_now(tick):
    with stage("report"):
        tick(1)
        stopwatch = Stopwatch()
        tick(2)
        assert stopwatch.seconds() == {"report": 2}
        tick(4)
    assert stopwatch.seconds() == {"report": 6}


def test_an_error_ends_its_stages(tick):
    stopwatch = Stopwatch()

    def fail():
        with stage("step"):
            tick(1)
            with stage("trace"):
                tick(2)
                raise ValueError("in between")

    with stage("plan"):
        with pytest.raises(ValueError, match="in between"):
            fail()
        tick(4)
    tick(8)
    assert stopwatch.seconds() == {"plan": 4, "trace": 2, "step": 1, "other": 8}


def test_stages_of_another_thread_do_not_count(tick):
    stopwatch = Stopwatch()

    def work():
        with stage("write"):
            tick(2)

    with stage("step"):
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    assert stopwatch.seconds() == {"step": 2}


def test_stages_come_in_the_order_of_a_study(tick):
    stopwatch = Stopwatch()
    for name in reversed(STAGES):
        with stage(name):
            tick(1)
    assert list(stopwatch.seconds()) == list(STAGES)


def test_the_first_run_of_a_program_is_compilation(monkeypatch):
    import numpy as np

    from seedbed.backend import compiled, name

    name()  # the start of the backend is a stage too
    running = []
    monkeypatch.setattr("seedbed.backend.stage", lambda name: running.append(name) or stage(name))
    double = compiled(lambda x: 2 * x)
    for _ in range(2):
        np.testing.assert_array_equal(np.asarray(double(np.ones((2, 3), np.float32))), 2.0)
    double(np.ones((2, 4), np.float32))
    assert running == ["trace"] * 2
