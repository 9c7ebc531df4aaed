"""The unlabelled part of a data set: read without labels, and apart from all else."""

import bz2
import gzip
import hashlib
import json
from pathlib import Path

import pytest

from seedbed.data.csv_readers import Gmb, Table
from seedbed.data.dataset import Dataset
from seedbed.data.hashes import file_sha256
from seedbed.data.readers import Columns, JsonLines
from seedbed.errors import InputError

LABELLED = "text,label,source\nA good film.,x,imdb\nBad it was.,y,imdb\nSo so.,x,other\n"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "train.csv").write_text(LABELLED, encoding="utf-8")
    (tmp_path / "more.txt").write_text("One <br /> text, two.\n\nAnother.\r\n", encoding="utf-8")
    (tmp_path / "bare.csv").write_text('text\n"Two\nlines, one text"\nLast\n', encoding="utf-8")
    (tmp_path / "marked.csv").write_text("source,text\nimdb,Mine\nother,Not mine\n", encoding="utf-8")
    (tmp_path / "more.jsonl").write_text('{"text": "One more"}\n\n{"text": "Two", "label": 1}\n', encoding="utf-8")
    (tmp_path / "more.txt.gz").write_bytes(gzip.compress("Packed über\n".encode()))
    (tmp_path / "more.txt.bz2").write_bytes(bz2.compress(b"Packed otherwise\n"))
    return tmp_path


def dataset(folder, unlabelled, reader=None, **settings):
    settings = {"tokenizer": "reviews", **settings}
    return Dataset("mine", "classification", reader or Table(), str(folder),
                   files={"train": "train.csv", "unlabelled": unlabelled}, **settings)  # fmt: skip


@pytest.mark.parametrize(
    ("file", "reader", "texts"),
    [
        ("more.txt", None, ["One text , two .", "Another ."]),
        ("more.txt.gz", None, ["Packed über"]),
        ("more.txt.bz2", None, ["Packed otherwise"]),
        ("bare.csv", None, ["Two lines , one text", "Last"]),
        ("marked.csv", Table(where={"source": "imdb"}), ["Mine"]),
        ("bare.csv", Table(where={"source": "imdb"}), ["Two lines , one text", "Last"]),
        ("bare.csv", Table(text_column="0", label_column="1", header=False), ["text", "Two lines , one text", "Last"]),
        ("more.jsonl", JsonLines(), ["One more", "Two"]),
        (["more.txt", "bare.csv"], None, ["One text , two .", "Another .", "Two lines , one text", "Last"]),
    ],
)
def test_texts_are_read_by_the_reader_without_labels_or_a_line_each(folder, file, reader, texts):
    part = dataset(folder, file, reader).unlabelled()
    assert [" ".join(tokens) for tokens in part] == texts
    assert [" ".join(tokens) for tokens in part] == texts  # again, as both looks at a corpus need


def test_words_are_made_and_texts_cut_as_those_of_the_data_set(folder):
    part = dataset(folder, "more.txt", lowercase=True, max_tokens=2, keep_tokens="last").unlabelled()
    assert list(part) == [("two", "."), ("another", ".")]


def test_the_corpus_and_its_cache_know_nothing_of_it(folder, cache):
    without, with_texts = dataset(folder, "").load(), dataset(folder, "more.txt").load()
    assert with_texts.digest == without.digest
    assert set(with_texts.splits) == {"train"}
    assert len(list((cache / "corpora").iterdir())) == 1
    gone = dataset(folder, "gone.txt")
    assert gone.load().digest == with_texts.digest
    assert [status.name for status in gone.status()] == ["train.csv"]
    with pytest.raises(InputError, match=r"gone.txt: there is no such file"):
        gone.unlabelled()


def test_its_digest_leaves_out_later_keys_of_the_reader_while_they_are_empty(folder):
    unlabelled = dataset(folder, "more.txt", JsonLines()).unlabelled()
    keys = ("text", "label", "id", "tokens", "tags", "scheme", "encoding")
    reader = {"class": "JsonLines", **{key: getattr(unlabelled.reader, key) for key in keys}}
    known = [[[True, file_sha256(unlabelled.files[0])]], reader, unlabelled.tokenization, None, "first"]
    assert unlabelled.digest == hashlib.sha256(json.dumps(known, sort_keys=True).encode()).hexdigest()
    assert dataset(folder, "more.txt", JsonLines(outside="X")).unlabelled().digest != unlabelled.digest


def test_its_digest_is_that_of_content_and_settings(folder):
    first = dataset(folder, "more.txt").unlabelled().digest
    assert dataset(folder, "more.txt").unlabelled().digest == first
    assert dataset(folder, "more.txt", lowercase=True).unlabelled().digest != first
    (folder / "more.txt").write_text("Other.\n", encoding="utf-8")
    assert dataset(folder, "more.txt").unlabelled().digest != first


def test_its_digest_does_not_know_of_settings_that_came_later(folder):
    """So that shards of a corpus that were made before are still those of it."""
    (folder / "same.txt").write_text("One.\n", encoding="utf-8")
    part = dataset(folder, "same.txt").unlabelled()
    assert part.digest == "320a10ffeb3ba79ad3082d1e4336b58b081e50a23832fbde6ed1d707b6a30331"
    assert dataset(folder, "same.txt", max_file_gb=1.0).unlabelled().digest == part.digest
    assert dataset(folder, "same.txt", Table(escape="backslash")).unlabelled().digest != part.digest


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        ("a.txt", b"\n \n", "a.txt: has no texts"),
        ("a.txt", b"ok\n\xff\n", "a.txt: after line .*: byte 0xff is not utf-8"),
        ("a.txt", b"ok\n\0\n", "a.txt:2: a byte of zero"),
        ("a.txt", b"x" * (2 << 20), "a.txt:1: a line of more than"),
        ("a.txt.gz", b"no gzip", "a.txt.gz: cannot be read"),
        ("a.csv", b"", "a.csv: has no texts"),
        ("a.csv", b"review\nso\n", "a.csv:1: no column 'text'"),
        ("a.csv", b'text\n"so\n', "a.csv:2: the quote that opens here is never closed"),
    ],
)
def test_what_cannot_be_read_is_said_in_one_line(folder, file, content, message):
    (folder / file).write_bytes(content)
    with pytest.raises(InputError, match=message):
        list(dataset(folder, file).unlabelled())


def test_lines_of_json_without_a_text_are_refused(folder):
    (folder / "a.jsonl").write_text(json.dumps({"review": "so"}), encoding="utf-8")
    with pytest.raises(InputError, match=r"a.jsonl:1: no key 'text'"):
        list(dataset(folder, "a.jsonl", JsonLines()).unlabelled())


@pytest.mark.parametrize("reader", [Columns(), Gmb()])
def test_a_reader_that_needs_labels_takes_lines_alone(folder, reader):
    def read_unlabelled(file):
        return Dataset("mine", "tagging", reader, str(folder), files={"train": "x", "unlabelled": file}).unlabelled()

    assert next(iter(read_unlabelled("more.txt"))) == ("One", "<br", "/>", "text,", "two.")
    with pytest.raises(InputError, match="reads no texts without labels"):
        read_unlabelled("bare.csv")


def test_a_file_of_ones_own_may_lie_in_the_working_directory(folder, monkeypatch, tmp_path):
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    Path("mine.txt").write_text("a text\n", encoding="utf-8")
    assert list(dataset(folder, "mine.txt").unlabelled()) == [("a", "text")]


def test_a_data_set_without_one_says_how_to_give_it_one(folder):
    with pytest.raises(InputError, match=r"mine: has no unlabelled part: no row without a label, and no file: dat"):
        dataset(folder, "").unlabelled()
