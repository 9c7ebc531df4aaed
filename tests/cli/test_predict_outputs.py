"""What ``seedbed predict`` writes."""

import io

from seedbed.cli.predict_outputs import writer
from seedbed.saved_models.results import Predicted


def test_no_two_columns_of_written_rows_have_one_name():
    screen = io.StringIO()
    with writer("csv", "", ["flag", "text", "a"], screen) as write:
        write(Predicted("one", None, {"flag": 0.1, "text": 0.9, "a": 0.2}, labels=("text",)))
    assert screen.getvalue().splitlines() == ["text,labels,p_flag,p_text,a,flag", 'one,"[""text""]",0.1,0.9,0.2,']


def test_rows_of_tokens_have_the_number_of_their_text():
    screen = io.StringIO()
    with writer("csv", "", ["O", "B-PER"], screen) as write:
        for text in ("Ann slept", "Bob"):
            tokens = tuple(text.split())
            rows = tuple({"O": 0.25, "B-PER": 0.75} for _ in tokens)
            write(Predicted(text, None, rows, tokens=tokens, tags=("B-PER", "O")[: len(tokens)]))
    assert screen.getvalue().splitlines() == [
        "text_number,token,tag,O,B-PER,flag",
        "1,Ann,B-PER,0.25,0.75,",
        "1,slept,O,0.25,0.75,",
        "2,Bob,B-PER,0.25,0.75,",
    ]
