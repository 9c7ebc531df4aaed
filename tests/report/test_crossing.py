"""Crossed seeds in a report: draws are what is paired."""

import numpy as np
import pandas as pd
import pytest

from seedbed.report.answers import answers
from seedbed.report.beside import Beside
from seedbed.report.cautions import warnings_of
from seedbed.report.comparisons import compare_arms, pairings
from seedbed.report.crossing import Crossing, crossing_of
from seedbed.report.floor import floor_of_study
from seedbed.report.page import render_page
from seedbed.report.pictures.plotted import complete_lines, paired_scores
from seedbed.report.pictures.scores import pictures_of
from seedbed.report.statistics.paired import compare_pairs
from seedbed.report.study import study_of
from seedbed.report.tables import check_table, read_table, write_table


def means(table, arm, n_train=50):
    own = table[(table["arm"] == arm) & (table["n_train"] == n_train)]
    return own.groupby("data_seed")["test/accuracy"].mean().to_numpy()


def test_pairs_are_draws_by_the_mean_of_their_initialisations(crossed):
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
    study = study_of(table)
    (answer,) = answers(study)
    assert "six paired draws, the mean of three initialisations each" in answer.text
    page = render_page(study, pictures_of(study), title="x")
    assert "Two arms, one size, six draws of three initialisations each" in page
    assert "Where the spread comes from" in page
    assert "a line a draw" in page
    assert "draws needed" in page


def test_a_table_of_a_file_is_read_as_crossed_too(crossed, tmp_path):
    table = crossed(sizes=(50,))[["arm", "n_train", "replicate", "data_seed", "init_seed", "test/accuracy"]]
    write_table(table, tmp_path / "mine.csv")
    assert study_of(read_table(tmp_path / "mine.csv")).crossing == Crossing(6, 3, 3)


def test_paired_seeds_and_tables_without_seeds_are_not_crossed(cells, crossed):
    table = crossed(sizes=(50,))
    assert crossing_of(cells()) is None
    assert crossing_of(table.drop(columns="init_seed")) is None
    assert crossing_of(table.assign(data_seed=[f"d{seed}" for seed in table["data_seed"]])) is None


def test_initialisations_of_a_single_draw_are_the_pairs_and_the_report_says_so(crossed):
    table = crossed(sizes=(50,), draws=1, starts=7)
    study = study_of(table)
    assert study.crossing is None
    assert list(study.comparisons["pairs"]) == [7] * 3
    assert warnings_of(study)[0].startswith("All seven initialisations are of one draw")
    assert not [said for said in warnings_of(study_of(crossed())) if "of one draw" in said]


def test_only_initialisations_that_both_arms_finished_count(crossed):
    table = crossed(sizes=(50,))
    table.loc[4, "status"] = "failed"  # the first arm's draw 1, initialisation 1
    ((_, _, _, pairing),) = pairings(check_table(table), "test/accuracy")
    left = table[(table["data_seed"] != 1) | (table["init_seed"] != 1)]
    assert pairing.replicates == tuple(range(6))
    assert pairing.arm == pytest.approx(means(left, "glove"))
    assert pairing.baseline == pytest.approx(means(left, "random"))
    assert pairing.alone == (4,)
    assert any("replicate 4 not paired" in said for said in warnings_of(study_of(table)))


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
    row = study_of(table).summaries["test/accuracy"].iloc[0]
    own = means(table, "random")
    assert row["n"] == 18
    assert (row["mean"], row["sd"]) == (pytest.approx(own.mean()), pytest.approx(own.std(ddof=1)))


def test_an_arm_meets_the_floor_once_a_draw(crossed):
    table = crossed(sizes=(50,))
    draws = table.drop_duplicates("data_seed")
    floor = draws[["dataset", "n_train", "replicate", "draw"]].assign(floor="tfidf", corpus="c", version=1)
    floor["test/accuracy"] = 0.4 + draws["data_seed"] / 100
    one = study_of(table, beside=Beside(floor=floor)).floor.against[0]
    assert one.paired == compare_pairs(means(table, "random"), floor["test/accuracy"].to_numpy())
    bare = table.drop(columns="draw")
    whole = pd.concat([floor.assign(replicate=floor["replicate"] + start) for start in range(3)])
    study = study_of(bare)
    again = floor_of_study(study.table, whole, study.arms, study.metric, study.scales[study.metric], study.crossing)
    assert again.against[0].paired.pairs == 6
    assert again.against[0].paired.mean_difference == pytest.approx(one.paired.mean_difference)


def test_arms_with_initialisations_of_their_own_are_paired_by_replicate(cells):
    table = cells(sizes=(50,), replicates=8)
    table.loc[table["arm"] == "glove", "init_seed"] += 100
    study = study_of(table)
    assert study.crossing is None
    assert list(study.main_comparisons()["pairs"]) == [8]
    assert not [said for said in warnings_of(study) if "not paired" in said]


def test_cells_without_seeds_leave_a_crossed_table_crossed(crossed):
    table = crossed(sizes=(50,))
    table.loc[4, "init_seed"] = None  # the first arm's draw 1, initialisation 1
    study = study_of(table)
    left = table[(table["replicate"] != 4)]
    assert study.crossing == Crossing(6, 2, 3)
    assert list(study.main_comparisons()["pairs"]) == [6]
    assert study.main_comparisons()["mean_arm"].iloc[0] == pytest.approx(means(left, "glove").mean())
    assert "One finished cell has no seeds: left out where draws are compared." in warnings_of(study)
    assert study.summaries["test/accuracy"].iloc[0]["mean"] == pytest.approx(means(left, "random").mean())
    assert {split.left_out for split in study.splits} == {0, 2}
    assert render_page(study, pictures_of(study), title="x")


def test_cells_with_equal_seeds_are_averaged_in_their_draw(crossed):
    table = crossed(sizes=(50,))
    table.loc[table["replicate"] % 3 == 2, "init_seed"] = 0  # the third cell of each draw repeats the first
    study = study_of(table)
    assert study.crossing == Crossing(6, 2, 2)
    (row,) = study.main_comparisons().to_dict("records")
    assert (row["mean_arm"], row["mean_baseline"]) == pytest.approx(
        (means(table, "glove").mean(), means(table, "random").mean())
    )
    said = "Twelve cells have the seeds of another cell of the same arm and size: averaged within their draw."
    assert said in warnings_of(study)


def test_equal_seeds_that_are_not_crossed_are_said_to_depend_on_each_other(cells):
    table = cells(sizes=(50,))
    table[["data_seed", "init_seed"]] = (table[["data_seed", "init_seed"]] // 2).to_numpy()
    assert any("replicates all the same, though not independent" in said for said in warnings_of(study_of(table)))
    assert not any("not independent" in said for said in warnings_of(study_of(cells(sizes=(50,)))))


def test_the_bold_line_rises_by_the_mean_difference_of_the_table(crossed):
    table = crossed(sizes=(50,))
    table.loc[4, "status"] = "failed"
    table.loc[7, "draw"] = "another"
    study = study_of(table)
    lines = np.array(complete_lines(paired_scores(study), study.arms, 50))
    rise = lines.mean(axis=0)[1] - lines.mean(axis=0)[0]
    assert rise / 100 == pytest.approx(study.main_comparisons()["mean_difference"].iloc[0], abs=1e-12)


def test_the_parts_of_differences_are_of_the_pairs_that_are_compared(crossed, monkeypatch):
    monkeypatch.setattr("seedbed.report.comparisons.MOST_COMPARISONS", 4)
    study = study_of(crossed(("a", "b", "c"), (50, 200), 2, 2))
    pairs = {(split.n_train, split.arm, split.baseline) for split in study.splits if split.baseline}
    assert pairs == {(n_train, arm, "a") for n_train in (50, 200) for arm in "bc"}
    assert pairs == set(study.main_comparisons()[["n_train", "arm", "baseline"]].itertuples(index=False, name=None))
