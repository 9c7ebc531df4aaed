"""The layers of each architecture against NumPy in float64; padding, words of several pieces, windows, texts."""

import importlib.util
import json
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.data.corpus import Example
from seedbed.embeddings.contextual import tables
from seedbed.embeddings.text_features import TextEmbedding
from seedbed.embeddings.transformer import Transformer
from seedbed.embeddings.transformers.architecture import FAMILIES
from seedbed.embeddings.transformers.spans import Reading, most_context
from seedbed.embeddings.transformers.vectors import TextVectors

spec = importlib.util.spec_from_file_location("numpy_encoder", Path(__file__).with_name("numpy_encoder.py"))
numpy_encoder = importlib.util.module_from_spec(spec)
sys.modules["numpy_encoder"] = numpy_encoder
spec.loader.exec_module(numpy_encoder)

TEXTS = [("the", "unbelievable", "old", "sea", "."), ("man",), ("the", "\x07", "old", "man", "the", "sea", ".")]
IDS = [[2, 4, 8, 9, 10, 11, 12, 5, 13, 7, 3], [2, 6, 3], [2, 4, 5, 6, 4, 13, 7, 3]]
WORDS_OF = [[[1], [2, 3, 4, 5, 6], [7], [8], [9]], [[1]], [[1], [], [2], [3], [4], [5], [6]]]
"""The pieces of each word: one has five, and a control character none."""


@pytest.fixture(autouse=True)
def cache(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("SEEDBED_CACHE", str(tmp_path_factory.mktemp("cache")))
    tables.clear()


def settings(folder, **changed):
    return Transformer(path=str(folder), **{"max_length": 30, "overlap": 4} | changed)


def rows(model, sentences):
    """The rows of each sentence, in order."""
    pairs = [pair for ns, arrays in model.batches(sentences) for pair in zip(ns, arrays, strict=True)]
    return [array for _, array in sorted(pairs, key=lambda pair: pair[0])]


def expected(name, arrays, word):
    """The same from NumPy, ``[words, layers * width]``."""
    results = []
    for ids, words in zip(IDS, WORDS_OF, strict=True):
        layers = numpy_encoder.layers_of(name, arrays, ids, 2)
        of_pieces = np.concatenate(list(layers), axis=1)
        picked = [pieces[:1] if word == "first" else pieces for pieces in words]
        results.append([of_pieces[p].mean(axis=0) if p else np.zeros(of_pieces.shape[1]) for p in picked])
    return results


@pytest.mark.parametrize(("name", "word"), [*((name, "mean") for name in FAMILIES), ("bert", "first")])
def test_every_layer_of_every_word_is_that_of_numpy(write, name, word):
    folder, arrays = write(name, pad_token_id=1)
    for row, wanted in zip(rows(settings(folder, word=word).open(), TEXTS), expected(name, arrays, word), strict=True):
        np.testing.assert_allclose(row, wanted, atol=1e-4)


def save_bfloat16(file, arrays):
    """Write a safetensors file by hand, which the library does only for PyTorch; return the rounded arrays."""
    import ml_dtypes

    halves = {key: array.astype(ml_dtypes.bfloat16) for key, array in arrays.items()}
    header, data = {}, b""
    for key, array in halves.items():
        offsets = [len(data), len(data) + array.nbytes]
        header[key] = {"dtype": "BF16", "shape": array.shape, "data_offsets": offsets}
        data += array.tobytes()
    text = json.dumps(header).encode()
    file.write_bytes(len(text).to_bytes(8, "little") + text + data)
    return {key: array.astype(np.float64) for key, array in halves.items()}


@pytest.mark.parametrize("kind", ["float16", "bfloat16"])
def test_half_precision_and_a_prefix_are_read(write, kind):
    folder, arrays = write("bert", prefix="bert.", dtype=np.float16)
    if kind == "bfloat16":
        arrays = save_bfloat16(folder / "model.safetensors", arrays)
    for row, wanted in zip(rows(settings(folder).open(), TEXTS), expected("bert", arrays, "mean"), strict=True):
        np.testing.assert_allclose(row, wanted, atol=1e-4)


def test_a_text_alone_has_the_vectors_that_it_has_beside_longer_ones(write):
    model = settings(write("mpnet")[0]).open()
    together = rows(model, TEXTS)
    for text, row in zip(TEXTS, together, strict=True):
        np.testing.assert_allclose(rows(model, [text])[0], row, atol=1e-5)


def test_long_texts_are_cut_or_read_in_windows_and_counted(write):
    folder, _ = write("bert")
    text = ("the", "old", "man", ".") * 4
    examples, draws = [Example("a", text, "x"), Example("b", ("sea", "xyz"), "x")], [{"train": [0, 1]}, {"train": [1]}]
    cut = settings(folder, max_length=10, long="cut")
    window = settings(folder, max_length=10, long="window", overlap=6)
    [row] = rows(cut.open(), [text])
    np.testing.assert_array_equal(row[8:], 0)
    np.testing.assert_allclose(row[:8], rows(cut.open(), [text[:8]])[0], atol=1e-5)
    report, other = cut.features(examples, draws, [0, 1]).reports
    assert (report["embedding/cut_words"], report["embedding/cut_pieces"], report["embedding/cut_texts"]) == (8, 8, 1)
    assert (report["embedding/unknown_words"], "embedding/cut_words" in other) == (1, False)
    assert window.features(examples, draws, [0, 1]).reports[0]["embedding/windowed_texts"] == 1
    # Windows of 8 pieces begin at 0, 2, 4, 6 and 8; word 7 has most context in the one of 4 to 12.
    [windowed] = rows(window.open(), [text])
    np.testing.assert_allclose(windowed[7], rows(window.open(), [text[4:12]])[0][3], atol=1e-5)
    [fits], [cut_too] = (rows(model.open(), [text[:8]]) for model in (window, cut))
    np.testing.assert_allclose(fits, cut_too, atol=1e-6)


@given(pieces=st.integers(1, 60), room=st.integers(2, 12), overlap=st.integers(0, 10))
def test_each_piece_is_read_from_the_window_where_it_has_most_context(pieces, room, overlap):
    overlap = min(overlap, room - 1)
    spans = Reading(room + 2, "window", overlap).spans(pieces, 2)
    assert {n for start, end in spans for n in range(start, end)} == set(range(pieces))
    best = [max(min(n - start, end - 1 - n) for start, end in spans) for n in range(pieces)]
    chosen = most_context(np.arange(pieces), spans)
    assert [min(n - spans[w][0], spans[w][1] - 1 - n) for n, w in enumerate(chosen)] == best


@pytest.mark.parametrize("pooling", ["mean", "first", "max"])
@pytest.mark.parametrize("normalize", [False, True])
def test_the_vector_of_a_text_is_pooled_with_its_special_tokens(write, pooling, normalize):
    folder, arrays = write("bert")
    model = settings(folder, pooling=pooling, normalize=normalize)
    assert isinstance(model, TextEmbedding)
    examples = [Example(str(n), text, "x") for n, text in enumerate([*TEXTS[:2], ()])]
    features = model.text_features(examples, [{"train": [0, 1, 2]}], [0])
    for row, ids in zip(features.arrays.shared["table"][1:], [*IDS[:2], [2, 3]], strict=True):
        last = numpy_encoder.layers_of("bert", arrays, ids, 2)[-1]
        vector = {"mean": last.mean(axis=0), "first": last[0], "max": last.max(axis=0)}[pooling]
        wanted = vector / np.linalg.norm(vector) if normalize else vector
        np.testing.assert_allclose(row, wanted, atol=1e-4)
    assert features.reports[0]["embedding/empty_texts"] == 1
    again = model.text_features(examples, [{"train": [0, 1, 2]}], [0])
    assert again.reports[0]["embedding/cache_hit_rate"] == 1
    np.testing.assert_array_equal(again.arrays.shared["table"], features.arrays.shared["table"])


def test_progress_counts_texts_and_those_that_were_in_the_cache(write):
    folder, _ = write("bert")
    examples = [Example(str(n), text, "x") for n, text in enumerate([*TEXTS[:2], TEXTS[0]])]
    seen = []
    settings(folder).text_features(examples, [{"train": [0, 1, 2]}], [0], seen.append)
    assert {embedded.unit for embedded in seen} == {"texts"}
    assert max(embedded.tokens for embedded in seen) == max(embedded.done for embedded in seen) == 2
    assert (seen[-1].sentences, seen[-1].cached) == (2, 0)
    seen.clear()
    settings(folder).text_features(examples, [{"train": [0, 1, 2]}], [0], seen.append)
    assert (seen[-1].sentences, seen[-1].cached) == (2, 2)


def test_windows_of_a_text_are_pooled_each_piece_once(write):
    folder, _ = write("bert")
    text = " ".join(("the", "old", "man", ".") * 4)
    window = settings(folder, max_length=10, overlap=4, pooling="mean", normalize=False)
    words = settings(folder, max_length=10, overlap=4)
    from seedbed.embeddings.transformer import PooledTexts

    [row] = rows(PooledTexts(window, window.text_pooling()).open(), [(text,)])
    last = rows(words.open(), [text.split()])[0][:, -8:]
    whole = TextVectors.whole(row)[0]
    specials = whole * 18 - last.sum(axis=0)
    first = rows(PooledTexts(window, window.text_pooling()).open(), [("the old man . the old man .",)])[0]
    own = rows(words.open(), [text.split()[:8]])[0][:, -8:]
    # The first window's [CLS] and the last one's [SEP]: both windows have the same pieces here.
    np.testing.assert_allclose(specials, TextVectors.whole(first)[0] * 10 - own.sum(axis=0), atol=1e-3)
