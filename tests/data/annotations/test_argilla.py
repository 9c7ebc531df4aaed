import json

import pytest

from seedbed.data.annotations.argilla import Argilla
from seedbed.data.annotations.document import UNLABELLED, Document, Span
from seedbed.errors import InputError

TEXT = "💩 Ann Smith left"
USER, OTHER = "1c7d3a3e-6f0f-4b37-9f4b-0d4b0d6c1a01", "1c7d3a3e-6f0f-4b37-9f4b-0d4b0d6c1a02"


WRITTEN = (
    '[{"id": "r1", "fields": {"text": "\\ud83d\\udca9 Ann Smith left"}, "metadata": {"source": "x"}, "suggestions": '
    '{"entities": {"value": [{"start": 3, "end": 6, "label": "PER"}], "score": null, "agent": "m"}}, "responses": '
    '{"entities": [{"value": [{"start": 3, "end": 12, "label": "PER"}], "user_id": "' + USER + '"}, {"value": [], '
    '"user_id": "' + OTHER + '"}], "label": [{"value": "POS", "user_id": "' + USER + '"}]}, "vectors": {}, "status": '
    '"pending", "_server_id": null}, {"id": "7", "fields": {"text": "new"}, "metadata": {}, "suggestions": {}, '
    '"responses": {}, "vectors": {}, "status": "pending", "_server_id": null}]'
)
"""What ``to_json`` of argilla 2.8.0 wrote for two records."""


def record(text, responses=(), number=1, **changes):
    """A record as `to_json` of Argilla 2.8 writes it; ``responses``: by question, values of each user."""
    return {
        "id": f"r{number}", "fields": {"text": text}, "metadata": {}, "suggestions": {},
        "responses": {
            question: [{"value": value, "user_id": user} for user, value in zip((USER, OTHER), values, strict=False)]
            for question, values in dict(responses).items()
        },
        "vectors": {}, "status": "completed" if responses else "pending", "_server_id": None,
    } | changes  # fmt: skip


def span(start, end, label="PER"):
    return {"start": start, "end": end, "label": label}


@pytest.fixture
def export(tmp_path):
    def written(*rows):
        path = tmp_path / "records.json"
        path.write_text(json.dumps(rows), encoding="utf-8")
        return path

    return written


def test_spans_count_utf16_units_or_code_points(export):
    path = export(record(TEXT, {"entities": [[span(3, 12)], [span(3, 6)]]}))
    assert list(Argilla().documents(path)) == [
        Document(TEXT, 1, "r1", USER, spans=(Span(2, 11, "PER"),)),
        Document(TEXT, 1, "r1", OTHER, spans=(Span(2, 5, "PER"),)),
    ]
    path = export(record(TEXT, {"entities": [[span(2, 11)]]}))
    [document] = Argilla(offsets="codepoints").documents(path)
    assert document.spans == (Span(2, 11, "PER"),)


def test_a_file_that_argilla_wrote(tmp_path):
    path = tmp_path / "records.json"
    path.write_text(WRITTEN, encoding="utf-8")
    assert list(Argilla(question="entities").documents(path)) == [
        Document(TEXT, 1, "r1", USER, spans=(Span(2, 11, "PER"),)), Document(TEXT, 1, "r1", OTHER),
        Document("new", 2, "7", status=UNLABELLED),
    ]  # fmt: skip
    first, second = Argilla(question="label").documents(path)
    assert (first.labels, second.status) == (("POS",), UNLABELLED)


def test_labels_are_classes_and_suggestions_are_none(export):
    suggested = {"label": {"value": "NEG", "score": 0.9, "agent": "model"}}
    rows = [
        record("good", {"label": ["POS"]}), record("bad", {"label": [None]}, 2, suggestions=suggested),
        record("so", {"label": [["A", "B"]]}, 3),
    ]  # fmt: skip
    first, second, third = Argilla().documents(export(*rows))
    assert (first.labels, second.labels, third.labels) == (("POS",), (), ("A", "B"))
    assert second.status == UNLABELLED


def test_a_record_without_a_span_was_annotated_and_one_without_a_response_was_not(export):
    rows = [record("Ann", {"entities": [[span(0, 3)]]}), record("none", {"entities": [[]]}, 2), record("new", (), 3)]
    documents = list(Argilla().documents(export(*rows)))
    assert [document.status for document in documents] == ["labelled", "labelled", UNLABELLED]
    assert [raw.target for raw in Argilla().read(export(*rows[:2]))] == [("B-PER",), ("O",)]


def test_ratings_rankings_and_other_fields_need_no_choice(export):
    row = record("good", {"label": ["POS"], "stars": [4], "order": [[{"value": "a", "rank": 1}]]})
    row["fields"]["image"] = {"url": "a.png"}
    [document] = Argilla().documents(export(row))
    assert document.labels == ("POS",)


@pytest.mark.parametrize(
    ("row", "settings", "message"),
    [
        (record("a", {"x": ["A"], "y": ["B"]}), {}, "x, y: name one by dataset.reader.question="),
        (record("a", {"x": ["A"]}), {"question": "y"}, "dataset.reader.question=y: no such question"),
        (record("a", fields={"text": "a", "title": "b"}), {}, "text, title: name one by dataset.reader.field="),
        (record("a", fields={"image": {}}), {}, "has no text field: an export of another project type"),
        (record("a", {"x": [[span(0, 5)]]}), {}, "records.json:1"),
        (record("a", {"x": [[span("0", 1)]]}), {}, "x.0.start must be int"),
        (record("a") | {"responses": []}, {}, "responses must be an object"),
        (record("a", {"stars": [4]}), {}, "no question for labels or spans"),
        ({"text": "a", "annotation": "A"}, {}, "no 'fields' of a record; there are text, annotation"),
        (record(TEXT, {"x": [[span(1, 3)]]}), {}, "records.json:1"),
    ],
)
def test_what_is_no_export_of_labels_or_spans_is_refused(export, row, settings, message):
    with pytest.raises(InputError, match=message):
        list(Argilla(**settings).documents(export(row)))


def test_the_question_and_the_field_are_chosen(export):
    row = record("a b", {"x": ["A"], "y": [[span(0, 1)]]}, fields={"title": "no", "text": "a b"})
    [document] = Argilla(field="text", question="y").documents(export(row))
    assert (document.text, document.spans) == ("a b", (Span(0, 1, "PER"),))
