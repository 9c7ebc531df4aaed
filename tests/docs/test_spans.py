"""The table of seqeval's modes in docs/spans.md: every row is run."""

import re
from pathlib import Path

import pytest
from seqeval.metrics import f1_score
from seqeval.scheme import IOB2

from seedbed.metrics import tagging_scores

PAGE = Path(__file__).parents[2] / "docs" / "spans.md"
TABLE = re.search(r"<!-- seqeval table -->\n(.*?)<!-- end", PAGE.read_text(encoding="utf-8"), re.DOTALL).group(1)
ROWS = [[cell.strip(" `") for cell in line.split("|")[1:-1]] for line in TABLE.strip().splitlines()[2:]]


def shown(gold, predicted, **mode):
    try:
        return f"{f1_score([gold], [predicted], zero_division=0, **mode):.2f}"
    except ValueError as error:
        return "error" if "Invalid token" in str(error) else str(error)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("gold", "predicted", "default", "strict"), [row[:4] for row in ROWS])
def test_seqeval_gives_the_scores_of_each_row(gold, predicted, default, strict):
    sentence = gold.split(), predicted.split()
    assert shown(*sentence) == shown(*sentence, mode="strict") == default
    assert shown(*sentence, mode="strict", scheme=IOB2) == strict
    if strict != "error":
        assert f"{tagging_scores([sentence[0]], [sentence[1]])['f1']:.2f}" == strict


def test_the_table_has_rows_of_each_kind():
    assert len(ROWS) >= 8
    assert {row[3] for row in ROWS} >= {"error", "0.00", "1.00"}
    assert any(float(row[2]) < float(row[3]) for row in ROWS if row[3] != "error")
