"""Small random encoders of each architecture in the Hugging Face layout, with a tokenizer."""

import json

import numpy as np
import pytest

from seedbed.embeddings.transformers.architecture import BERT_KEYS, FAMILIES

PIECES = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "the", "old", "man", ".", "un", "##be", "##li", "##ev", "##able", "sea"]
WIDTH, HEADS, LAYERS, INNER, POSITIONS = 8, 2, 2, 12, 40
SPECIAL = {"[CLS]": 2, "[SEP]": 3}


def write_tokenizer(folder, vocabulary=tuple(PIECES)):
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

    tokenizer = Tokenizer(models.WordPiece({piece: n for n, piece in enumerate(vocabulary)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=list(SPECIAL.items())
    )
    tokenizer.enable_truncation(5)  # what a publisher left in the file: never used
    tokenizer.enable_padding(length=5)
    tokenizer.save(str(folder / "tokenizer.json"))


def tensors(name, rng):
    """Random weights of an architecture by their names in PyTorch."""
    family = FAMILIES[name]

    def drawn(*shape):
        return rng.normal(0, 0.5, shape).astype(np.float32)

    def dense(tensor, outputs, inputs):
        return {f"{tensor}.weight": drawn(outputs, inputs), f"{tensor}.bias": drawn(outputs)}

    arrays = {
        "embeddings.word_embeddings.weight": drawn(len(PIECES), WIDTH),
        "embeddings.position_embeddings.weight": drawn(POSITIONS, WIDTH),
    }
    if family.types:
        arrays["embeddings.token_type_embeddings.weight"] = drawn(2, WIDTH)
    if family.relative:
        arrays[f"{family.relative}.weight"] = drawn(32, HEADS)
    sizes = {"up": (INNER, WIDTH), "down": (WIDTH, INNER)}
    for layer in range(LAYERS):
        for key, text in family.tensors.items():
            if not key.endswith("norm"):
                arrays |= dense(text.format(layer), *sizes.get(key, (WIDTH, WIDTH)))
            else:
                arrays[f"{text.format(layer)}.weight"] = 1 + drawn(WIDTH)
                arrays[f"{text.format(layer)}.bias"] = drawn(WIDTH)
    return arrays


@pytest.fixture
def write(tmp_path):
    """Writes a model of an architecture into a folder, and returns the folder and its tensors."""

    def write_model(name="bert", prefix="", dtype=np.float32, **config):
        from safetensors.numpy import save_file

        folder = tmp_path / f"{name}{len(list(tmp_path.iterdir()))}"
        folder.mkdir()
        values = {
            "width": WIDTH, "heads": HEADS, "layers": LAYERS, "inner": INNER, "activation": "gelu",
            "positions": POSITIONS, "vocabulary": len(PIECES),
        }  # fmt: skip
        keys = FAMILIES[name].keys if name in FAMILIES else BERT_KEYS
        described = {"model_type": name, **{keys[key]: value for key, value in values.items()}, **config}
        (folder / "config.json").write_text(json.dumps(described), encoding="utf-8")
        arrays = tensors(name if name in FAMILIES else "bert", np.random.default_rng(0))
        saved = {prefix + key: array.astype(dtype) for key, array in arrays.items()}
        save_file(saved, str(folder / "model.safetensors"))
        write_tokenizer(folder)
        return folder, {key: array.astype(dtype).astype(np.float64) for key, array in arrays.items()}

    return write_model
