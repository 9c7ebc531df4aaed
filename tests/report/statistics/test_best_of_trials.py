from itertools import combinations, product
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
    assert expected_best(unbiased_shares(len(values)), values) == pytest.approx(np.array(expected), abs=1e-9)


@given(st.lists(st.floats(-10, 10, width=32), min_size=1, max_size=5))
def test_the_best_of_n_draws_with_replacement_equals_the_mean_over_all_sequences(values):
    expected = [np.mean([max(drawn) for drawn in product(values, repeat=n)]) for n in range(1, len(values) + 1)]
    assert expected_best(plug_in_shares(len(values)), values) == pytest.approx(np.array(expected), abs=1e-9)


@given(st.lists(st.tuples(st.integers(0, 3), st.floats(-10, 10, width=32)), min_size=1, max_size=6))
def test_the_test_score_of_the_best_equals_the_mean_over_all_subsets(pairs):
    """Of the trials of a subset with the same validation score, each is taken with the same probability."""
    expected = []
    for n in range(1, len(pairs) + 1):
        values = []
        for subset in combinations(pairs, n):
            best = max(score for score, _ in subset)
            values.append(np.mean([other for score, other in subset if score == best]))
        expected.append(np.mean(values))
    found = expected_best(unbiased_shares(len(pairs)), *zip(*pairs, strict=True))
    assert found == pytest.approx(np.array(expected), abs=1e-6)


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
    draws = rng.uniform(size=(4_000, 8))
    unbiased, plug_in = (
        np.array([expected_best(shares(8), row)[4] for row in draws]) for shares in (unbiased_shares, plug_in_shares)
    )
    error = unbiased.std() / np.sqrt(len(draws))
    assert abs(unbiased.mean() - 5 / 6) < 3 * error
    assert plug_in.mean() < 5 / 6 - 10 * error


@given(scores)
def test_more_trials_are_never_worse_and_all_of_them_are_the_best(values):
    found = expected_best(unbiased_shares(len(values)), values)
    assert (np.diff(found) >= -1e-9).all()
    assert found[-1] == pytest.approx(max(values))
    assert found[0] == pytest.approx(np.mean(values), abs=1e-9)
