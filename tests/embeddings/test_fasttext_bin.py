"""``embedding=fasttext_bin``: lookup, spellings, coverage, and files packed or bad."""

import gzip

import numpy as np
import pytest
from tests.embeddings.fasttext_files import DIM, WORDS, model, written
from tests.embeddings.test_fasttext_model import FASTTEXT
from tests.refusals import refusal

from seedbed.data.corpus import Example
from seedbed.embeddings.fasttext_bin import FastTextBin
from seedbed.embeddings.stack import Stack
from seedbed.testing import check_embedding

EXAMPLES = (
    Example("train/0", ("the", "films", "film"), "x"),
    Example("train/1", ("films", "日本", "films"), "y"),
    Example("train/2", ("THE",), "y"),
)


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("SEEDBED_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("SEEDBED_DATA", str(tmp_path / "data"))


@pytest.fixture
def embedding(tmp_path):
    """Settings for a model with these properties."""
    return lambda case="exact", **settings: FastTextBin(
        path=str(written(tmp_path / "m.bin", **settings)), dim=DIM, case=case
    )


def batch(features, examples=EXAMPLES):
    longest = max(len(example.tokens) for example in examples)
    inputs = features.inputs([0], [list(range(len(examples)))], (longest, len(examples)))
    return np.asarray(features.embed({}, features.arrays.shared, inputs))[0]


def test_words_in_and_outside_the_vocabulary_have_the_vectors_of_fasttext(embedding):
    features = embedding().features(EXAMPLES, [{"train": [0, 1, 2]}], [0])
    vectors = batch(features)
    np.testing.assert_allclose(vectors[1, 0], FASTTEXT["films"], atol=1e-6)
    np.testing.assert_allclose(vectors[2, 0], FASTTEXT["film"], atol=1e-6)
    np.testing.assert_allclose(vectors[1, 1], FASTTEXT["日本"], atol=1e-6)
    assert not vectors[1:, 2].any()  # padding
    assert features.width == DIM


def test_words_by_subwords_are_counted_apart_in_each_draw(embedding):
    features = embedding().features(EXAMPLES, [{"train": [0]}, {"train": [1], "test": [2]}], [0, 1])
    assert features.reports == [
        {
            "embedding/types": 3, "embedding/types_found": 3, "embedding/types_share": 1.0,
            "embedding/tokens": 3, "embedding/tokens_found": 3, "embedding/tokens_share": 1.0,
            "embedding/types_by_subwords": 1, "embedding/tokens_by_subwords": 1,
        },
        {
            "embedding/types": 3, "embedding/types_found": 3, "embedding/types_share": 1.0,
            "embedding/tokens": 4, "embedding/tokens_found": 4, "embedding/tokens_share": 1.0,
            "embedding/types_by_subwords": 3, "embedding/tokens_by_subwords": 4,
        },
    ]  # fmt: skip
    assert features.size(0) == (0, 3 * DIM)


def test_words_without_subwords_of_that_length_have_no_vector(embedding):
    features = embedding(shortest=5, longest=5).features(EXAMPLES, [{"train": [0, 1, 2]}], [0])
    report = features.reports[0]
    counts = [report[f"embedding/types_{name}"] for name in ("found", "by_subwords")]
    assert (report["embedding/types"], *counts) == (5, 4, 2)  # <日本> has four characters
    assert not batch(features)[1, 1].any()


def test_another_spelling_is_tried_before_subwords(embedding):
    exact, back_off, every = (embedding(case).vectors(["THE", "the", "films"]) for case in ("exact", "back_off", "any"))
    assert exact.words == back_off.words == every.words == ("THE", "films", "the")
    assert exact.in_vocabulary == {"the"}
    assert back_off.in_vocabulary == every.in_vocabulary == {"the", "THE"}
    np.testing.assert_array_equal(back_off.matrix[0], back_off.matrix[2])
    assert np.abs(exact.matrix[0] - exact.matrix[2]).max() > 0.01
    np.testing.assert_array_equal(exact.matrix[1], back_off.matrix[1])


def test_a_packed_model_is_unpacked_once_and_has_the_same_digest(embedding, tmp_path):
    plain = embedding()
    (tmp_path / "data" / "fasttext").mkdir(parents=True)
    (tmp_path / "data" / "fasttext" / "m.bin.gz").write_bytes(gzip.compress(model()))
    packed = FastTextBin(folder="fasttext", names=["m.bin"], dim=DIM)
    assert packed.content() == plain.content()
    [copy] = (tmp_path / "cache" / "fasttext").glob("*.bin")
    before = copy.stat().st_mtime_ns
    again = FastTextBin(folder="fasttext", names=["m.bin"], dim=DIM)
    np.testing.assert_array_equal(again.vectors(["films"]).matrix, plain.vectors(["films"]).matrix)
    assert copy.stat().st_mtime_ns == before
    (tmp_path / "cut.gz").write_bytes(gzip.compress(model())[:-20])
    assert refusal(FastTextBin(path=str(tmp_path / "cut.gz"), dim=DIM).content, match="cannot be read")
    (tmp_path / "text.gz").write_bytes(gzip.compress(b"the 1 2 3\n" * 20))
    assert refusal(FastTextBin(path=str(tmp_path / "text.gz"), dim=DIM).content, match="no fastText model")


def test_groups_share_a_table_and_a_stack_has_both_parts(embedding):
    settings, draws = embedding(), [{"train": [0, 1, 2]}]
    first, again = (settings.features(EXAMPLES, draws, [0]) for _ in range(2))
    assert first.arrays.shared["table"] is again.arrays.shared["table"]
    both = Stack({"a": settings, "b": settings}).features(EXAMPLES, draws, [0])
    np.testing.assert_array_equal(batch(both), np.tile(batch(first), 2))


def test_bad_files_are_refused_before_anything_is_trained(embedding, tmp_path):
    assert refusal(embedding(version=13).content, match="version 13")
    assert refusal(embedding(dim=5).content, match=r"have 5 numbers, embedding\.dim is 3")
    (tmp_path / "m.bin").write_bytes(model()[:-30])
    assert refusal(FastTextBin(path=str(tmp_path / "m.bin"), dim=DIM).content, match="cut or damaged")
    (tmp_path / "m.bin").write_bytes(b"")
    assert refusal(FastTextBin(path=str(tmp_path / "m.bin"), dim=DIM).content, match="m.bin: empty")
    (tmp_path / "m.bin").write_text("the 1 2 3\n" * 20)
    assert refusal(FastTextBin(path=str(tmp_path / "m.bin"), dim=DIM).content, match="no fastText model")


def test_a_missing_file_says_where_it_is_searched(tmp_path):
    assert refusal(FastTextBin().content, match=r"embedding\.path is empty")
    settings = FastTextBin(folder="fasttext", names=["cc.en.300.bin"])
    assert refusal(settings.content, match=r"put cc\.en\.300\.bin into .*data/fasttext/")
    assert [file.where for file in settings.status()] == ["missing"]


@pytest.mark.parametrize("keys", [{"case": "upper"}, {"dim": 0}])
def test_bad_settings_are_refused(keys):
    [(key, value)] = keys.items()
    assert refusal(FastTextBin, **keys, match=f"embedding.{key}={value}: must be")


def test_the_checks_of_every_embedding_pass(embedding):
    texts = [[(*WORDS, "films", "日本")[n] for n in np.random.default_rng(t).integers(7, size=5)] for t in range(40)]
    assert check_embedding(embedding(), texts) is None
