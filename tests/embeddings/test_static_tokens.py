"""Static token models, against model2vec: its rules one text after the other, and its own values."""

import json
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
from omegaconf import OmegaConf
from safetensors import TensorSpec, serialize_file
from safetensors.numpy import save_file
from tests.embeddings.pieces.token_models import MODELS, TEXTS, encoded, written
from tests.refusals import refusal

from seedbed.data.corpus import Example
from seedbed.data.sources import packaged
from seedbed.embeddings.stack import Stack
from seedbed.embeddings.static_tokens import StaticTokens
from seedbed.embeddings.text_features import TextEmbedding

CONF = Path(__file__).parents[2] / "conf" / "embedding"
ROOM = [Example(f"train/{n}", tuple(text.split()), "ab"[n % 2]) for n, text in enumerate(TEXTS) if text]
PUBLISHED = [
    [-0.1336437165737152, -0.36568793654441833, -0.2386959195137024],
    [0.35443490743637085, -0.036416199058294296, -0.35444745421409607],
]
"""Of model2vec 0.10.0."""
DRAWS = [{"train": [0, 1, 2], "test": [5]}, {"train": [3], "test": [4]}]


def settings(folder, **keys):
    return StaticTokens(path=str(folder), **keys)


def text_vectors(folder, texts, **keys):
    return settings(folder, **keys).open().texts(texts).vectors


@pytest.mark.parametrize("kind", MODELS)
@pytest.mark.parametrize("config", [{}, {"normalize": True, "max_length": 4}], ids=["plain", "cut_and_normalized"])
@pytest.mark.parametrize("quantized", [False, True])
def test_a_text_has_the_vector_that_model2vec_gives_it(tmp_path, kind, config, quantized):
    folder, tokenizer, arrays = written(tmp_path, kind, config=config, quantized=quantized)
    expected = encoded(tokenizer, arrays, TEXTS, config.get("normalize", False), config.get("max_length", 512))
    np.testing.assert_allclose(text_vectors(folder, TEXTS), expected, atol=1e-6)


@pytest.mark.parametrize("kind", MODELS)
@pytest.mark.parametrize("quantized", [False, True])
def test_vectors_equal_those_of_the_library_where_it_is_installed(tmp_path, kind, quantized):
    model2vec = pytest.importorskip("model2vec")
    for config in ({}, {"normalize": True}, {"max_length": 4}, {"max_length": None}):
        folder, _, _ = written(tmp_path, kind, config=config, quantized=quantized)
        expected = model2vec.StaticModel.from_pretrained(folder).encode(list(TEXTS))
        np.testing.assert_allclose(text_vectors(folder, TEXTS), expected, atol=1e-6)


def test_vectors_equal_values_computed_with_model2vec(tmp_path):
    folder, _, _ = written(tmp_path, "word_level", quantized=True, config={"normalize": True})
    first = text_vectors(folder, TEXTS)[:2, :3]
    np.testing.assert_allclose(first, PUBLISHED, atol=1e-6)


@pytest.mark.parametrize("dtype", [np.float16, np.float64, np.int8])
def test_means_of_other_types_are_taken_in_float32(tmp_path, dtype):
    folder, tokenizer, arrays = written(tmp_path, dtype=dtype)
    vectors = text_vectors(folder, TEXTS)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(vectors, encoded(tokenizer, arrays, TEXTS), atol=1e-5)


def test_a_long_mean_of_bfloat16_ones_is_one(tmp_path):
    folder, _, arrays = written(tmp_path)
    halves = np.full(arrays["embeddings"].shape, 0x3F80, np.uint16)  # 1.0
    spec = TensorSpec(dtype="bfloat16", shape=halves.shape, data_ptr=halves.ctypes.data, data_len=halves.nbytes)
    serialize_file({"embeddings": spec}, str(folder / "model.safetensors"))
    np.testing.assert_array_equal(text_vectors(folder, ["film " * 500]), 1.0)


def test_settings_go_before_the_config_file(tmp_path):
    folder, tokenizer, arrays = written(tmp_path, config={"normalize": True, "max_length": 4})
    vectors = text_vectors(folder, TEXTS, normalize=False, max_length=0)
    np.testing.assert_allclose(vectors, encoded(tokenizer, arrays, TEXTS, max_length=10**6), atol=1e-6)


def test_padding_and_truncation_of_the_tokenizer_file_are_not_used(tmp_path):
    folder, tokenizer, arrays = written(tmp_path)
    expected = encoded(tokenizer, arrays, TEXTS)
    tokenizer.enable_truncation(2)
    tokenizer.enable_padding(length=50)
    tokenizer.save(str(folder / "tokenizer.json"))
    np.testing.assert_allclose(text_vectors(folder, TEXTS), expected, atol=1e-6)


@pytest.mark.parametrize("kind", MODELS)
def test_the_pieces_of_a_word_are_those_that_it_has_in_running_text(tmp_path, kind):
    pieces = settings(written(tmp_path, kind)[0]).open().pieces
    words = TEXTS[-1].split()
    inside = [n for ids in pieces.words(words) for n in ids]
    [before], [text] = pieces.texts(["a"]), pieces.texts(["a " + TEXTS[-1].strip()])
    assert before + inside == text


def test_unknown_pieces_are_kept_where_the_settings_say_so(tmp_path):
    folder, tokenizer, arrays = written(tmp_path, "word_level")
    unknown = arrays["embeddings"][tokenizer.token_to_id("[UNK]")]
    np.testing.assert_allclose(text_vectors(folder, ["qqq qqq"], unknown="keep"), [unknown], rtol=1e-6)
    np.testing.assert_array_equal(text_vectors(folder, ["qqq qqq"]), 0)


def test_a_word_has_the_mean_of_its_pieces_and_of_only_unknown_ones_none(tmp_path):
    folder, tokenizer, arrays = written(tmp_path)
    examples = [Example("train/0", ("unwatchable", "\u4e2d", "film"), "a"), Example("train/1", ("film",), "b")]
    features = settings(folder).features(examples, [{"train": [0]}, {"train": [1]}], [0, 1])
    ids = features.inputs([0], [[0]], (4, 1))["ids"][0, :, 0]
    expected = encoded(tokenizer, arrays, ["unwatchable", "\u4e2d", "film", ""])
    np.testing.assert_allclose(features.arrays.shared["table"][ids], expected, atol=1e-6)
    assert len(tokenizer.encode("unwatchable").ids) > 1
    assert [report["embedding/types_found"] for report in features.reports] == [2, 1]
    assert features.reports[0]["embedding/tokens_share"] == 2 / 3


def test_trained_tables_have_the_words_of_each_replicate(tmp_path):
    folder, tokenizer, arrays = written(tmp_path)
    features = settings(folder, trainable=True).features(ROOM, DRAWS, [0, 1])
    ids = features.inputs([1], [[3]], (3, 1))["ids"][0, :, 0]
    expected = encoded(tokenizer, arrays, ["great"] * 3)
    np.testing.assert_allclose(features.arrays.trained["table"][1][ids], expected, atol=1e-6)
    assert features.saved(1)["words"].tolist() == ["a", "great"]


def test_texts_are_tokenized_as_one_and_counted_where_cut_or_unknown(tmp_path):
    folder, tokenizer, arrays = written(tmp_path, "word_level", config={"max_length": 4})
    examples = [Example(f"train/{n}", tuple(words.split()), "a") for n, words in enumerate(("qqq", "film " * 9, "the"))]
    embedding = settings(folder)
    assert isinstance(embedding, TextEmbedding)
    features = embedding.text_features(examples, [{"train": [0, 1], "test": [2]}, {"train": [2]}], [0, 1])
    assert features.reports == [{"embedding/cut_texts": 1, "embedding/unknown_texts": 1}, {}]
    expected = encoded(tokenizer, arrays, [" ".join(example.tokens) for example in examples], max_length=4)
    np.testing.assert_allclose(features.arrays.shared["table"][1:], expected, atol=1e-6)


def test_it_is_a_part_of_a_stack(tmp_path):
    folder, _, _ = written(tmp_path)
    features = Stack({"tokens": settings(folder), "again": settings(folder, unknown="keep")}).features(
        ROOM, DRAWS, [0, 1]
    )
    assert features.width == 16
    alone = settings(folder).features(ROOM, DRAWS, [0, 1]).reports
    assert features.reports[0]["tokens/embedding/types_share"] == alone[0]["embedding/types_share"] == 19 / 20


def test_content_knows_the_files_and_the_values_that_apply(tmp_path):
    folder, _, _ = written(tmp_path / "one", config={"normalize": True})
    other, _, arrays = written(tmp_path / "two")
    content = settings(folder).content()
    assert settings(folder, normalize=True, max_length=512).content() == content
    assert settings(other, normalize=True).content() == content
    assert settings(other).content() != content
    save_file(arrays | {"embeddings": arrays["embeddings"] + 1}, other / "model.safetensors")
    assert settings(other, normalize=True).content()["weights"] != content["weights"]


def test_a_changed_file_is_read_again(tmp_path):
    folder, _, arrays = written(tmp_path)
    before = text_vectors(folder, ["film"])
    save_file({"embeddings": arrays["embeddings"] * 2}, folder / "model.safetensors")
    np.testing.assert_allclose(text_vectors(folder, ["film"]), 2 * before)


def test_the_matrix_may_have_the_name_of_sentence_transformers_or_be_the_only_one(tmp_path):
    folder, _, arrays = written(tmp_path)
    expected = text_vectors(folder, TEXTS)
    for name in ("embedding.weight", "anything"):
        save_file({name: arrays["embeddings"], "scale": np.ones(3)}, folder / "model.safetensors")
        np.testing.assert_array_equal(text_vectors(folder, TEXTS), expected)


# Bad input


def test_a_folder_without_weights_is_refused(tmp_path):
    folder, _, _ = written(tmp_path)
    (folder / "model.safetensors").unlink()
    assert refusal(
        settings(folder).content, match=r"model.safetensors: there is no such file; embedding.weights names another"
    )
    (folder / "pytorch_model.bin").write_bytes(b"\x80\x02")
    message = refusal(settings(folder).open, match="pickled weights are never opened")
    assert "save_file(torch.load(" in message
    nested = folder / "0_StaticEmbedding"
    nested.mkdir()
    (folder / "pytorch_model.bin").rename(nested / "model.safetensors")
    assert refusal(settings(folder).open, match=r"embedding.path=\S+0_StaticEmbedding has one")
    assert refusal(settings(nested).open, match=r"tokenizer.json: there is no such file; embedding.tokenizer")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"\x80\x02}q\x00.", "a Python pickle.*; if it is a PyTorch file: python -c"),
        (b"PK\x03\x04" + bytes(40), "packed by zip; if it is a PyTorch file"),
        (b"version https://git-lfs.github.com/spec/v1\n", "a pointer of Git LFS"),
        (b"", "header"),
        (b"\x10\0\0\0\0\0\0\0{}", "header|buffer|length"),
    ],
)
def test_an_unreadable_matrix_is_refused(tmp_path, content, reason):
    folder, _, _ = written(tmp_path)
    (folder / "model.safetensors").write_bytes(content)
    assert refusal(settings(folder).open, match=f"model.safetensors: cannot be read as safetensors: .*({reason})")


def test_a_matrix_that_does_not_fit_the_tokenizer_is_refused(tmp_path):
    folder, tokenizer, arrays = written(tmp_path)
    size = tokenizer.get_vocab_size()
    short = arrays["embeddings"][:-1]
    cases = {
        f"embeddings has {size - 1:,} rows, and the tokenizer {size:,} tokens": {"embeddings": short},
        f"mapping has {size - 2:,} rows": {"embeddings": short, "mapping": np.zeros(size - 2, np.int64)},
        "weights has 3 rows": arrays | {"weights": np.ones(3, np.float32)},
        f"mapping has rows from 0 to {size - 1}, embeddings has 9": {
            "embeddings": short[:9], "mapping": np.arange(size, dtype=np.int32),
        },
        "mapping has rows from -1": {"embeddings": short, "mapping": np.full(size, -1)},
        "mapping must be a list of whole numbers": {"embeddings": short, "mapping": np.zeros(size)},
        "has 2 matrices, and none is named embeddings or embedding.weight": {"a": short, "b": short},
        "embeddings is of type U16": {"embeddings": short.astype(np.uint16)},
    }  # fmt: skip
    for reason, tensors in cases.items():
        save_file(tensors, folder / "model.safetensors")
        assert refusal(settings(folder).open, match=f"model.safetensors: {reason}")


@pytest.mark.parametrize("number", [np.nan, np.inf])
def test_numbers_that_are_not_finite_are_refused(tmp_path, number):
    folder, _, arrays = written(tmp_path)
    arrays["embeddings"][7, 3] = number
    save_file(arrays, folder / "model.safetensors")
    assert refusal(settings(folder).open, match="embeddings has a number that is not finite in row 7")


def test_a_bad_tokenizer_or_config_is_refused(tmp_path):
    folder, _, _ = written(tmp_path, config={"normalize": "yes"})
    assert refusal(settings(folder).content, match="config.json: normalize must be true or false")
    (folder / "config.json").write_text("[1]")
    assert refusal(settings(folder).content, match="config.json: must be a JSON object")
    (folder / "config.json").write_text("{")
    assert refusal(settings(folder).content, match="config.json: not JSON")
    (folder / "tokenizer.json").write_text(json.dumps({"model": 1}))
    assert refusal(settings(folder, config="").open, match=r"tokenizer.json: cannot be read as tokenizer.json")


def test_settings_out_of_range_and_without_files_are_refused(tmp_path):
    assert refusal(StaticTokens, unknown="zero", match="embedding.unknown=zero: must be one of drop, keep")
    assert refusal(StaticTokens, max_length=-1, match="embedding.max_length=-1: must be at least 0")
    assert refusal(StaticTokens, weights="", match="embedding.weights is empty")
    assert refusal(
        StaticTokens().content, match=r"embedding.path is empty: static_tokens needs a folder with model.safetensors"
    )
    assert refusal(settings(tmp_path / "no").content, match=r"embedding.path=\S+no: there is no such folder")
    folder, _, _ = written(tmp_path)
    assert refusal(settings(folder / "config.json").content, match="is a file; name the folder")
    assert refusal(settings(folder, weights_sha256="ab").content, match=r"not the file of embedding.weights_sha256=ab")
    assert refusal(StaticTokens(package="no-such-distribution:x").content, match="pip install no-such-distribution")


# Configs, and the model of the package


def config(name):
    keys = OmegaConf.to_container(OmegaConf.load(CONF / f"{name}.yaml"))
    assert keys.pop("_target_") == "seedbed.embeddings.static_tokens.StaticTokens"
    return keys


@pytest.mark.parametrize("name", ["static_tokens", "wordllama", "potion"])
def test_a_config_lists_every_setting_in_order(name):
    keys = config(name)
    assert list(keys) == [field.name for field in fields(StaticTokens)]
    assert StaticTokens(**keys).name == name


@pytest.fixture(scope="module")
def wordllama():
    embedding = StaticTokens(**config("wordllama"))
    if packaged(f"{embedding.package}/{embedding.weights}") is None:
        pytest.skip("wordllama is not installed")
    return embedding


def test_wordllama_gives_the_vectors_of_its_package(wordllama):
    tokenizers = pytest.importorskip("tokenizers")
    inference = pytest.importorskip("wordllama.inference")
    model = wordllama.open()
    tokenizer = tokenizers.Tokenizer.from_file(str(wordllama._file("tokenizer")))
    published = inference.WordLlamaInference(model.matrix.vectors, tokenizer)
    texts = list(TEXTS)
    np.testing.assert_allclose(model.texts(texts).vectors, published.embed(texts), atol=1e-6)
    normalized = replace(wordllama, normalize=True).open().texts(texts[:5]).vectors
    np.testing.assert_allclose(normalized, published.embed(texts[:5], norm=True), atol=1e-6)


def test_words_of_wordllama_have_their_pieces_in_running_text(wordllama):
    pieces = wordllama.open().pieces
    for text in (*TEXTS[:4], "He didn't pay $ 3,000.50 , `` Zoe '' said -- \u4e2d \U0001f600 ."):
        words = text.split()
        assert [n for ids in pieces.words(words) for n in ids] == pieces.texts([" ".join(words)])[0]
