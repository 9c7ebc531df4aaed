"""Rows without a label in a labelled file: left out, counted, and read by pretraining; refused where that is set."""

import json

import pyarrow as pa
import pytest
from pyarrow import parquet
from tests.refusals import refusal

from seedbed.data.csv_readers import Table
from seedbed.data.dataset import Dataset
from seedbed.data.readers import JsonLines
from seedbed.pretraining.corpus import DatasetTexts

ROWS = [("one film", "x"), ("two films", None), ("three films", "y"), ("four films", None), ("five films", "x")]
TAGGED = [("Ann sings", ["B-P", "O"]), ("She sings", None), ("Bob sings", ["B-P", "O"])]


def csv_of(rows, null=""):
    return "text,label\n" + "".join(f"{text},{null if label is None else label}\n" for text, label in rows)


def json_of(rows, drop):
    """JSON lines; ``drop``: without the key, else with null."""
    dicts = [{"text": text} | ({} if label is None and drop else {"label": label}) for text, label in rows]
    return "".join(json.dumps(row) + "\n" for row in dicts)


def parquet_of(rows, path):
    texts, labels = zip(*rows, strict=True)
    parquet.write_table(pa.table({"text": texts, "label": labels}), path)


KINDS = {
    "empty.csv": (Table(), csv_of(ROWS)),
    "blank.csv": (Table(), csv_of(ROWS, "  ")),
    "null.csv": (Table(escape="backslash"), csv_of(ROWS, r"\N")),
    "missing.jsonl": (JsonLines(), json_of(ROWS, drop=True)),
    "null.jsonl": (JsonLines(), json_of(ROWS, drop=False)),
    "empty.jsonl": (JsonLines(), json_of([(text, label or "") for text, label in ROWS], drop=False)),
    "null.parquet": (Table(), None),
}


@pytest.fixture(params=KINDS)
def made(request, tmp_path, monkeypatch):
    """A data set of the five rows, of which two have no label."""
    monkeypatch.setenv("SEEDBED_CACHE", str(tmp_path / "cache"))
    reader, text = KINDS[request.param]
    path = tmp_path / request.param
    parquet_of(ROWS, path) if text is None else path.write_text(text, encoding="utf-8")

    def dataset(**settings):
        return Dataset("mine", "classification", reader, str(tmp_path), files={"train": request.param}, **settings)

    return dataset


def test_they_are_counted_and_the_others_are_the_examples(made):
    corpus = made().load()
    assert [(example.tokens, example.target) for example in corpus.splits["train"]] == [
        (tuple(text.split()), label) for text, label in ROWS if label
    ]
    assert corpus.counts["unlabelled"] == 2


def test_pretraining_reads_them(made):
    texts = made().unlabelled(made().load())
    assert [" ".join(tokens) for tokens in texts] == ["two films", "four films"]
    documents = DatasetTexts(made().load(), "document", "both", texts).read()
    assert len([tuple(document) for document in documents]) == len(ROWS)
    assert texts.digest == made().unlabelled(made().load()).digest


def test_they_are_refused_where_the_config_says_so(made):
    line = refusal(made(without_label="refuse").load)
    assert ":2: no label" in line or ":3: no label" in line
    assert line.endswith("; dataset.without_label=unlabelled leaves such rows to `seedbed pretrain`")


def test_an_unknown_choice_is_refused(made):
    line = refusal(made, without_label="keep", match="choose unlabelled, refuse")
    assert line.startswith("dataset.without_label=keep")


def test_a_file_without_any_label_is_refused(tmp_path):
    (tmp_path / "a.csv").write_text(csv_of([(text, None) for text, _ in ROWS]), encoding="utf-8")
    (tmp_path / "a.jsonl").write_text(json_of([(text, None) for text, _ in ROWS], drop=True), encoding="utf-8")
    table = Dataset("mine", "classification", Table(), str(tmp_path), files={"train": "a.csv"})
    line = refusal(table.load)
    assert line.endswith("a.csv:2: no label (dataset.reader.label_column=label), nor has any other row of the file")
    lines = Dataset("mine", "classification", JsonLines(), str(tmp_path), files={"train": "a.jsonl"})
    assert refusal(lines.load).endswith(
        "a.jsonl:1: no key 'label' with a label; there are text: choose one by dataset.reader.label=KEY"
    )


def test_one_of_several_files_may_have_them_alone(tmp_path):
    (tmp_path / "a.csv").write_text(csv_of(ROWS), encoding="utf-8")
    (tmp_path / "b.csv").write_text(csv_of(ROWS[::2]), encoding="utf-8")
    files = {"train": "a.csv", "test": "b.csv"}
    data = Dataset("mine", "classification", Table(), str(tmp_path), files=files)
    assert list(data.unlabelled(data.load())) == [("two", "films"), ("four", "films")]


def test_sentences_without_tags_are_left_out_too(tmp_path):
    rows = [{"words": text.split()} | ({"ner": tags} if tags else {}) for text, tags in TAGGED]
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    reader = JsonLines(tokens="words", tags="ner")
    dataset = Dataset("mine", "tagging", reader, str(tmp_path), files={"train": "a.jsonl"})
    assert [example.tokens[0] for example in dataset.load().splits["train"]] == ["Ann", "Bob"]
    assert list(dataset.unlabelled(dataset.load())) == [("She", "sings")]


def test_counts_and_digests_of_files_with_labels_are_as_before(tmp_path):
    (tmp_path / "a.csv").write_text(csv_of([row for row in ROWS if row[1]]), encoding="utf-8")
    (tmp_path / "more.txt").write_text("One text\n", encoding="utf-8")
    files = {"train": "a.csv", "unlabelled": "more.txt"}
    dataset = Dataset("mine", "classification", Table(), str(tmp_path), files=files)
    assert "unlabelled" not in dataset.load().counts
    assert dataset.unlabelled(dataset.load()).mixed == ()
