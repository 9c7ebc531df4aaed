"""Data sets whose texts have several labels, from each kind of file; an unlabelled text is not one without labels."""

import json

import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet
from tests.refusals import refusal

from seedbed.data.annotations.doccano import Doccano
from seedbed.data.annotations.hugging_face import HuggingFace
from seedbed.data.corpus_cache import pack, unpack
from seedbed.data.csv_readers import Table
from seedbed.data.dataset import Dataset
from seedbed.data.readers import JsonLines
from seedbed.data.several_labels import with_targets_of
from seedbed.label_sets import LabelSet

ROWS = [("one film", ["b", "a"]), ("two films", []), ("three films", None), ("four films", ["a"])]
SETS = [LabelSet(("a", "b")), LabelSet(), LabelSet(("a",))]
FEATURES = {"labels": {"feature": {"names": ["a", "b"], "_type": "ClassLabel"}, "_type": "List"}}


def lines(key):
    return "".join(
        json.dumps({"text": text} | ({key: labels} if labels is not None else {})) + "\n" for text, labels in ROWS
    )


def csv_text():
    cells = {None: "", (): ";", ("b", "a"): "b;a", ("a",): "a"}
    return "text,label\n" + "".join(f"{text},{cells[None if own is None else tuple(own)]}\n" for text, own in ROWS)


def columns_text():
    cells = {None: ",", (): "0,0", ("b", "a"): "1,yes", ("a",): "True,"}
    return "text,a,b\n" + "".join(f"{text},{cells[None if own is None else tuple(own)]}\n" for text, own in ROWS)


def table(key="label", values=lambda labels: labels, features=None):
    columns = {"text": [text for text, _ in ROWS], key: [None if own is None else values(own) for _, own in ROWS]}
    return pa.table(columns).replace_schema_metadata(features)


KINDS = {
    "lines.jsonl": (JsonLines(), lambda path: path.write_text(lines("label"))),
    "cells.csv": (Table(label_separator="semicolon"), lambda path: path.write_text(csv_text())),
    "columns.csv": (Table(label_columns=["a", "b"]), lambda path: path.write_text(columns_text())),
    "lists.parquet": (Table(), lambda path: parquet.write_table(table(), path)),
    "datasets.parquet": (
        HuggingFace(),
        lambda path: parquet.write_table(
            table("labels", lambda own: ["ab".index(label) for label in own],
                  {"huggingface": json.dumps({"info": {"features": FEATURES}})}),
            path,
        ),
    ),
}  # fmt: skip


@pytest.fixture(params=KINDS)
def made(request, tmp_path, monkeypatch):
    """A data set of the four rows, of which one is unlabelled and one has no label."""
    monkeypatch.setenv("SEEDBED_CACHE", str(tmp_path / "cache"))
    reader, write = KINDS[request.param]
    write(tmp_path / request.param)

    def dataset(task="multilabel", **settings):
        return Dataset("mine", task, reader, str(tmp_path), files={"train": request.param}, **settings)

    return dataset


def test_each_kind_of_file_gives_the_sets_and_leaves_unlabelled_texts_out(made):
    corpus = made().load()
    assert [example.target for example in corpus] == SETS
    assert (corpus.task, corpus.labels, corpus.classes) == ("multilabel", ("a", "b"), ("a", "b"))
    assert corpus.counts["unlabelled"] == 1


def test_unlabelled_texts_may_count_as_texts_without_labels(made):
    corpus = made(without_label="no_labels").load()
    assert [example.target for example in corpus] == [SETS[0], LabelSet(), LabelSet(), SETS[2]]
    assert "unlabelled" not in corpus.counts


def test_one_class_for_each_text_is_refused_with_what_to_type(made):
    message = refusal(made("classification").load)
    assert "dataset.task=multilabel learns all of them" in message


def test_labels_are_renamed_one_by_one_and_an_unknown_one_is_refused(made):
    corpus = made(labels={"a": "x", "b": "y"}).load()
    assert next(iter(corpus)).target == LabelSet(("x", "y"))
    assert "unknown label 'b'; dataset.labels has a" in refusal(made(labels={"a": "x"}).load)


def test_a_task_of_a_file_of_datasets_follows_from_its_features(tmp_path):
    path = tmp_path / "datasets.parquet"
    KINDS[path.name][1](path)
    assert Dataset(task="auto", path=str(path), reader=HuggingFace()).task == "multilabel"


def test_a_cached_corpus_is_the_same(made, tmp_path):
    corpus = made().load()
    (tmp_path / "corpus.npz").write_bytes(pack(corpus))
    assert unpack(tmp_path / "corpus.npz") == corpus


def test_digests_tell_sets_apart(tmp_path):
    digests = set()
    for labels in (["a b"], ["a", "b"], []):
        (tmp_path / "a.jsonl").write_text(
            "".join(json.dumps({"text": f"t{n}", "label": own}) + "\n" for n, own in enumerate([labels, ["a", "c"]]))
        )
        corpus = Dataset(task="multilabel", path=str(tmp_path), files={"train": "a.jsonl"}, reader=JsonLines()).load()
        digests |= {corpus.digest, corpus.data}
    assert len(digests) == 6


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([["a"], ["b"]], "every text has exactly one label.*label_separator=semicolon"),
        ([["a"], []], "has one label"),
        ([[], []], "has no label"),
    ],
)
def test_labels_that_cannot_be_learned_are_refused(tmp_path, labels, message):
    rows = [{"text": f"text {n}", "label": own} for n, own in enumerate(labels)]
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    settings = {"path": str(tmp_path), "files": {"train": "a.jsonl"}, "reader": JsonLines()}
    assert refusal(Dataset(task="multilabel", **settings).load, match=message)


def test_no_labels_for_unlabelled_rows_goes_with_sets_only():
    assert "goes with dataset.task=multilabel" in refusal(Dataset, without_label="no_labels", reader=JsonLines())


def test_annotations_of_several_classes_are_sets_where_all_are_wanted(tmp_path):
    rows = [{"id": n, "text": text, "label": labels or []} for n, (text, labels) in enumerate(ROWS)]
    path = tmp_path / "a.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    reader = Doccano(several_labels="all")
    corpus = Dataset(task="auto", path=str(path), reader=reader).load()
    assert corpus.task == "multilabel"
    assert sorted(str(example.target) for example in corpus) == ["a", "a, b"]
    annotated = Doccano(several_labels="all", without_spans="labelled")
    assert len(Dataset(task="auto", path=str(path), reader=annotated).load().by_id) == 4
    named = Dataset(task="multilabel", path=str(path), reader=Doccano()).load()
    assert named.digest == corpus.digest


def test_a_column_of_a_label_has_nothing_but_marks(tmp_path):
    (tmp_path / "a.csv").write_text("text,a,b\nfilm,1,maybe\n")
    message = refusal(lambda: list(Table(label_columns=["a", "b"]).read(tmp_path / "a.csv")))
    assert message.endswith("a.csv:2: column 'b' has 'maybe': 1 (true, yes) or 0 (false, no) is needed")


@pytest.mark.parametrize(("cell", "labels"), [
    (json.dumps(["caf\u00e9", 'a "b"', "c\\d"]), ("a \"b\"", "caf\u00e9", "c\\d")),
    ("['a', \"b's\"]", ("a", "b's")),
    ("['a' 'b']", ("a", "b")),
    ("[]", ()),
])  # fmt: skip
def test_a_list_in_a_cell_has_the_labels_that_were_printed(tmp_path, cell, labels):
    pd.DataFrame({"text": ["one"], "label": [cell]}).to_csv(tmp_path / "cells.csv", index=False)
    assert [row.target for row in Table().read(tmp_path / "cells.csv")] == [LabelSet.of(labels)]


@pytest.mark.parametrize("cell", ['["a", 3]', "[1, 2]", "[a, b]", "[null]", '{"a": 1}'])
def test_a_cell_that_is_no_list_of_texts_is_no_label(tmp_path, cell):
    pd.DataFrame({"text": ["one", "two"], "label": ["['a', 'b']", cell]}).to_csv(tmp_path / "cells.csv", index=False)
    rows = Table().read(tmp_path / "cells.csv")
    said = refusal(lambda: list(with_targets_of("multilabel", rows, tmp_path / "cells.csv", False)))
    assert "cells.csv:3: the label " in said
    assert "is no list of texts" in said
