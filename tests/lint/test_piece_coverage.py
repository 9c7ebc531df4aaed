"""Embeddings without a table of words: what their tokenizer, subwords or file do not know of the drawn texts."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from tests.embeddings.fasttext_files import DIM, written
from tests.embeddings.transformers.conftest import write  # noqa: F401

from seedbed.embeddings.fasttext_bin import FastTextBin
from seedbed.embeddings.pieces.features import PieceEmbedding
from seedbed.embeddings.pieces.tokenizer_file import JsonTokenizer
from seedbed.embeddings.precomputed import Precomputed
from seedbed.embeddings.stack import Stack
from seedbed.embeddings.transformer import Transformer
from seedbed.lint.coverage import vectors_cover_little

KNOWN, UNKNOWN = ("the old man .", "the sea the sea"), ("\u4e2d\u6587 \u8a9e the", "\u4e16\u754c \u4e2d\u6587 .")


@pytest.fixture
def looked(drawn):
    """What the rule says of an embedding for these texts."""

    def check(embedding, texts):
        data = drawn({"train": [(text, "xy"[n % 2]) for n, text in enumerate(texts)]})
        arms = tuple(SimpleNamespace(name=name, embedding=embedding, dataset=None) for name in ("mine", "other"))
        return list(vectors_cover_little(replace(data, arms=arms)))

    return check


def test_words_that_a_transformer_reads_as_unknown_pieces_are_counted(looked, write):  # noqa: F811
    folder, _ = write()
    model = Transformer(path=str(folder), max_length=20, overlap=4)
    assert looked(model, KNOWN) == []
    assert looked(model, UNKNOWN) == [
        f"mine: in the drawn examples, 33 % of tokens and 40 % of words have a known piece in {folder.name} "
        "(mine and other); unknown: \u4e2d\u6587, \u4e16\u754c, \u8a9e"
    ]


def test_so_are_those_of_a_stack_and_of_static_pieces(looked, write, monkeypatch):  # noqa: F811
    folder, _ = write()
    pieces = SimpleNamespace(pieces=JsonTokenizer(folder / "tokenizer.json"))

    class Pieces(PieceEmbedding):
        name = "pieces"

        def open(self):
            return pieces

        def content(self):
            return {}

    for embedding in (Pieces(), Stack({"a": Pieces()})):
        assert looked(embedding, KNOWN) == []
        assert "33 % of tokens and 40 % of words have a known piece in pieces" in looked(embedding, UNKNOWN)[0]


def test_subwords_know_all_words_that_have_one(looked, tmp_path):
    with_subwords = FastTextBin(path=str(written(tmp_path / "a.bin")), dim=DIM)
    assert looked(with_subwords, ["films filming watching"]) == []


def test_texts_that_a_file_of_vectors_lacks_are_named(looked, tmp_path):
    np.savez(tmp_path / "v.npz", ids=np.array(["train/0"]), vectors=np.ones((1, 3), np.float32))
    vectors = Precomputed(path=str(tmp_path / "v.npz"))
    assert looked(vectors, KNOWN[:1]) == []
    assert looked(vectors, KNOWN) == ["mine: 1 of 2 drawn texts have no vectors in v.npz (mine and other): train/1"]
