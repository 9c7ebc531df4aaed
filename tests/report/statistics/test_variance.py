"""Where the spread comes from, with crossed seeds."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from seedbed.report.analysis.analysis import analyse
from seedbed.report.sections.variance import variance_sentences, variance_tables
from seedbed.report.statistics.variance import SOURCES, split_variance


def scores_of(rng, draws, starts, sd):
    parts = (rng.normal(size=(draws, 1)), rng.normal(size=(1, starts)), rng.normal(size=(draws, starts)))
    return sum(size * part for size, part in zip(sd, parts, strict=True))


def by_sums(scores):
    """The table of an analysis of variance, cell by cell: estimates before anything is set to zero."""
    k, m = len(scores), len(scores[0])
    mean = sum(map(sum, scores)) / (k * m)
    rows = [sum(row) / m for row in scores]
    columns = [sum(row[j] for row in scores) / k for j in range(m)]
    a = sum(m * (row - mean) ** 2 for row in rows) / (k - 1)
    b = sum(k * (column - mean) ** 2 for column in columns) / (m - 1)
    e = sum((scores[i][j] - rows[i] - columns[j] + mean) ** 2 for i in range(k) for j in range(m))
    e /= (k - 1) * (m - 1)
    return (a - e) / m, (b - e) / k, e


@pytest.mark.parametrize("shape", [(2, 2), (5, 3), (10, 2), (3, 7)])
def test_the_estimates_are_those_of_an_analysis_of_variance(shape):
    scores = scores_of(np.random.default_rng(sum(shape)), *shape, (1, 0.5, 1))
    expected = by_sums(scores.tolist())
    result = split_variance(scores)
    assert [one.sd**2 for one in result] == pytest.approx([max(0.0, value) for value in expected])
    assert [one.negative for one in result] == [value < 0 for value in expected]
    total = sum(max(0.0, value) for value in expected)
    assert [one.share for one in result] == pytest.approx([max(0.0, value) / total for value in expected])


@pytest.mark.parametrize("shape", [(2, 2, 2), (5, 3, 2), (4, 2, 6)])
def test_the_estimates_with_searches_are_those_of_means_and_of_what_differs_within_them(shape):
    """The mean square within draw and initialization; divided by s, it is part of the remainder of means."""
    rng = np.random.default_rng(sum(shape))
    scores = scores_of(rng, *shape[:2], (1, 0.5, 0.7))[..., None] + 0.4 * rng.normal(size=shape)
    search = scores.var(axis=2, ddof=1).mean()
    draw, start, remainder = by_sums(scores.mean(axis=2).tolist())
    expected = [draw, start, remainder - search / shape[2], search]
    assert [one.sd**2 for one in split_variance(scores)] == pytest.approx([max(0.0, value) for value in expected])


def test_many_searches_recover_the_component_of_the_search():
    rng = np.random.default_rng(8)
    scores = scores_of(rng, 60, 60, (2.0, 1.0, 0.5))[..., None] + 0.8 * rng.normal(size=(60, 60, 4))
    assert [one.sd for one in split_variance(scores)] == pytest.approx([2.0, 1.0, 0.5, 0.8], rel=0.25)


def test_the_interval_of_the_remainder_is_that_of_a_chi_square():
    scores = scores_of(np.random.default_rng(4), 10, 3, (1, 0.5, 1))
    *_, e = by_sums(scores.tolist())
    exact = [math.sqrt(18 * e / stats.chi2.ppf(end, 18)) for end in (0.975, 0.025)]
    remainder = split_variance(scores)[2]
    assert [remainder.low, remainder.high] == pytest.approx(exact, rel=0.02)


def test_intervals_cover_known_components():
    """Of 300 simulated studies 95 % are 285, with a standard error of 3.8."""
    rng, sd = np.random.default_rng(5), (1.0, 0.5, 1.0)
    hits, shares = np.zeros(3), np.zeros(3)
    for _ in range(300):
        for n, one in enumerate(split_variance(scores_of(rng, 10, 3, sd))):
            hits[n] += one.low <= sd[n] <= one.high
            shares[n] += one.share_low <= sd[n] ** 2 / 2.25 <= one.share_high
    assert (hits >= 273).all(), hits
    assert (shares >= 273).all(), shares


def test_many_draws_and_initializations_recover_the_components():
    result = split_variance(scores_of(np.random.default_rng(6), 400, 400, (2.0, 1.0, 0.5)))
    assert [one.sd for one in result] == pytest.approx([2.0, 1.0, 0.5], rel=0.1)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.01, 100), st.floats(-10, 10))
def test_components_scale_with_scores_and_ignore_shift_and_order(seed, scale, shift):
    rng = np.random.default_rng(seed)
    scores = scores_of(rng, 5, 3, (1, 1, 1))
    one, other = split_variance(scores), split_variance(scale * rng.permutation(scores)[:, [2, 0, 1]] + shift)
    for values, moved in zip(one, other, strict=True):
        assert moved.sd == pytest.approx(scale * values.sd, abs=1e-6 * scale)
        assert moved.high == pytest.approx(scale * values.high, rel=1e-6)
        assert moved.share == pytest.approx(values.share, abs=1e-6)


def test_a_transposed_table_swaps_draws_and_initializations():
    scores = scores_of(np.random.default_rng(7), 6, 4, (1, 2, 1))
    upright, turned = split_variance(scores), split_variance(scores.T)
    assert [turned[n].sd for n in (1, 0, 2)] == pytest.approx([one.sd for one in upright])


@settings(max_examples=40, deadline=None)
@given(st.integers(2, 6), st.integers(2, 4), st.randoms(use_true_random=False))
def test_shares_sum_to_one_and_are_within_their_intervals(draws, starts, random):
    result = split_variance([[random.choice([0.5, 0.6, 0.75]) for _ in range(starts)] for _ in range(draws)])
    if all(one.sd == 0 for one in result):
        assert all(math.isnan(one.share) for one in result)
        return
    assert sum(one.share for one in result) == pytest.approx(1)
    assert all(0 <= one.low <= one.high and 0 <= one.share_low <= one.share_high <= 1 for one in result)


def test_scores_without_any_spread_have_no_shares():
    result = split_variance(np.full((4, 3), 0.7))
    assert [(one.sd, one.low, one.high) for one in result] == [(0, 0, 0)] * 3
    assert all(math.isnan(one.share) for one in result)


@pytest.mark.parametrize("scores", [[[0.1, 0.2]], [[0.1], [0.2]], [0.1, 0.2]])
def test_too_few_draws_or_initializations_raise(scores):
    with pytest.raises(ValueError, match="two draws of two"):
        split_variance(scores)


def test_a_report_splits_each_arm_at_each_size(crossed):
    table = crossed()
    analysis = analyse(table)
    arms = [split for split in analysis.variance_components if split.baseline is None]
    assert [(s.n_train, s.arm, s.draws, s.initializations) for s in arms] == [
        (size, arm, 6, 3) for size in (50, 200) for arm in ("random", "glove")
    ]
    values = table[(table["arm"] == "glove") & (table["n_train"] == 200)]
    grid = values.pivot_table(index="data_seed", columns="init_seed", values="test/accuracy").to_numpy()
    assert arms[-1].components == split_variance(grid)
    shown, _ = variance_tables(analysis)
    assert [row[1].text for row in shown.rows] == [arm for arm in ("random", "glove") * 2 for _ in SOURCES[:3]]
    assert [row[4].text for row in shown.rows] == list(SOURCES[:3]) * 4
    shares = [row[7].number for row in shown.rows[-3:]]
    assert shares == [one.share for one in arms[-1].components]
    assert [said.split(",")[0] for said in variance_sentences(analysis)] == ["At 50 examples", "At 200 examples"]
    assert "random draw " in variance_sentences(analysis)[0]


def test_further_searches_of_the_same_cells_give_the_part_of_the_search(crossed):
    table = crossed(sizes=(50,)).assign(setting="tuned")
    again = table.assign(setting="tuned 2")
    again["test/accuracy"] += np.random.default_rng(3).normal(0, 0.02, len(again))
    analysis = analyse(pd.concat([table, again], ignore_index=True))
    (first, *_) = analysis.variance_components
    grids = [own[own["arm"] == first.arm].pivot_table(index="data_seed", columns="init_seed", values="test/accuracy")
             for own in (table, again)]  # fmt: skip
    assert first.searches == 2
    assert first.components == split_variance(np.stack([grid.to_numpy() for grid in grids], axis=-1))
    assert len(analysis.table) == len(table)  # the others are no replicates
    assert "search " in variance_sentences(analysis)[0]
    assert "searched several times" in variance_tables(analysis)[0].note


def test_an_incomplete_draw_is_left_out_and_counted(crossed):
    table = crossed(sizes=(50,))
    table.loc[[0, 7], "status"] = ["failed", "interrupted"]
    split = analyse(table).variance_components[0]
    assert (split.draws, split.initializations, split.left_out) == (4, 3, 4)
    shown, _ = variance_tables(analyse(table))
    assert "Four cells left out" in shown.note


def test_a_negative_estimate_is_zero_with_a_note(crossed):
    table = crossed(sizes=(50,))
    table["test/accuracy"] = np.where((table["data_seed"] + table["init_seed"]) % 2, 0.5, 0.6) + table.index * 1e-6
    shown, _ = variance_tables(analyse(table))
    assert "0 (below 0)" in [row[5].text for row in shown.rows[:3]]
    assert "estimate of the variance is negative" in shown.note


def test_differences_are_split_on_the_draws_that_both_arms_have(crossed):
    table = crossed(sizes=(50,))
    table.loc[(table["arm"] == "glove") & (table["data_seed"] == 2), "draw"] = "another"
    table.loc[(table["arm"] == "glove") & (table["init_seed"] == 1), "test/accuracy"] += 0.2
    analysis = analyse(table)
    grids = [
        table[(table["arm"] == arm) & (table["data_seed"] != 2)]
        .pivot_table(index="data_seed", columns="init_seed", values="test/accuracy")
        .to_numpy()
        for arm in ("random", "glove")
    ]
    split = analysis.variance_components[-1]
    assert (split.arm, split.baseline, split.draws) == ("glove", "random", 5)
    for result, expected in zip(split.components, split_variance(grids[1] - grids[0]), strict=True):
        assert result.sd == pytest.approx(expected.sd)
    assert split.components[1].share > 0.5
    assert variance_tables(analysis)[1].header[:3] == ("examples", "arm", "baseline")


def test_with_paired_seeds_nothing_is_split(cells):
    analysis = analyse(cells())
    assert analysis.variance_components == ()
    assert variance_tables(analysis) == variance_sentences(analysis) == []
