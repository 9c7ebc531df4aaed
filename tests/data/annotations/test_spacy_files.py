"""Files that spaCy 3.8.18 wrote: ``DocBin(docs, store_user_data=True)``, and ``docs_to_json`` of the same documents."""

import base64
import json
import zlib

import pytest

from seedbed.data.annotations.docbin import string_hash
from seedbed.data.annotations.document import UNLABELLED, Span
from seedbed.data.annotations.spacy_files import Spacy

msgpack = pytest.importorskip("msgpack")

DOCBIN = base64.b64decode(
    "eJzrWl6WWlScmZ+32EDPcGliSUlR8VxHZ08vbx9fP/+As4xHzjIePct4bFlJfnZqXvFRDoX7MtMtzfZclYfRDAQAEw5xRgL69qcx9sVPtthnpWZf"
    "2Hb8xmFC9jBDaTvPQzU/W19aw8T/QwEuff+jVbt8F6/hMt2rmp3V++w1IXtg7ibVnlzdNZl7eAXnwGhC9uAKN0L2CP5wO/TZKrMMRtPKnuRNtyfr"
    "7lujCaNpZc/GPVOm9X9Wyvj00vcTG98PR0L2wNJBI1oCI2TPFg6f669qZ+fqTD9au1drhhohe2DGk2rPokNrfN7crF8PownZQ2649c3cmTIzbTYP"
    "jCbXHkL5VNrMNqnf8pnHRZYXtWV5XbHk2kPIPzMWyF9+dNZaEkbTyh56xc+JzBK3kvrGkq1zZzhxnTBjI2QPLkAofpSvpa6Pq6rXgNHk2kPIPy3b"
    "8i7Lbu81gtG0skfLO/3b5qfaS2E0ufYQCretD5p2SfRW3IDR5NpDCKRNLbaK/xp70F7v0aJKW4F9hNSTm0+zi7ZGzejdygqjybWHUPwsKy5ITE4t"
    "PiLCCAQMjIwQp4GZjAzLc1Lz0ksyio8I8DJAimomKF5eXFKUmZdefIdBfsEiLq6FCgv1Fjvm5S118wwKDlns4++82C+1fLFffslyIM4Aqlwc4Bq0"
    "KNBwcXBG6tLg3MySjCWR+UXZCxMXJ+blrQTi/JLEktSUhUlLUvJTi5dkpBalLsrMW5qTWZZavDgPaBRQwfI8qFHFQDOKQWYsrkwtWVIJNGfJh/mT"
    "Vi5JTiwpntK0JD0/P+W0/QeI/xYnJaachnm2oaFhaVpOYnrxlMZNGYnF8aV52Xn55XnxkDA4RLTgYawqVwPpvPj0ovzSguIpR4oaj2Q3L8lLzE1d"
    "VJwMaak1LAWpKJ50BCNXb6q3KD4W13wTEvrwUGY9olEc+7s5vljZG6bS+mXrz5pDnnZQlbA44Z4ItOUI4wQIWllanFoUn5JYkjjlCEvjwgrGI4wN"
    "EAQARMzkUA=="
)
TEXT = "💩 Ann Smith lives  in New York.\n\nShe does."
JSON = [{"id": 0, "paragraphs": [{
    "raw": TEXT, "sentences": [{"tokens": [
        {"orth": orth, "space": space, "ner": ner} for orth, space, ner in (
            ("💩", " ", "O"), ("Ann", " ", "B-PER"), ("Smith", " ", "L-PER"), ("lives", " ", "O"), (" ", "", "O"),
            ("in", " ", "O"), ("New", " ", "B-LOC"), ("York", "", "L-LOC"), (".", "", "O"), ("\n\n", "", "O"),
            ("She", " ", "O"), ("does", "", "O"), (".", "", "O"),
        )
    ]}],
    "cats": [{"label": "good", "value": 1.0}, {"label": "bad", "value": 0.0}],
    "entities": [[2, 11, "PER"], [22, 30, "LOC"]], "links": [],
}]}]  # fmt: skip
ENTITIES = (Span(2, 11, "PER"), Span(22, 30, "LOC"))


@pytest.fixture
def docbin(tmp_path):
    path = tmp_path / "a.spacy"
    path.write_bytes(DOCBIN)
    return path


@pytest.fixture
def as_json(tmp_path):
    def written(rows):
        path = tmp_path / "a.json"
        path.write_text(json.dumps(rows), encoding="utf-8")
        return path

    return written


def test_strings_have_the_hashes_of_spacy():
    """``StringStore().add("Ann")`` of spaCy 3.8.18."""
    assert (string_hash("Ann"), string_hash("")) == (13706867504515737279, 0)


def test_entities_classes_and_tokens_of_a_docbin(docbin):
    first, new, unspaced, nothing = Spacy().documents(docbin)
    assert (first.text, first.spans, first.labels) == (TEXT, ENTITIES, ("good",))
    words = [TEXT[start:end] for start, end in first.tokens]
    assert words[:8] == ["💩", "Ann", "Smith", "lives", " ", "in", "New", "York"]
    assert (new.text, new.status) == ("Not annotated yet", UNLABELLED)
    assert unspaced.text.split() == ["a", "b"]
    assert (nothing.status, nothing.spans) == ("labelled", ())


def test_a_group_of_spans_in_the_place_of_the_entities(docbin, refused):
    first, second, *_ = Spacy(spans="sc").documents(docbin)
    assert first.spans == (Span(2, 5, "FIRST"), Span(2, 11, "PER"))
    assert second.status == UNLABELLED
    assert "no such group; there are sc" in refused(Spacy(spans="x"), docbin)


def test_the_json_of_the_same_documents_is_the_same(docbin, as_json):
    [document] = Spacy().documents(as_json(JSON))
    first = next(Spacy().documents(docbin))
    assert document._replace(id=None) == first
    paragraph = JSON[0]["paragraphs"][0]
    without = {key: value for key, value in paragraph.items() if key not in ("raw", "entities")}
    [document] = Spacy().documents(as_json([{"paragraphs": [without]}]))
    assert (document.text, document.spans) == (TEXT, ENTITIES)


def test_a_document_with_a_class_alone_is_no_document_without_entities(as_json):
    paragraph = {"raw": "fine", "cats": [{"label": "good", "value": 1.0}]}
    documents = list(Spacy().documents(as_json([*JSON, {"id": 1, "paragraphs": [paragraph]}])))
    assert [document.tagged for document in documents] == [True, False]


def test_blank_tokens_are_no_tokens_of_an_example(docbin):
    path = docbin.with_name("b.spacy")
    message = msgpack.unpackb(zlib.decompress(DOCBIN), raw=False)
    path.write_bytes(zlib.compress(msgpack.packb(message | {"cats": [{} for _ in message["cats"]]})))
    raw = next(Spacy().read(path))
    assert raw.words == (*["💩", "Ann", "Smith", "lives", "in", "New", "York", ".", "She", "does", "."],)
    assert raw.target[1:7] == ("B-PER", "I-PER", "O", "O", "B-LOC", "I-LOC")


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda data: data[:-20], "a damaged DocBin: its end is missing"),
        (lambda data: b"\x78\x9c" + bytes(50), "no DocBin of spaCy"),
        (lambda data: zlib.compress(b"\x93\x01"), "a damaged DocBin"),
        (lambda data: zlib.compress(msgpack.packb([1])), "it is no mapping"),
        (lambda data: zlib.compress(msgpack.packb({"attrs": [65]})), "a damaged DocBin: KeyError"),
    ],
)
def test_damaged_files_are_refused(docbin, refused, damage, message):
    docbin.write_bytes(damage(DOCBIN))
    assert message in refused(Spacy(), docbin)


def test_bad_json_is_refused(as_json, refused):
    assert "paragraphs is missing" in refused(Spacy(), as_json([{"id": 1}]))
    other = {"raw": "a b", "sentences": [{"tokens": [{"orth": "c"}]}]}
    assert "tokenizations are mixed" in refused(Spacy(), as_json([{"paragraphs": [other]}]))
    beyond = {"raw": "a b", "entities": [[0, 9, "X"]]}
    assert "a.json:1: the span 0 to 9 of 'X' is beyond the text" in refused(
        Spacy(), as_json([{"paragraphs": [beyond]}])
    )
