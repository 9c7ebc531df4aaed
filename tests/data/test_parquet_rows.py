"""Parquet tables give what the same table as CSV gives; what is no text or number is refused in a line."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet
from tests.refusals import refusal

from seedbed.data import parquet_files
from seedbed.data.csv_readers import Gmb, Table
from seedbed.data.dataset import Dataset
from seedbed.errors import InputError
from seedbed.limits import size_limit

FRAME = pd.DataFrame({"label": [0, 1, 0], "text": ["One, two", "a\nb", "c"], "source": ["x", "y", "x"]})


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("parquet")


def written(folder, table, name="a.parquet", **how):
    parquet.write_table(table if isinstance(table, pa.Table) else pa.Table.from_pandas(table), folder / name, **how)
    return folder / name


def rows(path, **settings):
    return [(raw.words, raw.target, raw.line) for raw in Table(**settings).read(path)]


def refused(path, message, **settings):
    return refusal(rows, path, match=message, **settings)


def test_strings_numbers_and_categories_are_texts(folder):
    path = written(folder, FRAME.assign(label=FRAME["label"].map({0: "neg", 1: "pos"}).astype("category")))
    assert rows(path) == [("One, two", "neg", 1), ("a\nb", "pos", 2), ("c", "neg", 3)]
    assert rows(written(folder, FRAME))[0] == ("One, two", "0", 1)
    assert rows(written(folder, FRAME.assign(label=[True, False, True])))[1] == ("a\nb", "False", 2)
    large = pa.table({"text": pa.array(["a"], pa.large_string()), "label": pa.array([1], pa.uint8())})
    assert rows(written(folder, large, compression="zstd")) == [("a", "1", 1)]


def test_columns_are_chosen_as_in_other_tables(folder):
    path = written(folder, FRAME)
    assert rows(path, where={"source": "x"}) == [("One, two", "0", 1), ("c", "0", 3)]
    assert [raw.id for raw in Table(id_column="source").read(path)] == ["x", "y", "x"]
    assert rows(path, header=False, text_column="1", label_column="2") == [
        ("One, two", "x", 1), ("a\nb", "y", 2), ("c", "x", 3),
    ]  # fmt: skip
    assert list(Table(where={"source": "y", "other": "z"}).words(path)) == ["a\nb"]
    assert refused(path, "a.parquet: no column 'label_text'; there are label, text, source", label_column="label_text")
    with pytest.raises(InputError, match="it is a Parquet file; write it as CSV or JSON lines"):
        list(Gmb().read(path))


def test_a_data_set_is_the_same_as_parquet_and_as_csv(folder):
    FRAME.to_csv(folder / "a.csv", index=False)
    written(folder, FRAME)
    own = [Dataset("t", reader=Table(), path=str(folder), files={"train": name}) for name in ("a.csv", "a.parquet")]
    assert own[0].load().digest == own[1].load().digest


@pytest.mark.parametrize(
    ("column", "message"),
    [
        (pa.array(["a", None, "b"]), "a.parquet:2: column 'text' is null in this row"),
        (pa.array([None, None, None]), "column 'text' holds null: strings or whole numbers are needed"),
        (pa.array([0.5, 1.0, 2.0]), "column 'text' holds double: strings or whole numbers"),
        (pa.array([["a"], [], ["b"]]), "column 'text' holds list<.*>: strings or whole numbers"),
        (pa.array([b"\xff", b"", b"a"]), "column 'text' holds binary: strings or whole numbers"),
        (pa.Array.from_buffers(pa.string(), 3, pa.array([b"\xff", b"", b"a"]).buffers()), "unreadable Parquet"),
    ],
    ids=str,
)  # fmt: skip
def test_other_columns_are_refused_in_a_line(folder, column, message):
    assert refused(written(folder, pa.table({"text": column, "label": ["x", "y", "x"]})), message)


def test_damaged_files_are_refused(folder):
    path = written(folder, FRAME)
    path.write_bytes(path.read_bytes()[:-9])
    assert refused(path, "unreadable Parquet")
    whole = written(folder, pd.concat([FRAME] * 500)).read_bytes()
    path.write_bytes(whole[:40] + bytes(60) + whole[100:])
    assert refused(path, "unreadable Parquet")


def test_strings_that_are_not_utf8_are_refused(folder):
    """PyArrow 25 reads them without a word, and fails where they become Python strings."""
    starts, characters = np.array([0, 1, 3], np.int32), b"a\xc3("
    broken = pa.Array.from_buffers(pa.string(), 2, [None, pa.py_buffer(starts), pa.py_buffer(characters)])
    path = written(folder, pa.table({"text": broken, "label": ["x", "y"]}))
    assert refused(path, "Invalid UTF8 sequence at string index 1")


def test_names_of_columns_leave_the_message_on_one_line(folder):
    path = written(folder, pa.table({"a\nb": ["x"], "label": ["y"]}))
    assert refused(path, "no column 'text'; there are a b, label")


def test_a_small_file_that_holds_much_is_refused_in_time(folder, monkeypatch):
    monkeypatch.setattr(parquet_files, "ROWS", 16)
    path = written(folder, pa.table({"text": ["a" * 10_000] * 500, "label": ["x"] * 500}))
    assert path.stat().st_size < 100_000
    with size_limit(0.0002), pytest.raises(InputError, match=r"a.parquet: more than dataset.max_file_gb=0.0002"):
        list(Table().read(path))


@settings(max_examples=30)
@given(st.lists(st.tuples(st.text(max_size=9), st.sampled_from(["neg", "pos"])), min_size=1, max_size=600))
def test_what_was_written_is_read_back(folder, texts):
    path = written(folder, pd.DataFrame(texts, columns=["text", "label"]))
    assert [found[:2] for found in rows(path)] == texts
