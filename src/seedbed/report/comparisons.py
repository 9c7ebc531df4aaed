"""Each pair of arms at each size, paired by replicate."""

import difflib
import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from seedbed.errors import InputError
from seedbed.report.scores import choose_metric, main_metrics, scale_of
from seedbed.report.settling import holm, replicates_needed
from seedbed.report.sign_flips import LEVEL
from seedbed.report.statistics import compare_pairs, paired_differences
from seedbed.report.tables import check_table

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pandas import DataFrame

COMPARISON_COLUMNS = (
    "metric", "n_train", "arm", "baseline", "pairs", "mean_arm", "mean_baseline", "mean_difference",
    "median_difference", "ci_low", "ci_high", "p_value", "ci_level", "p_holm", "p_wilcoxon", "bca_low", "bca_high",
    "improved", "improved_low", "improved_high", "iqm_arm", "iqm_baseline", "replicates_needed",
)  # fmt: skip
"""The columns of ``comparisons.csv``, in order. Values are in the unit of the table."""


@dataclass(frozen=True)
class Pairing:
    """The replicates that two arms share at one size: their scores, and which were left out and why."""

    replicates: tuple[int, ...]
    arm: tuple[float, ...]
    baseline: tuple[float, ...]
    alone: tuple[int, ...] = ()
    """Replicates that only one of the two finished with a score."""
    other_draw: tuple[int, ...] = ()
    """Replicates that both finished, but on different examples."""


def compare_arms(table: "DataFrame", metrics: Sequence[str] | None = None, baseline: str | None = None) -> "DataFrame":
    """Compare each pair of arms at each size where both were tried, for each of ``metrics`` (default: the main ones).

    Of two arms the one that comes first in the table is the baseline; ``baseline`` names one that comes before all.
    Means are over the pairs, so that mean_arm - mean_baseline = mean_difference. Only finished replicates of both
    arms are paired, and where the table has a ``draw`` column only those on the same draw. Below two pairs the
    interval and p are NaN.

    The first metric is the primary one: all its comparisons, pairs of arms times sizes, are the family that ``p_holm``
    is corrected for, and those that it does not settle have ``replicates_needed`` (infinite beyond 200). For other
    metrics, which are secondary, both are NaN.
    """
    import pandas as pd

    table = check_table(table)
    metrics = main_metrics(table) if metrics is None else [choose_metric(table, name) for name in metrics]
    rows: list[dict[str, Any]] = []
    differences = []
    for metric in metrics:
        higher = scale_of(table, metric).higher_is_better
        for n_train, arm, other, pairing in pairings(table, metric, baseline):
            statistics = asdict(compare_pairs(pairing.arm, pairing.baseline, higher))
            rows.append({"metric": metric, "n_train": n_train, "arm": arm, "baseline": other, **statistics})
            if metric == metrics[0]:
                differences.append(paired_differences(pairing.arm, pairing.baseline))
    family = rows[: len(differences)]
    for row, settled in zip(family, _settled([row["p_value"] for row in family], differences), strict=True):
        row.update(settled)
    return pd.DataFrame(rows, columns=list(COMPARISON_COLUMNS))


def pairings(table: "DataFrame", metric: str, baseline: str | None = None) -> Iterator[tuple[int, str, str, Pairing]]:
    """(n_train, arm, baseline, pairing) by size and then order of the arms, for a checked table."""
    cells = _scores(table, metric)
    tried = set(zip(table["arm"], table["n_train"], strict=True))
    for n_train in sorted(set(table["n_train"])):
        for first, second in combinations(arm_order(table, baseline), 2):
            if {(first, n_train), (second, n_train)} <= tried:
                pairing = _pair(cells.get((second, n_train), {}), cells.get((first, n_train), {}))
                yield int(n_train), second, first, pairing


def arm_order(table: "DataFrame", baseline: str | None = None) -> tuple[str, ...]:
    """The arms in order of first appearance, ``baseline`` before all; InputError where there is no such arm."""
    arms = list(dict.fromkeys(table["arm"].astype(str)))
    if baseline is None:
        return tuple(arms)
    if baseline not in arms:
        near = difflib.get_close_matches(baseline, arms, n=1, cutoff=0.0) or ["none"]
        raise InputError(f"baseline={baseline}: the table has no such arm; the nearest is {near[0]}")
    return (baseline, *(arm for arm in arms if arm != baseline))


def _scores(table: "DataFrame", metric: str) -> dict[tuple[str, int], dict[int, tuple[float, str]]]:
    """By arm and size: replicate -> (score, draw), of the finished cells that have a score."""
    finished = table[table["status"] == "finished"]
    draws = finished["draw"].fillna("").astype(str) if "draw" in finished.columns else [""] * len(finished)
    cells: dict[tuple[str, int], dict[int, tuple[float, str]]] = {}
    keys = (finished["arm"], finished["n_train"], finished["replicate"])
    for arm, n_train, replicate, score, draw in zip(*keys, finished[metric], draws, strict=True):
        if math.isfinite(score):
            cells.setdefault((arm, n_train), {})[int(replicate)] = (float(score), draw)
    return cells


def _pair(arm: dict[int, tuple[float, str]], baseline: dict[int, tuple[float, str]]) -> Pairing:
    both = sorted(arm.keys() & baseline.keys())
    shared = [replicate for replicate in both if arm[replicate][1] == baseline[replicate][1]]
    return Pairing(
        replicates=tuple(shared),
        arm=tuple(arm[replicate][0] for replicate in shared),
        baseline=tuple(baseline[replicate][0] for replicate in shared),
        alone=tuple(sorted(arm.keys() ^ baseline.keys())),
        other_draw=tuple(replicate for replicate in both if replicate not in shared),
    )


def _settled(p_values: Sequence[float], differences: "Sequence[NDArray[np.float64]]") -> Iterator[dict[str, float]]:
    """The corrected p of each comparison of a family, and how many replicates it takes where that settles nothing."""
    corrected = holm(p_values)
    left = int(np.sum(corrected > LEVEL))
    for p_value, own in zip(corrected, differences, strict=True):
        needed = math.nan
        if p_value > LEVEL:
            # Holm asks of the next comparison that its p is below the level divided by those not settled yet.
            needed = max(replicates_needed(own, LEVEL / left), own.size + 1.0)
        yield {"p_holm": float(p_value), "replicates_needed": needed}
