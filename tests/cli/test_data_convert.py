"""``seedbed data convert``: files are whole or absent, nothing is overwritten, what a format cannot hold is said."""

import json

import pytest

TEXT = "💩 Ann Smith of New-York"
ROWS = [
    *({"id": n, "text": f"{TEXT} {n}", "label": [[3, 12, "PER"], [20, 24, "LOC"], [3, 6, "PER"]]} for n in range(9)),
    {"id": 99, "text": "new", "label": []},
]


@pytest.fixture
def convert(seedbed, tmp_path):
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in ROWS), encoding="utf-8")

    def converted(*words, of=("doccano", "dataset.path=a.jsonl")):
        said = seedbed("data", "convert", *of, *words)
        assert said.code == 0, said.err
        return said.lines

    return converted


def test_there_and_back_is_the_same(convert, tmp_path):
    convert("output=b.json", "format=labelstudio")
    convert("output=c.jsonl", "format=doccano", of=("dataset=labelstudio", "dataset.path=b.json"))
    back = [json.loads(line) for line in (tmp_path / "c.jsonl").read_text(encoding="utf-8").splitlines()]
    assert back == [row | {"id": str(row["id"])} for row in ROWS]


def test_aligned_tokens_are_written_and_what_was_changed_is_said(convert, tmp_path):
    lines = convert("output=b.conll", "format=conll")
    assert lines == [
        "b.conll: 9 texts as conll", "  texts without annotation, left out: 1", "  nested spans dropped: 9",
        "  spans that split a token: 9",
    ]  # fmt: skip
    first = (tmp_path / "b.conll").read_text(encoding="utf-8").split("\n\n")[0]
    assert first.splitlines() == ["💩\tO", "Ann\tB-PER", "Smith\tI-PER", "of\tO", "New-\tO", "York\tB-LOC", "0\tO"]


def test_overlapping_spans_are_said_where_a_format_has_none(convert):
    assert "  overlapping spans, of which one is written: 9" in convert("output=b.json", "format=spacy")


def test_other_data_sets_are_written_too(convert, tmp_path):
    convert("output=b.conll", "format=conll")
    convert("output=c.jsonl", "format=doccano", of=("conll", "dataset.path=b.conll"))
    row = json.loads((tmp_path / "c.jsonl").read_text(encoding="utf-8").splitlines()[0])
    assert row["text"].startswith("💩 Ann Smith of New- York")
    assert row["label"] == [[3, 12, "PER"], [21, 25, "LOC"]]


def test_nothing_is_overwritten_and_nothing_half_written(convert, refused, tmp_path):
    words = ["data", "convert", "doccano", "dataset.path=a.jsonl"]
    (tmp_path / "there.conll").write_text("mine")
    leaves = ["a.jsonl", "there.conll"]
    assert "exists already" in refused(*words, "output=there.conll", "format=conll", leaves=leaves)
    assert (tmp_path / "there.conll").read_text() == "mine"
    assert "format=xml: choose conll, jsonl" in refused(*words, "output=b", "format=xml", leaves=leaves)
    assert "format= is missing" in refused(*words, "output=b", leaves=leaves)
    assert "cannot be written" in refused(*words, "output=no/folder/b", "format=conll", leaves=leaves)
    (tmp_path / "a.jsonl").write_text(
        '{"id": 1, "text": "a\\tb", "label": ["x"]}\n{"id": 2, "text": "b", "label": ["y"]}\n'
    )
    assert "this data set has classes" in refused(*words, "output=b", "format=conll", leaves=leaves)


def test_texts_without_labels_that_a_format_has_as_unlabelled_are_said(convert, seedbed, tmp_path):
    rows = [{"text": "one", "label": ["a", "b"]}, {"text": "two", "label": []}, {"text": "three", "label": ["a"]}]
    (tmp_path / "sets.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    sets = ("jsonl", "dataset.path=sets.jsonl", "dataset.task=multilabel")
    assert convert("output=l.json", "format=labelstudio", of=sets) == ["l.json: 3 texts as labelstudio"]
    assert convert("output=d.jsonl", "format=doccano", of=sets) == [
        "d.jsonl: 3 texts as doccano",
        "  texts without any label, as unlabelled ones: dataset.without_label=no_labels reads them: 1",
    ]
    back = ("doccano", "dataset.path=d.jsonl", "dataset.task=multilabel", "dataset.without_label=no_labels")
    assert "  train: 3 examples, 3 tokens, median 1, longest 1" in seedbed("data", "show", *back).lines
