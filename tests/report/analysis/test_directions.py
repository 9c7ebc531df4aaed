"""Reports and the direction of a score: by its name, or as stated."""

import pytest

from seedbed.errors import InputError
from seedbed.report.analysis.analysis import analyse
from seedbed.report.analysis.inputs import ReportInputs
from seedbed.report.analysis.scores import stated_directions
from seedbed.report.sections.answers import answers
from seedbed.report.sections.caveats import warnings_of


@pytest.mark.parametrize("metric", ["mae", "rmse", "wer", "brier"])
def test_the_arm_with_the_lower_error_is_better(bare, metric):
    table = bare({"a": [0.10, 0.11, 0.12, 0.13, 0.12, 0.14], "b": [0.2, 0.22, 0.21, 0.24, 0.23, 0.26]})
    table = table.rename(columns={name: metric for name in table.columns if "/" in name})
    (answer,) = answers(analyse(table))
    assert answer.text.startswith("a beats b by ")


def test_a_stated_direction_counts_and_an_unknown_one_is_said(bare):
    table = bare({"a": [0.10, 0.11, 0.12, 0.13, 0.12, 0.14], "b": [0.2, 0.22, 0.21, 0.24, 0.23, 0.26]})
    table = table.rename(columns={name: "test/quux" for name in table.columns if "/" in name})
    analysis = analyse(table)
    assert answers(analysis)[0].text.startswith("b beats a by ")
    assert [said for said in warnings_of(analysis) if "quux" in said] == [
        "quux: higher is taken as better, as the name does not show it; if lower is better, report with "
        "lower_is_better=test/quux."
    ]
    told = analyse(table, inputs=ReportInputs(lower_is_better=stated_directions(table, ["quux"], [])))
    assert answers(told)[0].text.startswith("a beats b by ")
    assert told.comparisons["improved"].tolist() == [0.0]
    assert not [said for said in warnings_of(told) if "quux" in said]


def test_a_score_that_is_not_there_or_stated_both_ways_is_refused(bare):
    table = bare({"a": [0.1, 0.2]})
    with pytest.raises(InputError, match=r"lower_is_better=acuracy: the table has no such score; did you mean"):
        stated_directions(table, ["acuracy"], [])
    with pytest.raises(InputError, match=r"lower_is_better=test/accuracy: also in higher_is_better="):
        stated_directions(table, ["accuracy"], ["test/accuracy"])
