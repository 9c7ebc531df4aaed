import json

import pytest

from seedbed.data.annotations.doccano import Doccano
from seedbed.data.annotations.document import UNLABELLED, Document, Span


@pytest.fixture
def export(tmp_path):
    """Write an export of these rows."""

    def written(*rows, name="ann.jsonl"):
        path = tmp_path / name
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        return path

    return written


def test_the_layouts_of_all_versions_are_one(export):
    spans = (Span(0, 3, "PER"), Span(10, 14, "LOC"))
    tuples = [[0, 3, "PER"], [10, 14, "LOC"]]
    dicts = [{"id": n, "label": span.label, "start_offset": span.start, "end_offset": span.end}
             for n, span in enumerate(spans)]  # fmt: skip
    text = "Ann is in Oslo"
    layouts = (
        {"label": tuples, "Comments": []}, {"labels": tuples, "meta": {}}, {"entities": dicts, "relations": []},
        {"entities": tuples, "cats": []},
    )  # fmt: skip
    for layout in layouts:
        [document] = Doccano().documents(export({"id": 5, "text": text, **layout}))
        assert document == Document(text, 1, "5", "ann", "labelled", (), spans)


def test_annotations_of_several_users_in_the_oldest_layout_are_a_document_each(export):
    rows = [{"label": 3, "start_offset": 0, "end_offset": 3, "user": 1}, {"label": 4, "user": 2}]
    path = export({"id": 1, "text": "Ann", "annotations": rows})
    one, two = Doccano().documents(path)
    assert (one.annotator, one.spans) == ("1", (Span(0, 3, "3"),))
    assert (two.annotator, two.labels) == ("2", ("4",))


def test_offsets_are_utf16_units_as_the_page_of_doccano_counts(export):
    path = export({"id": 1, "text": "👨🏻‍🚒 firemen", "label": [[8, 15, "X"]]})
    assert next(Doccano().documents(path)).spans == (Span(5, 12, "X"),)
    path = export({"id": 1, "text": "👨🏻‍🚒 firemen", "label": [[2, 9, "X"]]})
    assert next(Doccano(offsets="graphemes").documents(path)).spans == (Span(5, 12, "X"),)
    path = export({"id": 1, "text": "👨🏻‍🚒 firemen", "label": [[5, 12, "X"]]})
    assert next(Doccano(offsets="codepoints").documents(path)).spans == (Span(5, 12, "X"),)


def test_classes_and_texts_without_any(export):
    path = export({"id": 1, "text": "good", "label": ["pos"]}, {"id": 2, "text": "?", "label": []})
    first, second = Doccano().documents(path)
    assert (first.labels, second.status) == (("pos",), UNLABELLED)
    assert [raw.target for raw in Doccano().read(path)] == ["pos", ""]
    assert Doccano(without_spans="labelled").detect(path) == "classification"


def test_json_arrays_are_read_too(tmp_path):
    path = tmp_path / "all.json"
    path.write_text(json.dumps([{"id": 1, "text": "good", "label": ["pos"]}]), encoding="utf-8")
    assert next(Doccano().documents(path)).labels == ("pos",)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"text": "Ann", "label": [[0, 4, "PER"]]}, "ann.jsonl:2: the span 0 to 4 of 'PER' is beyond the text of 3"),
        ({"text": "Ann", "label": [[0, "4", "PER"]]}, "neither a class nor a span"),
        ({"text": "Ann", "label": [0]}, "neither a class nor a span"),
        ({"text": "Ann", "label": 3}, "label must be a list"),
        ({"text": "Ann", "entities": [{"label": "X", "start_offset": 0}]}, "neither a class nor a span"),
        ({"filename": "a.png", "bbox": []}, "an export of a project for bounding boxes"),
        ({"text": "Ann", "tokens": []}, "none of the keys label"),
        ({"id": 2, "label": []}, "no text under the key 'text'"),
    ],
)
def test_bad_rows_are_refused_with_file_and_line(export, refused, row, message):
    assert message in refused(Doccano(), export({"id": 1, "text": "good", "label": [[0, 4, "X"]]}, row))


def test_half_written_and_other_json_is_refused(tmp_path, refused):
    path = tmp_path / "a.jsonl"
    path.write_text('{"id": 1, "text": "a", "label": ["x"]}\n{"id": 2, "te', encoding="utf-8")
    assert "a.jsonl:2: not JSON" in refused(Doccano(), path)
    path.write_text('{"id": 1, "text": "a", "label": ["x"]}\n["a"]\n', encoding="utf-8")
    assert "a.jsonl:2: an array, where an object is needed" in refused(Doccano(), path)
    path.write_text("[]", encoding="utf-8")
    assert "the array is empty" in refused(Doccano(), path)


def test_duplicated_ids_are_refused(export, refused):
    row = {"id": 1, "text": "good", "label": ["x"]}
    assert "ann.jsonl:2: document 1: a duplicated id: there is a document by ann" in refused(
        Doccano(), export(row, row)
    )
    message = refused(Doccano(), export(row, row | {"text": "bad"}))
    assert "the id is that of an earlier document with another text" in message


def test_exports_of_two_project_types_in_one_file_are_refused(export, refused):
    path = export({"id": 1, "text": "Ann", "label": [[0, 3, "X"]]}, {"id": 2, "text": "good", "label": ["pos"]})
    assert "ann.jsonl:2: document 2 has a class and no spans" in refused(Doccano(), path)
