"""A sentence's rows depend on that sentence alone; how words and sentences are grouped changes nothing."""

import json
from itertools import pairwise
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seedbed.embeddings.bilm import model as bilm_model
from seedbed.embeddings.bilm import word_vectors as bilm_words
from seedbed.embeddings.bilm.model import open_bilm
from seedbed.embeddings.bilm.streams import IDLE, one_stream, streams


def test_a_sentence_is_the_same_in_any_company_order_and_batch(write_bilm, rows):
    rng = Random(0)
    words = [chr(97 + n % 26) * (1 + n % 9) for n in range(60)]
    sentences = [[rng.choice(words) for _ in range(rng.choice((1, 2, 7, 20, 40)))] for _ in range(30)]
    model = open_bilm(*write_bilm(units=32, projection=16))
    together = rows(model, sentences)
    order = list(range(len(sentences)))
    rng.shuffle(order)
    shuffled = rows(open_bilm(*write_bilm(units=32, projection=16)), [sentences[n] for n in order])
    for place, n in enumerate(order):
        np.testing.assert_allclose(shuffled[place], together[n], atol=1e-5)
    for n in range(0, 30, 6):
        np.testing.assert_allclose(rows(model, [sentences[n]])[0], together[n], atol=1e-5)
        np.testing.assert_allclose(rows(model, [sentences[n], ["x"] * 70])[0], together[n], atol=1e-5)


def test_a_sentence_is_the_same_when_little_is_under_way_at_once(write_bilm, rows, sentences, monkeypatch):
    files = write_bilm()
    wanted = rows(open_bilm(*files), sentences)
    carried = list(open_bilm(*files).carried(sentences))
    monkeypatch.setattr(bilm_model, "WINDOW_BYTES", 1)
    monkeypatch.setattr(bilm_model, "CARRIED_TOKENS", 1)
    monkeypatch.setattr(bilm_model, "STEPS", 16)
    monkeypatch.setattr(bilm_words, "TABLE_BYTES", 4 * 6 * 8)  # eight types, then they are forgotten
    monkeypatch.setattr(bilm_words, "PIECE", 3)
    model = open_bilm(*files)
    for own, one in zip(rows(model, sentences), wanted, strict=True):
        np.testing.assert_allclose(own, one, atol=1e-5)
    assert len(model.words.row) <= 8
    for own, one in zip(model.carried(sentences), carried, strict=True):
        np.testing.assert_allclose(own, one, atol=1e-5)


def test_the_rows_are_the_callers_to_keep(write_bilm, sentences):
    model = open_bilm(*write_bilm())
    kept = {n: (array, array.copy()) for ns, arrays in model.batches(sentences) for n, array in zip(ns, arrays)}  # noqa: B905
    list(model.batches(sentences[::-1]))
    for array, copy in kept.values():
        assert array.base is None
        np.testing.assert_array_equal(array, copy)


def test_an_empty_sentence_has_no_rows_in_either_way(write_bilm, rows):
    model = open_bilm(*write_bilm())
    assert not list(model.batches([]))
    assert rows(model, [["a"], []])[1].shape == (0, 30)


@pytest.mark.slow
@pytest.mark.parametrize("columns", [12, 50])
@pytest.mark.parametrize("length", [*range(1, 14), 41, 42, 43, 44, 47, 48, 49, 60])
def test_a_word_of_any_length_is_as_if_all_its_columns_were_there(write_bilm, brute, rows, columns, length):
    filters = ((1, 3), (3, 4), (7, 5))
    files = write_bilm(columns=columns, filters=filters, scale=1.0)
    word = "abcdefghij"[length % 7 :] * 6
    reference = brute(json.loads(files[0].read_text()), files[1])
    vector = open_bilm(*files).words.vectors_of([word[:length], "other"])[0]
    np.testing.assert_allclose(vector, reference.word(word[:length]), atol=1e-5)


@given(st.lists(st.integers(1, 60), min_size=1, max_size=40), st.integers(1, 8))
@settings(max_examples=50)
def test_streams_hold_every_token_once_and_run_each_sentence_from_its_start(lengths, most):
    laid = streams(lengths, most)
    first = np.cumsum([0, *lengths])
    for direction in (0, 1):
        real = laid.tokens[:, direction][laid.tokens[:, direction] != IDLE]
        assert sorted(real) == list(range(first[-1]))
    assert laid.start.sum() == len(lengths)
    for t, b in zip(*np.nonzero(laid.start), strict=True):
        n = np.searchsorted(first, laid.tokens[t, 0, b], side="right") - 1
        own = list(range(first[n], first[n + 1]))
        assert laid.tokens[t : t + len(own), 0, b].tolist() == own
        assert laid.tokens[t : t + len(own), 1, b].tolist() == own[::-1]
    going = (laid.tokens[:, 0] != IDLE).sum(axis=0)
    assert (np.diff(going) <= 0).all()  # longest first
    assert len(laid.tokens) <= max(*lengths, -(-sum(lengths) // most))
    assert sum(block.shape[0] for block, _ in laid.blocks(7)) == len(laid.tokens)
    assert sum((block != IDLE).sum() for block, _ in laid.blocks(7)) == 2 * first[-1]


@given(st.lists(st.integers(0, 9), min_size=1, max_size=10))
def test_one_stream_runs_sentences_in_order_and_each_backward_within_itself(lengths):
    tokens = one_stream(lengths).tokens[:, :, 0]
    first = np.cumsum([0, *lengths])
    assert tokens[:, 0].tolist() == list(range(first[-1]))
    assert tokens[:, 1].tolist() == [n for a, b in pairwise(first) for n in range(b - 1, a - 1, -1)]
