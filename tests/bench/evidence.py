"""What a report claims, checked: false alarms and coverage of an arm against itself, and what a large report costs."""

import os
import subprocess
import sys
import tempfile
import time

import numpy as np
from numpy.typing import NDArray

from seedbed.report.second_opinions import bca_interval, wilcoxon_p
from seedbed.report.settling import holm
from seedbed.report.sign_flips import LEVEL, sign_flip_interval, sign_flip_p

REPLICATES = 10
STUDIES = 5_000
FAMILIES, COMPARISONS = 1_000, 6
"""Reports of two sizes and three arms, all of them the same arm."""
GAIN = 0.03
"""A true difference between arms, for the coverage where there is one."""
SHAPES = ((5, 10, 20, "under 5 s"), (10, 20, 50, "under 20 s and 1,500 MB"), (5, 10, 200, "under 20 s and 1,500 MB"))
"""Arms, sizes and replicates of large reports."""

_REPORT = """
import pathlib, sys
import numpy as np, pandas as pd
from seedbed.report.study import study_of
from seedbed.report.write import write_report
arms, sizes, replicates = map(int, sys.argv[2:])
rng, rows = np.random.default_rng(0), []
for size in range(sizes):
    for replicate in range(replicates):
        draw = rng.normal(0, 0.02)
        for arm in range(arms):
            score = rng.binomial(500, 0.6 + 0.01 * arm + 0.01 * size + draw + rng.normal(0, 0.015)) / 500
            rows.append({
                "arm": f"arm{arm}", "dataset": "imdb", "embedding": "glove", "encoder": "cnn",
                "task": "classification", "n_train": 50 * (size + 1), "replicate": replicate, "data_seed": replicate,
                "init_seed": replicate, "draw": f"{size}-{replicate}", "cell": f"{arm}-{size}-{replicate}",
                "status": "finished", "seconds": 1.5, "peak_mb": 800.0, "test/accuracy": score,
                "test/macro_f1": score - 0.01, "test/log_loss": 1.2 - score,
                **{f"test/f1/{name}": score for name in ("neg", "pos")},
            })
write_report(study_of(pd.DataFrame(rows)), pathlib.Path(sys.argv[1]), title="A large study")
assert not {"tensorflow", "keras", "mlflow"} & set(sys.modules)
"""


def scores(rng: np.random.Generator, studies: int, gain: float = 0.0) -> NDArray[np.float64]:
    """[2, studies, REPLICATES] accuracies of an arm and of itself plus ``gain`` on the same draws.

    A draw moves both by as much (sd 2.5 points), an initialisation each by itself (1.5 points); 500 test items each,
    so that accuracies are multiples of 0.2 points. The sizes of these effects are near those of the quickstart.
    """
    draw = rng.normal(0, 0.025, (studies, REPLICATES))
    start = rng.normal(0, 0.015, (2, studies, REPLICATES))
    chance = 0.62 + np.array([gain, 0.0])[:, None, None] + draw + start
    return rng.binomial(500, chance) / 500


def an_arm_against_itself() -> None:
    """False alarms at 5 %, coverage, and the share of whole reports with any false alarm."""
    rng = np.random.default_rng(2018)
    print(f"\nan arm against itself, {STUDIES:,} simulated studies of {REPLICATES} replicates")
    arm, baseline = scores(rng, STUDIES)
    same = arm - baseline
    alarms = np.mean([sign_flip_p(own) <= LEVEL for own in same])
    signed_ranks = np.mean([wilcoxon_p(own) <= LEVEL for own in same])
    print(
        f"  false alarms at 5 %: sign-flip {100 * alarms:.1f} % (goal: 3.5 to 6.5), Wilcoxon {100 * signed_ranks:.1f} %"
    )
    arm, baseline = scores(rng, STUDIES, GAIN)
    for title, differences, truth in (("none", same, 0.0), (f"{100 * GAIN:.0f} points", arm - baseline, GAIN)):
        main = covered(np.array([sign_flip_interval(own)[:2] for own in differences]), truth)
        second = covered(np.array([bca_interval(own) for own in differences[:1_000]]), truth)
        print(f"  95 % intervals, true difference {title}: {main:.1f} % cover it (goal: 93 to 97), BCa {second:.1f} %")
    arm, baseline = scores(rng, FAMILIES * COMPARISONS)
    p_values = np.array([sign_flip_p(own) for own in arm - baseline]).reshape(FAMILIES, COMPARISONS)
    raw = np.mean(p_values.min(axis=1) <= LEVEL)
    corrected = np.mean([np.min(holm(family)) <= LEVEL for family in p_values])
    print(f"  reports of {COMPARISONS} comparisons with any false alarm: {100 * raw:.1f} %, after Holm "
          f"{100 * corrected:.1f} % (goal: at most 5)")  # fmt: skip


def covered(intervals: NDArray[np.float64], truth: float) -> float:
    """Percent of intervals [n, 2] that hold ``truth``."""
    return 100 * float(np.mean((intervals[:, 0] <= truth + 1e-9) & (intervals[:, 1] >= truth - 1e-9)))


def large_reports() -> None:
    """Whole processes that write a report of a table, without TensorFlow; wall seconds and peak memory."""
    print("\na report as a process of its own, from a table")
    for arms, sizes, replicates, goal in SHAPES:
        with tempfile.TemporaryDirectory() as folder:
            started = time.perf_counter()
            child = subprocess.Popen([sys.executable, "-c", _REPORT, folder, *map(str, (arms, sizes, replicates))])
            _, status, usage = os.wait4(child.pid, 0)
            if status:
                raise SystemExit(f"the report ended with status {status}")
            took, page = time.perf_counter() - started, os.path.getsize(f"{folder}/report/index.html")
        shape = f"{arms * sizes * replicates:,} cells ({arms} arms, {sizes} sizes, {replicates} replicates)"
        busy = usage.ru_utime + usage.ru_stime
        cost = f"{took:.1f} s ({busy:.1f} s of CPU), peak {usage.ru_maxrss / 1024:,.0f} MB, page {page / 1e6:.1f} MB"
        print(f"  {shape}: {cost} (goal: {goal})")


def evidence() -> None:
    """Run both."""
    an_arm_against_itself()
    large_reports()
