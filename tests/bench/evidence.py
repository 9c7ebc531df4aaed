"""What a report claims, checked: false alarms and coverage of an arm against itself, and what a large report costs.

The arm against itself is simulated, and trained.
"""

import os
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from tests.bench.processes import measured
from tests.bench.stores import large_stores

from seedbed.report.statistics.second_opinions import bca_interval, wilcoxon_p
from seedbed.report.statistics.settling import holm
from seedbed.report.statistics.sign_flips import LEVEL, sign_flip_interval, sign_flip_p

if TYPE_CHECKING:
    from seedbed.comparison.plan import PlannedCell

REPLICATES = 10
STUDIES = 5_000
FAMILIES, COMPARISONS = 1_000, 6
"""Reports of two sizes and three arms, all of them the same arm."""
GAIN = 0.03
"""A true difference between arms, for the coverage where there is one."""
DRAWS, STARTS, PARTS, REAL_STUDIES = 300, 4, 20, 20_000
"""Of the real cells: draws, initialisations of each, parts that a jackknife leaves out, studies formed of them."""
SETTINGS = (
    "experiment=movie_reviews_cnn", "sizes=[100]", f"replicates={DRAWS}", "sampling.validation=20", "sampling.test=200",
    "dataset.max_tokens=64", "training.epochs=6", "training.patience=null", "training.score_at_end=[test]",
    "arms={cnn: [embedding=glove,encoder.filters=16], pool: [embedding=glove,encoder=pool]}",
)  # fmt: skip
GROUP = 100
SHAPES = ((5, 10, 20, "under 5 s"), (10, 20, 50, "under 20 s and 1,500 MB"), (5, 10, 200, "under 20 s and 1,500 MB"))
"""Arms, sizes and replicates of large reports."""

_REPORT = """
import pathlib, sys
import numpy as np, pandas as pd
from seedbed.report.analysis.analysis import analyse
from seedbed.report.pages.write import write_report
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
write_report(analyse(pd.DataFrame(rows)), pathlib.Path(sys.argv[1]), title="A large study")
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


def real_cells() -> None:
    """An arm of the quickstart, made small, against itself with other initialisations of the same draws; and against
    another arm, for the coverage of a true difference, which is the mean over all draws.

    A study is ten draws, each with one of its disjoint pairs of initialisations. Studies share cells, so errors are
    those of a jackknife that leaves out the studies with a part of the draws.
    """
    from seedbed.comparison.plan import plan
    from seedbed.config.study import study

    started = time.perf_counter()
    planned = plan(study(SETTINGS)).planned
    arms = {arm: [one for one in planned if one.cell.arm == arm] for arm in ("cnn", "pool")}
    cnn = np.array([trained(arms["cnn"], start) for start in range(STARTS)])
    pool = np.array(trained(arms["pool"], STARTS))
    print(f"\nreal cells: a small CNN on GloVe with 100 reviews, {DRAWS} draws x {STARTS} initialisations, and another "
          f"arm; trained in {time.perf_counter() - started:.0f} s; accuracy {100 * cnn.mean():.1f}, sd "
          f"{100 * cnn.std():.1f}, of a paired difference {100 * np.std(cnn[0] - cnn[1]):.1f}")  # fmt: skip
    rng = np.random.default_rng(2018)
    same, other = cnn[0::2] - cnn[1::2], cnn - pool
    draws, differences = studies_of(same, rng)
    alarms = rate(np.array([sign_flip_p(own) <= LEVEL for own in differences]), draws)
    print(f"  an arm against itself, {REAL_STUDIES:,} studies: false alarms at 5 % {alarms} (goal: 3.5 to 6.5)")
    for title, pairs, truth in (("none", same, 0.0), (f"{100 * other.mean():+.1f} points", other, float(other.mean()))):
        draws, differences = studies_of(pairs, rng)
        ends = np.array([sign_flip_interval(own)[:2] for own in differences])
        held = rate((ends[:, 0] <= truth + 1e-9) & (ends[:, 1] >= truth - 1e-9), draws)
        print(f"  95 % intervals, true difference {title}: {held} cover it (goal: 93 to 97)")


def trained(cells: Sequence["PlannedCell"], start: int) -> list[float]:
    """Test accuracies of the cells with the ``start``-th initialisation of each draw."""
    from seedbed.comparison.group import train_cells
    from seedbed.config.schema import SEEDS_APART

    shifted = [
        replace(one, cell=replace(one.cell, init_seed=one.cell.init_seed + SEEDS_APART * start)) for one in cells
    ]
    groups = [shifted[first : first + GROUP] for first in range(0, len(shifted), GROUP)]
    return [done.metrics["test/accuracy"] for group in groups for done in train_cells(group, lambda epoch: None)]


def studies_of(pairs: NDArray[np.float64], rng: np.random.Generator) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """[studies, REPLICATES] draws, and of each a difference from ``pairs`` [starts, draws]."""
    starts, draws = pairs.shape
    chosen = rng.random((REAL_STUDIES, draws)).argpartition(REPLICATES, axis=1)[:, :REPLICATES]
    return chosen, pairs[rng.integers(0, starts, chosen.shape), chosen]


def rate(hits: NDArray[np.bool_], draws: NDArray[np.int64]) -> str:
    """The share of studies in percent, and its jackknife error."""
    without = 100 * np.array([hits[~np.any(draws % PARTS == part, axis=1)].mean() for part in range(PARTS)])
    error = np.sqrt((PARTS - 1) / PARTS * np.sum((without - without.mean()) ** 2))
    return f"{100 * hits.mean():.1f} % (standard error {error:.1f})"


def covered(intervals: NDArray[np.float64], truth: float) -> float:
    """Percent of intervals [n, 2] that hold ``truth``."""
    return 100 * float(np.mean((intervals[:, 0] <= truth + 1e-9) & (intervals[:, 1] >= truth - 1e-9)))


def large_reports() -> None:
    """Whole processes that write a report of a table, without TensorFlow; wall seconds and peak memory."""
    print("\na report as a process of its own, from a table")
    for arms, sizes, replicates, goal in SHAPES:
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, "-c", _REPORT, folder, *map(str, (arms, sizes, replicates))]
            report, page = measured(command, folder), os.path.getsize(f"{folder}/report/index.html")
        shape = f"{arms * sizes * replicates:,} cells ({arms} arms, {sizes} sizes, {replicates} replicates)"
        cost = f"{report.wall:.1f} s ({report.cpu:.1f} s of CPU), peak {report.mb:,.0f} MB, page {page / 1e6:.1f} MB"
        print(f"  {shape}: {cost} (goal: {goal})")


def evidence() -> None:
    """Run all."""
    an_arm_against_itself()
    real_cells()
    large_reports()
    large_stores()
