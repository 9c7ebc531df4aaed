"""Word2vec's binary format, as the C tool and gensim write it: the same vectors as from text, and every check."""

import gzip
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.refusals import refusal

from seedbed.embeddings import vector_binary
from seedbed.embeddings.vector_binary import is_binary
from seedbed.embeddings.vector_files import blocks
from seedbed.embeddings.vector_lines import BadLines
from seedbed.embeddings.vector_table import in_memory

WORDS = ["the", ",", "naïve", "New_York", "</s>"]
ROWS = np.array([[0.25, 1, -2], [3, 4, 5], [0, 0, 0], [1e-30, -1e30, 7], [9, 9, 9]], "<f4")
ENDS = {"c": b"\n", "gensim": b""}


def binary(words, rows, end=b"", promised=None, before=b""):
    """``end`` behind each vector, as the C tool writes it; ``before`` each word, as some old files have it."""
    head = f"{len(words) if promised is None else promised} {rows.shape[1]}\n".encode()
    coded = [word if isinstance(word, bytes) else word.encode() for word in words]
    return head + b"".join(
        before + word + b" " + row.astype("<f4").tobytes() + end for word, row in zip(coded, rows, strict=True)
    )


def text(words, rows):
    lines = [" ".join([word, *(repr(float(number)) for number in row)]) for word, row in zip(words, rows, strict=True)]
    return "\n".join([f"{len(words)} {rows.shape[1]}", *lines, ""]).encode()


def table(path, dim=3, form="auto", strict=True):
    bad = BadLines(str(path), strict)
    found = in_memory(blocks(path, dim, form, bad), lambda: {"skipped": dict(bad.counts), "first_bad": bad.first})
    return found.words(range(len(found.matrix))), found


def write(folder, content, name="vectors.bin"):
    (folder / name).write_bytes(content)
    return folder / name


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("both")


def refused(path, said, **how):
    return refusal(table, path, match=said, **how)


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
@pytest.mark.parametrize("form", ["auto", "word2vec"])
def test_what_either_tool_writes_is_the_same_as_text(tmp_path, end, form):
    wanted = table(write(tmp_path, text(WORDS, ROWS), "vectors.txt"))[1].digest
    for content in (binary(WORDS, ROWS, end), binary(WORDS, ROWS, end, before=b"\n")):
        words, found = table(write(tmp_path, content), form=form)
        assert words == WORDS
        assert found.digest == wanted
        assert found.matrix.dtype == np.float32
        assert table(write(tmp_path, gzip.compress(content), "vectors.bin.gz"), form=form)[1].digest == wanted


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_pieces_of_any_size_give_the_same(tmp_path, monkeypatch, end):
    path = write(tmp_path, binary(WORDS, ROWS, end))
    for size in (1, 5, 13, 40):
        monkeypatch.setattr(vector_binary, "PIECE_BYTES", size)
        assert table(path)[0] == WORDS


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
@pytest.mark.parametrize("kept", [-1, -5, -9])
def test_a_cut_file_is_refused_or_gives_its_whole_vectors(tmp_path, end, kept):
    path = write(tmp_path, binary(WORDS, ROWS, end)[: kept - len(end)])
    assert refused(path, r"vectors.bin:5: the file ends here with 4 words, its header promises 5")
    words, found = table(path, strict=False)
    assert words == WORDS[:4]
    assert found.skipped == {"cut": 1}
    whole = gzip.compress(binary(["w"] * 3000, np.random.default_rng(0).normal(size=(3000, 3))))
    path = write(tmp_path, whole[: len(whole) // 2])
    assert refused(path, "the word 'w' again")
    assert table(path, strict=False)[1].skipped["cut"] == 1


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_more_than_the_header_promises_is_said(tmp_path, end):
    assert refused(
        write(tmp_path, binary(WORDS, ROWS, end, promised=4)), r"vectors.bin:1: the header promises 4 words, the file"
    )
    assert table(write(tmp_path, binary(WORDS, ROWS, end) + b"\n"))[0] == WORDS
    assert refused(
        write(tmp_path, binary(WORDS, ROWS, end) + b"x"), r"vectors.bin:1: the header promises 5 words, the file goes"
    )


def test_bad_vectors_are_refused_with_their_number_or_left_out(tmp_path):
    rows = ROWS.copy()
    rows[1, 2] = np.nan
    assert refused(write(tmp_path, binary(WORDS, rows)), r"vectors.bin:2: a number is not finite")
    assert refused(write(tmp_path, binary(["a", "", *WORDS[2:]], ROWS)), r"vectors.bin:2: no word before the numbers")
    assert refused(
        write(tmp_path, binary(["a", "b", "a", "c", "d"], ROWS)), r"vectors.bin:3: the word 'a' again, first in line 1"
    )
    path = write(tmp_path, binary(["a", "b", b"caf\xe9", "c", "a"], rows))
    words, found = table(path, strict=False)
    assert words == ["a", "c"]
    assert found.skipped == {"finite": 1, "encoding": 1, "repeated": 1}


def test_words_that_are_not_utf8_are_left_out_and_never_refused(tmp_path):
    assert table(write(tmp_path, binary(["a", b"\xff", "b"], ROWS[:3])))[0] == ["a", "b"]


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_another_width_is_refused_and_so_are_other_numbers(tmp_path, end):
    assert refused(write(tmp_path, binary(WORDS, ROWS, end)), "its vectors have 3 numbers, embedding.dim is 50", dim=50)
    doubles = b"5 3\n" + b"".join(w.encode() + b" " + row.astype("<f8").tobytes() + end
                                           for w, row in zip(WORDS, ROWS, strict=True))  # fmt: skip
    assert refused(
        write(tmp_path, doubles), "no word where vector 2 begins: the file is damaged, or has other numbers than 3"
    )


def test_a_large_promise_takes_no_memory(tmp_path):
    path = write(tmp_path, binary(WORDS, ROWS, promised=10**15))
    tracemalloc.start()
    try:
        assert refused(path, "the file ends here with 5 words, its header promises 1000000000000000")
        assert tracemalloc.get_traced_memory()[1] < 16 << 20
    finally:
        tracemalloc.stop()
    assert refused(write(tmp_path, b"5 1000000000000\n" + bytes(99)), "its vectors have 1,000,000,000,000 numbers")
    assert refused(
        write(tmp_path, b"9" * 5000 + b" 3\nthe 1 2 3\n"), "no word with numbers|numbers where|numbers, embedding.dim"
    )


@settings(max_examples=40)
@given(
    words=st.lists(
        st.text(st.characters(exclude_categories=["Cc", "Zs"], codec="utf-8"), min_size=1), min_size=9, unique=True
    ),
    dim=st.integers(5, 9),
    end=st.sampled_from(list(ENDS.values())),
    seed=st.integers(0, 99),
)
def test_text_and_binary_give_the_same_table(folder, words, dim, end, seed):
    rows = np.random.default_rng(seed).normal(size=(len(words), dim)).astype("<f4")
    bad = BadLines("x", strict=False)
    both = [
        list(blocks(write(folder, content), dim, "word2vec", bad))
        for content in (binary(words, rows, end), text(words, rows))
    ]
    assert [word for block in both[0] for word in block.words] == words
    assert [word for block in both[1] for word in block.words] == words
    assert np.concatenate([b.rows for b in both[0]]).tobytes() == np.concatenate([b.rows for b in both[1]]).tobytes()


@given(st.integers(1, 4), st.lists(st.text(st.sampled_from("0123456789.e-+ naé\t"), max_size=40), max_size=9))
def test_text_behind_a_header_is_never_taken_for_binary(dim, lines):
    assert not is_binary("\n".join([f"{len(lines)} {dim}", *lines]).encode())
