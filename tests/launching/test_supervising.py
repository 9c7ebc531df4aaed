"""One worker process: what it is told, what it tells, and that it never outlives what watches it."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from importlib.util import find_spec

import psutil
import pytest

from seedbed.launching.local import LocalWorker
from seedbed.launching.orders import Order, WorkerFiles
from seedbed.launching.resources import THREADS
from seedbed.launching.supervising import Ended, Supervised

needs_submitit = pytest.mark.skipif(find_spec("submitit") is None, reason="the extra slurm is not installed")
SOURCE = """
import json, os, signal, sys, threading
task = json.loads(sys.stdin.readline())
def watch():
    while os.read(0, 100): pass
    os.kill(os.getpid(), signal.SIGTERM)
threading.Thread(target=watch, daemon=True).start()
print(json.dumps({"task": task, "pid": os.getpid(), "environment": dict(os.environ)}), flush=True)
print("to the log", file=sys.stderr, flush=True)
if task.get("sleep"):
    import time
    time.sleep(task["sleep"])
sys.exit(task.get("code", 0))
"""


@pytest.fixture
def order(tmp_path, monkeypatch):
    (tmp_path / "small_worker.py").write_text(SOURCE, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])]))

    def made(number=1, cores=None, defaults=(), environment=(), **task):
        return Order(number, "small_worker", str(tmp_path), task, dict(defaults), dict(environment), cores)

    return made


@pytest.fixture
def files(tmp_path):
    return WorkerFiles(tmp_path / "workers")


def first_event(files, seconds=30):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        for _, event in files.new_events():
            return event
        time.sleep(0.02)
    raise AssertionError("the worker told nothing")


def gone(pid, seconds=10):
    until = time.monotonic() + seconds
    while psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


def test_a_worker_gets_its_task_threads_and_variables_and_writes_log_and_events(order, files, monkeypatch):
    monkeypatch.setenv("SET_HERE", "kept")
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    ended = Supervised(
        order(3, cores=2, defaults={"SET_HERE": "other", "UNSET": "default"}, environment={"PLACE": "1"}, x=[1]),
        files.tell,
    ).run()
    assert ended == Ended(0)
    [(number, event)] = files.new_events()
    assert (number, event["task"]) == (3, {"x": [1]})
    wanted = {"SET_HERE": "kept", "UNSET": "default", "PLACE": "1", "OMP_NUM_THREADS": "7"}
    assert wanted.items() <= event["environment"].items()
    assert {event["environment"][name] for name in THREADS if name != "OMP_NUM_THREADS"} == {"2"}
    assert files.log(3).read_text() == "to the log\n"
    assert files.last_line(3) == "to the log"


@pytest.mark.parametrize(
    ("task", "text"), [({"code": 2}, "ended with exit code 2"), ({"sleep": 60}, "was killed by SIGKILL")]
)
def test_how_a_worker_ended_is_said(order, files, task, text):
    worker = LocalWorker(order(**task), files)
    pid = first_event(files)["pid"]
    if "sleep" in task:
        assert worker.ended() is None
        os.kill(pid, signal.SIGKILL)
    until = time.monotonic() + 10
    while worker.ended() is None and time.monotonic() < until:
        time.sleep(0.02)
    assert worker.ended().text == text


def test_a_worker_that_is_stopped_ends_at_once(order, files):
    worker = LocalWorker(order(sleep=60), files)
    pid = first_event(files)["pid"]
    worker.stop()
    assert gone(pid, 0)
    assert worker.ended() == Ended(-signal.SIGTERM)


def test_a_worker_ends_when_the_process_that_watches_it_is_killed(order, files, tmp_path):
    given = order(sleep=60)
    code = (
        "import sys, json; from seedbed.launching.supervising import Supervised\n"
        "from seedbed.launching.orders import Order\n"
        f"Supervised(Order(1, 'small_worker', {str(tmp_path)!r}, {dict(given.task)!r}), "
        "lambda n, stream, line: sys.stdout.write(line + chr(10))).run()"
    )
    with subprocess.Popen([sys.executable, "-uc", code], stdout=subprocess.PIPE, text=True) as watching:
        try:
            lines = [watching.stdout.readline(), watching.stdout.readline()]
            pid = json.loads(next(line for line in lines if line.startswith("{")))["pid"]
        finally:
            watching.kill()
    assert gone(pid)


def test_a_folder_that_another_machine_lacks_is_named(files):
    ended = Supervised(Order(1, "small_worker", "/no/such/folder", {}), files.tell).run()
    assert ended.code is None
    assert "has no folder /no/such/folder on " in ended.text


def test_events_are_read_once_and_only_when_whole(files):
    files.tell(1, "events", '{"event": "a"}')
    path = files.folder / "1.events"
    path.write_text(path.read_text() + 'noise of a library\n{"event": "b"', encoding="utf-8")
    assert [event["event"] for _, event in files.new_events()] == ["a"]
    path.write_text(path.read_text() + "}\n", encoding="utf-8")
    assert [event["event"] for _, event in files.new_events()] == ["b"]
    assert list(files.new_events()) == []


@pytest.mark.slow
@needs_submitit
@pytest.mark.parametrize("of_sigint", [signal.default_int_handler, signal.SIG_IGN], ids=["terminal", "background"])
def test_a_pre_empted_job_of_submitit_stops_its_worker_and_starts_it_again(order, files, of_sigint):
    from seedbed.launching.submitit_jobs import SubmititJobs

    settings = {"timeout_min": 5, "tasks_per_node": 1, "nodes": 1, "stderr_to_stdout": False, "submitit_folder": "",
                "name": "x", "cpus_per_task": None, "gpus_per_node": None, "mem_gb": None}  # fmt: skip
    with SubmititJobs("local", settings, (), "mine") as start:
        before = signal.signal(signal.SIGINT, of_sigint)
        try:
            job = start(order(sleep=60), files)
        finally:
            assert signal.signal(signal.SIGINT, before) == of_sigint
        try:
            first = first_event(files, 60)["pid"]
            [task] = psutil.Process(job.job._process.pid).children()
            task.send_signal(signal.SIGUSR2)  # submitit's signal of a scheduler; SLURM sends it before the time limit
            second = first_event(files, 60)["pid"]
            assert first != second
            assert gone(first, 0)
            assert job.ended() is None
        finally:
            stopping = threading.Thread(target=job.stop)
            stopping.start()
            stopping.join(15)
        assert gone(second)
