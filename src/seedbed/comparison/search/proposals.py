"""The values that trials try, from Optuna's samplers.

A sampler is made anew for each batch, from the seed of the search, the number of trials before the batch, and what
these returned: a search that was killed, also in the middle of a batch, goes on with the same trials.
"""

import hashlib
import math
import random
import warnings
from collections.abc import Callable, Mapping, Sequence, Set
from itertools import product
from typing import TYPE_CHECKING, Any

from seedbed.comparison.search.settings import Tune
from seedbed.comparison.search.space import SearchSpace
from seedbed.comparison.search.trials import Trial
from seedbed.errors import InputError

if TYPE_CHECKING:
    from optuna import Study
    from optuna.samplers import BaseSampler
    from optuna.trial import FrozenTrial

MOST_REPEATED = 100
"""Proposals of settings that were tried, one after the other, before the rest of a small space is listed."""
STARTUP = 8
"""Trials at random before ``tpe`` models the scores, the default among them."""


def search_seed(tune: Tune, init_seed: int, data_seed: int, setting: str = "tuned") -> int:
    """Return the seed of a search in a replicate: the same for all arms, as their draws are.

    ``setting``: of the cell that is searched, which numbers the searches of a replicate.
    """
    text = f"search {tune.seed} {init_seed} {data_seed}" + ("" if setting in ("tuned", "refit") else f" {setting}")
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big")


def propose(space: SearchSpace, tune: Tune, seed: int, trials: Sequence[Trial]) -> list[dict[str, Any]]:
    """Return the values of the next trials, by key; of all that are left, or with ``tpe`` of the next batch.

    ``trials``: all before, the default first. Empty when the budget is spent, or all settings of the space have
    been tried: where it has finitely many, each is tried once.
    """
    if len(trials) >= tune.budget:
        return []
    first, end = _batch(tune, len(trials)) if tune.method == "tpe" else (1, tune.budget)
    number = end - first if tune.method != "grid" else min(end - first, grid_size(space, tune))
    sample = _make_sampler_call(_study(space, tune, seed, trials[:first]), space, tune)
    left: Sequence[Mapping[str, Any]]
    if tune.method == "grid" or _size(space) == math.inf:
        left = [sample() for _ in range(number)][len(trials) - first :]
    else:
        before = {_point(trial.values, space) for trial in trials[:first]}
        since = {_point(trial.values, space) for trial in trials[first:]}
        points = _different(sample, space, number, before, seed + first)
        left = [params for params in points if tuple(params.values()) not in since][: end - len(trials)]
    return [{key: space.distributions[key].value(value) for key, value in params.items()} for params in left]


def most_trials(space: SearchSpace, tune: Tune) -> int:
    """Return the number of trials of a search, the default among them; fewer than the budget in a small space."""
    if tune.method == "grid":
        return 1 + grid_size(space, tune)
    has_default = None not in _point(space.default(), space)
    return int(min(tune.budget, 1 + _size(space) - has_default))


def _size(space: SearchSpace) -> float:
    """Return the number of settings of a space; infinity where a key has a range of floats."""
    return math.prod(distribution.size for distribution in space.distributions.values())


def _point(values: Mapping[str, Any], space: SearchSpace) -> tuple[Any, ...]:
    """Return the proposal of each key that values stand for; None where one is not in its distribution."""
    return tuple(distribution.proposal(values.get(key)) for key, distribution in space.distributions.items())


def _different(
    sample: Callable[[], Mapping[str, Any]], space: SearchSpace, number: int, before: Set[tuple[Any, ...]], seed: int
) -> list[dict[str, Any]]:
    """Return proposals that differ from each other and those before: at most ``number``, or all that are left.

    Where the sampler repeats itself, as it does when few are left, the next one is any that is left.
    """
    points: dict[tuple[Any, ...], None] = {}
    number, repeated = int(min(number, _size(space) - sum(None not in point for point in before))), 0
    while len(points) < number and repeated < MOST_REPEATED:
        params = sample()
        point = tuple(params[key] for key in space.distributions)
        is_new = point not in before and point not in points
        repeated = 0 if is_new else repeated + 1
        if is_new:
            points[point] = None
    if len(points) < number:
        proposals = (distribution.all_proposals for distribution in space.distributions.values())
        others = [point for point in product(*proposals) if point not in before and point not in points]
        points |= dict.fromkeys(random.Random(seed).sample(others, number - len(points)))
    return [dict(zip(space.distributions, point, strict=True)) for point in points]


def _make_sampler_call(study: "Study", space: SearchSpace, tune: Tune) -> Callable[[], Mapping[str, Any]]:
    """Return a function that samples a proposal of each key; random ones need no trial of the study."""
    distributions = {key: distribution.optuna for key, distribution in space.distributions.items()}
    if tune.method != "random":
        return lambda: study.ask(distributions).params
    from optuna.trial import TrialState, create_trial

    sample, trial = study.sampler.sample_independent, create_trial(state=TrialState.RUNNING)
    return lambda: {key: sample(study, trial, key, distribution) for key, distribution in distributions.items()}


def at_random(tune: Tune) -> int:
    """Return how many trials ``tpe`` has before it proposes one from their scores, the default among them."""
    return max(tune.batch + 1, STARTUP)


def _batch(tune: Tune, done: int) -> tuple[int, int]:
    """Return the numbers of the first trial of the batch that goes on, and of the first one after it."""
    first, size = 1, at_random(tune) - 1
    while first + size <= done:
        first, size = first + size, tune.batch
    return first, min(first + size, tune.budget)


def grid_levels(space: SearchSpace, tune: Tune) -> dict[str, list[Any]]:
    """Return the proposals of each key in a grid: all choices, and of ranges the most that the budget allows.

    InputError where a grid of two values for each range is larger than the budget.
    """

    def sized(number: int) -> dict[str, list[Any]]:
        return {key: distribution.levels(number) for key, distribution in space.distributions.items()}

    def count(levels: Mapping[str, list[Any]]) -> int:
        return math.prod(map(len, levels.values()))

    most = tune.budget - 1
    if count(sized(2)) > most:
        raise InputError(
            f"tune=grid: arm {space.arm.name}: all choices of {', '.join(space.distributions)}, and two values of each "
            f"range, are {count(sized(2))} trials, and tune.budget={tune.budget} allows {most} besides trial 0; use "
            f"tune.budget={count(sized(2)) + 1}, fewer keys or tune=random"
        )
    number = 2
    while number < most and count(sized(number + 1)) <= most and count(sized(number + 1)) > count(sized(number)):
        number += 1
    return sized(number)


def grid_size(space: SearchSpace, tune: Tune) -> int:
    """Return the number of trials of the grid."""
    return math.prod(map(len, grid_levels(space, tune).values()))


def _study(space: SearchSpace, tune: Tune, seed: int, trials: Sequence[Trial]) -> "Study":
    """Return an Optuna study with what these trials returned."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        sampler = _sampler(space, tune, seed + len(trials) if tune.method == "tpe" else seed)
    study = optuna.create_study(sampler=sampler, direction="minimize" if space.lower_is_better else "maximize")
    if tune.method == "tpe":
        frozen = (_as_frozen_trial(trial, trials, space) for trial in trials)
        study.add_trials([trial for trial in frozen if trial is not None])
    return study


def _sampler(space: SearchSpace, tune: Tune, seed: int) -> "BaseSampler":
    from optuna import samplers

    if tune.method == "tpe":
        return samplers.TPESampler(n_startup_trials=STARTUP, multivariate=True, constant_liar=True, seed=seed)
    if tune.method == "quasi":
        return samplers.QMCSampler(
            qmc_type="sobol", scramble=True, seed=seed, warn_independent_sampling=False,
            independent_sampler=samplers.RandomSampler(seed=seed),
        )  # fmt: skip
    if tune.method == "grid":
        return samplers.GridSampler(grid_levels(space, tune), seed=seed)
    return samplers.RandomSampler(seed=seed)


def _as_frozen_trial(trial: Trial, trials: Sequence[Trial], space: SearchSpace) -> "FrozenTrial | None":
    """Return a trial as one of Optuna; None for values outside the space, as those of the default may be.

    A trial that diverged, or was stopped early without a score, counts as the worst of those that finished.
    """
    import optuna

    params = {key: space.distributions[key].proposal(value) for key, value in trial.values.items()}
    if any(value is None for value in params.values()):
        return None
    finished = [other for other in trials if other.status == "finished" and space.metric in other.scores]
    scores = [other.scores[space.metric] for other in finished]
    scores = [score for score in scores if math.isfinite(score)]
    if not scores:
        return None
    worst = max(scores) if space.lower_is_better else min(scores)
    score = trial.scores.get(space.metric, math.nan) if trial.status != "failed" else math.nan
    return optuna.trial.create_trial(
        params=params,
        distributions={key: distribution.optuna for key, distribution in space.distributions.items()},
        value=score if math.isfinite(score) else worst,
    )
