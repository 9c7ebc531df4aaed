"""Each pair of arms at each size, paired by replicate, or by draw where seeds are crossed."""

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from seedbed.cells import Row
from seedbed.processes import Background
from seedbed.report.analysis.crossed_seeds import has_seeds
from seedbed.report.analysis.results import Results, find_results
from seedbed.report.analysis.results_table import check_table
from seedbed.report.analysis.scores import Scale
from seedbed.report.statistics.paired import PairedDifference, compare_pairs, paired_differences
from seedbed.report.statistics.settling import holm, replicates_needed
from seedbed.report.statistics.sign_flips import LEVEL

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pandas import DataFrame

COMPARISON_COLUMNS = (
    "metric", "n_train", "arm", "baseline", "pairs", "mean_arm", "mean_baseline", "mean_difference",
    "median_difference", "ci_low", "ci_high", "p_value", "ci_level", "p_holm", "p_wilcoxon", "bca_low", "bca_high",
    "improved", "improved_low", "improved_high", "iqm_arm", "iqm_baseline", "replicates_needed", "items", "items_low",
    "items_high",
)  # fmt: skip
"""The columns of ``comparisons.csv``, in order. Values are in the unit of the table."""


MOST_COMPARISONS = 2_000
WORTH_A_PROCESS = 200
"""Comparisons from which a second process saves time."""


@dataclass(frozen=True)
class Pairing:
    """The replicates that two arms share at one size: their scores, and the unpaired replicates.

    With crossed seeds, a pair is a draw, named by its data seed, and its score the mean of the initializations
    that both arms have there: inference is for these initializations.
    """

    replicates: tuple[int, ...]
    arm: tuple[float, ...]
    baseline: tuple[float, ...]
    unpaired: tuple[int, ...] = ()
    """Replicates that only one of the two finished with a score."""
    other_draw: tuple[int, ...] = ()
    """Replicates that both finished, but on different examples."""
    members: tuple[tuple[tuple[int, int], ...], ...] = ()
    """For each pair, the (arm, baseline) replicates it is the mean of."""


ArmPair = tuple[int, str, str, Pairing]
"""Size, arm, baseline, and the replicates that they share."""


def compare_arms(table: "DataFrame", metrics: Sequence[str] | None = None, baseline: str | None = None) -> "DataFrame":
    """Compare each pair of arms at each size where both were tried, for each of ``metrics`` (default: the main ones).

    Of two arms the one that comes first in the table is the baseline; ``baseline`` names one that comes before all.
    Beyond MOST_COMPARISONS pairs of arms times sizes, each arm is compared with the first alone.
    Means are over the pairs, so that mean_arm - mean_baseline = mean_difference. Only finished replicates of both
    arms are paired, and where the table has a ``draw`` column only those on the same draw. Below two pairs the
    interval and p are NaN.

    The first metric is the primary one: all its comparisons, pairs of arms times sizes, are the family that ``p_holm``
    is corrected for, and those that it does not settle have ``replicates_needed`` (infinite beyond 200). For other
    metrics, which are secondary, both are NaN. Columns from predictions (``items...``) are NaN; see `item_level`.
    """
    results = find_results(check_table(table), baseline, metrics)
    return compare_pairings({metric: tuple(pairings(results, metric)) for metric in results.metrics}, results.scales)


def compare_pairings(paired: Mapping[str, Sequence[ArmPair]], scales: Mapping[str, Scale]) -> "DataFrame":
    """Return the comparisons of the pairings of each metric, the primary one first; see `compare_arms`."""
    import pandas as pd

    rows: list[Row] = []
    differences = []
    every = [(pairing, scales[metric].higher_is_better) for metric, pairs in paired.items() for *_, pairing in pairs]
    statistics_of = iter(_compare_all(every))
    for metric, pairs in paired.items():
        for n_train, arm, other, pairing in pairs:
            statistics = asdict(next(statistics_of))
            rows.append({"metric": metric, "n_train": n_train, "arm": arm, "baseline": other, **statistics})
            if metric == next(iter(paired)):
                differences.append(paired_differences(pairing.arm, pairing.baseline))
    family = rows[: len(differences)]
    for row, settled in zip(family, _settled([row["p_value"] for row in family], differences), strict=True):
        row.update(settled)
    return pd.DataFrame(rows, columns=list(COMPARISON_COLUMNS))


def _compare_all(pairings: Sequence[tuple[Pairing, bool]]) -> list[PairedDifference]:
    """Return the statistics of each pairing and whether its metric is better when higher; many in two processes."""

    def compare(part: Sequence[tuple[Pairing, bool]]) -> list[PairedDifference]:
        return [compare_pairs(pairing.arm, pairing.baseline, higher) for pairing, higher in part]

    if len(pairings) < WORTH_A_PROCESS:
        return compare(pairings)
    first = compare(pairings[:1])  # imports and tables that both processes then share
    half = len(pairings) // 2
    pending = Background(lambda: compare(pairings[half:]))
    return first + compare(pairings[1:half]) + pending.result()


def pairings(
    results: Results, metric: str, only: Collection[tuple[int, frozenset[str]]] | None = None
) -> Iterator[ArmPair]:  # fmt: skip
    """Yield the pairs of arms by size and then order of the arms; with a baseline, each arm with it alone.

    ``only``: sizes with the two arms that are paired; None: all.
    """
    cells = scored_cells(results, metric)
    tried = set(zip(results.table["arm"], results.table["n_train"], strict=True))
    with_first = results.with_first or too_many(results.arms, results.sizes)
    for n_train in results.sizes:
        for first, second in pairs_of_arms(results.arms, with_first):
            if only is not None and (n_train, frozenset((first, second))) not in only:
                continue
            if {(first, n_train), (second, n_train)} <= tried:
                pairing = _pair(cells.get((second, n_train), {}), cells.get((first, n_train), {}))
                yield n_train, second, first, pairing


def pairs_of_arms(arms: Sequence[str], with_first: bool) -> Iterator[tuple[str, str]]:
    """Return the pairs to compare, in the order of ``arms``: each arm with the first, or all pairs."""
    return ((arms[0], arm) for arm in arms[1:]) if with_first else combinations(arms, 2)


def too_many(arms: Sequence[str], sizes: Sequence[int]) -> bool:
    """Return whether each arm is compared with the first only, as there are too many pairs."""
    return len(arms) > 2 and math.comb(len(arms), 2) * len(sizes) > MOST_COMPARISONS


CellKey = tuple[int, ...]
"""Pairing key of a cell: the replicate, or both seeds; then the number of earlier cells with the same key."""


class Scored(NamedTuple):
    """A finished cell that has a score; ``unit`` is its replicate, or its data seed where seeds are crossed."""

    replicate: int
    unit: int
    score: float
    draw: str


def scored_cells(results: Results, metric: str) -> dict[tuple[str, int], dict[tuple[int, ...], Scored]]:
    """Return the finished cells with a score, by (arm, size) and pairing key.

    With crossed seeds, cells with equal seeds are averaged within their draw, and cells without seeds are left out.
    """
    finished, crossed = results.finished, results.crossed
    if crossed:
        finished = finished[has_seeds(finished)].sort_values("replicate", kind="stable")
    draws = finished["draw"].fillna("").astype(str) if "draw" in finished.columns else [""] * len(finished)
    units = finished["data_seed" if crossed else "replicate"]
    starts = finished["init_seed"] if crossed else [0] * len(finished)
    cells: dict[tuple[str, int], dict[tuple[int, ...], Scored]] = {}
    keys = (finished["arm"], finished["n_train"], finished["replicate"])
    for arm, n_train, replicate, unit, start, score, draw in zip(
        *keys, units, starts, finished[metric], draws, strict=True
    ):
        if math.isfinite(score):
            arm_cells, seeds, before = cells.setdefault((arm, n_train), {}), (int(unit), int(start)), 0
            while (*seeds, before) in arm_cells:
                before += 1
            arm_cells[(*seeds, before)] = Scored(int(replicate), int(unit), float(score), draw)
    return cells


def _pair(arm: Mapping[CellKey, Scored], baseline: Mapping[CellKey, Scored]) -> Pairing:
    common = sorted(arm.keys() & baseline.keys())
    shared = [key for key in common if arm[key].draw == baseline[key].draw]
    other_draw = [key for key in common if arm[key].draw != baseline[key].draw]
    unpaired = arm.keys() ^ baseline.keys()
    units: dict[int, list[CellKey]] = {}
    for key in shared:
        units.setdefault(arm[key].unit, []).append(key)
    return Pairing(
        replicates=tuple(units),
        arm=tuple(mean_score(arm, keys) for keys in units.values()),
        baseline=tuple(mean_score(baseline, keys) for keys in units.values()),
        unpaired=tuple(sorted((arm.get(key) or baseline[key]).replicate for key in unpaired)),
        other_draw=tuple(sorted(arm[key].replicate for key in other_draw)),
        members=tuple(tuple((arm[key].replicate, baseline[key].replicate) for key in keys) for keys in units.values()),
    )


def mean_score(cells: Mapping[tuple[int, ...], Scored], keys: Sequence[tuple[int, ...]]) -> float:
    """Return the mean score of the cells at ``keys``."""
    return sum(cells[key].score for key in keys) / len(keys)


def _settled(p_values: Sequence[float], differences: "Sequence[NDArray[np.float64]]") -> Iterator[dict[str, float]]:
    """Yield the corrected p of each comparison, and the replicates needed where it is not significant."""
    corrected = holm(p_values)
    n_open = int(np.sum(corrected > LEVEL))
    for p_value, pair_differences in zip(corrected, differences, strict=True):
        needed = math.nan
        if p_value > LEVEL:
            # Holm's next threshold is the level divided by the number of comparisons not significant yet.
            needed = max(replicates_needed(pair_differences, LEVEL / n_open), pair_differences.size + 1.0)
        yield {"p_holm": float(p_value), "replicates_needed": needed}
