"""Texts known by hashes of their two ends, against the texts themselves."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.data.text_fingerprints import LETTERS, TextFingerprints, read
from seedbed.data.tokenization import tokenize
from seedbed.errors import InputError

TEXTS = st.lists(st.text(alphabet="aB1.é ß_Σ", max_size=12), max_size=8)


def plain(text):
    return re.sub(r"[\W_]+", "", text).casefold()


@given(TEXTS, st.text(alphabet="aB1.é ß_Σ", max_size=12))
def test_a_short_text_is_known_where_its_letters_and_digits_are_those_of_one(texts, asked):
    known = TextFingerprints.of(texts)
    assert known.has(asked) == (plain(asked) != "" and plain(asked) in {plain(text) for text in texts})
    assert len(known) == sum(plain(text) != "" for text in texts)


def words(rng, number):
    return " ".join("".join(rng.choice(list("abcdefghij"), rng.integers(1, 9))) for _ in range(number))


def test_a_long_text_is_known_by_both_ends_and_one_that_was_cut_by_the_one_that_is_left():
    rng = np.random.default_rng(0)
    texts = [words(rng, 200) for _ in range(20)]
    known = TextFingerprints.of(texts)
    assert all(known.has(text.upper().replace(" ", " , ")) for text in texts)
    for text in texts:
        parts = text.split(" ")
        first, last = " ".join(parts[:120]), " ".join(parts[-120:])
        assert known.has(first, "first")
        assert known.has(last, "last")
        assert not known.has(first)
        assert not known.has(first, "last")
        assert not known.has(last, "first")
        assert not known.has(first + words(rng, 80))
    assert not any(known.has(words(rng, 200), end) for end in ("", "first", "last"))


def test_a_text_whose_ends_are_mostly_signs_is_read_on():
    text = "x" * (LETTERS // 2) + " ..." * LETTERS + "y" * LETTERS + "!?" * 10 * LETTERS
    known = TextFingerprints.of([text])
    assert known.has("x" * (LETTERS // 2) + "y" * LETTERS)


def test_tokens_of_a_text_are_the_text():
    text = "It's a U.S. film -- well-known, isn't it? 'Yes' (1,000 times)<br />Über alles…"
    known = TextFingerprints.of([" ".join(tokenize(text, "reviews", lowercase=True))])
    assert known.has(" ".join(tokenize(text.replace("<br />", " "), "spaces")))


def test_others_are_added_and_a_file_has_them_all(tmp_path):
    both = TextFingerprints.of(["c d"], TextFingerprints.of(["a b"]))
    (tmp_path / "k.npy").write_bytes(both.packed())
    found = read(tmp_path / "k.npy")
    assert [found.has(text) for text in ("A, b!", "cd", "ab cd")] == [True, True, False]
    np.testing.assert_array_equal(found.hashes, both.hashes)
    assert len((tmp_path / "k.npy").read_bytes()) < 200


@pytest.mark.parametrize(
    "wrong",
    [b"no array", np.zeros(3), np.zeros((3, 2), np.uint64), np.array([[2, 1], [1, 2]], np.uint64),
     np.array([["a"], ["b"]], object)],
)  # fmt: skip
def test_another_file_is_refused_and_nothing_unpickled(tmp_path, wrong):
    path = tmp_path / "k.npy"
    if isinstance(wrong, bytes):
        path.write_bytes(wrong)
    else:
        np.save(path, wrong, allow_pickle=True)
    with pytest.raises(InputError, match=r"k\.npy"):
        read(path)
