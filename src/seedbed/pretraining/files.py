"""A trained biLM as files in AllenNLP's format, and back."""

import hashlib
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import numpy as np

from seedbed.data.hashes import file_sha256
from seedbed.data.text_fingerprints import TextFingerprints
from seedbed.data.text_fingerprints import read as read_known_texts
from seedbed.embeddings.bilm.options import Architecture, read_options
from seedbed.embeddings.bilm.weights import (
    DIRECTIONS,
    FORGET_BIAS,
    LSTM,
    open_hdf5,
    read_cnn,
    read_layer,
    refuse_more_layers,
)
from seedbed.errors import InputError
from seedbed.files import write_whole
from seedbed.pretraining import vocabulary
from seedbed.pretraining.shards import Shards, documents_in_order
from seedbed.pretraining.sizes import character_cnn, options_of

OPTIONS, WEIGHTS, VOCABULARY, SOFTMAX = "options.json", "weights.hdf5", "vocabulary.txt", "softmax.hdf5"

TRAINED_TEXTS = "trained_texts.npy"
"""Hashes of the texts that a model was trained on: the linter looks for test texts among them."""

MOST_TRAINED_TEXTS = 4_000_000
"""For more documents none is written: nothing else that is written or in memory grows with the corpus."""

STORED = ("float16", "float32")

BELONGS_TO = "belongs_to"
"""The attribute of a softmax that identifies the weights and the vocabulary that it was trained with."""


def write(folder: Path, architecture: Architecture, weights: Mapping[str, np.ndarray], stored: str) -> None:
    """Write options, weights and the softmax, which only a continued training needs. Raises InputError.

    The vocabulary must have been written before. After an interruption, ``has_softmax`` is false.
    """
    write_whole(folder / OPTIONS, json.dumps(options_of(architecture), indent=1).encode())
    write_whole(folder / WEIGHTS, _hdf5(dict(_named(architecture, weights)), stored))
    softmax = {"softmax/W": weights["softmax"], "softmax/b": weights["softmax_bias"]}
    write_whole(folder / SOFTMAX, _hdf5(softmax, stored, {BELONGS_TO: _digest(folder)}))


def has_softmax(folder: Path) -> bool:
    """Whether a folder has a softmax that was trained with its weights and its vocabulary."""
    if not (folder / SOFTMAX).exists():
        return False
    with open_hdf5(folder / SOFTMAX) as file:
        return file.file.attrs.get(BELONGS_TO) == _digest(folder)


def read(folder: Path, words: Sequence[str], fresh: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return the weights of a model, named as by ``draw_weights``, for a vocabulary of ``words``.

    Softmax rows of words that the model does not know are those of ``fresh``; so are all rows of a model without a
    softmax, as the published ones are. Raises InputError.
    """
    architecture = read_options(folder / OPTIONS)
    if architecture.characters is None:
        raise InputError(f"from={folder}: the model knows words by number, and cannot be trained from characters")
    weights = {}
    with open_hdf5(folder / WEIGHTS) as file:
        cnn = read_cnn(file, architecture.characters, architecture.projection)
        filters, first = cnn.pop("filters"), 0
        for n, (width, number) in enumerate(architecture.characters.filters):
            weights[f"filters_{n}"] = filters[: width * architecture.characters.dim, first : first + number].copy()
            first += number
        weights |= cnn
        if "projection" not in weights:
            raise InputError(f"from={folder}: the model has no projection of its filters, which training needs")
        for layer in range(architecture.layers):
            gates, weights[f"project_{layer}"] = read_layer(file, architecture, layer)
            weights[f"gates_{layer}"] = np.concatenate(gates, axis=-1)
        refuse_more_layers(file, architecture)
    softmax, bias = fresh["softmax"].copy(), fresh["softmax_bias"].copy()
    if has_softmax(folder):
        known = {word: n for n, word in enumerate(vocabulary.read(folder / VOCABULARY))}
        with open_hdf5(folder / SOFTMAX) as file:
            axes = ((len(known), "words"), (architecture.projection, "dimensions"))
            old, old_bias = file.array("softmax/W", *axes), file.array("softmax/b", axes[0])
        rows = [n for n, word in enumerate(words) if word in known]
        old_rows = [known[words[n]] for n in rows]
        softmax[rows], bias[rows] = old[old_rows], old_bias[old_rows]
    return weights | {"softmax": softmax, "softmax_bias": bias}


def write_trained_texts(folder: Path, shards: Shards, init_from: Path | None = None) -> None:
    """Write the hashes of the training documents, and of those of the model in ``init_from``. Raises InputError.

    Held-out documents are not included.
    """
    if shards.train.documents > MOST_TRAINED_TEXTS:
        return
    previous = init_from / TRAINED_TEXTS if init_from else None
    before = [read_known_texts(previous)] if previous and previous.is_file() else []
    known = TextFingerprints.of(documents_in_order(shards.folder, shards.train), *before)
    write_whole(folder / TRAINED_TEXTS, known.packed())


def _named(architecture: Architecture, weights: Mapping[str, np.ndarray]) -> Iterator[tuple[str, np.ndarray]]:
    cnn = character_cnn(architecture)
    yield "char_embed", weights["characters"][1:]
    biases = np.split(weights["biases"], np.cumsum([number for _, number in cnn.filters])[:-1])
    for n, (width, number) in enumerate(cnn.filters):
        yield f"CNN/W_cnn_{n}", weights[f"filters_{n}"].reshape(1, width, cnn.dim, number)
        yield f"CNN/b_cnn_{n}", biases[n]
    for n in range(cnn.highways):
        for k, part in enumerate(("carry", "transform")):
            columns = slice(k * cnn.features, (k + 1) * cnn.features)
            yield f"CNN_high_{n}/W_{part}", weights[f"highway_{n}"][:, columns]
            yield f"CNN_high_{n}/b_{part}", weights[f"highway_bias_{n}"][columns]
    yield "CNN_proj/W_proj", weights["projection"]
    yield "CNN_proj/b_proj", weights["projection_bias"]
    for layer in range(architecture.layers):
        for direction in DIRECTIONS:
            name = LSTM.format(direction=direction, layer=layer)
            i, f, o, new = np.split(weights[f"gates_{layer}"][direction], 4, axis=-1)
            f = np.concatenate([f[:-1], f[-1:] - np.float32(FORGET_BIAS)])
            gates = np.concatenate([i, new, f, o], axis=-1)
            yield f"{name}/W_0", gates[:-1]
            yield f"{name}/B", gates[-1]
            yield f"{name}/W_P_0", weights[f"project_{layer}"][direction]


def _digest(folder: Path) -> str:
    """The digest of weights and vocabulary."""
    files = (folder / name for name in (WEIGHTS, VOCABULARY))
    return hashlib.sha256("".join(file_sha256(file) if file.exists() else "-" for file in files).encode()).hexdigest()


def _hdf5(arrays: Mapping[str, np.ndarray], stored: str, attributes: Mapping[str, str] = MappingProxyType({})) -> bytes:
    import h5py

    content = io.BytesIO()
    with h5py.File(content, "w") as file:
        for name, array in arrays.items():
            file.create_dataset(name, data=np.asarray(array, stored), track_times=False)
        file.attrs.update(attributes)
    return content.getvalue()
