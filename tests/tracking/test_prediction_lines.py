"""Lines of predictions come back as they were written, whatever the texts hold, and equal ones as one object."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.cells import Prediction
from seedbed.errors import InputError
from seedbed.label_sets import LabelSet
from seedbed.tracking.prediction_lines import PredictionLines
from seedbed.tracking.records import prediction_lines

TEXTS = st.one_of(st.text(max_size=5), st.sampled_from(['", "probabilities": [1]}', "\r", "\u2028", "]}", '\\"']))
NUMBERS = st.one_of(st.none(), st.lists(st.floats(), min_size=1, max_size=3).map(tuple))


@given(st.lists(st.tuples(TEXTS, TEXTS, NUMBERS), max_size=6))
def test_what_was_written_comes_back(rows):
    written = [Prediction(f"{n} {gold}", gold, said, shares) for n, (gold, said, shares) in enumerate(rows)]
    lines, content = PredictionLines(), prediction_lines(written)
    cut = tuple(one._replace(probabilities=None) for one in written)
    assert lines.predictions(content, "x") == lines.predictions(content, "x") == cut
    places = range(0, len(written), 2)
    found = lines.probabilities(content, places, "x")
    assert repr(found) == repr([written[place].probabilities for place in places])  # nan is nan


@pytest.mark.parametrize("values", [(1e308, 1e308), (float("inf"), float("-inf"))])
def test_numbers_without_a_finite_sum_come_back(values):
    content = prediction_lines([Prediction("t", "a", "b", values)])
    assert PredictionLines().probabilities(content, [0], "x") == [values]


def test_another_layout_is_read_too():
    rows = [{"probabilities": [0.5, 0.5], "predicted": "b", "gold": "a", "id": "t"}]
    whole = "\r\n".join(json.dumps(row, separators=(",", ":")) for row in rows).encode() + b"\r\n\r\n"
    assert PredictionLines().predictions(whole, "x") == (Prediction("t", "a", "b"),)
    assert PredictionLines().probabilities(whole, [0], "x") == [(0.5, 0.5)]


def test_cells_that_differ_in_probabilities_alone_share_their_predictions():
    lines = PredictionLines()
    first, second = (
        lines.predictions(prediction_lines([Prediction("t", "a", "b", (share, 1 - share))]), "x")
        for share in (0.5, 0.25)
    )
    assert first[0] is second[0]


@pytest.mark.parametrize("cut", [b"0.5, 0.", b"0.5, 0.5", b"0.5, 0.5]", b"0.5, x]}"])
def test_a_file_that_ends_in_the_middle_is_refused(cut):
    whole = prediction_lines([Prediction("t", "a", "b", (0.5, 0.5))])
    with pytest.raises(InputError, match=r"^x: the file is damaged: "):
        PredictionLines().predictions(
            whole + b'{"id": "u", "gold": "a", "predicted": "b", "probabilities": [' + cut, "x"
        )


@pytest.mark.parametrize(
    "line", [b'{"id": "t", "gold": "a", "predicted": "b"}, {"id": "u"}', b"{}, {}", b""" {} "[" """]
)
def test_a_line_that_is_no_single_object_is_refused(line):
    with pytest.raises(InputError, match=r"^x: the file is damaged: "):
        PredictionLines().predictions(line, "x")


def test_numbers_that_are_none_are_refused_when_they_are_asked_for():
    content = b'{"id": "t", "gold": "a", "predicted": "b", "probabilities": [0.5.5]}\n'
    lines = PredictionLines()
    assert lines.predictions(content, "x") == (Prediction("t", "a", "b"),)
    with pytest.raises(InputError, match=r"^x: the file is damaged: "):
        lines.probabilities(content, [0], "x")


def test_a_file_that_has_changed_since_is_refused():
    with pytest.raises(InputError, match=r"^x: the file is damaged: "):
        PredictionLines().probabilities(prediction_lines([Prediction("t", "a", "b", (0.5, 0.5))]), [1], "x")


@given(st.lists(st.tuples(*[st.lists(TEXTS, max_size=3).map(LabelSet.of)] * 2, NUMBERS), max_size=4))
def test_sets_of_labels_come_back_as_sets(rows):
    written = [Prediction(str(n), gold, said, shares) for n, (gold, said, shares) in enumerate(rows)]
    found = PredictionLines().predictions(prediction_lines(written), "x")
    assert found == tuple(one._replace(probabilities=None) for one in written)


@pytest.mark.parametrize("gold", [{"label": []}, {"labels": "ab"}, {"labels": [1]}, 1, None])
def test_what_is_no_answer_is_damage(gold):
    with pytest.raises(InputError, match="x: the file is damaged"):
        PredictionLines().predictions(json.dumps({"id": "t", "gold": gold, "predicted": "b"}).encode(), "x")
