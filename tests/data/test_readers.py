import bz2
import gzip
import json

import pytest

from seedbed.data.csv_readers import Gmb, Table
from seedbed.data.readers import ClassFiles, Columns, JsonLines, LabelLines, RawExample
from seedbed.errors import InputError


@pytest.fixture
def write(tmp_path):
    def written(content, name="file.txt"):
        content = content if isinstance(content, bytes) else content.encode()
        path = tmp_path / name
        path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
        return path

    return written


def test_columns_are_sentences_between_blank_lines(write):
    path = write("-DOCSTART- -X- O\n\nEU NNP I-ORG\nrejects VBZ O\n\n \n\nPeter NNP I-PER\n")
    assert list(Columns().read(path)) == [
        RawExample(("EU", "rejects"), ("I-ORG", "O"), 3),
        RawExample(("Peter",), ("I-PER",), 8),
    ]


def test_columns_pick_token_and_tag_by_number(write):
    path = write("1\tB-x\tone\t_\n2\tO\ttwo\t_\n")
    assert list(Columns(token_column=2, tag_column=1).read(path)) == [RawExample(("one", "two"), ("B-x", "O"), 1)]
    assert next(Columns(token_column=-2, tag_column=-3, separator="tab").read(path)).target == ("B-x", "O")


def test_tab_columns_keep_spaces_and_windows_line_ends_are_no_text(write):
    path = write("New York\tB-loc\r\n\r\n")
    assert list(Columns(separator="tab").read(path)) == [RawExample(("New York",), ("B-loc",), 1)]


def test_packed_files_are_read_like_others(write):
    path = write("a O\n", "x.gz")
    assert list(Columns().read(path)) == [RawExample(("a",), ("O",), 1)]


def test_too_few_columns_are_refused_with_their_line(write, refused):
    assert refused(Columns(), write("a O\n\nb\n"), "file.txt:3", "too few columns: 1")
    assert refused(Columns(tag_column=3), write("a b c\n"), "file.txt:1", "too few columns: 3")
    assert refused(Columns(separator="tab"), write("a\tO\n\tO\n"), "file.txt:2", "empty token")


def test_label_lines_keep_what_unicode_calls_a_line_end(write, refused):
    path = write("0 one\x85two\n1\tthree\n\n".encode("latin-1"))
    assert list(LabelLines(encoding="latin-1").read(path)) == [
        RawExample("one\x85two", "0", 1),
        RawExample("three", "1", 2),
    ]
    assert refused(LabelLines(), write("0 a\n1\n"), "file.txt:2", "too few columns")


def test_class_files_are_of_the_class_of_their_name(write):
    path = write("good .\n\nfine .\n", "rt.pos.gz")
    assert [raw.target for raw in ClassFiles().read(path)] == ["rt.pos"] * 3
    assert [raw.target for raw in ClassFiles().read(write(bz2.compress(b"bad .\n"), "rt.neg.bz2"))] == ["rt.neg"]
    assert [raw.words for raw in ClassFiles().read(path)] == ["good .", "", "fine ."]


def test_json_lines_are_texts_or_tokens(write):
    path = write('{"id": "a", "label": 1, "text": "one\\ntwo"}\n\n{"label": "x", "text": "t"}\n')
    assert list(JsonLines().read(path)) == [RawExample("one\ntwo", "1", 1, "a"), RawExample("t", "x", 3)]
    path = write(json.dumps({"w": ["a", "b"], "t": ["O", "B-x"]}))
    assert list(JsonLines(tokens="w", tags="t").read(path)) == [RawExample(("a", "b"), ("O", "B-x"), 1)]
    assert JsonLines().task == "classification"
    assert JsonLines(tokens="w", tags="t").task == "tagging"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "not JSON"),
        ("[1]", "a JSON array, not JSON lines"),
        ('{"label": "a"}', "no key 'text'"),
        ('{"text": "a", "label": [true]}', "'label' holds true, where strings or whole numbers are needed"),
        ('{"text": "a", "label": ["x", " "]}', "number 2 of 'label' is empty"),
        ('{"text": "a", "label": true}', "no key 'label'"),
        ('{"text": ' + "[" * 100_000 + "]" * 100_000 + "}", "nested too deep"),
    ],
    ids=range(7),
)
def test_bad_json_lines_are_refused(write, line, message, refused):
    assert refused(JsonLines(), write('{"text": "a", "label": 0}\n' + line), "file.txt:2", message)


def test_json_lines_with_more_tokens_than_tags_are_refused(write, refused):
    assert refused(
        JsonLines(tokens="w", tags="t"), write('{"w": ["a", "b"], "t": ["O"]}'), "file.txt:1", "2 tokens but 1 tags"
    )
    assert refused(JsonLines(tokens="w", tags="t"), write('{"w": "a", "t": ["O"]}'), "file.txt:1", "'w'")
    assert refused(
        JsonLines(tokens="w", tags="t"), write('{"w": ["a", ""], "t": ["O", "O"]}'), "number 2 of 'w' is empty"
    )
    assert refused(
        JsonLines(tokens="w", tags="t"), write('{"w": ["a"], "t": [true]}'), "'t'", "strings or whole numbers"
    )


def test_sentences_without_tokens_are_read_as_such(write):
    assert list(JsonLines(tokens="w", tags="t").read(write('{"w": [], "t": []}'))) == [RawExample((), (), 1)]


def test_tables_pick_columns_by_name_and_rows_by_value(write):
    path = write('label,text,source\n1,"a ""b"",\nc",x\n0,d,y\n1,e,x\n')
    assert list(Table().read(path)) == [
        RawExample('a "b",\nc', "1", 2),
        RawExample("d", "0", 4),
        RawExample("e", "1", 5),
    ]
    assert [raw.words for raw in Table(where={"source": "x"}).read(path)] == ['a "b",\nc', "e"]
    assert len(list(Table(where={"source": ""}).read(path))) == 3
    assert [raw.id for raw in Table(id_column="text", where={"source": "y"}).read(path)] == ["d"]


def test_tables_without_header_or_quotes(write):
    reader = Table(text_column="1", label_column="0", header=False, separator="tab", quotes=False)
    assert list(reader.read(write('x\t"a\ny\tb"\n'))) == [RawExample('"a', "x", 1), RawExample('b"', "y", 2)]


def test_a_field_may_be_longer_than_python_allows_by_itself(write):
    assert len(next(Table().read(write("text,label\n" + "a" * 200_000 + ",1\n"))).words) == 200_000


def test_bad_tables_are_refused(write, refused):
    assert refused(Table(), write("text,class\na,1\n"), "file.txt:1", "no column 'label'", "text, class")
    assert refused(Table(), write("text,label\na,1\nb\n"), "file.txt:3", "1 column under a header of 2")
    assert refused(Table(), write('text,label\n"a,1\nb,0\n'), "file.txt:2", "quote that opens here is never closed")
    assert refused(Table(header=False), write("a,1\n"), "must be a number")


GMB = 'Sentence #,Word,POS,Tag\nSentence: 1,They,PRP,O\n,"""",``,O\n,"1,000",CD,B-x\nSentence: 2,caf\xe9,NN,O\n'


def test_gmb_fills_the_sentence_forward(write):
    path = write(GMB.encode("latin-1"))
    assert list(Gmb().read(path)) == [
        RawExample(("They", '"', "1,000"), ("O", "O", "B-x"), 2, "Sentence: 1"),
        RawExample(("café",), ("O",), 5, "Sentence: 2"),
    ]


def test_bad_gmb_files_are_refused(write, refused):
    assert refused(Gmb(), write(GMB + ",b,NN\n"), "file.txt:6", "3 columns under a header of 4")
    assert refused(Gmb(), write("Sentence #,Word,POS,Tag\n,a,b,O\n"), "file.txt:2", "before the first sentence")
    assert refused(Gmb(), write("Word,Tag\n"), "file.txt:1", "no column 'Sentence #'")
    assert refused(Gmb(), write("Sentence #,Word,Tag\ns,,O\n"), "file.txt:2", "empty token")


EVERY = [Columns(), LabelLines(), ClassFiles(), JsonLines(), Table(), Gmb(encoding="utf-8")]


@pytest.mark.parametrize("reader", EVERY, ids=lambda reader: type(reader).__name__)
def test_files_that_are_no_text_are_refused(reader, write, tmp_path, refused):
    assert refused(reader, write(b""), "file.txt", "empty")
    assert refused(reader, write(" \n\n"), "file.txt", "empty")
    assert refused(reader, write(b"a b\nc \xe9\n"), "file.txt:2", "0xe9", "utf-8", "dataset.reader.encoding")
    assert refused(reader, tmp_path / "none.txt", "none.txt", "no such file")
    assert refused(reader, tmp_path, str(tmp_path), "cannot be read")
    cut = tmp_path / "cut.gz"
    cut.write_bytes(gzip.compress(b"some text " * 50)[:-9])
    assert refused(reader, cut, "cut.gz", "cannot be read")
    cut.write_bytes(b"not packed")
    assert refused(reader, cut, "cut.gz", "cannot be read")


def test_settings_that_no_reader_has_are_refused(refused):
    for make in (
        lambda: Columns(separator="comma"),
        lambda: Columns(scheme="iob3"),
        lambda: Table(separator=":"),
        lambda: LabelLines(encoding="utf-9"),
        lambda: JsonLines(tags="t"),
    ):
        with pytest.raises(InputError, match=r"dataset\.reader\."):
            make()


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            '[{"text": "a", "label": "b"}]',
            "a JSON array, not JSON lines; write each object on a line of its own: jq -c",
        ),
        ("[\n", "a JSON array, not JSON lines; write each object on a line of its own: jq -c"),
        ("{\n", "a JSON object over several lines, not JSON lines; write each object on a line of its own: jq -c"),
        ('{"text": null, "label": "b"}', "no key 'text' with a string or whole number: it is null"),
        ('{"text": "a", "label": NaN}', "no key 'label' with a string or whole number: it is NaN"),
        ('{"text": "a", "label": ' + "1" * 5000 + "}", "a number of more than 4,300 digits; write it in quotes"),
        (
            '{"tokens": ["a"], "tags": ["O"]}',
            "no key 'text' with a string or whole number; there are tokens, tags: choose one by "
            "dataset.reader.text=KEY; lists of words and of tags are read with dataset.reader.tokens=KEY "
            "dataset.reader.tags=KEY dataset.task=tagging",
        ),
        ('{"body": "a", "label": "b"}', "no key 'text' with a string or whole number; there are body, label"),
    ],
)
def test_a_line_of_json_that_does_not_do_says_why(tmp_path, line, message):
    path = tmp_path / "a.jsonl"
    path.write_text(line + "\n")
    with pytest.raises(InputError, match=f"a.jsonl:1: {message}"):
        list(JsonLines().read(path))


@pytest.mark.parametrize(("sign", "name"), [(",", "comma"), (";", "semicolon"), ("\t", "tab"), (r"\t", "tab")])
def test_a_separator_is_named_or_is_the_sign_itself(sign, name, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("text,label\ngood,x\n".replace(",", "\t" if name == "tab" else sign))
    assert Table(separator=sign) == Table(separator=name)
    assert [(raw.words, raw.target) for raw in Table(separator=sign).read(path)] == [("good", "x")]


def test_a_nul_character_is_refused_with_its_line(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("text,label\ngood,x\nb\0ad,y\n")
    with pytest.raises(InputError, match=r"a.csv:3: a NUL character"):
        list(Table().read(path))


def test_a_column_that_is_there_twice_is_refused(tmp_path, refused):
    path = tmp_path / "a.csv"
    path.write_text("text,text,label\na,b,x\n")
    with pytest.raises(InputError, match=r"a.csv:1: the column 'text' is there 2 times; rename one"):
        list(Table().read(path))
