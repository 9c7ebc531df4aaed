"""BPEmb, against sentencepiece and the vectors of its pieces."""

import re
import sys
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from omegaconf import OmegaConf
from tests.embeddings.pieces.token_models import TEXTS
from tests.refusals import refusal

from seedbed.data.corpus import Example
from seedbed.embeddings.bpemb import BPEmb

CONF = Path(__file__).parents[2] / "conf" / "embedding"
DIM = 4
WORDS = ["The", "1984", "film", "isn't", "Unwatchable", "中"]


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """A sentencepiece model of 60 pieces, trained on TEXTS as BPEmb prepares them."""
    sentencepiece = pytest.importorskip("sentencepiece")
    path = tmp_path_factory.mktemp("model") / "tiny.model"
    texts = [re.sub(r"\d", "0", text.lower()) for text in (*TEXTS[:5], TEXTS[-1], "in 1984 and 2026")]
    with path.open("wb") as writer:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(texts), model_writer=writer, vocab_size=60, model_type="bpe", minloglevel=2
        )
    return path


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("SEEDBED_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def pieces(model):
    import sentencepiece

    return sentencepiece.SentencePieceProcessor(model_file=str(model))


@pytest.fixture
def matrix(pieces):
    return np.random.default_rng(0).normal(size=(pieces.get_piece_size(), DIM)).astype(np.float32)


@pytest.fixture
def folder(tmp_path, model, pieces, matrix):
    """The model beside its vectors in word2vec's binary format."""
    lines = [f"{pieces.id_to_piece(n)} ".encode() + row.tobytes() for n, row in enumerate(matrix)]
    (tmp_path / "tiny.bin").write_bytes(f"{len(matrix)} {DIM}\n".encode() + b"\n".join(lines) + b"\n")
    (tmp_path / "tiny.model").write_bytes(model.read_bytes())
    return tmp_path


def settings(folder, **keys):
    return BPEmb(**{"path": str(folder), "model": "tiny.model", "vectors": "tiny.bin", "dim": DIM} | keys)


def mean(pieces, matrix, text, drop=True):
    """What `BPEmb.embed` of the package `bpemb` returns, as a mean, without the unknown pieces."""
    ids = [n for n in pieces.encode(re.sub(r"\d", "0", text.lower())) if not (drop and n == pieces.unk_id())]
    return matrix[ids].mean(axis=0) if ids else np.zeros(DIM)


def test_the_vector_of_a_word_is_the_mean_of_its_pieces(folder, pieces, matrix):
    examples = [Example("train/0", tuple(WORDS), "a")]
    features = settings(folder).features(examples, [{"train": [0]}], [0])
    ids = features.inputs([0], [[0]], (len(WORDS), 1))["ids"][0, :, 0]
    expected = [*(mean(pieces, matrix, word) for word in WORDS[:-1]), np.zeros(DIM)]
    np.testing.assert_allclose(features.arrays.shared["table"][ids], expected, atol=1e-6)
    assert len(pieces.encode("unwatchable")) > 1
    assert features.reports[0]["embedding/types_found"] == len(WORDS) - 1


def test_the_vector_of_a_text_is_the_mean_of_its_pieces(folder, pieces, matrix):
    texts = (*TEXTS, " ".join(WORDS))
    for unknown in ("drop", "keep"):
        expected = [mean(pieces, matrix, text, unknown == "drop") for text in texts]
        vectors = settings(folder, unknown=unknown).open().texts(texts).vectors
        np.testing.assert_allclose(vectors, expected, atol=1e-6)


def test_words_of_only_unknown_pieces_are_not_covered(folder, pieces):
    assert pieces.encode_as_pieces("\u4e2d") == ["\u2581", "\u4e2d"]  # a blank, and a piece that is unknown
    model = settings(folder).open()
    assert model.words(["\u4e2d", "film", "film\u4e2d"]).known.tolist() == [False, True, True]
    assert model.texts(["\u4e2d", "film", ""]).known.tolist() == [False, True, False]


def test_without_preprocessing_capitals_are_unknown(folder):
    plain, lowered = (settings(folder, preprocess=on).open().pieces.words(["FILM", "film"]) for on in (False, True))
    assert lowered[0] == lowered[1]
    assert plain[0] != plain[1]


def test_text_vectors_and_binary_vectors_are_the_same(folder, pieces, matrix):
    lines = [f"{pieces.id_to_piece(n)} {' '.join(map(repr, row.tolist()))}" for n, row in enumerate(matrix)]
    (folder / "tiny.txt").write_text("\n".join([f"{len(matrix)} {DIM}", *lines]) + "\n", encoding="utf-8")
    text, binary = settings(folder, vectors="tiny.txt"), settings(folder)
    assert text.content() == binary.content()
    np.testing.assert_array_equal(text.open().matrix.vectors, binary.open().matrix.vectors)


def test_files_that_do_not_belong_together_are_refused(folder, pieces):
    (folder / "other.txt").write_text("".join(f"{pieces.id_to_piece(n)} 1 2 3 4\n" for n in range(3, 40)))
    assert refusal(
        settings(folder, vectors="other.txt").open, match="has no vector for 20 of the 60 pieces of tiny.model"
    )
    assert refusal(settings(folder, dim=7).content, match=r"its vectors have 4 numbers, embedding.dim is 7")
    assert refusal(settings(folder, model="tiny.bin").open, match="tiny.bin: cannot be read as a sentencepiece model")
    assert refusal(settings(folder, model="none").open, match="none: there is no such file")


def test_settings_out_of_range_are_refused():
    assert refusal(BPEmb, unknown="zero", match="embedding.unknown=zero: must be one of drop, keep")
    assert refusal(BPEmb, dim=0, match="embedding.dim=0: must be at least 1")
    assert refusal(BPEmb().content, match="embedding.vectors is empty")
    assert refusal(
        BPEmb(model="m", vectors="v").content, match="embedding.path is empty: bpemb needs a folder with m and v"
    )


def test_without_sentencepiece_the_message_says_what_to_install(folder, monkeypatch):
    monkeypatch.setitem(sys.modules, "sentencepiece", None)
    assert refusal(
        settings(folder, unknown="keep").open, match=r'sentencepiece is not installed: pip install "seedbed\[bpemb\]"'
    )


def test_the_config_lists_every_setting_in_order():
    keys = OmegaConf.to_container(OmegaConf.load(CONF / "bpemb.yaml"))
    assert keys.pop("_target_") == "seedbed.embeddings.bpemb.BPEmb"
    assert list(keys) == [field.name for field in fields(BPEmb)]
    assert BPEmb(**keys).name == "bpemb"
