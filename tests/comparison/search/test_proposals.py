"""Proposals: as many as the budget, the same for the same seeds, and spread as their method promises."""

import itertools
import math

import numpy as np
import optuna
import pytest
from scipy.stats import binomtest, qmc
from tests.refusals import refusal

from seedbed.comparison.search.distributions import parse_space
from seedbed.comparison.search.proposals import STARTUP, grid_levels, grid_size, propose, search_seed
from seedbed.comparison.search.settings import METHODS, Tune
from seedbed.comparison.search.space import SearchSpace
from seedbed.comparison.search.trials import Trial

SPACE = {
    "training.learning_rate": "log(1e-4, 1e-1)", "encoder.dropout": "uniform(0, 0.6)", "training.patience": "int(1, 9)",
    "encoder.cell": "choice(lstm, gru, null)",
}  # fmt: skip
SEARCHED = [method for method in METHODS if method != "none"]


class Named:
    """An arm of which only the name is read."""

    name = "arm"


def space_of(texts=None, metric="validation/accuracy"):
    return SearchSpace(Named, parse_space(texts or SPACE), metric)


def score(values):
    """A smooth score with its best, 1, at a rate of 0.01 and a dropout of 0.2."""
    rate, dropout = math.log10(values["training.learning_rate"]), values["encoder.dropout"]
    return math.exp(-((rate + 2) ** 2) - ((dropout - 0.2) / 0.2) ** 2)


def default():
    values = {"training.learning_rate": 0.0002, "encoder.dropout": 0.5, "training.patience": 3, "encoder.cell": "lstm"}
    return Trial(0, values, {"validation/accuracy": score(values)})


def search(tune, seed=0, space=None, batches=None, start=None, scored=score):
    """All trials of a search with this score; ``batches``: the sizes of those proposed at once."""
    space, trials = space or space_of(), [start or default()]
    while values := propose(space, tune, seed, trials):
        new = [Trial(len(trials) + n, own, {space.metric: scored(own)}) for n, own in enumerate(values)]
        if batches is not None:
            batches.append(len(new))
        trials += new
    return trials


@pytest.mark.parametrize("budget", [2, 3, 9, 32])
@pytest.mark.parametrize("method", ["random", "quasi", "tpe"])
def test_the_budget_is_spent_exactly(method, budget):
    trials = search(Tune(method, budget=budget))
    assert [trial.number for trial in trials] == list(range(budget))
    assert propose(space_of(), Tune(method, budget=budget), 0, trials) == []


@pytest.mark.parametrize("method", SEARCHED)
def test_values_are_inside_their_ranges_and_of_their_types(method):
    space = space_of()
    for trial in search(Tune(method, budget=40))[1:]:
        assert list(trial.values) == list(SPACE)
        for key, value in trial.values.items():
            assert space.distributions[key].proposal(value) is not None
        assert type(trial.values["training.patience"]) is int
        assert type(trial.values["training.learning_rate"]) is float


@pytest.mark.parametrize("method", SEARCHED)
def test_the_same_seed_proposes_the_same_and_another_one_others(method):
    first, again, other = (search(Tune(method, budget=30), seed) for seed in (7, 7, 8))
    assert first == again
    assert first != other
    if method != "grid":
        assert not {str(trial.values) for trial in first[1:]} & {str(trial.values) for trial in other[1:]}


@pytest.mark.parametrize("method", SEARCHED)
def test_a_search_that_goes_on_proposes_what_it_would_have(method):
    tune, space = Tune(method, budget=30, batch=4), space_of()
    whole = search(tune)
    batches = [1, 8, 12, 16, 20, 24, 28, 30] if method == "tpe" else [1, len(whole)]
    for known in range(1, len(whole)):
        end = next(end for end in batches if end > known)
        assert propose(space, tune, 0, whole[:known]) == [trial.values for trial in whole[known:end]]


def test_tpe_proposes_its_start_at_once_and_then_batches():
    batches = []
    search(Tune("tpe", budget=20, batch=5), batches=batches)
    assert batches == [STARTUP - 1, 5, 5, 2]


def test_the_seed_is_of_the_search_and_the_replicate_only():
    seeds = {search_seed(Tune(seed=n), init, data) for n, init, data in itertools.product(range(3), range(9), range(9))}
    assert len(seeds) == 3 * 9 * 9
    assert search_seed(Tune("tpe", budget=5), 1, 2) == search_seed(Tune("random"), 1, 2)


@pytest.mark.parametrize("budget", [9, 32])
def test_quasi_random_trials_cover_the_space_more_evenly_than_random_ones(budget):
    space = space_of({"a": "uniform(0, 1)", "b": "log(1, 10)"})

    def discrepancy(method, seed):
        values = propose(space, Tune(method, budget=budget), seed, [Trial(0, {})])
        return qmc.discrepancy(np.array([[own["a"], math.log10(own["b"])] for own in values]))

    pairs = [(discrepancy("quasi", seed), discrepancy("random", seed)) for seed in range(20)]
    assert sum(quasi < random for quasi, random in pairs) >= 18
    assert np.median([quasi for quasi, _ in pairs]) < 0.5 * np.median([random for _, random in pairs])


def test_random_trials_are_uniform_on_the_scale_of_each_range():
    values = propose(space_of(), Tune("random", budget=2001), 3, [Trial(0, {})])
    rates = [math.log10(own["training.learning_rate"]) for own in values]
    np.testing.assert_allclose(np.quantile(rates, [0.25, 0.5, 0.75]), [-3.25, -2.5, -1.75], atol=0.12)
    for key, count in (("training.patience", 9), ("encoder.cell", 3)):
        _, counts = np.unique([str(own[key]) for own in values], return_counts=True)
        assert len(counts) == count
        assert (abs(counts - 2000 / count) < 5 * math.sqrt(2000 / count)).all()


def test_random_trials_are_those_that_a_study_of_optuna_asks():
    space = space_of()
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=7))
    asked = [study.ask({key: own.optuna for key, own in space.distributions.items()}).params for _ in range(20)]
    expected = [{key: space.distributions[key].value(value) for key, value in own.items()} for own in asked]
    assert propose(space, Tune("random", budget=21), 7, [default()]) == expected


def test_tpe_finds_better_values_than_random():
    """Later trials, by their median score: 16 seeds, of which one in two would be better by chance."""

    def late(method, seed):
        return np.median([trial.scores["validation/accuracy"] for trial in search(Tune(method, budget=32), seed)[16:]])

    wins = sum(late("tpe", seed) > late("random", seed) for seed in range(16))
    assert binomtest(wins, 16, alternative="greater").pvalue < 1e-3


def test_tpe_minimizes_a_loss():
    space = space_of(metric="validation/loss")

    def late(method):
        runs = [search(Tune(method, budget=40), seed, space, scored=lambda own: 1 - score(own)) for seed in range(6)]
        return np.median([trial.scores["validation/loss"] for run in runs for trial in run[20:]])

    assert late("tpe") < late("random") - 0.1


@pytest.mark.parametrize("status", ["failed", "pruned", "finished"])
def test_tpe_goes_on_with_trials_that_failed(status):
    space, tune = space_of(), Tune("tpe", budget=20)
    trials = search(tune)[: STARTUP + 1]
    changed = [Trial(t.number, t.values, {"validation/accuracy": math.nan}, status=status) for t in trials[2:5]]
    assert len(propose(space, tune, 0, [*trials[:2], *changed, *trials[5:]])) == 8
    assert len(propose(space, tune, 0, [Trial(t.number, t.values, status="failed") for t in trials])) == 8


def test_tpe_goes_on_from_an_arm_outside_its_space():
    values = {
        "training.learning_rate": 5.0,
        "encoder.dropout": [0.1, 0.2],
        "training.patience": None,
        "encoder.cell": 1,
    }
    assert len(search(Tune("tpe", budget=20), start=Trial(0, values, {"validation/accuracy": 0.1}))) == 20


SMALL = {"a": "choice(x, y, null)", "b": "int(1, 4)", "c": "int(1, 2, log)"}
FEW = ["random", "quasi", "tpe"]


def small_search(method, budget, start, seed=0, **more):
    space = space_of(SMALL)
    return search(Tune(method, budget=budget, **more), seed, space, start=Trial(0, start, {space.metric: 0.5}),
                  scored=lambda own: own["b"] / 4)  # fmt: skip


@pytest.mark.parametrize(("start", "inside"), [
    ({"a": "x", "b": 2, "c": 1}, True), ({"a": "x", "b": [1, 2], "c": 1}, False), ({"a": "x", "b": 5, "c": 1}, False),
    ({"a": None, "b": 2.0, "c": 1}, True), ({"a": "z", "b": 2.5, "c": 1}, False),
])  # fmt: skip
@pytest.mark.parametrize("method", FEW)
def test_a_small_space_is_tried_once_and_then_the_search_ends(method, start, inside):
    trials = small_search(method, 99, start)
    points = [tuple(trial.values.values()) for trial in (trials if inside else trials[1:])]
    assert len(points) == 24
    assert set(points) == set(itertools.product(["x", "y", None], range(1, 5), (1, 2)))
    assert propose(space_of(SMALL), Tune(method, budget=99), 0, trials) == []


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("method", FEW)
def test_a_budget_below_a_small_space_is_spent_on_different_settings(method, seed):
    trials = small_search(method, 20, {"a": "x", "b": 2, "c": 1}, seed)
    assert len({tuple(trial.values.values()) for trial in trials}) == len(trials) == 20


@pytest.mark.parametrize("method", FEW)
def test_a_search_of_a_small_space_goes_on_as_it_would_have(method):
    start = {"a": "y", "b": 2, "c": 2}
    whole, tune = small_search(method, 22, start, batch=4), Tune(method, budget=22, batch=4)
    for known in range(1, len(whole)):
        values = propose(space_of(SMALL), tune, 0, whole[:known])
        assert values
        assert values == [trial.values for trial in whole[known : known + len(values)]]


@pytest.mark.parametrize("method", FEW)
def test_a_search_of_an_older_version_with_repeated_settings_goes_on_with_others(method):
    whole = small_search(method, 99, {"a": "y", "b": 2, "c": 2})[:6]
    trials = [*whole, *(Trial(6 + n, trial.values, trial.scores) for n, trial in enumerate(whole[1:4]))]
    while values := propose(space_of(SMALL), Tune(method, budget=20), 0, trials):
        trials += [Trial(len(trials) + n, own, {"validation/accuracy": 0.5}) for n, own in enumerate(values)]
    assert len(trials) == 20
    assert len({tuple(trial.values.values()) for trial in trials}) == 17


@pytest.mark.parametrize(("budget", "counts"), [(13, (2, 3, 2)), (28, (3, 3, 3)), (64, (4, 3, 4)), (10**4, (28, 3, 9))])
def test_a_grid_has_the_most_levels_that_the_budget_allows_each_point_once(budget, counts):
    texts = {"a": "log(1e-4, 1)", "b": "choice(x, y, z)", "c": "int(1, 9)"}
    space, tune = space_of(texts), Tune("grid", budget=budget)
    if budget < 10**4:
        assert tuple(map(len, grid_levels(space, tune).values())) == counts
        points = [tuple(own.values()) for own in propose(space, tune, 1, [Trial(0, {})])]
        levels = grid_levels(space, tune)
        expected = itertools.product(*([space.distributions[k].value(v) for v in own] for k, own in levels.items()))
        assert sorted(points) == sorted(expected)
        assert len(points) == grid_size(space, tune) <= budget - 1
    else:
        assert grid_size(space, tune) <= budget - 1
        number = len(grid_levels(space, tune)["a"])
        assert (number + 1) * 3 * 9 > budget - 1


def test_a_grid_of_few_choices_is_smaller_than_the_budget():
    trials = search(Tune("grid", budget=32), space=space_of({"a": "choice(x, y)", "b": "choice(1, 2, 3)"}),
                    start=Trial(0, {}), scored=lambda own: 0.5)  # fmt: skip
    assert len(trials) == 7


def test_a_grid_that_no_budget_allows_is_refused():
    assert refusal(grid_levels, space_of(), Tune("grid", budget=24),
            match=r"^tune=grid: arm arm: 4 keys .*make 24 trials.*=24 allows 23.*use tune\.budget=25")  # fmt: skip
    assert grid_size(space_of(), Tune("grid", budget=25)) == 24
