from itertools import combinations, permutations, product
from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.report.statistics.best_of_trials import expected_best, plug_in_shares, unbiased_shares

scores = st.lists(st.floats(-10, 10, width=32), min_size=1, max_size=6)


@given(scores)
def test_the_best_of_n_different_trials_equals_the_mean_over_all_subsets(values):
    expected = [np.mean([max(subset) for subset in combinations(values, n)]) for n in range(1, len(values) + 1)]
    assert expected_best(unbiased_shares, sorted(values)) == pytest.approx(np.array(expected), abs=1e-9)


@given(st.lists(st.floats(-10, 10, width=32), min_size=1, max_size=5))
def test_the_best_of_n_draws_with_replacement_equals_the_mean_over_all_sequences(values):
    expected = [np.mean([max(drawn) for drawn in product(values, repeat=n)]) for n in range(1, len(values) + 1)]
    assert expected_best(plug_in_shares, sorted(values)) == pytest.approx(np.array(expected), abs=1e-9)


@given(st.lists(st.floats(-10, 10, width=32), min_size=1, max_size=6), st.data())
def test_a_search_that_begins_with_one_trial_equals_the_mean_over_all_orders_of_the_others(tests, data):
    """The trials are ranked by another score than the one that is read, as a test score is."""
    first = data.draw(st.integers(0, len(tests) - 1))
    others = [rank for rank in range(len(tests)) if rank != first]
    orders = [(first, *order) for order in permutations(others)]
    expected = [np.mean([tests[max(order[:n])] for order in orders]) for n in range(1, len(tests) + 1)]
    assert expected_best(unbiased_shares, tests, first) == pytest.approx(np.array(expected), abs=1e-9)
    again = [
        np.mean([tests[max((first, *drawn))] for drawn in product(others, repeat=n)]) for n in range(len(tests))
    ] if others else [tests[0]]  # fmt: skip
    if len(tests) < 6:
        assert expected_best(plug_in_shares, tests, first) == pytest.approx(np.array(again), abs=1e-9)


def test_the_default_is_no_draw():
    """A default of 0.8 beside uniform numbers: the best of it and of m others is expected at a known score."""
    rng = np.random.default_rng(1)
    curves = []
    for _ in range(2_000):
        values = sorted([0.8, *rng.uniform(size=15)])
        curves.append(expected_best(unbiased_shares, values, values.index(0.8)))
    others = np.arange(16)
    truth = 0.8 ** (others + 1) + others / (others + 1) * (1 - 0.8 ** (others + 1))
    assert truth[[0, 1, 3, 7]] == pytest.approx([0.8, 0.82, 0.852, 0.896], abs=5e-4)
    assert (np.abs(np.mean(curves, axis=0) - truth) <= 4 * np.std(curves, axis=0) / np.sqrt(len(curves)) + 1e-12).all()


@pytest.mark.parametrize("trials", [1, 2, 7, 32, 200])
def test_shares_are_probabilities_and_as_published(trials):
    for shares in (unbiased_shares(trials), plug_in_shares(trials)):
        assert shares.shape == (trials, trials)
        assert shares.sum(axis=1) == pytest.approx(np.ones(trials))
        assert (shares >= -1e-15).all()
    unbiased = unbiased_shares(trials)
    for n in {1, min(2, trials), trials}:
        expected = [comb(rank, n - 1) / comb(trials, n) for rank in range(trials)]
        assert unbiased[n - 1] == pytest.approx(np.array(expected), abs=1e-12)


def test_the_unbiased_estimate_has_no_bias_and_the_other_one_is_too_low():
    """Of the best of 5 uniform numbers, 5 / 6 is expected."""
    rng = np.random.default_rng(1)
    draws = np.sort(rng.uniform(size=(4_000, 8)))
    unbiased, plug_in = (
        np.array([expected_best(shares, row)[4] for row in draws]) for shares in (unbiased_shares, plug_in_shares)
    )
    error = unbiased.std() / np.sqrt(len(draws))
    assert abs(unbiased.mean() - 5 / 6) < 3 * error
    assert plug_in.mean() < 5 / 6 - 10 * error


@given(scores)
def test_more_trials_are_never_worse_and_all_of_them_are_the_best(values):
    found = expected_best(unbiased_shares, sorted(values))
    assert (np.diff(found) >= -1e-9).all()
    assert found[-1] == pytest.approx(max(values))
    assert found[0] == pytest.approx(np.mean(values), abs=1e-9)
