import math
import warnings
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from seedbed.report.statistics.second_opinions import bca_interval, improvement, interquartile_mean, wilcoxon_p

thousandths = st.integers(-1000, 1000).map(lambda number: number / 1000)


def scipy_bca(values):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        result = stats.bootstrap((values,), np.mean, n_resamples=9_999, method="BCa", rng=np.random.default_rng(2018))
    return tuple(map(float, result.confidence_interval))


@pytest.mark.parametrize("number", [2, 3, 10, 60, 250])
def test_the_bootstrap_interval_is_that_of_scipy(number):
    values = np.random.default_rng(0).normal(1, 2, number)
    # A resample may be the sample itself: whether its mean is below the mean is a matter of rounding there.
    assert bca_interval(values) == pytest.approx(scipy_bca(values), abs=1e-3)


def test_the_bootstrap_interval_of_tied_values_is_that_of_scipy():
    values = np.round(np.random.default_rng(1).normal(1, 1, 12) / 0.2) * 0.2
    assert bca_interval(values) == pytest.approx(scipy_bca(values), abs=0.05)


@given(st.floats(-100, 100), st.integers(2, 12))
def test_equal_values_have_a_bootstrap_interval_of_no_width(value, number):
    low, high = bca_interval([value] * number)
    assert low == high == pytest.approx(value)


@settings(max_examples=30, deadline=None)
@given(st.lists(thousandths, min_size=2, max_size=12))
def test_the_bootstrap_interval_holds_finite_values_within_the_data(values):
    low, high = bca_interval(values)
    assert min(values) - 1e-9 <= low <= high <= max(values) + 1e-9


@pytest.mark.parametrize("number", [5, 8, 14, 20, 40])
def test_wilcoxon_is_that_of_scipy(number):
    differences = np.random.default_rng(number).normal(0.3, 1, number)
    assert wilcoxon_p(differences) == pytest.approx(stats.wilcoxon(differences, method="exact").pvalue)


@settings(max_examples=10, deadline=None)
@given(st.lists(st.integers(-3, 3), min_size=1, max_size=8).filter(any))
def test_wilcoxon_is_exact_with_ties_and_zeros_too(values):
    kept = np.array([value for value in values if value], dtype=float)
    ranks = np.sign(kept) * stats.rankdata(abs(kept))
    sums = [abs(ranks @ signs) for signs in product((1, -1), repeat=len(ranks))]
    assert wilcoxon_p(np.array(values) * 0.1) == pytest.approx(np.mean(np.array(sums) >= abs(ranks.sum())))


def test_wilcoxon_without_differences_and_of_zeros():
    assert math.isnan(wilcoxon_p([]))
    assert wilcoxon_p([0.0] * 30) == 1.0


@given(st.lists(thousandths, min_size=1, max_size=30))
def test_improvement_is_the_share_of_rises_with_ties_half(values):
    share, low, high = improvement(values)
    points = [1.0 if value > 0 else 0.5 if value == 0 else 0.0 for value in values]
    assert share == pytest.approx(sum(points) / len(points))
    assert 0 <= low <= share + 1e-12 <= high + 2e-12 <= 1 + 2e-12


@given(st.integers(0, 30), st.integers(1, 30))
def test_its_interval_is_wilsons(rises, falls):
    result = improvement([1.0] * rises + [-1.0] * falls)
    expected = stats.binomtest(rises, rises + falls).proportion_ci(method="wilson")
    assert result[1:] == pytest.approx((expected.low, expected.high))


def test_no_pairs_have_no_improvement():
    assert all(math.isnan(number) for number in improvement([]))


@given(st.lists(thousandths, min_size=1, max_size=30))
def test_the_interquartile_mean_is_that_of_scipy(values):
    assert interquartile_mean(values) == pytest.approx(stats.trim_mean(values, 0.25))


def test_no_values_have_no_interquartile_mean():
    assert math.isnan(interquartile_mean([]))
