"""The content of small files of every kind, as bytes."""

import io
import json
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np

DIM = 3


WORDS = ("the", "film", "was", "naïve")


ROWS = (np.arange(12, dtype=np.float32).reshape(4, DIM) - 5) / 4


IDS = ("train/0", "train/1", "test/0")


OPTIONS = {
    "lstm": {
        "cell_clip": 3, "proj_clip": 3, "use_skip_connections": True, "n_layers": 2, "dim": 4, "projection_dim": 2,
    },
    "char_cnn": {
        "embedding": {"dim": 2}, "filters": [[1, 2], [2, 2]], "n_highway": 1, "n_characters": 262,
        "max_characters_per_token": 10, "activation": "relu",
    },
}  # fmt: skip


CONFIG = {
    "model_type": "bert", "hidden_size": 4, "num_attention_heads": 2, "num_hidden_layers": 1, "intermediate_size": 4,
    "hidden_act": "gelu", "max_position_embeddings": 8, "vocab_size": 4,
}  # fmt: skip


CELL = {
    "arm": "a", "dataset": "d", "embedding": "e", "encoder": "c", "task": "t", "n_train": 10, "replicate": 0,
    "data_seed": 0, "init_seed": 0, "data": "x", "draw": "y", "cell": "z", "setting": "default",
}  # fmt: skip


RECORD = {
    "cells": [CELL], "baseline": None, "metric": "test/f1", "context": {"note": "n"},
    "findings": [{"rule": "r", "text": "t", "why": "w"}], "published": None, "settings": {"a": {"encoder": "c"}},
    "job": {"swept": ["a=1"], "shared": [], "config_dir": None},
}  # fmt: skip


SEARCH = {
    "method": "random", "budget": 2, "metric": "validation/f1", "lower_is_better": False, "space": {"a": "1,2"},
    "left_out": [], "chosen": 0,
    "trials": [{
        "number": 0, "values": {"a": 1}, "scores": {"validation/f1": 0.5}, "epochs": 1, "best_epoch": 1, "seconds": 0.1,
        "energy_j": None, "status": "finished", "error": "",
    }],
}  # fmt: skip


def zipped(compression=zipfile.ZIP_DEFLATED, **files: bytes) -> bytes:
    """A zip of these files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def tarred(files: Mapping[str, bytes], mode: str = "w:gz") -> bytes:
    """A tar of these files."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return out.getvalue()


def npy(array: np.ndarray) -> bytes:
    """The content of a .npy file."""
    out = io.BytesIO()
    np.save(out, array)
    return out.getvalue()


def npz(**arrays: np.ndarray) -> bytes:
    """The content of a compressed .npz file."""
    out = io.BytesIO()
    np.savez_compressed(out, **arrays)
    return out.getvalue()


def parquet(**columns: object) -> bytes:
    """The content of a Parquet file."""
    import pyarrow as pa
    from pyarrow import parquet as pq

    out = io.BytesIO()
    pq.write_table(pa.table(columns), out)
    return out.getvalue()


def hdf5(arrays: Mapping[str, np.ndarray], **settings: object) -> bytes:
    """The content of an HDF5 file; ``settings``: of each dataset."""
    import h5py

    out = io.BytesIO()
    with h5py.File(out, "w") as file:
        for name, array in arrays.items():
            file.create_dataset(name, data=array, **settings)
    return out.getvalue()


def as_json(value: object) -> bytes:
    """The bytes of a value."""
    return json.dumps(value).encode()


def bilm(options: dict = OPTIONS) -> dict[str, np.ndarray]:
    """The arrays of a biLM."""
    from tests.bench.bilm_files import arrays

    return dict(arrays(options, 0))


def glove() -> bytes:
    """Vectors as text."""
    lines = (f"{word} {' '.join(map(str, row.tolist()))}\n" for word, row in zip(WORDS, ROWS, strict=True))
    return "".join(lines).encode()


def binary() -> bytes:
    """Vectors in word2vec's binary format."""
    rows = (word.encode() + b" " + row.tobytes() + b"\n" for word, row in zip(WORDS, ROWS, strict=True))
    return f"{len(WORDS)} {DIM}\n".encode() + b"".join(rows)


def fasttext() -> bytes:
    """A fastText model with subwords."""
    from tests.embeddings.fasttext_files import model

    return model()


def safetensors(**arrays: np.ndarray) -> bytes:
    """The content of a safetensors file."""
    from safetensors.numpy import save

    return save(arrays)


def tokenizer() -> bytes:
    """A small ``tokenizer.json``."""
    from tokenizers import Tokenizer, models, pre_tokenizers

    words = {"[UNK]": 0, "the": 1, "film": 2, "##s": 3}
    built = Tokenizer(models.WordPiece(words, unk_token="[UNK]"))
    built.pre_tokenizer = pre_tokenizers.Whitespace()
    return built.to_str().encode()


def sentencepiece() -> bytes:
    """A small model."""
    from sentencepiece import SentencePieceTrainer

    out = io.BytesIO()
    texts = ["the film was a great film", "a dull film it was", "the acting was great", "what a plot"] * 3
    SentencePieceTrainer.train(
        sentence_iterator=iter(texts), model_writer=out, vocab_size=24, model_type="unigram", minloglevel=2
    )
    return out.getvalue()


def saved_model() -> dict[str, bytes]:
    """The files of a module, as far as is looked at before TensorFlow is imported."""
    from seedbed.embeddings.hub.saved_model import INDEX_END

    return {
        "saved_model.pb": b"\x08\x01\x12\x04abcd",
        "variables/variables.index": bytes(40) + INDEX_END,
        "variables/variables.data-00000-of-00001": bytes(16),
    }


def stored_table() -> dict[str, bytes]:
    import tempfile

    from seedbed.embeddings.vector_lines import Block
    from seedbed.embeddings.vector_table import store

    with tempfile.TemporaryDirectory() as folder:
        store(Path(folder), [Block(WORDS, range(1, 5), ROWS)], lambda: {"skipped": {}, "first_bad": ""})
        return {path.name: path.read_bytes() for path in Path(folder).iterdir()}


def packed_entry() -> dict[str, bytes]:
    from seedbed.embeddings.layer_cache import entries

    return {"entry": entries.pack(b"key", ROWS)}


def packed_corpus() -> dict[str, bytes]:
    from seedbed.data.corpus import Corpus, Example
    from seedbed.data.corpus_cache import pack

    examples = (Example("train/0", ("a", "b"), "x"), Example("train/1", ("b",), "y"))
    return {"corpus.npz": pack(Corpus("c", "classification", {"train": examples}, ("x", "y")))}


CSV = b"text,label\ngood film,pos\nbad film,neg\n"


JSONL = b'{"text": "good", "label": "pos"}\n{"text": "bad", "label": "neg", "id": "7"}\n'


TAGGED = b'{"tokens": ["Ann", "ran"], "ner_tags": [1, 0]}\n{"tokens": ["a"], "ner_tags": [0]}\n'


INFO = {"features": {"ner_tags": {"feature": {"names": ["O", "B-PER"], "_type": "ClassLabel"}, "_type": "Sequence"}}}


CONLL = b"Ann B-PER\nran O\n\nRome B-LOC\n. O\n"


GMB = b"Sentence #,Word,POS,Tag\nSentence: 1,Ann,NNP,B-per\n,ran,VBD,O\nSentence: 2,Go,VB,O\n"


RESULTS = b"arm,n_train,replicate,test/accuracy\na,10,0,0.5\nb,10,0,0.75\n"


FLOOR = b"n_train,replicate,floor,test/accuracy\n10,0,majority,0.5\n"


ITEMS = {
    "version": 1, "left_out": 0, "draws": [["d", "w", "c", [0, -1]]],
    "corpora": {"c": {
        "data": "x", "lengths": {}, "examples": {"test/0": ["a", "b"]}, "mentions": [["ann", "PER"]],
    }},
}  # fmt: skip


PREDICTIONS = b'{"id": "test/0", "gold": "a", "predicted": "b", "probabilities": [0.5, 0.5]}\n'


PROBABILITIES = {
    "ids": np.array(["test/0"]), "lengths": np.array([2]), "labels": np.array(["a", "b"]),
    "values": np.array([[9, 246], [0, 255]], np.uint8),
}  # fmt: skip


INDEX = {
    "source": {"a": 1}, "train": {"files": {"train-00000.txt": 1}, "documents": 1, "sentences": 1, "tokens": 2,
    "sha256": ""}, "held_out": {"files": {}, "documents": 0, "sentences": 0, "tokens": 0, "sha256": ""},
}  # fmt: skip


def encoder_tensors() -> bytes:
    shapes = {
        "embeddings.word_embeddings.weight": (4, 4), "embeddings.position_embeddings.weight": (8, 4),
        "embeddings.token_type_embeddings.weight": (2, 4),
    }  # fmt: skip
    layer = "encoder.layer.0"
    names = ("attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense")
    names += ("intermediate.dense", "output.dense")
    for name in names:
        shapes |= {f"{layer}.{name}.weight": (4, 4), f"{layer}.{name}.bias": (4,)}
    norms = ("embeddings.LayerNorm", f"{layer}.attention.output.LayerNorm", f"{layer}.output.LayerNorm")
    for name in norms:
        shapes |= {f"{name}.weight": (4,), f"{name}.bias": (4,)}
    return safetensors(**{name: np.ones(shape, np.float32) for name, shape in shapes.items()})


def reviews() -> dict[str, bytes]:
    names = [
        f"aclImdb/{split}/{label}/{n}_7.txt" for split in ("train", "test") for label in ("neg", "pos") for n in (0, 1)
    ]
    return dict.fromkeys(names, b"a film")


TABLE_H5 = {"embedding": ROWS}


TABLE_WORDS = b"<S>\n</S>\n<UNK>\nthe\n"


VOCABULARY = b"<S>\n</S>\n<UNK>\nthe\nfilm\n"


MATRIX = {"embeddings": np.arange(12, dtype=np.float32).reshape(4, 3)}
