import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seedbed.report.statistics.sign_flips import sign_flip_interval
from seedbed.report.statistics.two_level import MOST_WEIGHTS, shared_item_variance, two_level_interval


def crossed(rng, replicates, items, of_replicate, of_item, of_answer):
    """Differences [replicates, items] of a crossed random-effects model with true mean 0."""
    return (
        rng.normal(0, of_replicate, (replicates, 1))
        + rng.normal(0, of_item, (1, items))
        + rng.normal(0, of_answer, (replicates, items))
    )


def influences_of(differences):
    """Of a mean over items."""
    return (differences - differences.mean(axis=1, keepdims=True)) / differences.shape[1]


def covariance_by_pairs(influences):
    """The mean over pairs of replicates of the summed products of what both were tested on."""
    number, result = len(influences), []
    for one in range(number):
        for other in range(number):
            if one != other:
                both = ~np.isnan(influences[one]) & ~np.isnan(influences[other])
                sizes = [np.sum(~np.isnan(influences[row])) for row in (one, other)]
                scale = np.prod([np.sqrt(size / (size - 1)) for size in sizes])
                result.append(scale * np.sum(influences[one, both] * influences[other, both]))
    return max(0.0, np.mean(result))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 6), st.integers(3, 8), st.floats(0, 0.6))
def test_the_shared_variance_is_that_of_all_pairs_of_replicates(seed, replicates, items, untested):
    rng = np.random.default_rng(seed)
    influences = rng.normal(size=(replicates, items))
    away = rng.random((replicates, items)) < untested
    away[:, :2] = False
    influences[away] = np.nan
    assert shared_item_variance(influences)[0] == pytest.approx(covariance_by_pairs(influences), abs=1e-12)


def test_the_shared_variance_is_that_of_items_in_a_crossed_model():
    """It neither counts what differs between replicates nor single answers: sigma_item^2 / items."""
    rng = np.random.default_rng(1)
    result = [shared_item_variance(influences_of(crossed(rng, 8, 60, 3.0, 1.0, 2.0)))[0] for _ in range(1_500)]
    assert np.mean(result) == pytest.approx(1 / 60, rel=0.1)


def test_the_variance_of_the_mean_is_that_of_replicates_plus_the_shared_one():
    rng = np.random.default_rng(2)
    scores = [crossed(rng, 6, 40, 0.3, 1.0, 1.5) for _ in range(3_000)]
    estimated = [
        scores_.mean(axis=1).var(ddof=1) / 6 + shared_item_variance(influences_of(scores_))[0] for scores_ in scores
    ]
    assert np.mean(estimated) == pytest.approx(np.var([scores_.mean() for scores_ in scores]), rel=0.08)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6), st.integers(6, 16))
def test_without_shared_items_it_is_the_interval_over_replicates(seed, replicates):
    rng = np.random.default_rng(seed)
    differences = rng.normal(size=replicates)
    apart = np.full((replicates, 5 * replicates), np.nan)
    for row in range(replicates):
        apart[row, 5 * row : 5 * row + 5] = rng.normal(size=5)
    low, high, _ = sign_flip_interval(differences)
    assert two_level_interval(differences, apart) == (low, high)
    assert two_level_interval(differences, np.zeros((replicates, 9))) == (low, high)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6), st.integers(6, 16))
def test_items_never_make_it_narrower_and_swapping_the_arms_mirrors_it(seed, replicates):
    scores = crossed(np.random.default_rng(seed), replicates, 30, 0.2, 1.0, 1.0)
    differences, influences = scores.mean(axis=1), influences_of(scores)
    low, high = two_level_interval(differences, influences)
    within = sign_flip_interval(differences)
    assert low <= within[0]
    assert high >= within[1]
    assert two_level_interval(-differences, -influences) == pytest.approx((-high, -low), abs=1e-9)


def test_equal_replicates_leave_the_item_variance_only():
    """Then it is the Bayesian bootstrap of the items, near the normal interval of their mean."""
    items = np.random.default_rng(3).normal(0.1, 1, 400)
    scores = np.tile(items, (10, 1))
    low, high = two_level_interval(scores.mean(axis=1), influences_of(scores))
    half = 1.96 * items.std(ddof=1) / np.sqrt(400)
    assert (low, high) == pytest.approx((items.mean() - half, items.mean() + half), abs=0.1 * half)


def test_many_items_share_weights_and_keep_their_variance():
    items = np.random.default_rng(4).normal(0, 1, 3 * MOST_WEIGHTS + 7)
    scores = np.tile(items, (8, 1))
    low, high = two_level_interval(scores.mean(axis=1), influences_of(scores))
    assert high - low == pytest.approx(2 * 1.96 * items.std(ddof=1) / np.sqrt(items.size), rel=0.1)


def test_below_six_replicates_there_is_no_interval():
    scores = crossed(np.random.default_rng(5), 5, 30, 1.0, 1.0, 1.0)
    assert np.isnan(two_level_interval(scores.mean(axis=1), influences_of(scores))).all()


@pytest.mark.parametrize(("shared", "least"), [(True, 0.93), (False, 0.92)])
def test_it_covers_the_truth_for_a_shared_test_set_and_for_redrawn_ones(shared, least):
    rng, hits, without = np.random.default_rng(6), [], []
    for _ in range(400):
        if shared:
            scores = crossed(rng, 10, 50, 0.05, 1.0, 0.5)
            influences = influences_of(scores)
        else:
            scores = crossed(rng, 10, 50, 0.05, 0.0, 1.1)
            influences = np.full((10, 500), np.nan)
            for row, scores_ in enumerate(influences_of(scores)):
                influences[row, 50 * row : 50 * row + 50] = scores_
        low, high = two_level_interval(scores.mean(axis=1), influences)
        hits.append(low <= 0 <= high)
        low, high, _ = sign_flip_interval(scores.mean(axis=1))
        without.append(low <= 0 <= high)
    assert least <= np.mean(hits) <= 0.985
    assert (np.mean(without) < 0.85) == shared  # the interval over replicates alone cannot see a shared test set
