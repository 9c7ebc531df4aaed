"""Arms that are one: the same cells under two names."""

import pandas as pd
import pytest

from seedbed.report.analysis.inputs import ReportInputs
from seedbed.report.analysis.results_table import check_table
from seedbed.report.analysis.same_arms import merge_same_arms
from seedbed.report.report import report_of
from seedbed.report.sections.notices import notices

SCORES = {"x": 0.6, "y": 0.7, "z": 0.5}


def table(arms, dataset="d"):
    """Cells by arm: fingerprints, one a replicate; the score follows from the fingerprint."""
    rows = [
        {"arm": arm, "dataset": dataset, "n_train": 10, "replicate": replicate, "cell": cell,
         "test/accuracy": SCORES.get(cell[:1], 0.5) + 0.01 * int(cell[1:] or 0)}
        for arm, cells in arms.items()
        for replicate, cell in enumerate(cells)
    ]  # fmt: skip
    return check_table(pd.DataFrame(rows))


ALL = ["x0", "x3", "x5"]


@pytest.mark.parametrize(
    ("other", "is_same"),
    [
        (["x0", "x3", "x5"], True),
        (["x0", "y3", "y5"], False),  # as arms that differ in sampling.redraw_test, which share replicate 0
        (["x0", "x3", "y5"], False),
        (["x0", "x3"], False),
        (["x0", "x3", "x5", "x6"], False),
        (["x3", "x0", "x5"], False),
        (["y0", "y3", "y5"], False),
        (["", "", ""], False),
    ],
)
def test_arms_are_one_only_if_all_of_their_cells_are(other, is_same):
    cells = table({"a": ALL, "b": other, "c": ["z0", "z1", "z2"]})
    merged, names = merge_same_arms(cells)
    assert names == ({"a": ("b",)} if is_same else {})
    assert list(dict.fromkeys(merged["arm"])) == (["a", "c"] if is_same else ["a", "b", "c"])
    assert merged.equals(cells[cells["arm"] != "b"].reset_index(drop=True) if is_same else cells)


def test_cells_without_fingerprints_make_no_arms_one():
    cells = table({"a": [""] * 2, "b": [""] * 2})
    assert merge_same_arms(cells) == (cells, {})
    without = cells.drop(columns="cell")
    assert merge_same_arms(without)[0] is without


def test_arms_that_are_the_same_on_one_of_two_data_sets_stay_two():
    on_both = pd.concat([table({"a": ALL, "b": ALL}), table({"a": ALL, "b": ["y0", "y3", "y5"]}, "e")])
    assert merge_same_arms(on_both.reset_index(drop=True))[1] == {}


def test_the_name_of_the_baseline_stays_and_others_are_listed():
    cells = table({"a": ALL, "b": ALL, "c": ALL, "d": ["y0", "y1", "y2"]})
    merged, names = merge_same_arms(cells, "b")
    assert names == {"b": ("a", "c")}
    assert list(dict.fromkeys(merged["arm"])) == ["b", "d"]


def test_holm_counts_an_arm_with_two_names_once_and_the_report_says_so():
    arms = {"a": ["x0", "x3", "x5", "x6", "x8", "x9", "x11"], "d": [f"y{n}" for n in (1, 2, 3, 9, 5, 14, 30)]}
    alone = report_of(table(arms), inputs=ReportInputs())
    named = report_of(table({"a": arms["a"], "b": arms["a"], "d": arms["d"]}), inputs=ReportInputs())
    assert named.arms == alone.arms == ("a", "d")
    assert named.main_comparisons()["p_holm"].tolist() == alone.main_comparisons()["p_holm"].tolist()
    assert named.missing_number == 0
    assert "a and b are the same cells: one arm, shown as a." in notices(named)
    assert not [line for line in notices(alone) if "the same cells" in line]
