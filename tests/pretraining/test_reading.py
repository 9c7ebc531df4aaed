"""Raw text as documents and sentences."""

import gzip

import pytest

from seedbed.errors import InputError
from seedbed.pretraining import reading
from seedbed.pretraining.corpus import Texts
from seedbed.pretraining.reading import split_sentences, to_sentences

TEXT = "one two.\nthree\n\n\nfour\n   \nfive\n"


@pytest.fixture
def write(tmp_path):
    def write(name, content):
        path = tmp_path / "corpus" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        content = content.encode() if isinstance(content, str) else content
        path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
        return path

    return write


def lines(parted, *paths):
    return [[line.strip() for line in document] for document in reading.read_documents(paths, parted)]


def test_documents_are_parted_by_blank_lines_files_or_lines(write):
    path = write("a.txt", TEXT)
    assert lines("blank", path) == [["one two.", "three"], ["four"], ["five"]]
    assert lines("file", path, path) == [["one two.", "three", "four", "five"]] * 2
    assert lines("line", path) == [["one two."], ["three"], ["four"], ["five"]]


def test_a_folder_is_read_with_all_below_it_packed_or_not(write):
    root = write("b.txt", "b").parent
    write("sub/a.txt.gz", "a")
    write("picture.png", b"\x89PNG\0")
    assert [path.name for path in reading.text_files(root)] == ["b.txt", "a.txt.gz"]
    assert [document for source in [Texts(str(root))] for document in source.read()] == [[["b"]], [["a"]]]


def test_long_documents_are_divided(write, monkeypatch):
    monkeypatch.setattr(reading, "DOCUMENT_LINES", 2)
    assert lines("file", write("a.txt", "a\nb\nc\nd\ne\n")) == [["a", "b"], ["c", "d"], ["e"]]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"text\n\x00\x01binary", r"a.txt:2: a byte of zero: this is no text"),
        (b"text\nx\xff\n", r"a.txt:2: byte 0xff \(number 1 of the line\) is not utf-8"),
        (b"text\n" + b"word " * 250_000, r"a.txt:2: a line of more than 1,048,576 bytes"),
    ],
)
def test_what_is_no_text_is_refused_by_file_and_line(write, content, said):
    with pytest.raises(InputError, match=said):
        lines("blank", write("a.txt", content))


def test_a_packed_file_that_is_cut_is_refused(write):
    path = write("a.txt.gz", "word " * 1000)
    path.write_bytes(path.read_bytes()[:20])
    with pytest.raises(InputError, match=r"a.txt.gz: cannot be read"):
        lines("blank", path)


def test_a_folder_without_text_and_a_path_that_is_not_there_are_refused(write, tmp_path):
    write("picture.png", "x")
    with pytest.raises(InputError, match=r"no file that ends in .txt or .txt.gz"):
        reading.text_files(tmp_path / "corpus")
    with pytest.raises(InputError, match="no such file or folder"):
        reading.text_files(tmp_path / "nowhere")


def test_an_encoding_can_be_named_and_one_that_is_not_there_is_refused(write):
    path = write("a.txt", "Köln".encode("latin-1"))
    assert list(Texts(str(path), encoding="latin-1").read()) == [[["Köln"]]]
    with pytest.raises(InputError, match="encoding=klingon: no such encoding"):
        list(Texts(str(path), encoding="klingon").read())


@pytest.mark.parametrize(
    ("tokens", "ends"),
    [
        ("a b . c ! d", [3, 5, 6]),
        ('he said " no . " then left .', [6, 9]),
        ("what ... so", [2, 3]),
        ("what ? ! ) so", [4, 5]),
        ("mr . smith met dr . no .", [8]),
        (". a", [1, 2]),
        ("a", [1]),
        ("", []),
    ],
)
def test_sentences_end_at_full_stops_with_what_closes_them(tokens, ends):
    tokens = tokens.split()
    assert list(_ends(split_sentences(tokens))) == ends
    assert [token for sentence in split_sentences(tokens) for token in sentence] == tokens


def _ends(sentences):
    total = 0
    for sentence in sentences:
        total += len(sentence)
        yield total


def test_a_sentence_may_be_a_line_or_the_whole_document():
    document = [["a", ".", "b"], [], ["c"]]
    assert to_sentences(document, "line") == [["a", ".", "b"], ["c"]]
    assert to_sentences(document, "document") == [["a", ".", "b", "c"]]
    assert to_sentences(document, "split") == [["a", "."], ["b", "c"]]
    assert to_sentences([[]], "document") == []
