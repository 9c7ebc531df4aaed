"""What leases cost a group in SQLite, by the number of workers, and what ``seedbed status`` costs on a large store."""

import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from tests.bench.stores import STUDY, make_store

from seedbed.tracking.leases import open_leases
from seedbed.tracking.opening import open_store
from seedbed.tracking.settings import Tracking

GROUPS, CELLS = 100, 10
WORKERS = (1, 4)
SHAPE = (10, 20, 50)
"""Arms, sizes and replicates of the store whose status is asked for."""


def leases(rounds: int) -> None:
    """Milliseconds of a claim and a release of a group of ten cells; seconds of the status of 10,000 cells."""
    for n in WORKERS:
        took = [t for _ in range(rounds) for t in _claims(n)]
        print(f"  claim and release of a group of {CELLS} cells in SQLite, {n} worker{'s' * (n > 1)} without pause: "
              f"{statistics.median(took):.1f} ms ({min(took):.1f} to {max(took):.1f})", flush=True)  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        make_store(Path(folder), *SHAPE, False)
        for words in ([STUDY], [], [STUDY, "--json"]):
            spent = [_status(folder, words) for _ in range(rounds)]
            print(f"  seedbed status {' '.join(words)} of {SHAPE[0] * SHAPE[1] * SHAPE[2]:,} cells: "
                  + ", ".join(f"{wall:.2f} s ({busy:.2f} s of CPU)" for wall, busy in spent) + " (goal: under 2 s)",
                  flush=True)  # fmt: skip


def _claims(workers: int) -> list[float]:
    """Milliseconds a group, of each worker."""
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(Tracking(uri=f"sqlite:///{folder}/mlflow.db"))
        took: list[float] = []

        def work(number: int) -> None:
            with open_leases(store) as own:
                started = time.perf_counter()
                for group in range(GROUPS):
                    cells = [f"{number:04x}{group:04x}{cell:04x}" * 5 for cell in range(CELLS)]
                    if not own.claim(cells):
                        raise SystemExit("a group that nobody else wants was not claimed")
                    own.release(cells)
                took.append(1000 * (time.perf_counter() - started) / GROUPS)

        threads = [threading.Thread(target=work, args=(number,)) for number in range(workers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return took


def _status(folder: str, words: list[str]) -> tuple[float, float]:
    command = [sys.executable, "-m", "seedbed", "status", *words]
    started = time.perf_counter()
    child = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    if status:
        raise SystemExit(f"seedbed status {' '.join(words)}: ended with {status}")
    return time.perf_counter() - started, usage.ru_utime + usage.ru_stime
