"""What the workers of a study are told, and how long they are waited for."""

import json
import os
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path
from types import SimpleNamespace

import pytest

from seedbed.errors import StoreUnavailableError
from seedbed.launching.launchers import Launcher
from seedbed.launching.local import LocalWorker
from seedbed.launching.orders import Order, WorkerFiles
from seedbed.studies import workers
from seedbed.studies.workers import Spread, Team, _orders
from seedbed.tracking.settings import Tracking

ADDRESS = "postgresql://me:s3cret@db.example/mlflow"


@pytest.mark.parametrize("name", ["basic", "joblib", "submitit_local", "submitit_slurm", "ray"])
def test_a_password_is_not_in_what_a_launcher_writes_to_disk_and_reaches_every_worker(name, monkeypatch):
    monkeypatch.setenv("SEEDBED_TRACKING_URI", "")
    monkeypatch.setenv("SEEDBED_CACHE", "/cache")
    keys = SimpleNamespace(device="cpu")
    study = SimpleNamespace(keys=keys, tracking=Tracking(uri=ADDRESS))
    run = SimpleNamespace(study=study, todo=[], before={}, parent="p", folder=Path("out"))
    words = ("experiment=quickstart", f"tracking.uri={ADDRESS}")
    orders = _orders(run, Spread(Launcher(name), 2, words, None, False), 2)
    assert [order.number for order in orders] == [1, 2]
    for order in orders:
        text = json.dumps(asdict(order))
        assert "experiment=quickstart" in text
        assert "/cache" in text
        if name.startswith("submitit"):
            assert "s3cret" not in text
            assert "tracking.uri=${oc.env:SEEDBED_TRACKING_URI}" in order.task["settings"]
            assert os.environ["SEEDBED_TRACKING_URI"] == ADDRESS
        else:
            assert f"tracking.uri={ADDRESS}" in order.task["settings"]


WAITS = """
import json, os, signal, sys, threading, time
task = json.loads(sys.stdin.readline())
threading.Thread(target=lambda: (os.read(0, 1), os._exit(1)), daemon=True).start()
time.sleep(task["seconds"])
print("last words", file=sys.stderr, flush=True)
os._exit(task.get("code", 0))
"""


class Shown:
    def __init__(self):
        self.lines = []

    def told(self, number, event): ...

    def ended(self, number):
        self.lines.append(f"{number} ended")

    def lost(self, number, line):
        self.lines.append(line)


@pytest.fixture
def team(tmp_path, monkeypatch):
    monkeypatch.setattr(workers, "LINGER_S", 0.3)
    (tmp_path / "waiting_worker.py").write_text(WAITS, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return Team(WorkerFiles(tmp_path / "workers"), Shown(), None)


def test_a_worker_whose_store_does_not_answer_is_not_started_again(team, tmp_path):
    orders = [Order(1, "waiting_worker", str(tmp_path), {"seconds": 0, "code": 75})]
    with team.running(nullcontext(LocalWorker), orders):
        team.watch(lambda: False)
    assert team.away
    assert team.shown.lines == [f"worker 1 ended with exit code 75: last words (its log: {team.files.log(1)})"]


def test_a_worker_that_ends_otherwise_is_started_again(team, tmp_path):
    orders = [Order(1, "waiting_worker", str(tmp_path), {"seconds": 0, "code": 9})]
    with team.running(nullcontext(LocalWorker), orders):
        team.watch(lambda: False)
    assert not team.away
    assert ["it is started again" in line for line in team.shown.lines] == [True, True, False]


@pytest.mark.parametrize("left", [[False], [StoreUnavailableError("away"), True, False]])
def test_a_worker_that_does_not_end_is_stopped_when_another_has_and_no_cell_is_left(left, team, tmp_path):
    asked = iter(left)

    def is_done():
        answer = next(asked)
        if isinstance(answer, Exception):
            raise answer
        return not answer

    orders = [Order(n, "waiting_worker", str(tmp_path), {"seconds": s}) for n, s in ((1, 0), (2, 600))]
    with team.running(nullcontext(LocalWorker), orders):
        team.watch(is_done)
        process = team.workers[2]._supervised.process
        assert process.poll() is None
    assert process.poll() is not None
    assert team.shown.lines == ["1 ended", "worker 2 is stopped: no cell is left to train"]
    assert list(asked) == []
