import json
import unicodedata

import pytest

from seedbed.data.annotations.document import REJECTED, UNLABELLED, Document, Span
from seedbed.data.annotations.label_studio import LabelStudio

TEXT = "💩 Ann Smith\nlives in Oslo"


def region(start, end, text, *labels, name="label"):
    value = {"start": start, "end": end, "text": text, "labels": list(labels)}
    return {"id": "a", "from_name": name, "to_name": "text", "type": "labels", "value": value}


def choice(*labels):
    return {"id": "b", "from_name": "mood", "to_name": "text", "type": "choices", "value": {"choices": list(labels)}}


def annotation(*results, by=1, **more):
    return {"id": 9, "completed_by": by, "was_cancelled": False, "result": list(results), **more}


@pytest.fixture
def export(tmp_path):
    """Write an export of these tasks: the text or the data of each, and its annotations."""

    def written(*tasks):
        path = tmp_path / "export.json"
        rows = [
            {"id": number, "data": data if isinstance(data, dict) else {"text": data}, "annotations": annotations}
            for number, (data, *annotations) in enumerate(tasks, 1)
        ]
        path.write_text(json.dumps(rows, ensure_ascii=False, indent=1), encoding="utf-8")
        return path

    return written


def spans(path, **settings):
    return [document.spans for document in LabelStudio(**settings).documents(path)]


def test_each_annotation_of_a_task_is_a_document(export):
    path = export(
        (TEXT, annotation(region(2, 11, "Ann Smith", "PER"), by={"id": 1, "email": "a@x.org"}), annotation(by=2)),
        ("not yet",),
        ("skipped", annotation(was_cancelled=True)),
    )
    assert list(LabelStudio().documents(path)) == [
        Document(TEXT, 1, "1", "a@x.org", "labelled", (), (Span(2, 11, "PER"),)),
        Document(TEXT, 1, "1", "2"),
        Document("not yet", 2, "2", "", UNLABELLED),
        Document("skipped", 3, "3", "1", REJECTED),
    ]


def test_two_annotations_of_one_user_are_told_apart(export):
    path = export(("a b", annotation(choice("x")), annotation(choice("y"))))
    assert [document.annotator for document in LabelStudio().documents(path)] == ["1", "1 (2)"]


# Written by the converter of label-studio-sdk 2.1.2 from the JSON of the same tasks.
MINIMAL = [
    {
        "text": TEXT, "source": "x", "id": 1, "label": [
            {"start": 2, "end": 11, "text": "Ann Smith", "labels": ["PER"]},
            {"start": 21, "end": 25, "text": "Oslo", "labels": ["LOC"]},
        ], "annotator": "a@x.org", "annotation_id": 11, "lead_time": 1.0,
    },
    {"text": "fine", "source": "y", "id": 2, "mood": "good", "annotator": 2, "annotation_id": 12},
    {"text": "none", "source": "y", "id": 3, "annotator": None, "annotation_id": None},
]  # fmt: skip


def test_json_min_is_the_same(tmp_path):
    path = tmp_path / "min.json"
    path.write_text(json.dumps(MINIMAL), encoding="utf-8")
    first, second, third = LabelStudio(text="text").documents(path)
    assert first == Document(TEXT, 1, "1", "a@x.org", spans=(Span(2, 11, "PER"), Span(21, 25, "LOC")))
    assert (second.labels, second.annotator) == (("good",), "2")
    assert third.status == UNLABELLED


def test_offsets_are_code_points_or_utf16_as_the_text_of_the_span_says(export):
    assert spans(export((TEXT, annotation(region(2, 11, "Ann Smith", "P"))))) == [(Span(2, 11, "P"),)]
    assert spans(export((TEXT, annotation(region(3, 12, "Ann Smith", "P"))))) == [(Span(2, 11, "P"),)]
    assert spans(export((TEXT, annotation(region(2, 17, "Ann Smith\\nlives", "P"))))) == [(Span(2, 17, "P"),)]
    path = export((TEXT, annotation({**region(3, 12, "", "P"), "value": {"start": 3, "end": 12, "labels": ["P"]}})))
    assert spans(path, offsets="utf16") == [(Span(2, 11, "P"),)]
    assert spans(path) == [(Span(3, 12, "P"),)]


def test_the_text_is_named_where_there_are_several(export, refused):
    path = export(({"title": "t", "body": "Ann"}, annotation(region(0, 3, "Ann", "P") | {"to_name": "page"})))
    assert "dataset.reader.text=KEY names one of title, body" in refused(LabelStudio(), path)
    assert next(LabelStudio(text="body").documents(path)).text == "Ann"


def test_one_tag_may_be_chosen(export, refused):
    path = export(("Ann", annotation(region(0, 3, "Ann", "P"), choice("good"))))
    assert "has both spans and a class" in refused(LabelStudio(), path)
    assert LabelStudio(control="mood").detect(path) == "classification"
    assert LabelStudio(control="label").detect(path) == "tagging"


def test_bad_exports_are_refused(export, tmp_path, refused):
    assert "beyond the text of 3" in refused(LabelStudio(), export(("Ann", annotation(region(0, 4, "Ann ", "P")))))
    line = refused(LabelStudio(), export((TEXT, annotation(region(4, 8, "Oslo", "P")))))
    assert "export.json:1: the span 4 to 8 of 'P' is 'n Sm' in the text, and 'Oslo' by its own account" in line
    decomposed = unicodedata.normalize("NFD", "un café noir")
    line = refused(LabelStudio(), export((decomposed, annotation(region(8, 12, "noir", "P")))))
    assert "counts characters of the text in NFC" in line
    image = {"type": "rectanglelabels", "value": {"x": 1, "rectanglelabels": ["Cat"]}, "from_name": "x"}
    assert "not on plain text" in refused(LabelStudio(), export(("a.png", annotation(image))))
    page = region(0, 0, "a", "P") | {"value": {"start": "/p[1]/text()[1]", "end": "/p[1]", "labels": ["P"]}}
    assert "offsets in plain text are needed" in refused(LabelStudio(), export(("a", annotation(page))))
    (tmp_path / "cut.json").write_text('[{"id": 1, "data": {"te', encoding="utf-8")
    assert "cut.json" in refused(LabelStudio(), tmp_path / "cut.json", "not JSON")
    (tmp_path / "other.json").write_text('[{"id": 1, "text": "a"}]', encoding="utf-8")
    assert "no task of Label Studio" in refused(LabelStudio(), tmp_path / "other.json")


def test_an_export_that_is_one_long_line_is_read(tmp_path):
    rows = [{"id": n, "data": {"text": "a" * 1000}, "annotations": [annotation(choice("x"))]} for n in range(1200)]
    path = tmp_path / "line.json"
    path.write_text(json.dumps(rows), encoding="utf-8")
    assert len(list(LabelStudio().documents(path))) == 1200
