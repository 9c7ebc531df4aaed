import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.report.statistics.settling import holm, replicates_needed
from seedbed.report.statistics.sign_flips import sign_flip_p, smallest_p

p_values = st.lists(st.floats(0, 1), max_size=12)


def by_steps(values: list[float], level: float) -> list[bool]:
    """Holm's procedure as he states it: reject from the smallest on, stop at the first that is too large."""
    rejected = [False] * len(values)
    for step, place in enumerate(sorted(range(len(values)), key=values.__getitem__)):
        if values[place] * (len(values) - step) > level:
            break
        rejected[place] = True
    return rejected


@given(p_values, st.sampled_from([0.01, 0.05, 0.2]))
def test_holm_rejects_as_the_stepwise_procedure(values, level):
    assert list(holm(values) <= level) == by_steps(values, level)


@given(p_values)
def test_corrected_p_lie_between_the_p_and_bonferronis(values):
    corrected = holm(values)
    assert all(values <= corrected)
    assert all(corrected <= np.minimum(np.array(values) * len(values), 1.0) + 1e-15)
    assert all(np.diff(corrected[np.argsort(values, kind="stable")]) >= 0)


def test_a_comparison_without_p_is_no_test():
    assert holm([0.01, math.nan, 0.04]) == pytest.approx([0.02, math.nan, 0.04], nan_ok=True)
    assert holm([]).size == 0
    assert np.isnan(holm([math.nan])).all()


@pytest.mark.parametrize(("effect", "level"), [(0.6, 0.05), (0.8, 0.01), (1.2, 0.05)])
def test_the_number_of_replicates_is_that_of_the_sign_flip_test_itself(effect, level):
    rng = np.random.default_rng(7)
    differences = rng.normal(0, 1, 10)
    differences += effect * differences.std(ddof=1) - differences.mean()

    def power(pairs):
        return np.mean([sign_flip_p(rng.choice(differences, pairs)) <= level for _ in range(300)])

    by_test = next(pairs for pairs in range(5, 60) if power(pairs) >= 0.8)
    assert replicates_needed(differences, level) == pytest.approx(by_test, abs=2)


def test_a_smaller_effect_or_a_stricter_level_takes_more():
    differences = np.random.default_rng(1).normal(0, 1, 10)
    differences -= differences.mean()
    needed = [replicates_needed(differences + gain) for gain in (1.5, 1.0, 0.5, 0.3)]
    assert needed == sorted(needed)
    assert replicates_needed(differences + 1, 0.005) > replicates_needed(differences + 1)


def test_differences_that_no_number_of_replicates_shows_are_infinite():
    assert replicates_needed([1.0, -1.0, 1.0, -1.0]) == math.inf
    assert replicates_needed([0.0, 0.0]) == math.inf
    assert math.isnan(replicates_needed([1.0]))


@pytest.mark.parametrize(("level", "pairs"), [(0.05, 6), (0.01, 8), (0.001, 11)])
def test_at_least_as_many_replicates_as_the_test_needs(level, pairs):
    assert replicates_needed([0.1, 0.1, 0.1], level) == pairs
    assert smallest_p(pairs) <= level < smallest_p(pairs - 1)
