import math
from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import isotonic_regression

from seedbed.report.analysis.analysis import analyse
from seedbed.report.analysis.comparisons import pairings
from seedbed.report.analysis.label_savings import savings_of, study_savings
from seedbed.report.analysis.results import find_results
from seedbed.report.sections.answers import answers
from seedbed.report.sections.label_savings import saving_answers, saving_tables
from seedbed.report.statistics.curves import Curve, monotone, sizes_to_reach
from seedbed.report.statistics.sign_flips import sign_flip_interval

SIZES = (50, 100, 200, 400)
hundredths = st.integers(0, 100).map(lambda number: number / 100)


def curve_table(scores, sizes=SIZES, metric="test/accuracy"):
    """A table of the arms' scores [replicates, sizes]."""
    return pd.DataFrame([
        {"arm": arm, "n_train": size, "replicate": replicate, metric: own[replicate][place]}
        for arm, own in scores.items()
        for place, size in enumerate(sizes)
        for replicate in range(len(own))
    ])  # fmt: skip


def lines(replicates=8, noise=0.0, seed=0):
    """Two arms that rise by 0.05 with each doubling; the second has at n what the first has at 2 n."""
    rng, rise = np.random.default_rng(seed), 0.05 * np.log2(np.array(SIZES) / 50)
    first, second = (0.5 + rise + more + rng.normal(0, noise, (replicates, len(SIZES))) for more in (0.0, 0.05))
    return first, second


@given(st.lists(st.lists(hundredths, min_size=4, max_size=4), min_size=1, max_size=5))
def test_a_monotone_curve_is_scipys_isotonic_regression(curves):
    for own, theirs in zip(monotone(np.array(curves)), curves, strict=True):
        assert own == pytest.approx(isotonic_regression(theirs).x, abs=1e-12)


def test_a_known_curve_is_inverted_exactly():
    sizes = np.array([10, 20, 80, 160])
    curve = np.log(sizes)
    wanted = np.log([10.5, 12.0, 20.0, 33.3, 80.0, 159.0])
    found = sizes_to_reach(np.tile(curve, (6, 1)), wanted, sizes)
    assert found == pytest.approx([10.5, 12.0, 20.0, 33.3, 80.0, 159.0])


@given(st.lists(hundredths, min_size=4, max_size=4).map(sorted), hundredths)
def test_the_size_is_the_smallest_at_which_the_interpolated_curve_is_there(curve, wanted):
    (size,) = sizes_to_reach(np.array([curve]), np.array([wanted]), SIZES)
    if size == -math.inf:
        assert curve[0] >= wanted
    elif size == math.inf:
        assert curve[-1] < wanted
    else:
        grid = np.linspace(math.log(50), math.log(400), 2001)
        there = np.interp(grid, np.log(SIZES), curve) >= wanted - 1e-9
        assert size == pytest.approx(math.exp(grid[there][0]), rel=0.003)


def test_an_arm_that_is_a_doubling_ahead_needs_half():
    first, second = lines()
    found = savings_of("b", "a", SIZES, Curve.of(second), Curve.of(first))
    told = [
        (o.arm, o.other, o.n_train, np.round(o.size, 6), np.nan_to_num(np.round(o.times, 6), nan=-1)) for o in found
    ]
    # at 50 it is told from the other side, as fewer were not tried
    assert told == [
        ("a", "b", 50, 100, 0.5),
        ("b", "a", 100, -math.inf, -1),
        ("b", "a", 200, 100, 2),
        ("b", "a", 400, 200, 2),
    ]
    assert all(one.low == pytest.approx(one.size) == pytest.approx(one.high) for one in found[2:])


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 12))
def test_the_order_of_arms_changes_nothing(seed, replicates):
    first, second = lines(replicates, 0.05, seed)
    one = savings_of("b", "a", SIZES, Curve.of(second), Curve.of(first))
    other = savings_of("a", "b", SIZES, Curve.of(first), Curve.of(second))
    assert one == other


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.integers(6, 9))
def test_with_rising_curves_it_is_the_sign_flip_test_of_each_size(seed, replicates):
    """A size is inside exactly where the interval of the difference there, from what is wanted, holds zero."""
    first, second = lines(replicates, 0.008, seed)
    *_, found = savings_of("b", "a", SIZES, Curve.of(second), Curve.of(first))
    assert found.arm == "b"
    for size in (60, 100, 150, 200, 250, 350):
        there = np.array([np.interp(math.log(size), np.log(SIZES), own) for own in second])
        low, high, level = sign_flip_interval(there - first[:, -1])
        ends = found.low, found.high
        if all(abs(math.log(size) - math.log(end)) > 1e-6 for end in ends if math.isfinite(end) and end > 0):
            assert (found.low <= size <= found.high) == (low <= 0 <= high)
        assert found.level == level


def test_the_interval_is_that_of_all_subsets_of_replicates():
    first, second = lines(6, 0.03, 3)
    *_, found = savings_of("b", "a", SIZES, Curve.of(second), Curve.of(first))
    ends = []
    for chosen in product((False, True), repeat=6):
        if any(chosen) and not all(chosen):
            ours, theirs = (isotonic_regression(scores[list(chosen)].mean(axis=0)).x for scores in (second, first))
            ends.append(sizes_to_reach(ours[None], theirs[-1:], SIZES)[0])
    assert (found.low, found.high) == pytest.approx((min(ends), max(ends)))


def test_intervals_of_a_known_saving_hold_their_level():
    hits = []
    for seed in range(300):
        first, second = lines(10, 0.03, seed)
        found = savings_of("b", "a", SIZES, Curve.of(second), Curve.of(first))[2]
        if found.arm == "b":
            hits.append(found.low <= 100 <= found.high)
    assert 0.92 <= np.mean(hits) <= 0.985
    assert len(hits) > 250


def test_outside_the_sizes_tried_it_says_so():
    first, second = lines(8, 0.002)
    analysis = analyse(curve_table({"a": first, "b": second + 0.3}))
    rows = [[entry.text for entry in row] for row in saving_tables(analysis)[0].rows]
    assert ["a", "b", "50", "not within the sizes tried: more than 400", "more than 400", "–", "8"] in rows
    assert ["b", "a", "400", "not within the sizes tried: 50 or fewer", "50 or fewer", "–", "8"] in rows
    assert saving_answers(analysis) == [
        "b has with 50 examples, the fewest tried, what a has at 400 (95 % interval 50 or fewer)."
    ]


def test_a_saving_is_said_with_its_interval_and_how_many_times_fewer():
    first, second = lines(10, 0.004)
    (said,) = saving_answers(analyse(curve_table({"a": first, "b": second})))
    assert said.startswith("b needs about 2") or said.startswith("b needs about 19")
    assert "examples to reach what a has at 400 (95 % interval " in said
    assert said.endswith(": 2.0 times fewer.") or said.endswith(": 2.1 times fewer.")


def test_with_a_baseline_what_the_best_arm_saves_against_it_is_said():
    first, second = lines(10, 0.004)
    analysis = analyse(curve_table({"base": first, "best": second, "worst": first - 0.2, "bad": first - 0.1}), "base")
    (said,) = saving_answers(analysis)
    assert said.startswith("best needs about ")
    assert " to reach what base has at 400 " in said


def test_what_is_not_settled_is_in_the_table_only():
    first, second = lines(8, 0.2)
    analysis = analyse(curve_table({"a": first, "b": second}))
    assert saving_answers(analysis) == []
    assert len(saving_tables(analysis)[0].rows) == len(analysis.savings) > 0


def test_few_replicates_have_a_lower_level_and_one_has_no_interval():
    first, second = lines(4, 0.01)
    table = curve_table({"a": first, "b": second})
    assert saving_tables(analyse(table))[0].header[4] == "87.5 % interval"
    unpaired = analyse(table[table["replicate"] == 0])
    assert {row[4].text for row in saving_tables(unpaired)[0].rows} == {"–"}


def test_of_a_loss_the_lower_curve_is_ahead():
    first, second = lines()
    table = curve_table({"a": 1 - first, "b": 1 - second}, metric="test/log_loss")
    *_, last = study_savings(pairings(find_results(table.assign(status="finished")), "test/log_loss"), False)
    assert (last.arm, last.other, round(last.size)) == ("b", "a", 200)


def test_only_replicates_that_have_all_sizes_in_both_arms_count():
    first, second = lines(8, 0.01)
    table = curve_table({"a": first, "b": second})
    table.loc[(table["arm"] == "b") & (table["n_train"] == 100) & (table["replicate"] < 3), "test/accuracy"] = np.nan
    assert {one.replicates for one in analyse(table).savings} == {5}
    assert analyse(table).savings == analyse(table[table["replicate"] >= 3]).savings


def test_one_size_or_one_arm_has_no_savings(cells):
    assert analyse(cells(sizes=(50,))).savings == ()
    assert analyse(cells(arms=("a",))).savings == ()
    assert saving_tables(analyse(cells(arms=("a",)))) == []


def test_many_replicates_are_resampled_at_random_and_near_the_normal_interval():
    first, second = lines(40, 0.03, 1)
    found = savings_of("b", "a", SIZES, Curve.of(second), Curve.of(first))[-1]
    assert 100 < found.low < found.size < found.high
    assert found.level == pytest.approx(0.95, abs=0.001)


def test_a_saving_that_the_comparison_speaks_against_is_not_settled():
    """The first arm falls below the second at 200; its monotone curve stays level there, and ahead."""
    noise = np.random.default_rng(4).normal(0, 0.002, (8, 2))
    first, second = np.array([0.9, 0.6]) + noise, np.array([0.5, 0.7]) - noise
    analysis = analyse(curve_table({"a": first, "b": second}, (50, 200)))
    assert [answer.text[:9] for answer in answers(analysis)] == ["a beats b", "b beats a"]
    assert saving_answers(analysis) == []
    assert "Means that fall with more examples, where the curve does not: a from 50 to 200." in (
        saving_tables(analysis)[0].note
    )


def test_the_fewest_tried_are_not_said_to_be_more_than_none():
    first, second = lines(8, 0.002)
    table = curve_table({"a": first, "b": second + 0.3})
    none = table[table["n_train"] == 50].assign(n_train=0, **{"test/accuracy": 0.1})
    analysis = analyse(pd.concat([none, table], ignore_index=True))
    (said,) = saving_answers(analysis)
    assert said.startswith("b has with 50 examples, the fewest with savings, what a has at 400")
    assert not [row for row in saving_tables(analysis)[0].rows if row[3].text.endswith("sizes tried: 50 or fewer")]


def test_of_crossed_seeds_savings_are_over_draws(crossed):
    (shown,) = saving_tables(analyse(crossed()))
    assert shown.header[-1] == "draws"
    assert {row[-1].text for row in shown.rows} == {"6"}
    assert "replicate" not in shown.note
