"""Crossed seeds in a report: draws are what is paired."""

import numpy as np
import pandas as pd
import pytest

from seedbed.report.analysis.analysis import analyse
from seedbed.report.analysis.comparisons import compare_arms, pairings
from seedbed.report.analysis.crossed_seeds import CrossedSeeds, find_crossed_seeds
from seedbed.report.analysis.floor import compare_with_floor
from seedbed.report.analysis.inputs import ReportInputs
from seedbed.report.analysis.results import find_results
from seedbed.report.analysis.results_table import check_table, read_table, write_table
from seedbed.report.pages.html import render_page
from seedbed.report.pictures.labels import complete_lines, paired_scores
from seedbed.report.pictures.scores import pictures_of
from seedbed.report.sections.answers import answers
from seedbed.report.sections.caveats import warnings_of
from seedbed.report.sections.contents import contents
from seedbed.report.statistics.paired import compare_pairs


def means(table, arm, n_train=50):
    own = table[(table["arm"] == arm) & (table["n_train"] == n_train)]
    return own.groupby("data_seed")["test/accuracy"].mean().to_numpy()


def test_pairs_are_draws_by_the_mean_of_their_initializations(crossed):
    table = crossed(sizes=(50,))
    (row,) = compare_arms(table, ["accuracy"]).to_dict("records")
    expected = compare_pairs(means(table, "glove"), means(table, "random"))
    assert row["pairs"] == 6
    for name in ("mean_difference", "ci_low", "ci_high", "p_value", "p_wilcoxon", "iqm_arm"):
        assert row[name] == pytest.approx(getattr(expected, name))


def test_cells_of_one_draw_are_never_taken_for_pairs(crossed):
    """Eighteen cells could reach p = 0.0001; six draws cannot go below 2 / 2^6."""
    table = crossed(sizes=(50,))
    table["test/accuracy"] = np.where(table["arm"] == "glove", 0.9, 0.1) + table["replicate"] / 1e4
    assert list(compare_arms(table, ["accuracy"])["p_value"]) == [2 / 2**6]


def test_the_report_says_what_a_pair_is(crossed):
    table = crossed(sizes=(50,))
    analysis = analyse(table)
    (answer,) = answers(analysis)
    assert "six paired draws, the mean of three initializations each" in answer.text
    page = render_page(analysis, contents(analysis), pictures_of(analysis), title="x")
    assert "Two arms, one size, six draws of three initializations each" in page
    assert "Where the spread comes from" in page
    assert "a line a draw" in page
    assert "draws needed" in page


def test_a_table_of_a_file_is_read_as_crossed_too(crossed, tmp_path):
    table = crossed(sizes=(50,))[["arm", "n_train", "replicate", "data_seed", "init_seed", "test/accuracy"]]
    write_table(table, tmp_path / "mine.csv")
    assert analyse(read_table(tmp_path / "mine.csv")).crossed == CrossedSeeds(6, 3, 3)


def test_paired_seeds_and_tables_without_seeds_are_not_crossed(cells, crossed):
    table = crossed(sizes=(50,))
    assert find_crossed_seeds(cells()) is None
    assert find_crossed_seeds(table.drop(columns="init_seed")) is None
    assert find_crossed_seeds(table.assign(data_seed=[f"d{seed}" for seed in table["data_seed"]])) is None


def test_initializations_of_a_single_draw_are_the_pairs_and_the_report_says_so(crossed):
    table = crossed(sizes=(50,), draws=1, starts=7)
    analysis = analyse(table)
    assert analysis.crossed is None
    assert list(analysis.comparisons["pairs"]) == [7] * 3
    assert warnings_of(analysis)[0].startswith("All seven initializations are of one draw")
    assert not [said for said in warnings_of(analyse(crossed())) if "of one draw" in said]


def test_only_initializations_that_both_arms_finished_count(crossed):
    table = crossed(sizes=(50,))
    table.loc[4, "status"] = "failed"  # the first arm's draw 1, initialization 1
    ((_, _, _, pairing),) = pairings(find_results(check_table(table)), "test/accuracy")
    left = table[(table["data_seed"] != 1) | (table["init_seed"] != 1)]
    assert pairing.replicates == tuple(range(6))
    assert pairing.arm == pytest.approx(means(left, "glove"))
    assert pairing.baseline == pytest.approx(means(left, "random"))
    assert pairing.unpaired == (4,)
    assert any("replicate 4 not paired" in said for said in warnings_of(analyse(table)))


def test_replicates_may_be_numbered_in_any_way(crossed):
    table = crossed(sizes=(50,))
    other = table.assign(replicate=[*range(18), *reversed(range(18))])
    pd.testing.assert_frame_equal(compare_arms(table), compare_arms(other))


def test_a_paired_arm_meets_a_crossed_one_where_both_have_a_cell(crossed):
    table = crossed(sizes=(50,))
    table = table[(table["arm"] == "random") | (table["data_seed"] == table["init_seed"])]
    (row,) = compare_arms(table, ["accuracy"]).to_dict("records")
    assert row["pairs"] == 3


def test_each_arm_by_itself_is_summarised_over_draws(crossed):
    table = crossed(sizes=(50,))
    row = analyse(table).summaries["test/accuracy"].iloc[0]
    own = means(table, "random")
    assert row["n"] == 18
    assert (row["mean"], row["sd"]) == (pytest.approx(own.mean()), pytest.approx(own.std(ddof=1)))


def test_an_arm_meets_the_floor_once_a_draw(crossed):
    table = crossed(sizes=(50,))
    draws = table.drop_duplicates("data_seed")
    floor = draws[["dataset", "n_train", "replicate", "draw"]].assign(floor="tfidf", corpus="c", version=1)
    floor["test/accuracy"] = 0.4 + draws["data_seed"] / 100
    one = analyse(table, inputs=ReportInputs(floor=floor)).floor.against[0]
    assert one.paired == compare_pairs(means(table, "random"), floor["test/accuracy"].to_numpy())
    bare = table.drop(columns="draw")
    whole = pd.concat([floor.assign(replicate=floor["replicate"] + start) for start in range(3)])
    analysis = analyse(bare)
    again = compare_with_floor(analysis, whole)
    assert again.against[0].paired.pairs == 6
    assert again.against[0].paired.mean_difference == pytest.approx(one.paired.mean_difference)


def test_arms_with_initializations_of_their_own_are_paired_by_replicate(cells):
    table = cells(sizes=(50,), replicates=8)
    table.loc[table["arm"] == "glove", "init_seed"] += 100
    analysis = analyse(table)
    assert analysis.crossed is None
    assert list(analysis.main_comparisons()["pairs"]) == [8]
    assert not [said for said in warnings_of(analysis) if "not paired" in said]


def test_cells_without_seeds_leave_a_crossed_table_crossed(crossed):
    table = crossed(sizes=(50,))
    table.loc[4, "init_seed"] = None  # the first arm's draw 1, initialization 1
    analysis = analyse(table)
    left = table[(table["replicate"] != 4)]
    assert analysis.crossed == CrossedSeeds(6, 2, 3)
    assert list(analysis.main_comparisons()["pairs"]) == [6]
    assert analysis.main_comparisons()["mean_arm"].iloc[0] == pytest.approx(means(left, "glove").mean())
    assert "One finished cell has no seeds: left out where draws are compared." in warnings_of(analysis)
    assert analysis.summaries["test/accuracy"].iloc[0]["mean"] == pytest.approx(means(left, "random").mean())
    assert {split.left_out for split in analysis.variance_components} == {0, 2}
    assert render_page(analysis, contents(analysis), pictures_of(analysis), title="x")


def test_cells_with_equal_seeds_are_averaged_in_their_draw(crossed):
    table = crossed(sizes=(50,))
    table.loc[table["replicate"] % 3 == 2, "init_seed"] = 0  # the third cell of each draw repeats the first
    analysis = analyse(table)
    assert analysis.crossed == CrossedSeeds(6, 2, 2)
    (row,) = analysis.main_comparisons().to_dict("records")
    assert (row["mean_arm"], row["mean_baseline"]) == pytest.approx(
        (means(table, "glove").mean(), means(table, "random").mean())
    )
    said = "Twelve cells have the seeds of another cell of the same arm and size: averaged within their draw."
    assert said in warnings_of(analysis)


def test_equal_seeds_that_are_not_crossed_are_said_to_depend_on_each_other(cells):
    table = cells(sizes=(50,))
    table[["data_seed", "init_seed"]] = (table[["data_seed", "init_seed"]] // 2).to_numpy()
    assert any("counted as replicates, though they are not independent" in said for said in warnings_of(analyse(table)))
    assert not any("not independent" in said for said in warnings_of(analyse(cells(sizes=(50,)))))


def test_the_bold_line_rises_by_the_mean_difference_of_the_table(crossed):
    table = crossed(sizes=(50,))
    table.loc[4, "status"] = "failed"
    table.loc[7, "draw"] = "another"
    analysis = analyse(table)
    lines = np.array(complete_lines(paired_scores(analysis), analysis.arms, 50))
    rise = lines.mean(axis=0)[1] - lines.mean(axis=0)[0]
    assert rise / 100 == pytest.approx(analysis.main_comparisons()["mean_difference"].iloc[0], abs=1e-12)


def test_the_parts_of_differences_are_of_the_pairs_that_are_compared(crossed, monkeypatch):
    monkeypatch.setattr("seedbed.report.analysis.comparisons.MOST_COMPARISONS", 4)
    analysis = analyse(crossed(("a", "b", "c"), (50, 200), 2, 2))
    pairs = {(split.n_train, split.arm, split.baseline) for split in analysis.variance_components if split.baseline}
    assert pairs == {(n_train, arm, "a") for n_train in (50, 200) for arm in "bc"}
    assert pairs == set(analysis.main_comparisons()[["n_train", "arm", "baseline"]].itertuples(index=False, name=None))
