import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from seedbed.report.statistics import (
    EXACT_PAIRS,
    compare_pairs,
    mean_interval,
    paired_differences,
    sign_flip_p,
    smallest_p,
    spread,
)

BASIC = [73.2, 73.6, 52.4, 47.6, 63.6, 52.6, 77.6, 70.4, 73.0, 68.0]
ELMO = [78.0, 75.4, 75.4, 77.8, 75.6, 72.6, 76.8, 75.2, 75.4, 74.0]
thousandths = st.integers(-1000, 1000).map(lambda number: number / 1000)


def by_enumeration(differences: list[float]) -> float:
    observed = abs(sum(differences))
    patterns = list(product((1, -1), repeat=len(differences)))
    sums = [abs(sum(sign * value for sign, value in zip(signs, differences, strict=True))) for signs in patterns]
    return sum(total >= observed - 1e-9 for total in sums) / len(patterns)


def test_the_published_accuracies_give_the_published_difference():
    found = compare_pairs(ELMO, BASIC)
    assert found.pairs == 10
    assert found.mean_arm == pytest.approx(75.62)
    assert found.mean_baseline == pytest.approx(65.2)
    assert found.mean_difference == pytest.approx(10.42)
    assert found.median_difference == pytest.approx(5.4)
    assert found.p_value == 0.00390625
    assert 0 < found.ci_low < 10.42 < found.ci_high < 20


@given(st.lists(thousandths, min_size=1, max_size=9))
def test_sign_flip_p_is_that_of_brute_force(differences):
    assert sign_flip_p(differences) == pytest.approx(by_enumeration(differences), abs=1e-12)


def test_sign_flip_p_agrees_with_scipy():
    differences = np.array(ELMO) - np.array(BASIC)
    theirs = stats.permutation_test(
        (differences,), np.mean, permutation_type="samples", n_resamples=np.inf, vectorized=True
    )
    assert sign_flip_p(differences) == theirs.pvalue


def test_many_pairs_are_tested_by_seeded_sampling():
    rng = np.random.default_rng(4)
    differences = rng.normal(0.3, 1, EXACT_PAIRS + 1)
    theirs = stats.ttest_1samp(differences, 0).pvalue
    assert sign_flip_p(differences) == pytest.approx(theirs, abs=0.02)
    assert sign_flip_p(differences) == sign_flip_p(differences)


def test_sampled_and_exact_p_meet_at_the_border():
    differences = np.random.default_rng(3).normal(0.4, 1, EXACT_PAIRS)
    sampled = sign_flip_p(np.append(differences, 0.0))  # a zero changes no sum
    assert sampled == pytest.approx(sign_flip_p(differences), abs=0.02)


@given(st.integers(1, 12))
def test_the_smallest_p_is_reached_when_all_differences_agree(pairs):
    assert sign_flip_p(np.arange(1, pairs + 1)) == smallest_p(pairs) == 2 / 2**pairs


def test_no_pairs_have_no_p():
    assert math.isnan(smallest_p(0))
    assert math.isnan(sign_flip_p([]))


def test_the_interval_is_that_of_scipy():
    values = np.random.default_rng(0).normal(1, 2, 12)
    theirs = stats.bootstrap((values,), np.mean, n_resamples=9_999, method="BCa", rng=np.random.default_rng(2018))
    assert mean_interval(values) == pytest.approx(tuple(theirs.confidence_interval))


def test_the_interval_of_many_values_is_near_that_of_t():
    values = np.random.default_rng(0).normal(5, 1, 400)
    theirs = stats.t.interval(0.95, 399, values.mean(), stats.sem(values))
    assert mean_interval(values) == pytest.approx(theirs, abs=0.03)


@given(st.floats(-100, 100), st.integers(2, 12))
def test_equal_values_have_an_interval_of_no_width(value, number):
    low, high = mean_interval([value] * number)
    assert low == pytest.approx(value)
    assert low == high


@settings(max_examples=30, deadline=None)
@given(st.lists(thousandths, min_size=2, max_size=12))
def test_the_interval_holds_finite_values_within_the_data(values):
    low, high = mean_interval(values)
    assert min(values) - 1e-9 <= low <= high <= max(values) + 1e-9


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(thousandths, thousandths), min_size=2, max_size=10))
def test_swapping_the_arms_flips_every_sign(pairs):
    arm, baseline = map(list, zip(*pairs, strict=True))
    one, other = compare_pairs(arm, baseline), compare_pairs(baseline, arm)
    assert one.mean_difference == pytest.approx(-other.mean_difference)
    assert one.median_difference == pytest.approx(-other.median_difference)
    assert one.p_value == other.p_value
    # resampled means are discrete: the two intervals may end one resample apart
    width = max(np.ptp(np.subtract(arm, baseline)), 1e-9)
    assert (one.ci_low, one.ci_high) == pytest.approx((-other.ci_high, -other.ci_low), abs=0.02 * width)


@pytest.mark.parametrize("values", [[], [0.5]])
def test_fewer_than_two_pairs_have_no_interval_and_no_p(values):
    found = compare_pairs(values, values)
    assert found.pairs == len(values)
    assert all(math.isnan(number) for number in (found.ci_low, found.ci_high, found.p_value))
    assert math.isnan(found.mean_difference) == (not values)


def test_pairs_of_unequal_length_are_refused():
    with pytest.raises(ValueError, match="one length"):
        paired_differences([1, 2], [1])


def test_spread_is_mean_and_sample_deviation():
    assert spread([1, 2, 3]) == (2, 1)
    assert math.isnan(spread([1])[1])
    assert math.isnan(spread([])[0])
