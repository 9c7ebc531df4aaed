import math

import pytest

from seedbed.errors import InputError
from seedbed.report.analysis.analysis import analyse
from seedbed.report.analysis.results_table import read_table
from seedbed.report.sections.caveats import warnings_of


def test_a_table_that_mixes_fractions_and_percentages_is_said_to(bare):
    mixed = bare({"a": [50.0, 60.0], "b": [0.5, 0.6]})
    (line,) = [line for line in warnings_of(analyse(mixed)) if "percentages" in line]
    assert line.startswith(
        "Scores of this table are read as percentages, as one is 60; but those of accuracy of b are at"
    )


@pytest.mark.parametrize("scores", [
    {"a": [0.5, 0.6], "b": [1.0, 0.0]}, {"a": [50.0, 60.0], "b": [0.5, 61.0]}, {"a": [50.0, 60.0], "b": [0.0, 0.0]},
])  # fmt: skip
def test_a_table_in_one_unit_is_not(bare, scores):
    assert not any("percentages" in line for line in warnings_of(analyse(bare(scores))))


def test_infinite_scores_are_counted_and_no_scores(bare):
    analysis = analyse(bare({"a": [math.inf, 0.5, 0.6], "b": [0.4, -math.inf, 1e200]}))
    assert "Three scores are infinite (accuracy): counted as no score." in warnings_of(analysis)
    assert analysis.table["test/accuracy"].notna().sum() == 3


@pytest.mark.parametrize(("row", "said"), [
    ("a,-1,0,0.5", "column n_train: -1 is below zero"),
    ("a,99999999999999999999999999,0,0.5", "is not a whole number"),
    ("a,50,1e400,0.5", "is not a whole number"),
    ("a,50,0,high", "column test/accuracy: 'high' is not a number"),
])  # fmt: skip
def test_a_bad_number_is_one_line_with_its_place(tmp_path, row, said):
    (tmp_path / "t.csv").write_text(f"arm,n_train,replicate,test/accuracy\n{row}\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"t\.csv:2") as refused:
        read_table(tmp_path / "t.csv")
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_mark_of_byte_order_and_windows_line_ends_are_no_content(tmp_path):
    lines = ["arm,n_train,replicate,test/accuracy", "a,0,5,0.5", "b,0,5,0.6"]
    (tmp_path / "t.csv").write_bytes(b"\xef\xbb\xbf" + "\r\n".join(lines).encode() + b"\r\n")
    analysis = analyse(read_table(tmp_path / "t.csv"))
    assert (analysis.arms, analysis.sizes, analysis.missing) == (("a", "b"), (0,), ())
