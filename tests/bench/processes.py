"""A command as a process of its own: its seconds, CPU seconds and peak memory."""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

_WAIT = """
import json, os, subprocess, sys, time
started = time.perf_counter()
child = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
_, status, usage = os.wait4(child.pid, 0)
took = time.perf_counter() - started
print(json.dumps([status, took, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024]))
"""
"""Run in a small process: on Linux the peak of a process begins with that of the one which started it."""


class Cost(NamedTuple):
    """Wall seconds, CPU seconds, and peak memory in MB."""

    wall: float
    cpu: float
    mb: float


def measured(command: Sequence[str], folder: str | Path, environment: Mapping[str, str] | None = None) -> Cost:
    """Run a command in a folder, and return what it costs. Ends the bench where the command fails."""
    waiting = [sys.executable, "-c", _WAIT, *command]
    done = subprocess.run(waiting, cwd=folder, env=environment, stdout=subprocess.PIPE, check=True)
    status, *cost = json.loads(done.stdout)
    if status:
        raise SystemExit(f"{' '.join(command)} ended with status {status}")
    return Cost(*cost)
