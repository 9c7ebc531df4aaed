import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from seedbed.report.statistics.paired import compare_pairs, paired_differences, spread

BASIC = [73.2, 73.6, 52.4, 47.6, 63.6, 52.6, 77.6, 70.4, 73.0, 68.0]
ELMO = [78.0, 75.4, 75.4, 77.8, 75.6, 72.6, 76.8, 75.2, 75.4, 74.0]
thousandths = st.integers(-1000, 1000).map(lambda number: number / 1000)


def test_the_published_accuracies_have_the_published_difference():
    result = compare_pairs(ELMO, BASIC)
    assert result.pairs == 10
    assert result.mean_arm == pytest.approx(75.62)
    assert result.mean_baseline == pytest.approx(65.2)
    assert result.mean_difference == pytest.approx(10.42)
    assert result.median_difference == pytest.approx(5.4)
    assert result.p_value == 0.00390625
    assert (round(result.ci_low, 2), round(result.ci_high, 2)) == (2.93, 18.33)
    assert (round(result.bca_low, 2), round(result.bca_high, 2)) == (5.16, 17.82)
    assert result.p_wilcoxon == stats.wilcoxon(ELMO, BASIC).pvalue
    assert result.improved == 0.9
    assert result.iqm_baseline == pytest.approx(stats.trim_mean(BASIC, 0.25))


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(thousandths, thousandths), min_size=2, max_size=10))
def test_swapping_the_arms_flips_every_sign(pairs):
    arm, baseline = map(list, zip(*pairs, strict=True))
    case, other = compare_pairs(arm, baseline), compare_pairs(baseline, arm)
    assert case.mean_difference == pytest.approx(-other.mean_difference)
    assert case.median_difference == pytest.approx(-other.median_difference)
    assert (case.p_value, case.p_wilcoxon) == (other.p_value, other.p_wilcoxon)
    assert (case.ci_low, case.ci_high) == pytest.approx((-other.ci_high, -other.ci_low), abs=1e-12)
    assert case.improved == pytest.approx(1 - other.improved)
    # resampled means are discrete: the two bootstrap intervals may end one resample apart
    width = max(np.ptp(np.subtract(arm, baseline)), 1e-9)
    assert (case.bca_low, case.bca_high) == pytest.approx((-other.bca_high, -other.bca_low), abs=0.02 * width)


def test_a_lower_loss_is_an_improvement():
    assert compare_pairs([1.0, 2.0], [2.0, 1.5], higher_is_better=False).improved == 0.5
    assert compare_pairs([1.0, 1.0], [2.0, 1.5], higher_is_better=False).improved == 1.0


@pytest.mark.parametrize("values", [[], [0.5]])
def test_fewer_than_two_pairs_have_no_interval_and_no_p(values):
    result = compare_pairs(values, values)
    assert result.pairs == len(values)
    missing = (result.ci_low, result.ci_high, result.ci_level, result.p_value, result.p_wilcoxon, result.bca_low)
    assert all(math.isnan(number) for number in missing)
    assert math.isnan(result.mean_difference) == (not values)


@pytest.mark.parametrize("pairs", [2, 5, 10, 20])
def test_equal_arms_do_not_divide_by_zero(pairs):
    result = compare_pairs([0.5] * pairs, [0.5] * pairs)
    assert (result.ci_low, result.ci_high, result.bca_low, result.bca_high) == (0, 0, 0, 0)
    assert (result.p_value, result.p_wilcoxon, result.improved) == (1, 1, 0.5)


def test_pairs_of_unequal_length_raise():
    with pytest.raises(ValueError, match="one length"):
        paired_differences([1, 2], [1])


def test_spread_is_mean_and_sample_deviation():
    assert spread([1, 2, 3]) == (2, 1)
    assert math.isnan(spread([1])[1])
    assert math.isnan(spread([])[0])
