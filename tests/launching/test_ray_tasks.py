"""Workers that are tasks of a Ray cluster of this machine."""

import os
import signal
import time
from importlib.util import find_spec

import pytest

from seedbed.launching.orders import Order, WorkerFiles
from seedbed.launching.supervising import Ended

pytestmark = pytest.mark.skipif(find_spec("ray") is None, reason="the extra ray is not installed")
SOURCE = """
import sys, time
for number in range(40):
    print(number, file=sys.stderr, flush=True)
    time.sleep(0.25)
"""


@pytest.mark.slow
def test_lines_of_workers_arrive_again_after_their_actor_was_killed(tmp_path, monkeypatch):
    import psutil

    from seedbed.launching.ray_tasks import RayTasks

    (tmp_path / "small_worker.py").write_text(SOURCE, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")]))
    files = WorkerFiles(tmp_path / "workers")
    engine = RayTasks({"ray": {"init": {"num_cpus": 1}}})
    killed = []
    with engine as start:
        worker = start(Order(1, "small_worker", str(tmp_path), {}), files)
        while (ended := worker.ended()) is None:
            if not killed and files.log(1).exists():
                own = psutil.Process().children(recursive=True)
                killed = [child.pid for child in own if child.name().startswith("ray::Messages")]
                os.kill(killed[0], signal.SIGKILL)
            time.sleep(0.05)
    assert ended == Ended(0)
    lines = files.log(1).read_text(encoding="utf-8").split()
    assert lines[0] == "0"
    assert lines[-1] == "39"
