"""What ``seedbed predict`` writes."""

import io

from seedbed.cli.predict_outputs import writer
from seedbed.saved_models.results import Predicted


def test_no_two_columns_of_written_rows_have_one_name():
    screen = io.StringIO()
    with writer("csv", "", ["flag", "text", "a"], screen) as write:
        write(Predicted("one", None, {"flag": 0.1, "text": 0.9, "a": 0.2}, labels=("text",)))
    assert screen.getvalue().splitlines() == ["text,labels,p_flag,p_text,a,flag", 'one,"[""text""]",0.1,0.9,0.2,']
