"""Budget curves: the expected score of the best of n trials, for each arm at each size, over replicates."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from seedbed.report.analysis.tuning import Tuning
from seedbed.report.analysis.tuning_gains import searches, with_scores
from seedbed.report.statistics.best_of_trials import expected_best, plug_in_shares, unbiased_shares
from seedbed.report.statistics.sign_flips import LEVEL, sign_flip_interval

if TYPE_CHECKING:
    from pandas import DataFrame, Series

Array = NDArray[np.float64]
Shares = Callable[[int], Array]
LOSS = "validation/loss"
"""What decides between trials with the same score."""


@dataclass(frozen=True)
class BudgetCurve:
    """The expected scores [n - 1] of an arm at a size after n = 1 to ``budget`` trials, means over replicates.

    ``scores``: [replicate, n - 1] of validation, with ``replicates`` their numbers, or those of draws with several;
    ``mean``, ``low`` and ``high`` of them, the unbiased estimate; ``plug_in``: the other one. ``test``: of the trial
    that is best on validation, where every trial has a test score, else None; likewise with its interval. ``seconds``
    and ``energy_j`` [n - 1]: means of n trials, the first one among them. Where trials were pruned, all but the last
    score are NaN.
    """

    arm: str
    n_train: int
    replicates: tuple[int, ...]
    scores: Array
    mean: Array
    low: Array
    high: Array
    plug_in: Array
    test: Array | None
    test_low: Array | None
    test_high: Array | None
    seconds: Array
    energy_j: Array

    @property
    def budget(self) -> int:
        """The largest number of trials."""
        return len(self.mean)

    @property
    def is_whole(self) -> bool:
        """Whether every number of trials has a score; not where trials were pruned."""
        return bool(np.isfinite(self.mean).all())


@dataclass(frozen=True)
class Lead:
    """Two arms over the budgets that both have: ``ahead`` [n - 1] is 1, -1, or 0 where no arm is clearly ahead.

    Clear: the 95 % interval of the paired differences excludes zero; ``by_means``: the pairs are too few for one, and
    the sign of the mean difference stands in its place.
    """

    n_train: int
    first: str
    second: str
    ahead: tuple[int, ...]
    by_means: bool


def budget_curves(
    tuning: Tuning, test: str, higher_is_better: bool, draws: Mapping[int, int] | None = None
) -> tuple[BudgetCurve, ...]:
    """Return the curve of each arm at each size, up to the number of trials that all its replicates have.

    The best trial is that of the highest score, of equal ones that of the least loss on validation, then the first one,
    as a search chooses. Every search begins with trial 0, so that the best of n trials is that of trial 0 and of n - 1
    of the others: with all it is the trial that was chosen. In a search without a trial 0 all trials are drawn. A trial
    without a score, as it diverged, has the worst one of its search. Replicates without any score are left out.

    The estimates hold for trials drawn independently of each other: those of TPE depend on the ones before, and some
    points of a grid or of a Sobol sequence are no smaller one. ``test``: the column of test scores, and whether higher
    is better there. ``draws``: by replicate, where a draw has several, which share its examples: their mean is that of
    the draw, and replicates of no known draw are left out.

    The score of a pruned trial is not its final one, so that the best of some trials is unknown where any was pruned;
    that of all is the best of the others. Such searches of different lengths have no curve.
    """
    curves = []
    for _, trials in searches(tuning):
        pruned, lengths = trials["status"] == "pruned", trials.groupby("replicate").size()
        final = trials[~pruned].groupby("replicate")
        by_replicate = [(int(number), with_scores(tuning, search)) for number, search in final]
        units = {number: number for number, _ in by_replicate} if draws is None else draws
        scored = [(number, search) for number, search in by_replicate if len(search) and number in units]
        if scored and not (pruned.any() and lengths.nunique() > 1):
            budget = int(min(lengths[number] for number, _ in scored))
            unknown = budget - 1 if pruned.any() else 0
            curves.append(_curve(tuning, trials, scored, budget, unknown, test, higher_is_better, units))
    return tuple(curves)


def _curve(
    tuning: Tuning, trials: "DataFrame", scored: "Sequence[tuple[int, DataFrame]]", budget: int, unknown: int,
    test: str, higher: bool, draw_of: Mapping[int, int],
) -> BudgetCurve:  # fmt: skip
    """Return the curve of an arm at a size with these trials, of which ``scored`` have a final score, by replicate.

    The first ``unknown`` scores are NaN, and then the last one is that of the best of all trials.
    """
    sign = -1.0 if tuning.lower_is_better else 1.0
    ranked = [search.iloc[_worst_first(search, sign * search[tuning.metric])] for _, search in scored]
    units = [draw_of[number] for number, _ in scored]

    def expected(shares: Shares, columns: Sequence[Array]) -> Array:
        """Return [unit, n - 1] of the values of the trials of each search."""
        rows = zip(ranked, columns, strict=True)
        best = [expected_best(shares, row, _first(search)) for search, row in rows]
        if unknown:
            best = [np.array([*[math.nan] * unknown, row[-1]]) for row in best]
        return _means(np.array([row[:budget] for row in best]), units)

    values = [search[tuning.metric].to_numpy(dtype=float) for search in ranked]
    scores = expected(unbiased_shares, values)
    plug_in = np.full(scores.shape, math.nan) if unknown else expected(plug_in_shares, values)
    low, high = _intervals(scores)
    tested = [others for search in ranked if (others := _test_scores(search, test, higher)) is not None]
    curve = test_low = test_high = None
    if len(tested) == len(values):
        of_best = expected(unbiased_shares, tested)
        curve = of_best.mean(axis=0)
        test_low, test_high = _intervals(of_best)
    paid = trials[trials["replicate"].isin([number for number, _ in scored])]
    seconds, energy_j = (_costs(paid, name, budget) for name in ("seconds", "energy_j"))
    return BudgetCurve(
        str(trials["arm"].iloc[0]), int(trials["n_train"].iloc[0]), tuple(sorted(set(units))),
        scores, scores.mean(axis=0), low, high, plug_in.mean(axis=0), curve, test_low, test_high, seconds, energy_j,
    )  # fmt: skip


def _worst_first(search: "DataFrame", scores: "Series") -> NDArray[np.intp]:
    """Return the positions of trials as a search ranks them: by score, of equal ones the least loss, then the number.

    Those that diverged are before all others.
    """
    losses = search[LOSS].fillna(math.inf) if LOSS in search.columns else np.zeros(len(search))
    return np.lexsort([-search["trial"], -losses, search["status"] != "failed", scores])


def _first(search: "DataFrame") -> int | None:
    """Return the position of trial 0 in a search; None if it has none."""
    positions = np.flatnonzero(search["trial"] == 0)
    return int(positions[0]) if len(positions) else None


def _means(rows: Array, units: Sequence[int]) -> Array:
    """Return the means of the rows of each unit, by unit."""
    _, group = np.unique(units, return_inverse=True)
    means: Array = np.array([rows[group == number].mean(axis=0) for number in range(group.max() + 1)])
    return means


def _test_scores(search: "DataFrame", test: str, higher_is_better: bool) -> Array | None:
    """Return the test scores of a search, for trials that diverged its worst; None if other trials lack theirs."""
    if test not in search.columns or (search[test].isna() & (search["status"] != "failed")).any():
        return None
    scores = search[test].where(search["status"] != "failed")
    worst = scores.min() if higher_is_better else scores.max()
    return None if math.isnan(worst) else scores.fillna(worst).to_numpy(dtype=float)


def _intervals(scores: Array) -> tuple[Array, Array]:
    """Return the ends [n - 1] of the interval of each column's mean; NaN with one replicate, and without scores."""
    none = (math.nan, math.nan)
    ends = np.array([none if np.isnan(column).any() else sign_flip_interval(column)[:2] for column in scores.T])
    return ends[:, 0], ends[:, 1]


def _costs(trials: "DataFrame", name: str, budget: int) -> Array:
    """Return the mean cost [n - 1] of trial 0 and n - 1 of the others, of any n trials if there is none; else NaN."""
    if name not in trials.columns:
        return np.full(budget, math.nan)
    is_first = trials["trial"] == 0
    each = trials.loc[~is_first, name].mean()
    first = trials.loc[is_first, name].mean() if is_first.any() else each
    return np.array([first, *(first + n * each for n in range(1, budget))])


def leads(curves: Sequence[BudgetCurve], lower_is_better: bool) -> tuple[Lead, ...]:
    """Return the pairs of leading arms at each size: those with the best mean at some budget, and the second at all.

    Arms are compared over the replicates that both have; not those with pruned trials.
    """
    found = []
    for size in sorted({curve.n_train for curve in curves}):
        of_size = [curve for curve in curves if curve.n_train == size and curve.is_whole]
        for first, second in combinations(_leading(of_size, lower_is_better), 2):
            found.append(_lead(first, second, lower_is_better))
    return tuple(lead for lead in found if lead is not None)


MOST_LEADING = 3
"""Arms of which each pair is compared; of more, those that lead at most budgets."""


def _leading(curves: Sequence[BudgetCurve], lower_is_better: bool) -> list[BudgetCurve]:
    budget = min((curve.budget for curve in curves), default=0)
    gains = np.array([(-curve.mean if lower_is_better else curve.mean)[:budget] for curve in curves])
    if len(curves) < 2 or not budget:
        return []
    wins = np.bincount(gains.argmax(axis=0), minlength=len(curves))
    order = sorted(range(len(curves)), key=lambda index: (-wins[index], -gains[index, -1]))
    number = max(2, min(MOST_LEADING, int((wins > 0).sum())))
    return [curves[index] for index in sorted(order[:number])]


def _lead(first: BudgetCurve, second: BudgetCurve, lower_is_better: bool) -> Lead | None:
    shared = sorted(set(first.replicates) & set(second.replicates))
    if not shared:
        return None
    budget = min(first.budget, second.budget)
    rows = [[curve.replicates.index(number) for number in shared] for curve in (first, second)]
    differences = first.scores[rows[0], :budget] - second.scores[rows[1], :budget]
    ahead, by_means = [], False
    for column in (-differences if lower_is_better else differences).T:
        low, high, level = sign_flip_interval(column)
        if not level >= 1 - LEVEL:
            by_means = True
            low = high = float(column.mean())
        ahead.append(int(low > 0) - int(high < 0))
    return Lead(first.n_train, first.arm, second.arm, tuple(ahead), by_means)


def segments(lead: Lead) -> Iterator[tuple[int, int, int]]:
    """Yield (from, to, who is ahead) of each run of budgets with the same sign."""
    start = 1
    for n, sign in enumerate(lead.ahead, 1):
        if n == len(lead.ahead) or lead.ahead[n] != sign:
            yield start, n, sign
            start = n + 1
