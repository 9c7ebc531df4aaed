"""What ``seedbed predict`` reads from a table."""

import csv

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.refusals import refusal

from seedbed.cli.predict_files import read_rows

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\0"), min_size=1, max_size=30)


def written(folder, text, name="in.csv"):
    (folder / name).write_text(text, encoding="utf-8")
    return str(folder / name)


@given(texts=st.lists(TEXTS, min_size=1, max_size=8), separator=st.sampled_from(",;\t|"))
def test_the_texts_of_a_table_are_those_that_pandas_wrote(tmp_path_factory, texts, separator):
    file = tmp_path_factory.mktemp("table") / "in.csv"
    frame = pd.DataFrame({"id": range(len(texts)), "text": texts})
    frame.to_csv(file, sep=separator, index=False, quoting=csv.QUOTE_ALL, lineterminator="\n")
    assert list(read_rows(str(file), "")) == texts


def test_another_column_is_named(tmp_path):
    file = written(tmp_path, "review;text\na b;1\n\nc;2\n", "in.tsv")
    assert list(read_rows(file, "", "review")) == ["a b", "c"]
    assert list(read_rows(file, "lines")) == ["review;text", "a b;1", "", "c;2"]
    assert list(read_rows(written(tmp_path, 'text\n"a, b"\n', "in.txt"), "csv")) == ["a, b"]


@pytest.mark.parametrize(("text", "message"), [
    ("review,stars\na,1\n", r"in.csv:1: no column 'text'; there are review, stars: choose one by column=NAME, or read"),
    ("", "in.csv:1: no column 'text'; there are : choose one by"),
    ("text,n\na,1\nb\n", "in.csv:3: 1 columns, and the header has 2"),
    ('text,n\na,1\n"b,2\nc,3\n', "in.csv:4: unexpected end of data: is a quote not closed?"),
])  # fmt: skip
def test_what_is_no_such_table_is_refused_with_the_line(tmp_path, text, message):
    assert refusal(lambda: list(read_rows(written(tmp_path, text), "")), match=message).startswith(str(tmp_path))
