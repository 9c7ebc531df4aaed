"""The settings of an encoder: what is refused, what its digests depend on, and what its folder says."""

import dataclasses
import json

import pytest
from tests.embeddings.transformers.conftest import PIECES, write, write_tokenizer
from tests.refusals import refusal

from seedbed.embeddings.transformer import Transformer
from seedbed.embeddings.transformers.pooling import text_pooling

__all__ = ["write"]


def settings(folder, **changed):
    return Transformer(path=str(folder), **{"max_length": 30, "overlap": 4} | changed)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"word": "last"}, r"embedding\.word=last: must be one of first, mean"),
        ({"long": "skip"}, r"embedding\.long=skip: must be one of cut, window"),
        ({"pooling": "cls"}, r"embedding\.pooling=cls: must be one of auto, mean, first, max"),
        ({"mix": "first"}, r"embedding\.mix=first: must be one of"),
        ({"mix_l2": 0.1}, r"embedding\.mix_l2=0\.1: applies only to mix=learned"),
        ({"max_length": 2}, r"embedding\.max_length=2"),
        ({"overlap": 30}, r"embedding\.overlap=30"),
        ({"cache_gb": 0.0}, r"embedding\.cache_gb=0\.0"),
    ],
)
def test_a_setting_without_a_meaning_is_refused(changed, message):
    assert refusal(settings, "x", match=message, **changed)


def test_a_folder_without_weights_or_with_pickled_ones_is_refused(write):
    folder, _ = write()
    assert refusal(Transformer().files, match=r"embedding\.path is empty")
    assert refusal(Transformer(path="nowhere").files, match="there is no such folder")
    assert refusal(Transformer(package="no-such-package:x").files, match="pip install no-such-package")
    (folder / "model.safetensors").unlink()
    assert refusal(settings(folder).content, match=r"has no weights: model\.safetensors is missing")
    (folder / "pytorch_model.bin").write_bytes(b"")
    assert refusal(settings(folder).content, match=r"pickled.*AutoModel\.from_pretrained.*converts it")


def test_what_does_not_fit_together_is_refused(write):
    folder, _ = write()
    assert refusal(settings(folder, max_length=41).content, match=r"max_length=41: .* has 40 positions")
    assert refusal(settings(folder, mix="layer3").content, match="the model has layers 0 to 2")
    assert refusal(settings(folder, sha256={"tokenizer.json": "00"}).content, match="not the file of embedding.sha256")
    write_tokenizer(folder, (*PIECES, "more"))
    assert refusal(settings(folder).content, match="pieces up to number 14, and the embedding matrix has 14 rows")
    other, _ = write(num_hidden_layers=3)
    assert refusal(settings(other).open, match=r"has no tensor encoder\.layer\.2\.attention")
    wide, _ = write(intermediate_size=16)
    assert refusal(
        settings(wide).open, match=r"intermediate\.dense\.weight is \[12, 8\], and by config\.json \[16, 8\]"
    )
    assert refusal(
        settings(write(model_type="t5")[0]).content, match="model_type=t5 is not supported; supported are bert"
    )
    damaged, _ = write()
    (damaged / "model.safetensors").write_bytes(b"damaged")
    assert refusal(settings(damaged).open, match="cannot be read as safetensors")


def test_a_digest_depends_on_what_determines_the_vectors(write):
    model = settings(write()[0])
    changes = ({"word": "first"}, {"max_length": 20}, {"long": "cut"}, {"overlap": 5})
    digests = {dataclasses.replace(model, **change).digest() for change in ({}, *changes)}
    assert len(digests) == 1 + len(changes)
    unread = {"prompt": "query: ", "pooling": "first", "mix": "average", "cache": False}
    assert dataclasses.replace(model, **unread).digest() == model.digest()
    assert dataclasses.replace(model, pooling="first").content() != model.content()


def test_the_folder_says_how_a_text_is_pooled(tmp_path):
    assert vars(text_pooling(tmp_path, "auto", None, "")) == {
        "mode": "mean", "normalize": False, "prompt": "", "lower": False,
    }  # fmt: skip
    (tmp_path / "1_Pooling").mkdir()
    config = {"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": False}
    (tmp_path / "1_Pooling/config.json").write_text(json.dumps(config))
    modules = [{"type": "sentence_transformers.models.Normalize"}]
    (tmp_path / "modules.json").write_text(json.dumps(modules))
    pooling = text_pooling(tmp_path, "auto", None, "query: ")
    assert (pooling.mode, pooling.normalize, pooling.text(("a", "b"))) == ("first", True, "query: a b")
    (tmp_path / "1_Pooling/config.json").write_text(json.dumps(config | {"pooling_mode_mean_tokens": True}))
    assert refusal(text_pooling, tmp_path, "auto", None, "", match="set embedding.pooling=mean, first or max")
    assert text_pooling(tmp_path, "max", False, "").mode == "max"
