"""fastText models: vectors as fastText computes them, and what is refused."""

import numpy as np
import pytest
from tests.embeddings import fasttext_files
from tests.embeddings.fasttext_files import BUCKETS, DIM, WORDS, matrix, written
from tests.embeddings.test_subwords import by_brute_force
from tests.refusals import refusal

from seedbed.embeddings import fasttext_model
from seedbed.embeddings.fasttext_model import open_model

FASTTEXT = {
    "film": [-0.075, -0.15, 0.325],
    "films": [-0.022727273, -0.272727281, -0.022727273],
    "naïveté": [-0.650000036, -0.266666681, 0.300000012],
    "🙂": [0.0, -0.166666672, -0.333333343],
    "日本": [-0.1, -0.45, 0.3],
    "</s>": [-1.25, -0.5, 0.25],
    "x": [0.333333343, 0.166666672, -0.916666687],
    "": [0.0, 0.75, -1.25],
}
"""`get_word_vector` of fasttext-wheel 0.9.2 (the Python module of fastText 0.9.2) for the file of `fasttext_files`."""


def vectors(path, words, dim=DIM):
    model = open_model(path, dim, words)
    return model.vectors([(word, model.rows.get(word)) for word in words])


def expected(word, words=WORDS, buckets=BUCKETS, shortest=2, longest=3):
    """The mean of the rows, one at a time in float64; None where there is none."""
    rows = [words.index(word)] if word in words else []
    if word != "</s>":
        rows += [len(words) + bucket for bucket in by_brute_force(word, shortest, longest, buckets)]
    every = matrix(len(words) + buckets)
    return np.mean([every[row].astype(np.float64) for row in rows], axis=0) if rows else None


def test_vectors_are_those_of_fasttext(tmp_path):
    computed, has_vector = vectors(written(tmp_path / "m.bin"), list(FASTTEXT))
    np.testing.assert_allclose(computed, list(FASTTEXT.values()), atol=1e-6)
    assert has_vector.all()
    assert computed.dtype == np.float32


@pytest.mark.parametrize("labels", [(), ("__label__a", "__label__b")])
@pytest.mark.parametrize(("shortest", "longest"), [(2, 3), (1, 2), (4, 6), (5, 5)])
def test_vectors_are_means_of_rows_one_at_a_time(shortest, longest, labels, tmp_path, monkeypatch):
    monkeypatch.setattr(fasttext_model, "BLOCK", 4)
    kind = fasttext_files.SUPERVISED if labels else fasttext_files.SKIPGRAM
    file = written(tmp_path / "m.bin", shortest=shortest, longest=longest, labels=labels, kind=kind)
    words = [*WORDS, "a", "films", "THE", "filmé", "日本語の映画", *(f"word{n}" for n in range(20))]
    computed, has_vector = vectors(file, words)
    for word, vector, there in zip(words, computed, has_vector, strict=True):
        mean = expected(word, shortest=shortest, longest=longest)
        assert there == (mean is not None)
        np.testing.assert_allclose(vector, np.zeros(DIM) if mean is None else mean, atol=1e-6)


@pytest.mark.parametrize(
    "settings",
    [
        {"shortest": 0, "longest": 0, "buckets": 0},
        {"shortest": 2, "longest": 3, "version": 11, "kind": fasttext_files.SUPERVISED},
    ],
)
def test_a_model_without_subwords_has_its_words_only(settings, tmp_path):
    computed, has_vector = vectors(written(tmp_path / "m.bin", **settings), ["film", "films", "the"])
    assert has_vector.tolist() == [True, False, True]
    np.testing.assert_array_equal(computed, [matrix(3)[2], np.zeros(DIM), matrix(3)[1]])


def test_version_11_has_subwords_in_unsupervised_models(tmp_path):
    computed, _ = vectors(written(tmp_path / "m.bin", version=11), ["films"])
    np.testing.assert_allclose(computed[0], FASTTEXT["films"], atol=1e-6)


def test_the_matrix_is_mapped_and_not_read(tmp_path):
    model = open_model(written(tmp_path / "m.bin"), DIM)
    assert isinstance(model.matrix.base, np.memmap)
    assert model.matrix.shape == (len(WORDS) + BUCKETS, DIM)


def test_a_model_may_end_with_its_input_matrix(tmp_path):
    content = fasttext_files.model()
    (tmp_path / "m.bin").write_bytes(content[: len(content) - 17 - 4 * DIM * len(WORDS)])
    np.testing.assert_allclose(vectors(tmp_path / "m.bin", ["films"])[0][0], FASTTEXT["films"], atol=1e-6)


BAD = {
    "other magic": ({"magic": 1}, "no fastText model"),
    "other version": ({"version": 13}, r"version 13 of fastText's format; versions 11 and 12 are read"),
    "other dim": ({"dim": 4}, r"its vectors have 4 numbers, embedding\.dim is 3"),
    "quantized": ({"quantized": True}, r"a quantized model \(\.ftz\).*take the \.bin file"),
    "pruned": ({"pruned": 2}, r"a quantized model \(\.ftz\)"),
    "other matrix": ({"vectors": matrix(9)}, "damaged: a matrix of 9 x 3, and 12 x 3 expected"),
    "no words": ({"words": ()}, "damaged: 0 entries, 0 words"),
}


@pytest.mark.parametrize("name", BAD)
def test_other_files_are_refused(name, tmp_path):
    settings, match = BAD[name]
    assert refusal(open_model, written(tmp_path / "m.bin", **settings), DIM, match=match)


def test_a_file_that_is_cut_anywhere_is_refused(tmp_path):
    content, path = fasttext_files.model(), tmp_path / "m.bin"
    inputs = len(content) - 17 - 4 * DIM * len(WORDS)  # complete without the output matrix
    messages = set()
    for size in {*range(0, len(content), 7), inputs - 1, inputs + 1, len(content) - 1} - {inputs}:
        path.write_bytes(content[:size])
        messages.add(refusal(open_model, path, DIM, match=r"empty|cut").partition("m.bin: ")[2][:30])
    assert len(messages) > 4  # empty, in the header, in a word, before and in the matrices


def test_vectors_that_are_not_finite_are_refused_with_the_word(tmp_path):
    rows = matrix(len(WORDS) + BUCKETS)
    rows[2, 1] = np.nan
    file = written(tmp_path / "m.bin", vectors=rows)
    assert refusal(vectors, file, ["the", "film"], match="the vector of 'film' is not finite")
    assert vectors(file, ["the", "films"])[1].all()
