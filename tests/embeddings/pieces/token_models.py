"""Tiny tokenizers, and folders as model2vec writes them."""

import json

import numpy as np
from safetensors.numpy import save_file
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers

TEXTS = (
    "the film was a great film .",
    "The acting , though , was dreadful !",
    "watching unwatchable movies isn't a pleasure",
    "great great great",
    "a",
    "",
    "zzz \u4e2d\u6587 the end",
    "a film about films and filming the film " * 5,
)
LETTERS = "abcdefghijklmnopqrstuvwxyz.,!'"
MODELS = ("wordpiece", "byte_level", "unigram", "llama", "word_level")


def tokenizer(kind):
    """A tokenizer of a kind; all but ``wordpiece`` are trained on TEXTS but for the last but one."""
    if kind == "wordpiece":
        words = [
            "[UNK]",
            *LETTERS,
            *(f"##{letter}" for letter in LETTERS),
            "the",
            "film",
            "great",
            "un",
            "##watch",
            "##ing",
        ]
        built = Tokenizer(models.WordPiece({word: n for n, word in enumerate(words)}, unk_token="[UNK]"))
        built.normalizer = normalizers.BertNormalizer(lowercase=True)
        built.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
        return built
    texts, special = [*TEXTS[:-2], TEXTS[-1]], ["[UNK]"]
    if kind == "byte_level":
        built = Tokenizer(models.BPE())
        built.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        alphabet = pre_tokenizers.ByteLevel.alphabet()
        trainer = trainers.BpeTrainer(vocab_size=320, initial_alphabet=alphabet, show_progress=False)
    elif kind == "unigram":
        built = Tokenizer(models.Unigram())
        built.pre_tokenizer = pre_tokenizers.Metaspace()
        trainer = trainers.UnigramTrainer(vocab_size=60, unk_token="[UNK]", special_tokens=special, show_progress=False)
    elif kind == "llama":
        built = Tokenizer(models.BPE(unk_token="[UNK]", fuse_unk=True))
        built.normalizer = normalizers.Sequence([normalizers.Prepend("\u2581"), normalizers.Replace(" ", "\u2581")])
        trainer = trainers.BpeTrainer(vocab_size=90, special_tokens=special, show_progress=False)
        built.pre_tokenizer = pre_tokenizers.Split("\u2581", "merged_with_next")
    else:
        built = Tokenizer(models.WordLevel(unk_token="[UNK]"))
        built.pre_tokenizer = pre_tokenizers.Whitespace()
        trainer = trainers.WordLevelTrainer(special_tokens=special, show_progress=False)
    built.train_from_iterator(texts, trainer)
    return built


def written(folder, kind="wordpiece", dim=8, dtype=np.float32, quantized=False, config=None, **tensors):
    """Write a model of random numbers; return its folder, tokenizer and tensors."""
    built = tokenizer(kind)
    size, rng = built.get_vocab_size(), np.random.default_rng(0)
    rows = 5 if quantized else size
    numbers = rng.normal(size=(rows, dim)) * (50 if dtype == np.int8 else 1)
    arrays = {"embeddings": numbers.astype(dtype)}
    if quantized:
        arrays["mapping"] = rng.integers(0, rows, size)
        arrays["weights"] = rng.random(size).astype(np.float32)
    arrays |= tensors
    folder.mkdir(parents=True, exist_ok=True)
    save_file(arrays, folder / "model.safetensors")
    built.save(str(folder / "tokenizer.json"))
    (folder / "config.json").write_text(json.dumps(config or {}))
    return folder, built, arrays


def encoded(built, arrays, texts, normalize=False, max_length=512):
    """What model2vec's ``encode`` returns, one text after the other, in float64."""
    unknown = getattr(built.model, "unk_token", None)
    unknown = built.token_to_id(unknown or "[UNK]")
    length = int(np.median([len(token) for token in built.get_vocab()]))
    vectors = []
    for text in texts:
        ids = built.encode(text[: max_length * length], add_special_tokens=False).ids[:max_length]
        pieces = [np.zeros(arrays["embeddings"].shape[1])]
        for n in (n for n in ids if n != unknown):
            row = int(arrays["mapping"][n]) if "mapping" in arrays else n
            factor = float(arrays["weights"][n]) if "weights" in arrays else 1.0
            pieces.append(factor * arrays["embeddings"][row].astype(np.float64))
        mean = np.sum(pieces, axis=0) / max(len(pieces) - 1, 1)
        vectors.append(mean / (np.linalg.norm(mean) + 1e-32) if normalize else mean)
    return np.array(vectors)
