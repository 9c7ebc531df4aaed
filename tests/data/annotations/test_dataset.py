"""Data sets of annotation tools: the task, splits, ids and counts that follow from their files."""

import json
import os

import pytest
from tests.refusals import refusal

from seedbed.data.annotations.doccano import Doccano
from seedbed.data.annotations.spacy_files import Spacy
from seedbed.data.dataset import Dataset

TEXT = "Ann Smith lives in New-York"
ROWS = [{"id": n, "text": f"{TEXT} {n}", "label": [[0, 9, "PER"], [23, 27, "LOC"]]} for n in range(20)]
CLASSES = [{"id": n, "text": f"text {n}", "label": [("neg", "pos")[n % 2]]} for n in range(20)]
HELD_OUT = {"test": 0.2, "validation": 0.1}


@pytest.fixture
def dataset(tmp_path):
    """A data set of files with these rows."""

    def made(*rows, reader=None, **settings):
        names = []
        for number, of_file in enumerate(rows):
            names.append(f"{'abcdef'[number]}.jsonl")
            (tmp_path / names[-1]).write_text("".join(json.dumps(row) + "\n" for row in of_file), encoding="utf-8")
        files = {} if len(names) == 1 else {"all": names}
        path = tmp_path / names[0] if len(names) == 1 else tmp_path
        keys = {"task": "auto", "tokenizer": "reviews", "held_out": HELD_OUT, "path": str(path), "files": files}
        return Dataset(**keys | settings, reader=reader or Doccano())

    return made


def test_a_file_as_path_is_all_examples_and_tells_the_task(dataset):
    tagged, classes = dataset(ROWS), dataset(CLASSES)
    assert (tagged.task, tagged.files) == ("tagging", {"all": "a.jsonl"})
    classes = dataset(CLASSES)
    assert classes.task == "classification"
    assert {split: len(examples) for split, examples in classes.load().splits.items()} == {
        "train": 14, "validation": 2, "test": 4,
    }  # fmt: skip


def test_tags_follow_the_tokenizer_and_splits_are_counted(dataset):
    corpus = dataset(ROWS).load()
    assert corpus.by_id["3"].tokens == ("Ann", "Smith", "lives", "in", "New-", "York", "3")
    assert corpus.by_id["3"].target == ("B-PER", "I-PER", "O", "O", "O", "B-LOC", "O")
    assert corpus.counts["spans_that_split_a_token"] == 20
    grown = dataset(ROWS, reader=Doccano(misaligned="grow"), lowercase=True).load()
    assert grown.by_id["3"].tokens[4:] == ("new-york", "3")
    assert grown.counts["spans_grown_to_tokens"] == 20


def test_a_corpus_from_the_cache_is_the_same(dataset):
    one, other = dataset(ROWS).load(), dataset(ROWS).load()
    assert (one.digest, one.counts) == (other.digest, other.counts)


def test_files_by_several_annotators_are_one_data_set(dataset):
    bob = [row | {"label": [[0, 3, "PER"]]} for row in ROWS[:8]]
    corpus = dataset(ROWS, bob).load()
    assert sum(map(len, corpus.splits.values())) == 20
    assert corpus.counts["documents_annotated_differently"] == 8
    own = dataset(ROWS, bob, reader=Doccano(annotator="b")).load()
    assert sum(map(len, own.splits.values())) == 8
    assert own.counts["unlabelled"] == 12
    message = refusal(dataset(ROWS, bob, reader=Doccano(annotator="carl")).load)
    assert message.startswith("dataset.reader.annotator=carl: no such annotator")


def test_other_documents_with_the_same_ids_in_two_files_are_kept_apart(dataset):
    others = [row | {"text": f"Bob {row['text']}", "label": [[0, 3, "PER"]]} for row in ROWS]
    corpus = dataset(ROWS, others).load()
    assert {"all/a.jsonl/3", "all/b.jsonl/3"} <= set(corpus.by_id)


def test_documents_without_annotation_are_left_to_pretraining(dataset):
    rows = [*ROWS, {"id": 99, "text": "not read yet", "label": []}]
    corpus = dataset(rows).load()
    assert corpus.counts["unlabelled"] == 1
    assert list(dataset(rows).unlabelled(corpus)) == [("not", "read", "yet")]
    assert "a.jsonl:21: no label" in refusal(dataset(rows, without_label="refuse").load)
    all_labelled = dataset(rows, reader=Doccano(without_spans="labelled")).load()
    assert all_labelled.by_id["99"].target == ("O", "O", "O")


def test_what_one_of_several_files_has_annotated_is_not_left_to_pretraining(dataset):
    bob = [row | {"label": []} for row in ROWS]
    data = dataset([*ROWS, {"id": 99, "text": "never read", "label": []}], bob, reader=Doccano(annotator="a"))
    corpus = data.load()
    assert list(data.unlabelled(corpus)) == [("never", "read")]


@pytest.mark.parametrize(
    ("rows", "reader", "texts"),
    [
        # Annotated, and without a class.
        ([[*CLASSES, {"id": 99, "text": "no class", "label": []}]], Doccano(without_spans="labelled"), ["no class"]),
        ([[*CLASSES, {"id": 99, "text": "a blank", "label": [" "]}]], Doccano(), ["a blank"]),
        # A majority is for the span, and none for a class.
        (
            [
                [*CLASSES, {"id": 99, "text": "a tie", "label": [[0, 1, "X"], "pos"]}],
                [{"id": 99, "text": "a tie", "label": [[0, 1, "X"], "neg"]}],
            ],
            Doccano(annotator="majority"),
            ["a tie"],
        ),
    ],
)
def test_all_texts_that_are_counted_as_unlabelled_are_left_to_pretraining(rows, reader, texts, dataset):
    data = dataset(*rows, reader=reader, task="classification")
    corpus = data.load()
    assert [" ".join(tokens) for tokens in data.unlabelled(corpus)] == texts
    assert corpus.counts["unlabelled"] == len(texts)


def test_a_text_with_a_class_and_without_tags_is_left_to_pretraining_in_tagging(tmp_path):
    words = [{"orth": "Ann", "ner": "U-PER"}, {"orth": "ran", "space": "", "ner": "O"}]
    tagged = [{"sentences": [{"tokens": [*words, {"orth": str(n), "ner": "O"}]}]} for n in range(20)]
    other = {"sentences": [{"tokens": [{"orth": "Only"}, {"orth": "good"}]}], "cats": [{"label": "good", "value": 1}]}
    path = tmp_path / "a.json"
    path.write_text(json.dumps([{"paragraphs": [*tagged, other]}]), encoding="utf-8")
    data = Dataset(task="tagging", path=str(path), reader=Spacy(), tokenizer="reviews", held_out=HELD_OUT)
    corpus = data.load()
    assert corpus.counts["unlabelled"] == 1
    assert list(data.unlabelled(corpus)) == [("Only", "good")]


def test_a_text_that_only_another_split_has_annotated_is_left_to_pretraining(dataset):
    new = [{"id": "new", "text": "never read", "label": []}]
    read = [{"id": "new", "text": "never read", "label": ["pos"]}]
    files = {"train": "a.jsonl", "test": "b.jsonl"}
    data = dataset([*CLASSES, *new], [*CLASSES, *read], files=files, held_out={}, task="classification")
    corpus = data.load()
    assert corpus.counts["unlabelled"] == 1
    assert list(data.unlabelled(corpus)) == [("never", "read")]


def test_the_task_may_be_named_and_one_that_does_not_fit_is_refused(dataset):
    assert dataset(ROWS, task="tagging").task == "tagging"
    message = refusal(dataset(ROWS, task="classification").load)
    assert "a.jsonl:1: document 0 has spans and no class: an export of another project type" in message
    assert "has both spans and a class" in refusal(dataset, [ROWS[0] | {"cats": ["x"]}])


def test_several_classes_of_a_text_are_refused_or_decided_by_the_setting(dataset):
    rows = [*CLASSES, {"id": 99, "text": "both", "label": ["neg", "pos"]}]
    assert "a.jsonl:21: document 99 has 2 classes (neg, pos)" in refusal(dataset(rows).load)
    assert dataset(rows, reader=Doccano(several_labels="join")).load().by_id["99"].target == "neg+pos"
    assert dataset(rows, reader=Doccano(several_labels="first")).load().by_id["99"].target == "neg"


def test_a_file_that_is_missing_or_never_annotated_is_said(dataset, tmp_path):
    missing = Dataset(task="auto", path=str(tmp_path / "none.jsonl"), reader=Doccano())
    assert missing.task == "auto"
    assert "none.jsonl: there is no such file" in refusal(missing.load)
    bare = dataset([{"id": 1, "text": "a", "label": []}])
    assert "no document has an annotation" in refusal(bare.load)


def test_the_task_is_told_anew_where_the_file_has_changed(dataset, tmp_path):
    assert dataset(ROWS).task == "tagging"
    changed = dataset(CLASSES)
    os.utime(tmp_path / "a.jsonl", (1, 1))
    assert changed.task == "classification"
