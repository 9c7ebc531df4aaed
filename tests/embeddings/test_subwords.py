"""The n-grams of fastText, against each n-gram hashed by itself, and against fastText."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.embeddings.subwords import subword_buckets

FASTTEXT = {
    "film": [5, 1, 3, 2, 1, 3, 0, 5, 1],
    "films": [5, 1, 3, 2, 1, 3, 0, 4, 0, 2, 4],
    "naïveté": [0, 0, 4, 6, 3, 3, 5, 6, 6, 0, 3, 2, 6, 4, 0],
    "🙂": [0, 4, 2],
    "日本": [1, 5, 0, 4, 6],
    "": [2],
    "</s>": [],
}
"""`get_subwords` of fasttext-wheel 0.9.2 (the Python module of fastText 0.9.2), n-grams of 2 to 3 in 7 buckets."""


def fnv1a(code: bytes) -> int:
    """FNV-1a of bytes as signed numbers, with arithmetic of any size that is cut to 32 bits at each step."""
    value = 2166136261
    for byte in code:
        signed = byte - 256 if byte > 127 else byte
        value = (value ^ (signed % 2**32)) * 16777619 % 2**32
    return value


def by_brute_force(word, shortest, longest, buckets):
    text = f"<{word}>"
    ngrams = [
        text[i : i + n]
        for i in range(len(text))
        for n in range(shortest, longest + 1)
        if i + n <= len(text) and not (n == 1 and i in (0, len(text) - 1))
    ]
    return [fnv1a(ngram.encode()) % buckets for ngram in ngrams]


@pytest.mark.parametrize("word", FASTTEXT)
def test_the_buckets_are_those_of_fasttext(word):
    assert subword_buckets(word, 2, 3, 7) == FASTTEXT[word]


@given(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
    st.integers(1, 5), st.integers(0, 3), st.integers(1, 2_000_000),
)  # fmt: skip
def test_each_ngram_is_hashed(word, shortest, more, buckets):
    assert subword_buckets(word, shortest, shortest + more, buckets) == by_brute_force(
        word, shortest, shortest + more, buckets
    )


def test_without_lengths_or_buckets_there_are_none():
    assert subword_buckets("film", 0, 0, 100) == subword_buckets("film", 3, 6, 0) == []
    assert subword_buckets("film", 0, 2, 100) == subword_buckets("film", 1, 2, 100)
