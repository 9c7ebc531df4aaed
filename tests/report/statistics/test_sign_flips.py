import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from seedbed.report.statistics.sign_flips import (
    EXACT_PAIRS,
    LEVEL,
    RESAMPLES,
    sign_flip_interval,
    sign_flip_p,
    smallest_p,
)

BASIC = [73.2, 73.6, 52.4, 47.6, 63.6, 52.6, 77.6, 70.4, 73.0, 68.0]
ELMO = [78.0, 75.4, 75.4, 77.8, 75.6, 72.6, 76.8, 75.2, 75.4, 74.0]
DIFFERENCES = np.array(ELMO) - np.array(BASIC)
thousandths = st.integers(-1000, 1000).map(lambda number: number / 1000)
halves = st.integers(-4, 4).map(lambda number: number / 2)
"""Many ties, and exact in binary."""


def by_enumeration(differences: list[float]) -> float:
    observed = abs(sum(differences))
    patterns = list(product((1, -1), repeat=len(differences)))
    sums = [abs(sum(sign * value for sign, value in zip(signs, differences, strict=True))) for signs in patterns]
    return sum(total >= observed - 1e-9 for total in sums) / len(patterns)


def by_search(differences: np.ndarray, start: float, step: float) -> float:
    """The last mean from ``start`` in steps, then by halving, that the test does not reject."""
    inside, outside = start, start + step
    while sign_flip_p(differences - outside) > LEVEL:
        inside, outside = outside, outside + step
    for _ in range(60):
        middle = (inside + outside) / 2
        inside, outside = (middle, outside) if sign_flip_p(differences - middle) > LEVEL else (inside, middle)
    return inside


@given(st.lists(thousandths, min_size=1, max_size=9))
def test_p_is_that_of_brute_force(differences):
    assert sign_flip_p(differences) == pytest.approx(by_enumeration(differences), abs=1e-12)


def test_p_agrees_with_scipy():
    expected = stats.permutation_test(
        (DIFFERENCES,), np.mean, permutation_type="samples", n_resamples=np.inf, vectorized=True
    )
    assert sign_flip_p(DIFFERENCES) == expected.pvalue == 0.00390625


@pytest.mark.parametrize("pairs", [EXACT_PAIRS + 1, 30, 250])
def test_many_pairs_are_tested_by_seeded_sampling(pairs):
    differences = np.random.default_rng(4).normal(1.2 / math.sqrt(pairs), 1, pairs)
    expected = stats.ttest_1samp(differences, 0).pvalue
    assert sign_flip_p(differences) == pytest.approx(expected, abs=0.02)
    assert sign_flip_p(differences) == sign_flip_p(differences)


def test_sampled_and_exact_p_agree_at_the_limit():
    differences = np.random.default_rng(3).normal(0.4, 1, EXACT_PAIRS)
    sampled = sign_flip_p(np.append(differences, 0.0))  # a zero changes no sum
    assert sampled == pytest.approx(sign_flip_p(differences), abs=0.01)


@given(st.integers(1, 12))
def test_the_smallest_p_is_reached_when_all_differences_agree(pairs):
    assert sign_flip_p(np.arange(1, pairs + 1)) == smallest_p(pairs) == 2 / 2**pairs


def test_sampling_has_its_own_smallest_p():
    assert sign_flip_p(np.ones(40)) == smallest_p(40) == 1 / (RESAMPLES + 1)


def test_no_pairs_have_no_p():
    assert math.isnan(smallest_p(0))
    assert math.isnan(sign_flip_p([]))


@given(st.lists(st.one_of(thousandths, halves), min_size=6, max_size=20))
def test_the_interval_leaves_out_zero_exactly_when_the_test_rejects(differences):
    low, high, covered = sign_flip_interval(differences)
    assert (low > 0 or high < 0) == (sign_flip_p(differences) <= LEVEL)
    assert covered >= 1 - LEVEL


@settings(max_examples=30)
@given(st.lists(halves, min_size=6, max_size=20), st.integers(-6, 6).map(lambda number: number / 2))
def test_a_mean_is_inside_exactly_when_the_test_of_it_does_not_reject(differences, mean):
    low, high, _ = sign_flip_interval(differences)
    rejected = sign_flip_p(np.subtract(differences, mean)) <= LEVEL
    assert (not low - 1e-9 <= mean <= high + 1e-9) == rejected


@settings(max_examples=15)
@given(st.lists(thousandths, min_size=6, max_size=9, unique=True))
def test_the_ends_are_where_the_test_begins_to_reject(values):
    differences = np.array(values)
    low, high, _ = sign_flip_interval(differences)
    step = float(np.ptp(differences))
    assert low == pytest.approx(by_search(differences, differences.mean(), -step), abs=1e-6)
    assert high == pytest.approx(by_search(differences, differences.mean(), step), abs=1e-6)


@given(st.lists(thousandths, min_size=6, max_size=8))
def test_the_ends_are_order_statistics_of_the_means_of_subsets(values):
    members = [np.flatnonzero(chosen) for chosen in product((0, 1), repeat=len(values)) if any(chosen)]
    means = np.sort([np.mean(np.array(values)[chosen]) for chosen in members])
    order = math.floor(LEVEL * 2 ** (len(values) - 1))
    low, high, covered = sign_flip_interval(values)
    assert (low, high) == pytest.approx((means[order - 1], means[-order]), abs=1e-12)
    assert covered == 1 - 2 * order / 2 ** len(values)


def test_the_published_accuracies_have_the_interval_of_the_readme():
    low, high, covered = sign_flip_interval(DIFFERENCES)
    assert (round(low, 2), round(high, 2), covered) == (2.93, 18.33, 0.951171875)


@given(st.lists(thousandths, min_size=2, max_size=5))
def test_below_six_pairs_the_widest_interval_comes_with_its_level(values):
    result = sign_flip_interval(values)
    assert result == pytest.approx((min(values), max(values), 1 - 2 / 2 ** len(values)))
    assert result[2] < 1 - LEVEL


def test_the_interval_of_many_values_is_near_that_of_t():
    values = np.random.default_rng(0).normal(5, 1, 400)
    expected = stats.t.interval(0.95, 399, values.mean(), stats.sem(values))
    assert sign_flip_interval(values)[:2] == pytest.approx(expected, abs=0.02)


@given(st.lists(thousandths, min_size=2, max_size=20))
def test_swapping_the_arms_mirrors_p_and_the_interval(values):
    low, high, covered = sign_flip_interval(values)
    mirrored = sign_flip_interval(np.negative(values))
    assert mirrored == pytest.approx((-high, -low, covered), abs=1e-12)
    assert sign_flip_p(values) == sign_flip_p(np.negative(values))


@given(st.floats(-100, 100), st.integers(2, 20))
def test_equal_values_have_an_interval_of_no_width(value, number):
    low, high, _ = sign_flip_interval([value] * number)
    assert low == high == pytest.approx(value)


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=20))
def test_the_interval_holds_the_mean_and_stays_within_the_data(values):
    low, high, _ = sign_flip_interval(values)
    near = 1e-9 * sum(map(abs, values))
    assert min(values) - near <= low <= np.mean(values) + near
    assert np.mean(values) - near <= high <= max(values) + near


@pytest.mark.parametrize("values", [[], [0.5]])
def test_fewer_than_two_values_have_no_interval(values):
    assert all(math.isnan(number) for number in sign_flip_interval(values))


@pytest.mark.parametrize("pairs", [6, 10, 15])
def test_of_a_hundred_studies_some_five_miss_the_truth(pairs):
    rng = np.random.default_rng(pairs)
    result = [sign_flip_interval(rng.normal(1, 2, pairs)) for _ in range(1_000)]
    covered = np.mean([low <= 1 <= high for low, high, _ in result])
    assert 0.93 <= covered <= result[0][2] + 0.02
