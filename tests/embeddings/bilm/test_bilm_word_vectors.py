"""Words to characters, cut and unknown words, cached token embeddings."""

import h5py
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.embeddings.bilm.characters import char_ids
from seedbed.embeddings.bilm.model import open_bilm
from seedbed.errors import InputError


@given(st.text(st.characters(), max_size=30), st.integers(3, 50))
def test_a_word_is_its_bytes_between_its_ends(word, columns):
    if word in ("<S>", "</S>"):
        return
    ids, cut = char_ids(word, columns)
    encoded = word.encode("utf-8", "ignore")
    assert ids[0] == 259
    assert ids[-1] == 260
    assert bytes((ids[1:-1] - 1).tolist()) == encoded[: columns - 2]
    assert len(ids) <= columns
    assert cut == (len(encoded) > columns - 2)


def test_markers_and_half_surrogates_have_their_own_ways():
    assert char_ids("<S>", 50)[0].tolist() == [259, 257, 260]
    assert char_ids("</S>", 50)[0].tolist() == [259, 258, 260]
    assert char_ids("\ud800", 50)[0].tolist() == [259, 260]
    assert char_ids("é", 50)[0].tolist() == [259, 0xC3 + 1, 0xA9 + 1, 260]


def test_tokens_that_were_cut_are_counted_each_time(write_bilm):
    model = open_bilm(*write_bilm(columns=12))
    long = "x" * 60
    list(model.batches([[long, "short", long], ["tencolumns"], ["elevencolum"]]))
    assert model.counts["cut_words"] == 3
    list(model.batches([[long]]))
    assert model.counts["cut_words"] == 4
    assert model.counts["unknown_words"] == 0


@pytest.fixture
def cached(write_bilm, tmp_path):
    """A biLM, and token embeddings made from its characters for some words."""
    options, weights = write_bilm()
    words = ["<S>", "</S>", "<UNK>", "the", "cat", "sat"]
    with h5py.File(tmp_path / "tokens.hdf5", "w") as file:
        file["embedding"] = open_bilm(options, weights).words.vectors_of(words)
    (tmp_path / "vocab.txt").write_text("\n".join(words) + "\n", encoding="utf-8")
    return options, weights, tmp_path / "tokens.hdf5", tmp_path / "vocab.txt"


def test_token_embeddings_made_from_characters_give_the_same_rows(cached, rows):
    options, weights, tokens, vocabulary = cached
    given_ = [["the", "cat", "sat"], ["dogs", "sat", "the"]]
    wanted = rows(open_bilm(options, weights), given_)
    model = open_bilm(options, weights, "float32", tokens, vocabulary)
    for own, one in zip(rows(model, given_), wanted, strict=True):
        np.testing.assert_allclose(own, one, atol=1e-5)
    assert model.counts["unknown_words"] == 0  # dogs went through the characters


def test_listed_words_come_from_the_token_embeddings(cached, rows):
    options, weights, tokens, vocabulary = cached
    with h5py.File(tokens, "a") as file:
        file["embedding"][4] = np.arange(6)
    (found,) = rows(open_bilm(options, weights, "float32", tokens, vocabulary), [["the", "cat"]])
    np.testing.assert_array_equal(found[1, :6], np.arange(6))


def test_without_characters_other_words_are_unknown_and_counted(cached, rows):
    options, weights, tokens, vocabulary = cached
    with h5py.File(weights, "a") as file:
        del file["char_embed"], file["CNN"]
    model = open_bilm(options, weights, "float32", tokens, vocabulary)
    found, named = rows(model, [["dogs", "sat", "dogs"], ["<UNK>", "sat", "<UNK>"]])
    np.testing.assert_allclose(found, named, atol=1e-6)
    assert model.counts["unknown_words"] == 2
    with pytest.raises(InputError, match=r"has no dataset char_embed"):
        open_bilm(options, weights)


def test_rows_and_lines_must_agree(cached):
    options, weights, tokens, vocabulary = cached
    vocabulary.write_text(vocabulary.read_text(encoding="utf-8") + "mat\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"embedding has 6 rows, the vocabulary .*vocab\.txt 7 lines"):
        open_bilm(options, weights, "float32", tokens, vocabulary)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("the\ncat\n", "has no line <S>, </S>, <UNK>"),
        ("<S>\n</S>\n<UNK>\nthe\nthe\nsat\n", "has the word 'the' twice"),
    ],
)
def test_a_vocabulary_that_cannot_be_is_refused(cached, text, said):
    options, weights, tokens, vocabulary = cached
    vocabulary.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=said):
        open_bilm(options, weights, "float32", tokens, vocabulary)


def test_token_embeddings_of_another_width_or_damaged_are_refused(cached):
    options, weights, tokens, vocabulary = cached
    with h5py.File(tokens, "a") as file:
        file["embedding"][3, 0] = np.nan
    with pytest.raises(InputError, match="embedding holds values that are not finite"):
        open_bilm(options, weights, "float32", tokens, vocabulary)
    with h5py.File(tokens, "w") as file:
        file["embedding"] = np.zeros((6, 7), np.float32)
    with pytest.raises(InputError, match="embedding: 7 dimensions of a word, the options say 6"):
        open_bilm(options, weights, "float32", tokens, vocabulary)
    with pytest.raises(InputError, match="go together"):
        open_bilm(options, weights, "float32", tokens, None)
    vocabulary.write_bytes(b"\xff\n")
    with pytest.raises(InputError, match="not UTF-8"):
        open_bilm(options, weights, "float32", tokens, vocabulary)
    vocabulary.unlink()
    with pytest.raises(InputError, match="there is no such file"):
        open_bilm(options, weights, "float32", tokens, vocabulary)
