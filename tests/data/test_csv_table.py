"""CsvTable tables: rows as wide as their header, and quotes that are characters never swallow rows in silence."""

import contextlib
import csv
import io
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seedbed.data import csv_dialect
from seedbed.data.csv_dialect import SEPARATORS, CsvDialect
from seedbed.data.csv_readers import Gmb, Table
from seedbed.data.csv_table import CsvTable
from seedbed.data.unclosed_quotes import quoted_fields
from seedbed.errors import InputError
from seedbed.label_sets import LabelSet


@pytest.fixture
def write(tmp_path):
    def written(text, name="a.csv"):
        (tmp_path / name).write_text(text, encoding="utf-8", newline="")
        return tmp_path / name

    return written


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("tables")


def rows(reader, path):
    return [(raw.words, raw.target) for raw in reader.read(path)]


ROW_NAMES = (
    "every row has one more, so its first column seems to be row names without a name: write the table without them "
    "(R: row.names=FALSE, pandas: index=False), or name that column in the header"
)


@pytest.mark.parametrize(
    "text",
    [
        '"text","label"\n"1","bad film","neg"\n"2","good film","pos"\n',  # R: write.csv without its header's ""
        "text,label\na,bad film,neg\nb,good film,pos\n",
        '"label" "text"\n"1" "neg" "bad film"\n'.replace(" ", ","),
    ],
)
def test_row_names_without_a_name_are_refused_with_what_to_do(write, text, refused):
    assert refused(Table(), write(text), "a.csv:2: 3 columns under a header of 2", ROW_NAMES)


def test_row_names_with_a_name_are_a_column_like_others(write):
    for head in ('"","text","label"', ",text,label", "Unnamed: 0,text,label"):
        assert rows(Table(), write(f"{head}\n1,bad film,neg\n2,good film,pos\n")) == [
            ("bad film", "neg"), ("good film", "pos"),
        ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "given_settings", "message"),
    [
        ("text,label\na,0\nwell, indeed,0\n", {}, "a.csv:3: 3 columns under a header of 2; a text with a comma"),
        ("text,label\nbad film,a 0,0\nbad film,b,0\n", {}, "a.csv:2: 3 columns under a header of 2; a text with"),
        ("text,label\nbad,a,0\nb c,b,0\n", {}, "in the header; or a text with a comma in it needs quotes around it"),
        ("text,label\na \\\nb,0\n", {}, "where \\ stands before a line end of the text: dataset.reader.esc"),
        ("text,label\na,0,\nb,1,\n", {}, "a.csv:2: 3 columns under a header of 2; every row ends in a comma"),
        ("text,label\na\\, b,0\n", {}, "where \\ stands before a comma of the text: dataset.reader.escape=backslash"),
        ('text,label\na,0\n"a, b",0\n', {"quotes": False}, "a.csv:3: 3 columns under a header of 2; where quotes"),
        ("text,label\na,0\nb\n", {}, "a.csv:3: 1 column under a header of 2; a row cut short"),
        ("text,label,more\na,0,x\nb,1\n", {}, "a.csv:3: 2 columns under a header of 3"),
        ("text,label\n\na,0\n\nb,1,2\n", {}, "a.csv:5: 3 columns under a header of 2"),
        ('text,label\n"a\nb",0\nb,1,2\n', {}, "a.csv:4: 3 columns under a header of 2"),
        ('text,label\na,0\n"a\nb",1,2\n', {}, "a.csv:3: 3 columns under a header of 2"),
        ("a,0\nb,1,2\n", {"header": False}, "a.csv:2: 3 columns where the first row has 2"),
        ("text;label\na;0\n", {}, "there are text;label; did you mean dataset.reader.separator=semicolon?"),
        ("text\tlabel\na\t0\n", {}, "did you mean dataset.reader.separator=tab?"),
        ("a,0\n", {"header": False, "label_column": "2"}, "a.csv:1: no column '2'; there are 0, 1"),
    ],
)  # fmt: skip
def test_a_row_of_another_width_is_refused_with_its_line_and_what_to_set(write, text, given_settings, message, refused):
    own = given_settings
    if "header" in own:
        own = {"text_column": "0", "label_column": "1", **own}
    assert refused(Table(**own), write(text), message)
    if own.get("label_column") != "2":
        with pytest.raises(InputError, match=r"a.csv:"):
            list(Table(**own).words(write(text)))


def test_gmb_rows_are_as_wide_as_their_header(write, refused):
    head = "Sentence #,Word,POS,Tag\n"
    assert refused(Gmb(), write(f"{head}1,s1,a,NN,O\n2,,b,NN,O\n"), "a.csv:2: 5 columns under a header of 4", ROW_NAMES)
    assert refused(
        Gmb(), write(f"{head}s1,a,NN,O\n,1,000,CD,O\n"), "a.csv:3: 5 columns under a header of 4; a text with a comma"
    )


def test_rows_say_the_line_where_they_begin(write):
    path = write('text,label\n"a\n\nb",0\n\nc,1\n"d\r\ne",1\nf,0\n')
    assert [raw.line for raw in Table().read(path)] == [2, 6, 7, 9]


TWEETS = [
    ("1", "so what", "neg"), ("2", '"Hello world', "pos"), ("3", "nothing", "neg"), ("4", 'he said "no"', "neg"),
    ("5", 'she left"', "pos"), ("6", "fine", "pos"),
]  # fmt: skip


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_a_tweet_that_begins_with_a_quote_swallows_no_rows(write, order, refused):
    """Rows 2 to 5 would be one, as its quote closes at the end of a text."""
    names = ("id", "text", "label")
    tweets = [[row[at] for at in order] for row in (names, *TWEETS)]
    path = write("".join("\t".join(row) + "\n" for row in tweets if '"no"' not in "".join(row)))
    assert refused(
        Table(separator="tab"), path,
        "a.csv:3: the quote that opens here takes in lines that look like rows, up to line 5; dataset.reader.quotes",
    )  # fmt: skip
    with pytest.raises(InputError, match=r"a.csv:3: the quote that opens here"):
        list(Table(separator="tab").words(path))
    kept = [row[1:] for row in TWEETS if '"no"' not in row[1]]
    assert rows(Table(separator="tab", quotes=False), path) == kept


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('text,label\na,0\n"b,1\nc,0\n', "a.csv:3: the quote that opens here is never closed; dataset"),
        ('text,label\na,0\n"b,1\nsay "x" now,0\n', "a.csv:3: the quote that opens here closes inside a text, in l"),
        ('text,label\n"a\nb",0\n"c"d,1\n', "a.csv:4: the quote that opens here closes inside a text, in line 4"),
        ('text,label\n"a\nb","c\nd\n', "a.csv:3: the quote that opens here is never closed"),
        ('text,label\n"He said \\"hi\\", ok",1\n', "a.csv:2: the quote that opens here closes inside a text, in"),
        ('text,label\na,0\n"The 12\\"",1\nb,0\n', 'a.csv:3: the quote that opens here is never closed; where \\"'),
    ],
)  # fmt: skip
def test_a_quote_that_does_not_close_is_refused_where_it_opens(write, text, message, refused):
    assert refused(Table(), write(text), message, "dataset.reader.")


def test_escaped_quotes_say_the_setting(write, refused):
    path = write('text,label\n"He said \\"hi\\", ok",1\n"\\"",0\n')
    assert refused(Table(), path, 'where \\" stands for a quote: dataset.reader.escape=backslash')
    assert rows(Table(escape="backslash"), path) == [('He said "hi", ok', "1"), ('"', "0")]
    assert list(Table(escape="backslash").words(path)) == ['He said "hi", ok', '"']


def test_a_gmb_token_that_is_a_bare_quote_swallows_no_rows(write, refused):
    head = "Sentence #,Word,POS,Tag\n"
    body = "s1,He,PRP,O\n" + ",the,DT,O\n,big,JJ,O\n" * 4
    path = write(f'{head}{body},",``,O\n,yes,UH,O\n,",``,O\n,He,PRP,O\n')
    assert refused(Gmb(), path, "a.csv:11: the quote that opens here takes in lines that look like rows, up to line 13")
    assert next(Gmb(quotes=False).read(path)).words[-4:] == ('"', "yes", '"', "He")


@pytest.mark.parametrize(
    "texts",
    [
        ["Great, movie\nI liked it", "fine", "bad, worse\nworst", "so so"],
        ["Two\nlines", "Three\n\nlines", "a\r\nb", "a,b\nc,d\ne,f\ng,h"],
        ["1,2\n3", "0, 1\n2, 3", "list:\n1, one\n2, two\n3, three", "x"],
    ],
)
@pytest.mark.parametrize("names", [("text", "label"), ("label", "text"), ("label", "text", "id")])
@pytest.mark.parametrize("separator", SEPARATORS)
def test_reviews_of_several_lines_are_read(write, texts, names, separator):
    labels = ["neg", "pos"] * 2
    table = pd.DataFrame({"text": texts, "label": labels, "id": ["a", "b", "c", "d"]})
    for quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_ALL):
        out = io.StringIO(newline="")
        table[list(names)].to_csv(out, index=False, sep=SEPARATORS[separator], quoting=quoting, lineterminator="\r\n")
        path = write(out.getvalue())
        assert rows(Table(separator=separator), path) == list(zip(texts, labels, strict=True))
        if "\r" not in "".join(texts):
            assert list(Table(separator=separator).words(path)) == texts


def test_a_table_of_texts_alone_has_no_rows_to_swallow(write):
    assert list(Table().words(write('text\n"Two\nlines, one text"\nLast\n'))) == ["Two\nlines, one text", "Last"]


def test_mysql_writes_backslashes_before_tabs_and_line_ends_and_n_for_null(write, refused):
    own = {"text_column": "0", "label_column": "1", "header": False, "separator": "tab", "quotes": False}
    path = write('a\\\tb\\\nc \\\\ "d\tpos\nC:\\new\tneg\n')
    assert rows(Table(**own, escape="backslash"), path) == [('a\tb\nc \\ "d', "pos"), ("C:\\new", "neg")]
    assert refused(Table(**own, escape="backslash"), write("a\tneg\n\\N\tpos\n"), r"a.csv:2: column '0' is \N (null)")
    assert rows(Table(**own, escape="backslash"), write("a\tneg\nb\t\\N\n")) == [("a", "neg"), ("b", "")]


def test_the_escape_is_one_of_those_that_are_known():
    for reader in (Table, Gmb):
        with pytest.raises(InputError, match=r"dataset.reader.escape=\^: choose , backslash|dataset.reader.escape"):
            reader(escape="^")


def test_a_field_beyond_all_measure_is_refused(write, monkeypatch, refused):
    monkeypatch.setattr(csv_dialect, "LINE_BYTES", 1 << 16)
    path = write('text,label\na,0\n"' + "b\n" * (1 << 16) + '",1\n')
    assert refused(Table(), path, "a.csv:3: a field of more than 64 MB")


def test_a_reader_that_ends_leaves_the_field_limit_of_another():
    first, second = csv_dialect.unlimited_fields(), csv_dialect.unlimited_fields()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert csv.field_size_limit() == csv_dialect.LINE_BYTES
    second.__exit__(None, None, None)


LABELS = st.sampled_from(["neg", "pos"])
WRITTEN = st.text(st.sampled_from(list("ab ,;\t\"\n\\'1")), max_size=12)


def as_table(folder: Path, table, **how) -> Path:
    with (folder / "random.csv").open("w", encoding="utf-8", newline="") as out:
        csv.writer(out, **how).writerows(table)
    return folder / "random.csv"


@settings(max_examples=50)
@given(
    texts=st.lists(st.tuples(WRITTEN, LABELS), min_size=1, max_size=12),
    separator=st.sampled_from(list(SEPARATORS)),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
    first=st.booleans(),
    header=st.booleans(),
    escaped=st.booleans(),
)
def test_what_a_writer_of_tables_wrote_is_read_back(folder, texts, separator, quoting, first, header, escaped):
    head = [("text", "label")] * header
    table = [row if first else row[::-1] for row in (*head, *texts)]
    how = {"doublequote": False, "escapechar": "\\"} if escaped else {}
    path = as_table(folder, table, delimiter=SEPARATORS[separator], quoting=quoting, **how)
    names = {} if header else {"text_column": str(int(not first)), "label_column": str(int(first)), "header": False}
    reader = Table(**names, separator=separator, escape="backslash" if escaped else "")
    assert rows(reader, path) == texts


@settings(max_examples=50)
@given(
    texts=st.lists(st.tuples(WRITTEN, LABELS), min_size=1, max_size=8),
    names=st.lists(st.one_of(st.integers(0, 99).map(str), WRITTEN), min_size=8, max_size=8),
    separator=st.sampled_from(list(SEPARATORS)),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)
def test_a_header_narrower_than_its_rows_is_never_read(folder, texts, names, separator, quoting, refused):
    table = [("text", "label"), *((name, *row) for name, row in zip(names, texts, strict=False))]
    path = as_table(folder, table, delimiter=SEPARATORS[separator], quoting=quoting)
    assert refused(Table(separator=separator), path, "random.csv:2: 3 columns under a header of 2; ")


@settings(max_examples=50)
@given(
    texts=st.lists(st.tuples(st.text(st.sampled_from(list("ab \"'")), max_size=5), LABELS), max_size=12),
    separator=st.sampled_from(list(SEPARATORS)),
    first=st.booleans(),
)
def test_bare_quotes_never_swallow_a_row_in_silence(folder, texts, separator, first):
    """The texts are written as they are, as most files of tweets have them."""
    texts = [("one", "neg"), ("two", "pos"), ("three", "neg"), *texts]
    table = [("text", "label"), *texts]
    lines = [SEPARATORS[separator].join(row if first else row[::-1]) for row in table]
    path = folder / "bare.csv"
    path.write_text("".join(f"{line}\n" for line in lines))
    assert rows(Table(separator=separator, quotes=False), path) == texts
    for read in (lambda: rows(Table(separator=separator), path), lambda: list(Table(separator=separator).words(path))):
        found = None
        with contextlib.suppress(InputError):
            found = read()
        assert found is None or len(found) == len(texts)


@given(
    fields=st.lists(st.tuples(st.booleans(), st.text(st.sampled_from(list('ab"\n\\,')), max_size=5)), min_size=1),
    escape=st.sampled_from(["", "\\"]),
)
def test_quoted_fields_are_found_where_they_are(fields, escape):
    written, wanted, at = [], [], 0
    for quoted, text in fields:
        if quoted:
            inner = text.replace("\\", "\\\\").replace('"', '\\"') if escape else text.replace('"', '""')
            own = f'"{inner}"'
            wanted.append((at, at + len(own)))
        else:
            own = "".join(sign for sign in text if sign in "ab")
        written.append(own)
        at += len(own) + 1
    assert list(quoted_fields(",".join(written), ",", escape)) == wanted


def test_the_names_of_an_empty_table_are_none(tmp_path):
    assert CsvTable(tmp_path / "a.csv", lambda: [], CsvDialect()).names == []


@pytest.mark.parametrize(
    ("settings", "column", "key"),
    [
        ({"text_column": "review"}, "label", "label_column"),
        ({"label_column": "stars"}, "text", "text_column"),
        ({"text_column": "review", "label_column": "stars", "where": {"lang": "en"}}, "lang", "where.lang"),
        ({"text_column": "review", "label_column": "stars", "id_column": "nr"}, "nr", "id_column"),
    ],
)
def test_a_column_that_is_not_there_is_named_with_the_key_that_sets_it(write, settings, column, key, refused):
    file = write("review,stars\na,0\n")
    assert refused(
        Table(**settings), file, f"no column {column!r}; there are review, stars: choose one by dataset.reader.{key}="
    )


@pytest.mark.parametrize("label", ['"[""a"", ""b""]"', "\"['a', 'b']\"", "\"['a']\"", "\"['a' 'b']\""])
def test_a_label_that_is_a_list_is_a_set_of_labels(write, label):
    target = list(Table().read(write(f"text,label\nw,[a]\nx,{label}\n")))[1].target
    assert target == LabelSet.of(["a", "b"] if "b" in label else ["a"])


def test_labels_of_a_cell_are_separated_by_name_or_sign(write):
    file = write("text,label\nv,\nw,b; a\nx,;\ny,a;a\n")
    expected = ["", LabelSet(("a", "b")), LabelSet(), LabelSet(("a",))]
    for separator in ("semicolon", ";"):
        assert [row.target for row in Table(label_separator=separator).read(file)] == expected


def test_a_label_in_brackets_is_no_list(write):
    assert [row.target for row in Table().read(write("text,label\nw,[a]\nx,[unknown]\n"))] == ["[a]", "[unknown]"]
