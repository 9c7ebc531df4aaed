import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from seedbed.errors import InputError
from seedbed.report.analysis.comparisons import compare_arms
from seedbed.report.analysis.results import arm_order
from seedbed.report.analysis.results_table import read_table
from seedbed.report.statistics.settling import holm

PUBLISHED = Path(__file__).parents[3] / "docs" / "published" / "imdb_elmo_200.csv"


def test_the_published_table_gives_the_published_difference():
    (row,) = compare_arms(read_table(PUBLISHED)).to_dict("records")
    assert (row["metric"], row["n_train"], row["arm"], row["baseline"]) == ("test/accuracy", 200, "elmo", "basic")
    assert row["pairs"] == 10
    assert row["mean_arm"] - row["mean_baseline"] == pytest.approx(row["mean_difference"])
    assert row["mean_difference"] == pytest.approx(0.1042)
    assert row["median_difference"] == pytest.approx(0.054)
    assert row["p_value"] == row["p_holm"] == 0.00390625
    assert (round(row["ci_low"], 4), round(row["ci_high"], 4)) == (0.0293, 0.1833)
    assert (round(row["bca_low"], 4), round(row["bca_high"], 4)) == (0.0516, 0.1782)


def test_holm_counts_all_comparisons_in_the_first_metric_and_no_others(cells):
    found = compare_arms(cells(("a", "b", "c"), (50, 200)), ["accuracy", "macro_f1"])
    main, other = (found[found["metric"] == f"test/{name}"] for name in ("accuracy", "macro_f1"))
    assert list(main["p_holm"]) == pytest.approx(list(holm(main["p_value"])))
    assert (main["p_holm"] >= main["p_value"]).all()
    assert other["p_holm"].isna().all()
    assert other["replicates_needed"].isna().all()


def test_only_what_is_not_settled_needs_more_replicates(cells):
    table = cells(("a", "b", "c"), (50, 200), 9)
    last, scores = table["arm"] == "c", table["test/accuracy"]
    table.loc[last, "test/accuracy"] = (scores[table["arm"] == "b"] + np.resize([0.01, -0.008], 18)).to_numpy()
    found = compare_arms(table, ["accuracy"])
    assert (found["p_holm"] <= 0.05).any()
    assert (found["p_holm"] > 0.05).any()
    assert ((found["p_holm"] <= 0.05) == found["replicates_needed"].isna()).all()
    assert (found["replicates_needed"].dropna() > 9).all()


def test_of_a_loss_the_lower_is_the_better(cells):
    found = compare_arms(cells(("a", "b"), (50,), 8), ["accuracy", "log_loss"])
    assert found["improved"][0] == found["improved"][1]
    assert found["mean_difference"][0] == pytest.approx(-found["mean_difference"][1])


@pytest.mark.parametrize("replicates", [1, 2, 5])
def test_scores_that_are_all_missing_or_all_equal_are_no_error(cells, replicates):
    table = cells(("a", "b"), (50,), replicates)
    equal, missing = (compare_arms(table.assign(**{"test/accuracy": value})) for value in (0.5, math.nan))
    assert list(equal["mean_difference"][:1]) == [0.0]
    assert list(missing["pairs"][:1]) == [0]
    assert math.isnan(missing["p_holm"][0])


def test_the_columns_are_those_that_other_things_rely_on(cells):
    assert " ".join(compare_arms(cells()).columns) == (
        "metric n_train arm baseline pairs mean_arm mean_baseline mean_difference median_difference "
        "ci_low ci_high p_value ci_level p_holm p_wilcoxon bca_low bca_high improved improved_low improved_high "
        "iqm_arm iqm_baseline replicates_needed items items_low items_high"
    )


def test_each_pair_of_arms_is_compared_at_each_size_in_each_metric(cells):
    found = compare_arms(cells(("a", "b", "c"), (200, 50)))
    keys = list(found[["metric", "n_train", "arm", "baseline"]].itertuples(index=False, name=None))
    pairs = [("b", "a"), ("c", "a"), ("c", "b")]
    metrics = ["test/accuracy", "test/macro_f1", "test/log_loss"]
    assert keys == [(metric, size, *pair) for metric in metrics for size in (50, 200) for pair in pairs]


def test_a_named_baseline_is_what_every_arm_is_compared_with(cells):
    table = cells(("a", "b", "c"), (50,))
    found = compare_arms(table, ["accuracy"], baseline="c")
    assert list(zip(found["arm"], found["baseline"], strict=True)) == [("a", "c"), ("b", "c")]
    with pytest.raises(InputError, match=r"baseline=bb: .* did you mean b\?"):
        arm_order(table, "bb")


def test_only_replicates_finished_in_both_arms_are_paired(cells):
    table = cells(("a", "b"), (50,), 6)
    table.loc[0, "status"] = "failed"
    table.loc[7, "test/accuracy"] = np.nan
    table = table.drop(index=[8])
    (row,) = compare_arms(table, ["test/accuracy"]).to_dict("records")
    left = table[table["replicate"] >= 3]
    assert row["pairs"] == 3
    assert row["mean_arm"] == pytest.approx(left[left["arm"] == "b"]["test/accuracy"].mean())


def test_cells_on_different_draws_are_not_paired(cells):
    table = cells(("a", "b"), (50,), 6)
    table.loc[2, "draw"] = "another"
    assert set(compare_arms(table)["pairs"]) == {5}
    assert set(compare_arms(table.drop(columns="draw"))["pairs"]) == {6}


def test_arms_without_a_shared_replicate_have_no_numbers(bare):
    table = pd.concat([bare({"a": [0.5, 0.6]}), bare({"b": [0.7, 0.8]}).assign(replicate=[2, 3])])
    (row,) = compare_arms(table).to_dict("records")
    assert row["pairs"] == 0
    assert all(math.isnan(row[name]) for name in ("mean_difference", "ci_low", "p_value"))


def test_a_size_that_only_one_arm_tried_is_no_comparison(cells):
    table = cells(("a", "b"), (50, 200))
    assert set(compare_arms(table[(table["arm"] == "a") | (table["n_train"] == 50)])["n_train"]) == {50}


def test_one_arm_alone_gives_an_empty_table_with_columns(cells):
    found = compare_arms(cells(("a",)))
    assert found.empty
    assert "p_value" in found.columns


@settings(max_examples=20, deadline=None)
@given(st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(cells, random):
    table = cells(("a", "b"), (50, 200))
    order = list(range(len(table)))
    random.shuffle(order)
    assert_frame_equal(compare_arms(table.iloc[order], baseline="a"), compare_arms(table, baseline="a"))


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 500), st.integers(0, 500)), min_size=2, max_size=8))
def test_swapping_the_baseline_flips_signs(bare, scores):
    table = bare({"a": [one / 500 for one, _ in scores], "b": [other / 500 for _, other in scores]})
    (one,), (other,) = (compare_arms(table, baseline=arm).to_dict("records") for arm in "ab")
    assert one["mean_difference"] == pytest.approx(-other["mean_difference"])
    assert one["mean_arm"] == other["mean_baseline"]
    assert one["p_value"] == other["p_value"]
