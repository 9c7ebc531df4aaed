"""What a search gained: tuned cells against default ones, refits against tuned ones, the order of the arms, trials."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from seedbed.report.analysis.comparisons import pairings
from seedbed.report.analysis.results import Results, find_results
from seedbed.report.analysis.summaries import summarise_arms
from seedbed.report.analysis.tuned_cells import settings_of_cells
from seedbed.report.analysis.tuning import Tuning
from seedbed.report.statistics.paired import PairedDifference, compare_pairs

if TYPE_CHECKING:
    from pandas import DataFrame

FEWEST_TRIALS = 4
"""Trials with both scores from which a replicate has a correlation."""


@dataclass(frozen=True)
class TuningGain:
    """The cells of an arm at a size against its cells with other settings on the same draws, such as tuned and default.

    ``worse``: pairs in which the first has the worse score.
    """

    arm: str
    n_train: int
    paired: PairedDifference
    worse: int


@dataclass(frozen=True)
class ArmOrders:
    """The arms with both scores at a size, best mean first: by default and tuned."""

    n_train: int
    default: tuple[str, ...]
    tuned: tuple[str, ...]

    @property
    def swapped(self) -> tuple[tuple[str, str], ...]:
        """The pairs that change places, the one that is ahead when tuned first."""
        ranks = {arm: rank for rank, arm in enumerate(self.default)}
        return tuple((first, second) for first, second in combinations(self.tuned, 2) if ranks[first] > ranks[second])


@dataclass(frozen=True)
class AuditCorrelation:
    """Spearman's correlation of validation and test over the trials of a search: mean and range over replicates.

    Both scores are taken so that higher is better.
    """

    arm: str
    n_train: int
    replicates: int
    trials: float
    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class TrialCounts:
    """The trials of an arm at a size: in how many searches, how many of each status, and their mean cost.

    ``default_chosen``: searches in which trial 0, the default, is chosen. NaN where nothing is recorded. ``each``: the
    least and the largest number of trials of a search.
    """

    arm: str
    n_train: int
    searches: int
    trials: int
    finished: int
    pruned: int
    failed: int
    default_chosen: int
    epochs: float
    seconds: float
    energy_j: float
    each: tuple[int, int]


def tuning_gains(
    cells: "DataFrame", arms: tuple[str, ...], metric: str, lower_is_better: Mapping[str, bool],
    setting: str = "tuned", beside: str = "default",
) -> tuple[TuningGain, ...]:  # fmt: skip
    """Return the gain of each arm at each size that has cells of both settings; ``cells``: all of a checked table."""
    gains = []
    for arm in arms:
        part = cells[(cells["arm"] == arm) & settings_of_cells(cells).isin((setting, beside))]
        part = part.assign(arm=settings_of_cells(part)).reset_index(drop=True)
        if set(part["arm"]) != {setting, beside}:
            continue
        results = find_results(part, beside, [metric], lower_is_better)
        for n_train, _, _, pairing in pairings(results, metric):
            paired = compare_pairs(pairing.arm, pairing.baseline, results.scale.higher_is_better)
            differences = np.subtract(pairing.arm, pairing.baseline)
            worse = differences < 0 if results.scale.higher_is_better else differences > 0
            gains.append(TuningGain(arm, n_train, paired, int(worse.sum())))
    return tuple(sorted(gains, key=lambda gain: gain.n_train))


def arm_orders(
    cells: "DataFrame", arms: tuple[str, ...], metric: str, lower_is_better: Mapping[str, bool]
) -> tuple[ArmOrders, ...]:
    """Return the orders at each size at which two arms or more have default and tuned scores."""
    settings, means = settings_of_cells(cells), dict[str, dict[tuple[int, str], float]]()
    higher = True
    for setting in ("default", "tuned"):
        part = cells[(settings == setting) & cells["arm"].isin(arms)].reset_index(drop=True)
        if part.empty:
            return ()
        results = find_results(part, None, [metric], lower_is_better)
        higher = results.scale.higher_is_better
        means[setting] = _means(results, metric)
    common = means["default"].keys() & means["tuned"].keys()
    orders = []
    for size in sorted({size for size, _ in common}):
        scored = [arm for arm in arms if (size, arm) in common]
        if len(scored) > 1:
            sign = -1.0 if higher else 1.0
            costs = ({arm: sign * of[size, arm] for arm in scored} for of in means.values())
            default, tuned = (tuple(sorted(scored, key=cost.__getitem__)) for cost in costs)
            orders.append(ArmOrders(size, default, tuned))
    return tuple(orders)


def _means(results: Results, metric: str) -> dict[tuple[int, str], float]:
    summary = summarise_arms(results, metric)
    rows = summary[summary["mean"].notna()]
    return {(int(size), arm): mean for size, arm, mean in zip(rows["n_train"], rows["arm"], rows["mean"], strict=True)}


def audit_correlations(tuning: Tuning, metric: str, higher_is_better: bool) -> tuple[AuditCorrelation, ...]:
    """Return the correlations with the test score ``metric`` where trials have it (``tune.audit=true``)."""
    if metric not in tuning.trials.columns:
        return ()
    sign = 1.0 if higher_is_better != tuning.lower_is_better else -1.0
    agreements = []
    for (arm, size), trials in searches(tuning):
        numbers, values = [], []
        for _, search in trials.groupby("replicate"):
            scored = search[search["status"] == "finished"][[tuning.metric, metric]].dropna()
            value = _spearman(scored[tuning.metric].to_numpy(), scored[metric].to_numpy())
            if len(scored) >= FEWEST_TRIALS and not math.isnan(value):
                numbers.append(len(scored))
                values.append(sign * value)
        if values:
            mean, low, high = float(np.mean(values)), min(values), max(values)
            agreements.append(AuditCorrelation(arm, size, len(values), float(np.mean(numbers)), mean, low, high))
    return tuple(agreements)


def _spearman(first: np.ndarray, second: np.ndarray) -> float:
    """Return Spearman's rank correlation, ties by mean ranks; NaN if one is constant."""
    from scipy.stats import rankdata

    if len(first) < 2 or np.ptp(first) == 0 or np.ptp(second) == 0:
        return math.nan
    return float(np.corrcoef(rankdata(first), rankdata(second))[0, 1])


def searches(tuning: Tuning) -> "Iterator[tuple[tuple[str, int], DataFrame]]":
    """Yield (arm, size) with its trials, by size and then in the order of the table."""
    groups = [((str(arm), int(size)), trials) for (arm, size), trials in _grouped(tuning.trials)]
    yield from sorted(groups, key=lambda group: group[0][1])


def _grouped(trials: "DataFrame") -> "Iterator[tuple[tuple[str, int], DataFrame]]":
    yield from trials.groupby(["arm", "n_train"], sort=False)


def with_scores(tuning: Tuning, search: "DataFrame") -> "DataFrame":
    """Return the trials of a search with a score each, the worst one where a trial diverged; empty if none has one."""
    scores = search[tuning.metric]
    worst = scores.max() if tuning.lower_is_better else scores.min()
    diverged = scores.isna() | (search["status"] == "failed")
    return (
        search.assign(**{tuning.metric: scores.where(~diverged, worst)}) if not math.isnan(worst) else search.iloc[:0]
    )


def trial_counts(tuning: Tuning) -> tuple[TrialCounts, ...]:
    """Return the counts of each arm at each size."""
    counts = []
    for (arm, size), trials in searches(tuning):
        finished, pruned, failed = (int((trials["status"] == name).sum()) for name in ("finished", "pruned", "failed"))
        epochs, seconds, energy_j = (_mean(trials, name) for name in ("epochs", "seconds", "energy_j"))
        default = int((trials["chosen"] & (trials["trial"] == 0)).sum())
        lengths = trials.groupby("replicate").size()
        counts.append(TrialCounts(
            arm, size, len(lengths), len(trials), finished, pruned, failed, default, epochs, seconds, energy_j,
            (int(lengths.min()), int(lengths.max())),
        ))  # fmt: skip
    return tuple(counts)


def _mean(trials: "DataFrame", name: str) -> float:
    return float(trials[name].mean()) if name in trials.columns and trials[name].notna().any() else math.nan
