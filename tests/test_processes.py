"""Two tasks at once, in two processes."""

import os
import sys
import threading

import pytest

from seedbed import processes
from seedbed.processes import Background


@pytest.fixture
def forks(monkeypatch):
    """The conditions of a command that has loaded no library with threads, whatever the other tests loaded."""
    monkeypatch.setattr(processes, "_THREADED", ())
    monkeypatch.setattr(processes, "_can_fork", lambda: sys.platform == "linux")


@pytest.mark.skipif(sys.platform != "linux", reason="processes are forked on Linux only")
def test_a_task_runs_in_another_process_and_its_value_comes_back(forks):
    pending = Background(lambda: (os.getpid(), b"\0" * 1_000_000))
    process, content = pending.result()
    assert process != os.getpid()
    assert content == b"\0" * 1_000_000


def test_an_error_of_a_task_is_raised_where_its_value_is_asked_for(forks):
    pending = Background(lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        pending.result()


@pytest.mark.skipif(sys.platform != "linux", reason="processes are forked on Linux only")
def test_a_task_whose_process_was_killed_runs_here(forks):
    parent = os.getpid()

    def task():
        if os.getpid() != parent:
            os._exit(9)
        return "here"

    assert Background(task).result() == "here"


def test_nothing_is_forked_beside_another_thread_or_a_library_with_threads(monkeypatch):
    calls = []
    stop = threading.Event()
    thread = threading.Thread(target=stop.wait)
    thread.start()
    try:
        pending = Background(lambda: calls.append(os.getpid()))
        assert calls == []
        pending.result()
        assert calls == [os.getpid()]
    finally:
        stop.set()
        thread.join()
    monkeypatch.setitem(sys.modules, "tensorflow", sys)
    assert not processes._can_fork()
