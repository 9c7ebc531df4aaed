"""Files as ``datasets`` 5.2.0 writes them: a stream of Arrow (``save_to_disk``) or Parquet, features in the schema."""

import json

import pyarrow as pa
import pytest
from pyarrow import parquet

from seedbed.data.annotations.hugging_face import HuggingFace
from seedbed.data.compressed_files import limit_size
from seedbed.data.dataset import Dataset
from seedbed.data.raw_example import RawExample

STRING = {"dtype": "string", "_type": "Value"}
TAGS = {"feature": {"names": ["O", "B-PER", "I-PER"], "_type": "ClassLabel"}, "_type": "List"}
TAGGED = {"id": STRING, "tokens": {"feature": STRING, "_type": "List"}, "ner_tags": TAGS}
LABELLED = {"text": STRING, "label": {"names": ["neg", "pos"], "_type": "ClassLabel"}}
ROWS = {"id": ["a", "b"], "tokens": [["Ann", "ran"], ["Oh"]], "ner_tags": [[1, 0], None]}


@pytest.fixture(params=["stream", "file", "parquet"])
def write(request, tmp_path):
    def written(columns, features, name="a", rows=None):  # rows: of a batch; batches are packed then
        metadata = {"huggingface": json.dumps({"info": {"features": features}})} if features else None
        table = pa.table(columns).replace_schema_metadata(metadata)
        path = tmp_path / f"{name}.{'parquet' if request.param == 'parquet' else 'arrow'}"
        if request.param == "parquet":
            parquet.write_table(table, path, row_group_size=rows)
        else:
            make = pa.ipc.new_stream if request.param == "stream" else pa.ipc.new_file
            options = pa.ipc.IpcWriteOptions(compression="zstd" if rows else None)
            with make(str(path), table.schema, options=options) as writer:
                writer.write_table(table, rows)
        return path

    return written


def test_tags_have_the_names_of_their_feature(write):
    path = write(ROWS, TAGGED)
    assert HuggingFace().detect(path) == "tagging"
    assert list(HuggingFace().read(path)) == [
        RawExample(("Ann", "ran"), ("B-PER", "O"), 1, "a"), RawExample(("Oh",), (), 2, "b"),
    ]  # fmt: skip


def test_labels_have_the_names_of_their_feature_and_minus_one_is_none(write):
    path = write({"text": ["good", "bad", "?"], "label": [1, 0, -1]}, LABELLED)
    assert HuggingFace().detect(path) == "classification"
    assert [(raw.words, raw.target) for raw in HuggingFace().read(path)] == [("good", "pos"), ("bad", "neg"), ("?", "")]


def test_columns_without_features_are_named(write, refused):
    path = write({"body": ["a", "b"], "stars": [5, 1], "title": ["x", "y"]}, None)
    assert "0 columns could be it: dataset.reader.label=NAME" in refused(HuggingFace(text="body"), path)
    assert "2 columns could be it: dataset.reader.text=NAME names one of body, title" in refused(
        HuggingFace(label="stars"), path
    )
    assert [raw.target for raw in HuggingFace(text="body", label="stars").read(path)] == ["5", "1"]
    assert "no column 'x'; there are body, stars, title" in refused(HuggingFace(text="x", label="stars"), path)


def test_a_data_set_of_it(write):
    columns = {"id": [str(n) for n in range(20)], "tokens": [["Ann", f"w{n}"] for n in range(20)]}
    path = write(columns | {"ner_tags": [[1, 0]] * 20}, TAGGED)
    corpus = Dataset(task="auto", path=str(path), reader=HuggingFace(), held_out={"test": 0.2}).load()
    assert (corpus.task, corpus.labels) == ("tagging", ("O", "B-PER"))
    assert corpus.by_id["7"].tokens == ("Ann", "w7")


def test_the_limit_of_a_data_set_holds_for_all_batches_of_a_file(write, refused):
    texts = [f"{number:05} {'x' * 994}" for number in range(3000)]
    path = write({"text": texts, "label": [0, 1] * 1500}, LABELLED, rows=300)

    class Limited(HuggingFace):
        def read(self, path):
            return limit_size(super().read(path), 0.001)  # opens the file within the limit, and reads on without it

    refused(Limited(), path, "more than dataset.max_file_gb=0.001")
    assert sum(1 for _ in HuggingFace().read(path)) == 3000


def test_bad_rows_are_refused(write, refused):
    assert "a.parquet:1: 1 tokens but 2 tags" in refused(
        HuggingFace(), write({"tokens": [["a"]], "ner_tags": [[1, 0]]}, TAGGED)
    ).replace(".arrow", ".parquet")
    assert "none of them empty" in refused(HuggingFace(), write({"tokens": [[""]], "ner_tags": [[1]]}, TAGGED))
    assert "tag 9 has no name" in refused(HuggingFace(), write({"tokens": [["a"]], "ner_tags": [[9]]}, TAGGED))
    assert "has no text" in refused(HuggingFace(), write({"text": [None, "a"], "label": [1, 0]}, LABELLED))


def test_other_files_are_refused(tmp_path, refused):
    path = tmp_path / "a.arrow"
    path.write_bytes(b"\xff\xff\xff\xff" + bytes(40))
    assert "a.arrow" in refused(HuggingFace(), path, "Arrow")
    path.write_text("text,label\na,b\n")
    assert "no Arrow file of datasets, and no Parquet" in refused(HuggingFace(), path)
