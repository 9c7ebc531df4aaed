import json

import pytest

from seedbed.data.annotations.document import REJECTED, UNLABELLED, Document, Span
from seedbed.data.annotations.prodigy import Prodigy

TEXT = "💩 Ann Smith left"
TOKENS = [
    {"text": word, "start": start, "end": start + len(word), "id": number, "ws": True}
    for number, (word, start) in enumerate([("💩", 0), ("Ann", 2), ("Smith", 6), ("left", 12)])
]
TASK = {
    "text": TEXT, "_input_hash": 7, "_task_hash": 8, "tokens": TOKENS, "answer": "accept", "_session_id": "news-ann",
    "spans": [{"start": 2, "end": 11, "token_start": 1, "token_end": 2, "label": "PER"}],
}  # fmt: skip


@pytest.fixture
def export(tmp_path):
    def written(*rows):
        path = tmp_path / "a.jsonl"
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        return path

    return written


def test_spans_tokens_and_annotator_of_a_task(export):
    edges = ((0, 1), (2, 5), (6, 11), (12, 16))
    [document] = Prodigy().documents(export(TASK))
    assert document == Document(TEXT, 1, "7", "news-ann", spans=(Span(2, 11, "PER"),), tokens=edges)
    [document] = Prodigy(own_tokens=False).documents(export(TASK | {"_annotator_id": "ann"}))
    assert (document.annotator, document.tokens) == ("ann", None)


def test_answers_are_labelled_rejected_or_not_there_yet(export):
    rows = [TASK | {"answer": answer} for answer in ("accept", "reject", "ignore")]
    rows += [{"text": "new"}, {"text": "Ann", "spans": TASK["spans"][:0]}]
    found = [document.status for document in Prodigy().documents(export(*rows))]
    assert found == ["labelled", REJECTED, REJECTED, UNLABELLED, UNLABELLED]


def test_choices_and_one_label_are_classes(export):
    choice = {"text": "good", "options": [{"id": "POS"}, {"id": "NEG"}], "accept": ["POS"], "answer": "accept"}
    binary = {"text": "goal", "label": "SPORT", "answer": "accept"}
    first, second, third = Prodigy().documents(export(choice, binary, binary | {"answer": "reject"}))
    assert (first.labels, second.labels, third.labels, third.status) == (("POS",), ("SPORT",), (), REJECTED)


def test_own_tokens_are_those_of_the_examples(export):
    glued = [{"start": 0, "end": 1}, {"start": 2, "end": 11}, {"start": 12, "end": 16}]
    path = export(TASK | {"tokens": glued, "spans": [{"start": 6, "end": 11, "label": "PER"}]})
    [raw] = Prodigy().read(path)
    assert (raw.words, raw.target) == (("💩", "Ann ", "Smith", "left"), ("O", "O", "B-PER", "O"))
    assert raw.left_out == ("spans_that_split_a_token",)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"spans": [{"start": 2, "end": 99, "label": "X"}]}, "a.jsonl:1: the span 2 to 99 of 'X' is beyond the text"),
        ({"spans": [TASK["spans"][0] | {"token_end": 3}]}, "is not its tokens 1 to 3: tokenizations are mixed"),
        ({"tokens": [{"start": 5, "end": 3}], "spans": []}, "token 0 from 5 to 3 is not in the text"),
        ({"spans": [{"start": "2", "end": 9, "label": "X"}]}, "spans.0.start must be"),
    ],
)
def test_bad_tasks_are_refused(export, refused, change, message):
    assert message in refused(Prodigy(), export(TASK | change))


def test_other_tasks_and_mixed_tokenizations_are_refused(export, refused):
    assert "a task with image and no text" in refused(Prodigy(), export({"image": "a.png"}))
    without = {key: value for key, value in TASK.items() if key != "tokens"} | {"_input_hash": 9}
    assert "tokenizations are mixed" in refused(Prodigy(), export(TASK, without))
    assert len(list(Prodigy(own_tokens=False).read(export(TASK, without)))) == 2
