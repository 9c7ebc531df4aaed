"""Processes that write into one store at once, without training: cells lost or twice, cells a second, leases."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace

from tests.postgres import REASON, cluster, mlflow_server

from seedbed.cells import Cell, Outcome, Prediction
from seedbed.comparison.sharing import Sharing
from seedbed.tracking.leases import open_leases
from seedbed.tracking.opening import open_store
from seedbed.tracking.settings import Tracking
from seedbed.tracking.spooling import SpoolingWriter

PROCESSES = (1, 2, 8)
GROUPS, CELLS, ITEMS, EPOCHS = 40, 10, 200, 20
CLAIMS = ("claim", "release", "holders", "keeps")
"""What of leases a process waits for."""


def together(rounds: int) -> None:
    """As many processes as PROCESSES share the groups, in new stores, in turn."""
    print(f"\n{GROUPS} groups of {CELLS} cells, {ITEMS} predictions each, written by processes that train nothing")
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        root = Path(name)
        root.chmod(0o755)  # the database is another user's
        stores = {"SQLite": lambda folder: f"sqlite:///{folder}/mlflow.db"}
        if REASON:
            print(f"  PostgreSQL: {REASON}")
        else:
            database = stack.enter_context(cluster(root / "cluster"))
            (root / "server").mkdir()
            server = stack.enter_context(mlflow_server(database.address, root / "server"))
            stores |= {"PostgreSQL": lambda _: database.address, "MLflow server": lambda _: server}
        for kind, address in stores.items():
            for n in PROCESSES:
                for number in range(rounds):
                    folder = root / f"{kind.split()[0]}-{n}-{number}"
                    folder.mkdir()
                    tracking = Tracking(address(folder), "" if kind == "MLflow server" else str(folder / "files"),
                                        experiment=folder.name)  # fmt: skip
                    print(f"  {kind}, {n} process{'es' * (n > 1)}: {_shared(tracking, n)}", flush=True)


def _shared(tracking: Tracking, n: int) -> str:
    """Start n processes, wait until all are ready, and let them share the groups; what came out."""
    store = open_store(tracking)
    told = json.dumps([tracking.uri, tracking.artifacts, tracking.experiment])
    command = [sys.executable, "-m", "tests.bench.together", told]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    processes = [subprocess.Popen([*command, str(number)], **pipes) for number in range(n)]
    for process in processes:
        process.stdout.readline()
    load, started = os.getloadavg()[0], time.time()
    for process in processes:
        process.stdin.write("\n")
        process.stdin.flush()
    ends = [json.loads(process.communicate()[0]) for process in processes]
    took, ended = max(end["last"] for end in ends) - started, time.time() - started
    counted = Counter(run.tags["seedbed.cell"] for run in store.find_runs({"seedbed.kind": "cell"}))
    lost, twice = GROUPS * CELLS - len(counted), sum(counted.values()) - len(counted)
    spent = {name: 1000 * sum(end[name] for end in ends) / GROUPS for name in ("leases", "writing", "cpu")}
    return (
        f"{lost} cells lost, {twice} twice; {GROUPS * CELLS / took:.1f} cells a second, all ended after {ended:.0f} s; "
        f"a group: leases {spent['leases']:.0f} ms and writing {spent['writing']:.0f} ms, CPU {spent['cpu']:.0f} ms; "
        f"groups of each process {sorted(end['groups'] for end in ends)}; load before {load:.1f}"
    )


def _work(told: str, number: int) -> None:
    """One process: claim groups, write them, release them."""
    store = open_store(Tracking(*json.loads(told)[:2], experiment=json.loads(told)[2]))
    seconds, groups = Counter(), 0
    with open_leases(store) as leases:
        for name in CLAIMS:
            setattr(leases, name, _timed(getattr(leases, name), seconds))
        sharing = Sharing(leases, lambda cells: dict.fromkeys(store.finished(cells), "finished"), _quiet, poll_s=0.1)
        writer = SpoolingWriter(store, _quiet)
        print("ready", flush=True)
        sys.stdin.readline()
        order = [_group(n) for n in range(GROUPS)]
        first, cpu = number * 7 % GROUPS, time.process_time()
        for cells in sharing.groups([*order[first:], *order[:first]], lambda: None, lambda _: None):
            with sharing.writing(cells, [_outcome()] * len(cells), lambda _: None) as kept:
                began = time.perf_counter()
                writer.write_group([planned.cell for planned, _ in kept], [done for _, done in kept], None, {})
                seconds["writing"] += time.perf_counter() - began
                seconds["last"] = time.time()
            groups += 1
        writer.finish()
        seconds["cpu"] = time.process_time() - cpu
    print(json.dumps(dict(seconds) | {"groups": groups}))


def _quiet(line: str) -> None:
    """Say nothing."""


def _timed(call, seconds: Counter):
    def timed(*given):
        began = time.perf_counter()
        try:
            return call(*given)
        finally:
            seconds["leases"] += time.perf_counter() - began

    return timed


def _group(number: int) -> tuple[SimpleNamespace, ...]:
    settings = {f"training.setting{n}": str(n) for n in range(40)}
    cells = [
        Cell(
            arm="a", dataset="d", embedding="random", encoder="cnn", task="classification", n_train=number, replicate=n,
            data_seed=n, init_seed=n, draw=f"{n:064x}", cell=f"{number:032x}{n:032x}", settings=settings,
        )
        for n in range(CELLS)
    ]  # fmt: skip
    return tuple(SimpleNamespace(cell=cell) for cell in cells)


def _outcome() -> Outcome:
    names = [f"{split}/{name}{n}" for split in ("test", "validation") for name in ("precision", "f1") for n in range(5)]
    said = tuple(Prediction(f"test/{n}", "pos", "neg", (0.25, 0.75)) for n in range(ITEMS))
    history = dict.fromkeys(("train/loss", "validation/loss", "validation/accuracy"), (0.5,) * EPOCHS)
    return Outcome("finished", metrics=dict.fromkeys(names, 0.5), history=history, predictions=said, epochs=EPOCHS)


if __name__ == "__main__":
    _work(sys.argv[1], int(sys.argv[2]))
