"""Several processes on one study: each cell is trained once, each has the whole report, and the dead are replaced.

Processes, stores, leases and signals are real; only training is a pause.
"""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing

import pytest

pytestmark = pytest.mark.slow

TRAINING = """
import os, sys, time
import seedbed.comparison.group as group
import seedbed.devices
from seedbed.cells import Outcome
from seedbed.cli.main import main


def train_cells(cells, on_epoch, ids=None, on_embedded=None, **options):
    while os.environ.get("WAIT") == "1" and not os.path.exists("go"):
        time.sleep(0.05)
    time.sleep(float(os.environ.get("PAUSE", "0.3")))
    with open("trained.txt", "a") as file:
        file.writelines(f"{planned.cell.cell}\\n" for planned in cells)
    fails = os.environ.get("FAILS") == "1"
    return [
        Outcome("failed", error="the loss was nan")
        if fails and planned.cell.replicate == 1
        else Outcome("finished", {"test/accuracy": 0.5 + 0.01 * planned.cell.replicate, "validation/accuracy": 0.5})
        for planned in cells
    ]


group.train_cells = train_cells
seedbed.devices.select_device = lambda *_: "cpu"
sys.exit(main(sys.argv[1:]))
"""
WORDS = [
    "compare", "dataset=csv", "dataset.files.train=texts.csv", "task=classification", "embedding.dim=5", "encoder=cnn",
    "sampling=fewshot", "sampling.validation=20", "sampling.test=20", "sizes=[10,20]", "replicates=6",
    "training.group_size=2", "lint=off", "floor=false", "arms={a: [], b: [encoder=pool]}",
]  # fmt: skip
N_CELLS = 24


@pytest.fixture
def place(tmp_path):
    lines = [f"{'good fine' if n % 2 else 'bad poor'} film {n},{('neg', 'pos')[n % 2]}" for n in range(160)]
    (tmp_path / "texts.csv").write_text("text,label\n" + "\n".join(lines) + "\n", encoding="utf-8")
    (tmp_path / "seedbed_without_training.py").write_text(TRAINING, encoding="utf-8")
    return tmp_path


@pytest.fixture
def start(place):
    """Starts a comparison in a process of its own; all are ended after the test."""
    processes = []

    def started(*more, module=("seedbed_without_training.py",), **environment):
        environment = os.environ | {"SEEDBED_CACHE": str(place / "cache"), "PYTHONUNBUFFERED": "1"} | environment
        processes.append(
            subprocess.Popen(
                [sys.executable, *module, *WORDS, f"output=out{len(processes)}", *more], cwd=place, env=environment,
                text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            )
        )  # fmt: skip
        return processes[-1]

    yield started
    for process in processes:
        if process.poll() is None:
            process.kill()
            process.communicate()


def ended(process):
    """Its exit code and what it said."""
    said = process.communicate(timeout=900)[1]
    return process.returncode, said


def runs(place):
    with closing(sqlite3.connect(place / "mlflow.db", timeout=20)) as store:
        return Counter(
            store.execute(
                "select tags.value, runs.status from runs join tags on tags.run_uuid = runs.run_uuid "
                "and tags.key = 'seedbed.kind'"
            )
        )


def trained(place):
    return Counter((place / "trained.txt").read_text().split())


def rows(place, output):
    return (place / output / "results.csv").read_text().splitlines()


def until_line(process, words):
    for line in process.stderr:
        if words in line:
            return line
    raise AssertionError(f"{words}: never said")


def both_at_once(place, start, *more, **environment):
    """Two processes that have planned before one of them trains, however slow the machine is."""
    processes = [start(*more, WAIT="1", **environment) for _ in range(2)]
    for process in processes:
        until_line(process, "starting the backend")
    (place / "go").touch()
    return processes


@pytest.mark.parametrize(("number", "is_old"), [(2, False), (4, True)])
def test_each_cell_is_trained_once_and_each_process_has_the_whole_report(place, start, number, is_old):
    if is_old:
        assert ended(start("only=[0]", PAUSE="0"))[0] == 0
    processes = [start() for _ in range(number)]
    for process in processes:
        code, said = ended(process)
        assert code == 0, said
    assert set(trained(place).values()) == {1}
    assert len(trained(place)) == N_CELLS
    assert runs(place) == {("cell", "FINISHED"): N_CELLS, ("comparison", "FINISHED"): 1}
    outputs = [f"out{n + is_old}" for n in range(number)]
    assert [len(rows(place, output)) for output in outputs] == [N_CELLS + 1] * number
    assert len({tuple(rows(place, output)) for output in outputs}) == 1
    assert all((place / output / "report/index.html").is_file() for output in outputs)
    assert not list(place.glob(".mlflow.db*"))


def test_what_a_killed_process_held_is_taken_over_and_nothing_is_left_running(place, start):
    killed = start(PAUSE="3")
    until_line(killed, "starting the backend")
    time.sleep(1)
    other = start()
    until_line(other, "starting the backend")
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    code, said = ended(other)
    assert code == 0, said
    assert runs(place) == {("cell", "FINISHED"): N_CELLS, ("comparison", "FINISHED"): 1}
    assert len(rows(place, "out1")) == N_CELLS + 1


def test_what_a_killed_process_left_running_is_closed_and_status_says_what_is_missing(place, start):
    killed = start(PAUSE="3")
    until_line(killed, "[2/24]")
    until_line(killed, "[4/24]")
    time.sleep(1)
    status = [sys.executable, "-m", "seedbed", "status", "study", "--json"]
    seen = json.loads(subprocess.run(status, cwd=place, capture_output=True, check=True).stdout)
    assert seen["counts"]["running"] in (2, 4)
    assert {cell["pid"] for cell in seen["cells"] if cell["state"] == "running"} == {killed.pid}
    assert ("comparison", "RUNNING") in runs(place)
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    seen = json.loads(subprocess.run(status, cwd=place, capture_output=True, check=True).stdout)
    assert seen["counts"]["running"] == 0
    assert seen["counts"]["finished"] in (2, 4, 6)
    assert seen["counts"]["finished"] + seen["counts"]["missing"] == N_CELLS
    assert runs(place)["comparison", "KILLED"] == 1
    assert not any(state == "RUNNING" for _, state in runs(place))


def test_one_that_is_interrupted_leaves_its_groups_to_the_other(place, start):
    first, second = start(PAUSE="1"), start(PAUSE="1")
    until_line(first, "[2/24]")
    until_line(second, "/24]")
    first.send_signal(signal.SIGTERM)
    code, said = ended(first)
    assert code == 143, said
    assert ended(second)[0] == 0
    found = runs(place)
    assert found["cell", "FINISHED"] == N_CELLS
    assert found["cell", "KILLED"] <= 2
    assert found["comparison", "FINISHED"] == 1
    assert not any(state == "RUNNING" for _, state in found)


def test_a_failed_cell_is_trained_by_one_process_and_again_when_asked(place, start):
    processes = both_at_once(place, start, FAILS="1")
    assert [ended(process)[0] for process in processes] == [1, 1]
    assert set(trained(place).values()) == {1}
    assert runs(place)["cell", "FAILED"] == 4
    code, said = ended(start("retry=none"))
    assert "24 cells: 20 finished before, 4 failed, 0 missing; retry=none: 0 to train" in said
    assert code == 1
    code, said = ended(start("retry=failed", "replicates=7"))
    assert "28 cells: 20 finished before, 4 failed, 4 missing; retry=failed: 4 to train" in said
    assert code == 1  # four are missing
    assert Counter(trained(place).values()) == {1: 20, 2: 4}


def test_processes_that_force_share_what_is_trained_anew(place, start):
    assert ended(start(PAUSE="0"))[0] == 0
    processes = both_at_once(place, start, "force=true")
    assert [ended(process)[0] for process in processes] == [0, 0]
    assert set(trained(place).values()) == {2}
    assert runs(place)["cell", "FINISHED"] == 2 * N_CELLS
