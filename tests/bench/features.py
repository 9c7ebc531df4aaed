"""Frozen features: an older commit beside this one, in turn, each arm in a process of its own.

``python -m tests.bench features --old FOLDER``: a clone of the older commit, such as one of 87ae4d8.
"""

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

EXPERIMENT, SIZE = "movie_reviews_cnn", 200
BEFORE = "quickstart"
"""The name of the experiment in commits before it was renamed."""
SCRIPT = """
import json, resource, sys, time
from seedbed.comparison.group import train_cells
from seedbed.comparison.plan import examples_of, plan
from seedbed.config.study import study
try:
    from seedbed.devices import select_device
except ImportError:  # an older commit
    from seedbed.backend import select_device
experiment, arm, size = sys.argv[1], sys.argv[2], int(sys.argv[3])
made = plan(study([f"experiment={experiment}"]))
select_device("cpu")
cells = [p for p in made.planned if p.cell.arm == arm and p.cell.n_train == size]
before, started = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
outcomes = train_cells(cells, lambda epoch: None, examples_of(cells))
seconds, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_SELF)
user, system = after.ru_utime - before.ru_utime, after.ru_stime - before.ru_stime
scores = [{k: v for k, v in o.metrics.items() if k.startswith(("test/", "validation/"))} for o in outcomes]
print(json.dumps({"seconds": seconds, "system": system / (user + system), "peak": after.ru_maxrss / 1024,
                  "scores": scores}))
"""


def features(old: str, arms: Sequence[str], rounds: int) -> None:
    """Print the time, the share of system time, the peak memory and the scores of each arm, old and new in turn."""
    new = str(Path(__file__).parents[2])
    print(f"\n{EXPERIMENT}, {SIZE} examples, ten replicates, vectors cached; {rounds} round(s) in turn, medians")
    for arm in arms:
        runs: dict[str, list[dict]] = {old: [], new: []}
        _run(new, arm)  # fills the caches
        for _ in range(rounds):
            for folder, results in runs.items():
                results.append(_run(folder, arm))
        ratios = [a["seconds"] / b["seconds"] for a, b in zip(runs[old], runs[new], strict=True)]
        before, after = (_medians(results) for results in runs.values())
        change = max(
            abs(x[name] - y[name])
            for x, y in zip(runs[old][0]["scores"], runs[new][0]["scores"], strict=True)
            for name in x
        )
        print(f"  {arm:11s} {before} -> {after}; {statistics.median(ratios):.1f} times faster "
              f"({min(ratios):.1f} to {max(ratios):.1f}); scores change by up to {change:.0e}", flush=True)  # fmt: skip


def _medians(results: Sequence[dict]) -> str:
    seconds, system, peak = (statistics.median(run[name] for run in results) for name in ("seconds", "system", "peak"))
    return f"{seconds:.1f} s, system {system:.0%}, {peak:,.0f} MB"


def _run(folder: str, arm: str) -> dict:
    environment = os.environ | {"PYTHONPATH": str(Path(folder) / "src"), "TF_CPP_MIN_LOG_LEVEL": "3"}
    renamed = (Path(folder) / "conf/experiment" / f"{EXPERIMENT}.yaml").exists()
    command = [sys.executable, "-c", SCRIPT, EXPERIMENT if renamed else BEFORE, arm, str(SIZE)]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if run.returncode:
        raise SystemExit(run.stderr)
    return json.loads(run.stdout.splitlines()[-1])
