import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seedbed.errors import InputError
from seedbed.report.analysis.analysis import analyse
from seedbed.report.sections.answers import answers
from seedbed.report.sections.caveats import warnings_of


def test_summaries_leave_out_what_is_not_finished(cells):
    table = cells(("a", "b"), (50,), 4)
    table.loc[0, ["status", "test/accuracy"]] = ["interrupted", 0.0]
    summary = analyse(table).summaries["test/accuracy"].set_index("arm")
    scores = table["test/accuracy"][1:4]
    assert list(summary["n"]) == [3, 4]
    assert summary["mean"]["a"] == pytest.approx(scores.mean())
    assert summary["sd"]["a"] == pytest.approx(scores.std())
    assert summary["ci_low"]["a"] <= scores.mean() <= summary["ci_high"]["a"]
    assert summary["seconds"]["a"] == 1.5


def test_missing_cells_are_named(cells):
    table = cells(("a", "b"), (50, 200), 3).drop(index=[4])
    assert analyse(table).missing == (("a", 200, 1),)


def test_a_chosen_metric_comes_first(cells):
    analysis = analyse(cells(), metric="macro_f1")
    assert analysis.metrics == ("test/macro_f1", "test/accuracy", "test/log_loss")


def test_a_table_in_which_nothing_finished_has_no_answer(cells):
    table = (
        cells(replicates=2).drop(columns=["test/accuracy", "test/macro_f1", "test/log_loss"]).assign(status="failed")
    )
    analysis = analyse(table)
    assert analysis.metric is None
    assert len(analysis.unfinished()) == 8


def test_scores_that_are_all_missing_give_no_numbers(cells):
    summary = analyse(cells().assign(**{"test/accuracy": np.nan})).summaries["test/accuracy"]
    assert set(summary["n"]) == {0}
    assert all(math.isnan(value) for value in summary["mean"])


def test_a_table_without_rows_is_refused(cells):
    with pytest.raises(InputError, match="no rows"):
        analyse(cells().iloc[:0])


@settings(max_examples=15, deadline=None)
@given(st.data())
def test_whatever_is_lost_the_report_still_counts_right(cells, data):
    table = cells(("a", "b"), (50,), 7)
    lost = data.draw(st.lists(st.sampled_from(["", "failed", "nan", "gone"]), min_size=14, max_size=14))
    table["status"] = ["failed" if what == "failed" else "finished" for what in lost]
    table.loc[[what == "nan" for what in lost], "test/accuracy"] = np.nan
    table = table[[what != "gone" for what in lost]]
    if table.empty or table["arm"].nunique() < 2:
        return
    analysis = analyse(table, metric="accuracy")
    whole = sum(lost[place] == "" == lost[place + 7] for place in range(7))
    assert list(analysis.main_comparisons()["pairs"]) == [whole]
    if whole < 7:
        assert warnings_of(analysis)
    assert len(answers(analysis)) <= 1
