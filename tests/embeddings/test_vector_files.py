import bz2
import gzip
import io
import lzma
import zipfile

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from seedbed.embeddings import vector_text
from seedbed.embeddings.vector_files import blocks
from seedbed.embeddings.vector_lines import BadLines
from seedbed.errors import InputError

GLOVE = b"the 0.25 1 -2\n, 3 4 5\n. 0 0 0\n"
WORDS = ["the", ",", "."]
ROWS = [[0.25, 1, -2], [3, 4, 5], [0, 0, 0]]


def read(path, dim=3, form="auto", strict=True):
    bad = BadLines(str(path), strict)
    found = list(blocks(path, dim, form, bad))
    rows = [row for block in found for row in block.rows.tolist()]
    return [word for block in found for word in block.words], rows, bad


def write(tmp_path, data, name="vectors.txt"):
    path = tmp_path / name
    path.write_bytes(data)
    return path


def zipped(**members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def write_npy(tmp_path, rows, words, order="C"):
    np.save(tmp_path / "emb.npy", np.array(rows, np.float32, order=order))
    parquet.write_table(pa.table({"index": pa.array(words, pa.string())}), tmp_path / "emb_words.parquet")
    return tmp_path / "emb.npy"


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize(
    "data",
    [
        GLOVE,
        b"\xef\xbb\xbf" + GLOVE,
        b"3 3\n" + GLOVE,
        b"3 3 \n" + GLOVE.replace(b"\n", b" \n"),
        b"3 3\r\n" + GLOVE.replace(b"\n", b"\r\n"),
        gzip.compress(GLOVE, mtime=0),
        gzip.compress(b"3 3\n" + GLOVE, mtime=0),
        zipped(**{"any.txt": GLOVE}),
        zipped(**{"g.6B.3d.txt": GLOVE, "g.6B.13d.txt": b"no", "g.6B.50d.txt": b"no", "__MACOSX/g.3d.txt": b"no"}),
        None,
    ],
)
def test_every_kind_of_file_gives_the_same(tmp_path, data, order):
    path = write_npy(tmp_path, ROWS, WORDS, order) if data is None else write(tmp_path, data)
    words, rows, bad = read(path)
    assert words == WORDS
    assert rows == ROWS
    assert not bad.counts


@given(size=st.integers(1, 60), piece=st.integers(1, 40))
def test_blocks_of_any_size_give_the_same(size, piece, tmp_path_factory):
    path = write(tmp_path_factory.mktemp("blocks"), GLOVE + b"bad 1\nthe 1 2 3\nlast 7 8 9")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(vector_text, "BLOCK_BYTES", size)
        patch.setattr(vector_text, "PIECE_BYTES", piece)
        words, rows, bad = read(path, strict=False)
    assert words == [*WORDS, "last"]
    assert rows == [*ROWS, [7, 8, 9]]
    assert bad.counts == {"width": 1, "repeated": 1}
    assert bad.first.startswith("4: ")


def test_a_word_twice_is_refused_with_both_lines_or_the_first_is_kept(tmp_path):
    path = write(tmp_path, GLOVE + b"the 9 9 9\n")
    with pytest.raises(InputError, match=r"vectors.txt:4: the word 'the' again, first in line 1 "):
        read(path)
    words, rows, bad = read(path, strict=False)
    assert (words, rows) == (WORDS, ROWS)
    assert bad.counts == {"repeated": 1}


@pytest.mark.parametrize("header", [b"", b"4 3\n"])
def test_another_width_names_both(tmp_path, header):
    with pytest.raises(InputError, match=r"vectors.txt: its vectors have 3 numbers, embedding.dim is 50"):
        read(write(tmp_path, header + GLOVE), dim=50, strict=False)


def test_an_npy_of_another_width_names_both(tmp_path):
    with pytest.raises(InputError, match=r"emb.npy: its vectors have 3 numbers, embedding.dim is 50"):
        read(write_npy(tmp_path, ROWS, WORDS), dim=50)


def test_fewer_words_than_the_header_promises_is_a_cut_file(tmp_path):
    path = write(tmp_path, b"5 3\n" + GLOVE)
    with pytest.raises(InputError, match=r"vectors.txt:5: the file ends here with 3 words, its header promises 5"):
        read(path)
    words, _, bad = read(path, strict=False)
    assert words == WORDS
    assert bad.counts == {"cut": 2}


def test_more_words_than_the_header_promises_is_said(tmp_path):
    path = write(tmp_path, b"2 3\n" + GLOVE)
    with pytest.raises(InputError, match=r"vectors.txt:1: the header promises 2 words, the file has 3"):
        read(path)
    words, _, bad = read(path, strict=False)
    assert words == WORDS
    assert bad.counts == {"header": 1}


@pytest.mark.parametrize("kept", [0.5, 0.9, 0.99])
def test_a_cut_gzip_gives_its_whole_lines_or_is_refused(tmp_path, kept):
    rng = np.random.default_rng(0)
    lines = [f"w{n} {' '.join(map(str, rng.normal(size=3)))}\n" for n in range(5000)]
    data = gzip.compress("".join(lines).encode())
    path = write(tmp_path, data[: int(kept * len(data))], "cut.txt.gz")
    words, _, bad = read(path, strict=False)
    assert len(words) > (kept - 0.3) * len(lines)
    assert words == [f"w{n}" for n in range(len(words))]
    assert bad.counts == {"cut": 1}
    with pytest.raises(InputError, match=rf"cut.txt.gz:{len(words) + 1}: the file is cut or damaged here"):
        read(path)


def test_damage_inside_a_gzip_or_zip_is_refused(tmp_path):
    text = b"".join(b"w%d %d 1 2\n" % (n, n * 7919) for n in range(3000))
    for name, data in (("a.gz", gzip.compress(text)), ("a.zip", zipped(**{"a.txt": text}))):
        damaged = bytearray(data)
        damaged[len(data) // 2] ^= 0xFF
        with pytest.raises(InputError, match=name):
            read(write(tmp_path, bytes(damaged), name))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "the file is empty"),
        (b"hello world\nthis is text\n", ":1: no word with numbers"),
        ("the 1 2 3\n".encode("utf-16"), "it is UTF-16 text; write it as UTF-8"),
        (b"\x1f\x8b\x08", "damaged from its start"),
        (b"PK\x03\x04 not a zip", "unreadable zip"),
        (
            zipped(**{"a.txt": GLOVE, "b.txt": GLOVE}),
            "one member named after embedding.dim=3 is needed, this has a.txt, b.txt",
        ),
        (zipped(), "one member named after"),
        (b"\x93NUMPY broken", "version 32.98 of .npy"),
        (b"3 3\n", "header promises 3"),
        (b"0 3\n", "no vectors in it"),
    ],
)
def test_a_file_that_is_no_vector_file_is_refused_in_one_line(tmp_path, data, said):
    parquet.write_table(pa.table({"w": WORDS}), tmp_path / "vectors.parquet")
    with pytest.raises(InputError, match=r"vectors.txt") as caught:
        read(write(tmp_path, data))
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"the\t1 2 3\nof\t4 5 6\n", "vectors.txt:1: a tab after the word, where a space is needed: tr"),
        (b"the\t1\t2\t3\nof\t4\t5\t6\n", "vectors.txt:1: a tab after the word, where a space is needed: tr"),
        (b"2 3\nthe\t1 2 3\nof\t4 5 6\n", r"vectors.txt:2: a tab after the word.*\(its vectors have 3 numbers\)"),
        (b"New York\t1 2 3\nof\t4 5 6\n", "vectors.txt:1: a tab after the word"),
        (b"the,1,2,3\nof,4,5,6\n", "vectors.txt:1: commas between the word and its numbers, where spaces are needed"),
        (b"the;1;2;3\r\nof;4;5;6\r\n", "vectors.txt:1: semicolons between the word and its numbers"),
        (b"the|1|2|3\nof|4|5|6\n", "vectors.txt:1: bars between"),
        (b"the,1.5,2,3\n", "vectors.txt:1: commas"),
    ],
)
@pytest.mark.parametrize("dim", [2, 3])
def test_other_signs_between_word_and_numbers_are_named_whatever_the_width(tmp_path, data, said, dim):
    for strict in (True, False):
        with pytest.raises(InputError, match=said):
            read(write(tmp_path, data), dim=dim, strict=strict)


@pytest.mark.parametrize("dim", [1, 2, 3])
def test_commas_and_tabs_in_words_are_words(tmp_path, dim):
    lines = [" ".join([word, *"123"[:dim]]) for word in (",", ";", "1,000", "a\tb", "|", "x,1", "\t")]
    words, _, bad = read(write(tmp_path, "".join(f"{line}\n" for line in lines).encode()), dim=dim)
    assert words == [",", ";", "1,000", "a\tb", "|", "x,1", "\t"]
    assert not bad.counts


def test_other_kinds_of_files_are_named(tmp_path):
    for data, said in (
        (
            b"\xba\x16\x4f\x2f\x0c\x00",
            "it is a fastText model .*; embedding=fasttext_bin reads it; or take the .vec file",
        ),
        (gzip.compress(b"\xba\x16\x4f\x2f\x0c\x00"), r"it is a fastText model \(.bin\) \(packed by gzip\)"),
        (b"\x80\x04\x95" + bytes(20), "a Python pickle, which is never opened.*; vectors are read as text"),
        (zipped(**{"a.npy": b""}), "it is a NumPy archive .*; vectors are read as text"),
        (b"PAR1\x15\x04", "it is a Parquet file; vectors are read as text"),
    ):
        with pytest.raises(InputError, match=said):
            read(write(tmp_path, data))


def test_a_line_without_an_end_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(vector_text, "LINE_CHARACTERS", 1 << 20)
    monkeypatch.setattr(vector_text, "BLOCK_BYTES", 1 << 18)
    with pytest.raises(InputError, match=r"vectors.txt: a line of more than 1 MB"):
        read(write(tmp_path, gzip.compress(GLOVE + b"0" * (9 << 20))))


@pytest.mark.parametrize("pack", [bz2.compress, lzma.compress])
def test_other_packings_are_read(tmp_path, pack):
    assert read(write(tmp_path, pack(GLOVE)))[0] == WORDS
    assert read(write(tmp_path, pack(b"3 3\n" + GLOVE)))[0] == WORDS


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"none.txt: there is no such file"):
        read(tmp_path / "none.txt")


def test_the_format_settles_what_a_first_line_of_two_numbers_is(tmp_path):
    path = write(tmp_path, b"2 1\n7 5\n")
    assert read(path, dim=1, form="glove")[0] == ["2", "7"]
    assert read(write(tmp_path, b"1 1\n7 5\n"), dim=1, form="word2vec")[0] == ["7"]
    with pytest.raises(InputError, match=":1: a word2vec file starts with two whole numbers"):
        read(write(tmp_path, GLOVE), form="word2vec")


def test_bad_rows_of_an_array_are_refused_or_counted(tmp_path):
    path = write_npy(tmp_path, [*ROWS, [1, np.nan, 2], [1, 2, 3], [4, 5, 6]], [*WORDS, "x", "", "the"])
    with pytest.raises(InputError, match=r"emb.npy:4: a number is not finite"):
        read(path)
    words, rows, bad = read(path, strict=False)
    assert (words, rows) == (WORDS, ROWS)
    assert bad.counts == {"finite": 1, "word": 1, "repeated": 1}


def test_an_array_needs_its_words(tmp_path):
    path = write_npy(tmp_path, ROWS, WORDS[:2])
    with pytest.raises(InputError, match=r"emb.npy: 3 rows, but emb_words.parquet has 2 words"):
        read(path, strict=False)
    (tmp_path / "emb_words.parquet").unlink()
    with pytest.raises(InputError, match=r"the words belong in emb.parquet"):
        read(path)
    (tmp_path / "emb.parquet").write_bytes(b"junk")
    with pytest.raises(InputError, match=r"emb.parquet: unreadable Parquet"):
        read(path)
    parquet.write_table(pa.table({"n": [1, 2, 3]}), tmp_path / "emb.parquet")
    with pytest.raises(InputError, match=r"emb.parquet: one column of words is needed"):
        read(path)


def test_a_cut_array_is_refused_and_nothing_is_unpickled(tmp_path):
    path = write_npy(tmp_path, ROWS, WORDS)
    path.write_bytes(path.read_bytes()[:-4])
    with pytest.raises(InputError, match=r"declares an array of 3 x 3, 36 bytes, and has 32"):
        read(path)
    np.save(path, np.array([["a", None]], object), allow_pickle=True)
    with pytest.raises(InputError, match=r"holds Python objects, which are never opened"):
        read(path)
