"""What is written is read back the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.data.annotations.doccano import Doccano
from seedbed.data.annotations.document import Document, Span
from seedbed.data.annotations.label_studio import LabelStudio
from seedbed.data.annotations.spacy_files import Spacy
from seedbed.data.annotations.write import FORMATS, Item
from seedbed.data.annotations.write_spacy import paragraph
from seedbed.data.readers import Columns, JsonLines

SIGNS = "ab.' \t\n\u00a0e\u0301\u0308💩👩🏽‍🚒#-"
TEXTS = st.text(st.one_of(st.sampled_from(SIGNS), st.characters(codec="utf-8", exclude_characters="\0")), min_size=1)


@st.composite
def documents(draw, overlapping=True):
    text = draw(TEXTS)
    edges = sorted(draw(st.lists(st.integers(0, len(text)), max_size=8, unique=not overlapping)))
    pairs = zip(edges[::2], edges[1::2], strict=False)
    labels = st.sampled_from(["PER", "LOC", "a b", "É"])
    return Document(text, 1, "7", spans=tuple(Span(*pair, draw(labels)) for pair in pairs if pair[0] < pair[1]))


def read_back(reader, format_name, tmp_path_factory, items):
    path = tmp_path_factory.mktemp("out") / "file"
    path.write_text("".join(FORMATS[format_name](items)), encoding="utf-8", newline="")
    return list(reader.documents(path))


@pytest.mark.parametrize(("reader", "name"), [(Doccano(), "doccano"), (LabelStudio(), "labelstudio")])
@given(data=st.data())
def test_texts_and_spans_are_the_same(reader, name, data, tmp_path_factory):
    document = data.draw(documents())
    [back] = read_back(reader, name, tmp_path_factory, [Item("7", document, [document], "", ())])
    assert (back.id, back.text, back.spans) == ("7", document.text, document.spans)


@given(document=documents(overlapping=False))
def test_spacy_has_the_same_text_and_entities(document, tmp_path_factory):
    text = document.text
    spans = [span for span in document.spans if text[span.start : span.end].strip() == text[span.start : span.end]]
    document = document._replace(spans=tuple(spans))
    [back] = read_back(Spacy(), "spacy", tmp_path_factory, [Item("7", document, [document], "", ())])
    assert (back.id, back.text, back.spans) == ("7", text, document.spans)
    made = paragraph(document, [])
    tokens = made["sentences"][0]["tokens"]
    assert "".join(token["orth"] + token["space"] for token in tokens) == text
    made.pop("entities")
    [by_tags] = read_back_json([{"paragraphs": [made]}], tmp_path_factory)
    assert by_tags.spans == document.spans


def read_back_json(rows, tmp_path_factory):
    import json

    path = tmp_path_factory.mktemp("out") / "file.json"
    path.write_text(json.dumps(rows), encoding="utf-8")
    return list(Spacy().documents(path))


WORDS = st.text(st.characters(codec="utf-8", categories=["L", "M", "N", "P", "S"]), min_size=1, max_size=5)
TAGS = st.sampled_from(["O", "B-PER", "B-a b", "O"])


@given(rows=st.lists(st.lists(st.tuples(WORDS, TAGS), min_size=1, max_size=4), min_size=1, max_size=4))
def test_tokens_and_tags_are_the_same(rows, tmp_path_factory):
    items = [
        Item(str(n), Document("", 1), [], tuple(word for word, _ in row), tuple(tag for _, tag in row))
        for n, row in enumerate(rows)
    ]
    path = tmp_path_factory.mktemp("out") / "file"
    path.write_text("".join(FORMATS["jsonl"](items)), encoding="utf-8")
    back = JsonLines(tokens="tokens", tags="tags").read(path)
    assert [(raw.id, raw.words, raw.target) for raw in back] == [(item.id, item.words, item.target) for item in items]
    path.write_text("".join(FORMATS["conll"](items)), encoding="utf-8", newline="")
    back = Columns(separator="tab").read(path)
    assert [(raw.words, raw.target) for raw in back] == [(item.words, item.target) for item in items]
