"""The arms of a size, best first, and the letters of those that are not separated."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from seedbed.report.analysis.analysis import analyse
from seedbed.report.statistics.settling import holm


@pytest.fixture
def table(cells):
    """Three arms, five points apart, at two sizes."""
    return cells(("c", "b", "a"), (50, 200), 8)


def permutation_p(first, second):
    """The two-sided sign-flip p of the mean difference, as scipy computes it."""
    result = stats.permutation_test((first - second,), np.mean, permutation_type="samples", n_resamples=np.inf)
    return result.pvalue


def test_tests_are_sign_flips_corrected_for_the_pairs_of_one_size(table):
    ranking = analyse(table).rankings[50]
    scores = {arm: rows["test/accuracy"].to_numpy() for arm, rows in table[table["n_train"] == 50].groupby("arm")}
    expected = [permutation_p(scores[test.arm], scores[test.other]) for test in ranking.tests]
    assert [test.p_value for test in ranking.tests] == pytest.approx(expected)
    assert [test.p_holm for test in ranking.tests] == pytest.approx(list(holm(expected)))
    assert [row.arm for row in ranking.arms] == ["a", "b", "c"]


def test_a_baseline_changes_neither_tests_nor_letters(table):
    every, with_baseline = analyse(table).rankings, analyse(table, "b").rankings
    for size, ranking in every.items():
        other = with_baseline[size]
        assert ranking.arms == other.arms
        for first, second in combinations("abc", 2):
            here, there = ranking.test(first, second), other.test(first, second)
            assert (here.p_holm, here.difference) == pytest.approx((there.p_holm, there.difference))
            assert (here.ci_low, here.ci_high) == pytest.approx((there.ci_low, there.ci_high))


def test_a_test_can_be_read_in_both_directions(table):
    ranking = analyse(table).ranking
    here, there = ranking.test("a", "c"), ranking.test("c", "a")
    assert (here.difference, here.ci_low, here.ci_high) == (-there.difference, -there.ci_high, -there.ci_low)
    assert here.difference > 0


def test_two_arms_share_a_letter_exactly_if_they_are_not_separated(cells):
    close = cells(tuple("abcdef"), (50,), 10)
    close["test/accuracy"] -= [0.035 * "abcdef".index(arm) for arm in close["arm"]]
    ranking = analyse(close).ranking
    rows = {row.arm: set(row.letters) for row in ranking.arms}
    assert {test.separated for test in ranking.tests} == {True, False}
    assert all(bool(rows[test.arm] & rows[test.other]) != test.separated for test in ranking.tests)


def test_of_a_loss_the_lowest_is_first(table):
    ranking = analyse(table, metric="log_loss").ranking
    assert [row.arm for row in ranking.arms] == ["a", "b", "c"]
    assert [row.mean for row in ranking.arms] == sorted(row.mean for row in ranking.arms)


def test_pairs_on_different_draws_are_not_tested_and_share_a_letter(table):
    other = table.assign(draw=np.where(table["arm"] == "a", "x" + table["draw"], table["draw"]))
    ranking = analyse(other).ranking
    assert {(test.arm, test.other): test.tested for test in ranking.tests} == {
        ("b", "c"): True, ("a", "c"): False, ("a", "b"): False,
    }  # fmt: skip
    assert ranking.tied == []
    assert ["".join(sorted(row.letters)) for row in ranking.arms] == ["ab", "a", "b"]


def test_one_replicate_has_no_letters(cells):
    assert {row.letters for row in analyse(cells(replicates=1)).ranking.arms} == {""}


def test_the_ranking_is_of_the_largest_size_with_two_arms(table):
    only_b = table[(table["n_train"] == 50) | (table["arm"] == "b")]
    assert analyse(only_b).ranking.n_train == 50
    assert analyse(only_b[only_b["arm"] == "b"]).ranking.n_train == 200


def test_very_many_arms_are_ranked_without_tests():
    table = pd.DataFrame([
        {"arm": f"a{arm}", "n_train": 50, "replicate": replicate, "test/accuracy": arm / 200 + replicate / 1000}
        for arm in range(100) for replicate in range(2)
    ])  # fmt: skip
    ranking = analyse(table).ranking
    assert ranking.tests == ()
    assert [row.arm for row in ranking.arms[:2]] == ["a99", "a98"]


def test_of_crossed_seeds_pairs_are_draws(crossed):
    assert {test.pairs for test in analyse(crossed()).ranking.tests} == {6}
