import pandas as pd
import pytest
from tests.report.searches import cells_of, make_trials

from seedbed.errors import InputError
from seedbed.report.analysis.analysis import analyse
from seedbed.report.analysis.inputs import ReportInputs
from seedbed.report.analysis.results_table import check_table, read_table, write_table
from seedbed.report.analysis.tuned_cells import main_cells
from seedbed.report.analysis.tuning import Tuning


def test_default_cells_beside_tuned_ones_are_no_replicates():
    table = cells_of(make_trials())
    analysis = analyse(table)
    assert set(analysis.table["setting"]) == {"tuned"}
    assert analysis.comparisons["pairs"].tolist() == [6, 6]
    tuned = table[table["setting"] == "tuned"].drop(columns="setting")
    plain = analyse(tuned)
    pd.testing.assert_frame_equal(analysis.comparisons, plain.comparisons)
    pd.testing.assert_frame_equal(analysis.summaries["test/accuracy"], plain.summaries["test/accuracy"])
    assert analysis.missing == ()


def test_an_arm_without_tuned_cells_at_a_size_is_compared_by_its_default_ones():
    table = cells_of(make_trials())
    table = table[~((table["arm"] == "random") & (table["setting"] == "tuned") & (table["n_train"] == 50))]
    main = main_cells(check_table(table))
    kinds = set(zip(main["arm"], main["n_train"], main["setting"], strict=True))
    assert kinds == {
        ("random", 50, "default"), ("random", 200, "tuned"), ("glove", 50, "tuned"), ("glove", 200, "tuned")
    }  # fmt: skip


def test_refitted_cells_change_no_comparison_and_no_p_of_the_tuned_ones():
    trials = make_trials(("random", "glove", "elmo"))
    without, with_refits = (analyse(cells_of(trials, refit)) for refit in (False, True))
    assert with_refits.arms == ("random", "glove", "elmo")
    pd.testing.assert_frame_equal(with_refits.comparisons, without.comparisons)
    for size, ranking in without.rankings.items():
        assert [arm.letters for arm in with_refits.rankings[size].arms] == [arm.letters for arm in ranking.arms]


def test_an_arm_that_has_only_refitted_cells_is_compared_by_them():
    table = cells_of(make_trials(), refit=True)
    main = main_cells(check_table(table[(table["arm"] != "random") | (table["setting"] == "refit")]))
    assert set(zip(main["arm"], main["setting"], strict=True)) == {("random", "refit"), ("glove", "tuned")}


def test_a_failed_tuned_cell_is_not_replaced_by_the_default_one():
    table = cells_of(make_trials())
    failed = (table["setting"] == "tuned") & (table["replicate"] == 0) & (table["arm"] == "glove")
    table.loc[failed, "status"] = "failed"
    assert analyse(table).comparisons["pairs"].tolist() == [5, 5]


def test_a_table_without_a_search_is_not_changed(cells):
    table = check_table(cells())
    assert main_cells(table) is table
    assert main_cells(table.assign(setting="default"))["arm"].tolist() == table["arm"].tolist()


def test_a_setting_is_part_of_the_name_of_a_cell(tmp_path):
    table = cells_of(make_trials(), refit=True)
    write_table(table, tmp_path / "results.csv")
    assert read_table(tmp_path / "results.csv")["setting"].tolist() == table["setting"].tolist()
    with pytest.raises(InputError, match="arm random, n_train 50, replicate 0, setting default appears twice"):
        check_table(table.assign(setting="default"))
    with pytest.raises(InputError, match="setting default appears twice"):
        check_table(
            table.assign(setting=table["setting"].where(table["setting"] != "refit", "").replace("tuned", "default"))
        )
    with pytest.raises(InputError, match="column setting: 'best' is none of default, tuned, refit"):
        check_table(table.replace({"setting": {"refit": "best"}}))


def test_a_setting_is_no_score():
    table = cells_of(make_trials())[["arm", "n_train", "replicate", "setting", "test/accuracy"]]
    table = table.rename(columns={"test/accuracy": "points"})
    assert analyse(table).metrics == ("points",)


def test_the_trials_of_a_report_are_those_of_its_cells():
    trials = make_trials()
    table = cells_of(trials)
    inputs = ReportInputs(tuning=Tuning(trials, metric="validation/accuracy"))
    assert set(analyse(table[table["n_train"] == 50], inputs=inputs).inputs.tuning.trials["n_train"]) == {50}
