"""What ``seedbed predict`` reads from a table."""

import csv

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.refusals import refusal

from seedbed.cli.predict_inputs import read_rows

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
    ("", "in.csv:1: the first line is empty"),
    ("\ntext\na\n", "in.csv:1: the first line is empty"),
    ("text,n,text\na,1,b\n", "in.csv:1: the column 'text' is there 2 times; rename one"),
    ("text\ra\rb", "in.csv:1: a carriage return outside of quotes"),
    ("text,n\na\rb,1\n", "in.csv:2: a carriage return outside of quotes"),
    ("text,n\na,1\nb\n", "in.csv:3: 1 columns, and the header has 2"),
    ('text,n\na,1\n"b,2\nc,3\n', "in.csv:3: unexpected end of data: is a quote not closed?"),
])  # fmt: skip
def test_what_is_no_such_table_is_refused_with_the_line(tmp_path, text, message):
    assert refusal(lambda: list(read_rows(written(tmp_path, text), "")), match=message).startswith(str(tmp_path))


def test_a_text_may_be_longer_than_a_field_of_python_s_csv(tmp_path):
    text = "word " * 40_000
    assert list(read_rows(written(tmp_path, f"text,n\n{text},1\n"), "")) == [text]


def test_a_name_in_the_header_may_have_a_line_end(tmp_path):
    assert list(read_rows(written(tmp_path, '"n\nm";text\n1;a\n2;"b\nc"\n'), "")) == ["a", "b\nc"]
    message = "in.csv:4: 1 columns, and the header has 2"
    refusal(lambda: list(read_rows(written(tmp_path, '"n\nm";text\n1;a\n2\n'), "")), match=message)


def test_a_column_of_what_is_no_table_is_refused(tmp_path):
    file = written(tmp_path, "a\n", "in.txt")
    said = refusal(lambda: list(read_rows(file, "", "text")))
    assert said.startswith("column=text: ")
    assert said.endswith("in.txt is read as lines; reading=csv reads a table")
