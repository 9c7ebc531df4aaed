"""A biLM of the AllenNLP format as a TF2 SavedModel with the signatures and outputs of Google's ELMo modules."""

import contextlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from seedbed.backend import silent_stderr
from seedbed.data.hashes import file_sha256
from seedbed.embeddings.bilm.options import Architecture, read_options
from seedbed.embeddings.bilm.weights import open_hdf5, read_cnn, read_layer, refuse_more_layers
from seedbed.embeddings.hub.hub_module import LAYERS
from seedbed.embeddings.hub.saved_model import GRAPHS, PARTS, digest
from seedbed.embeddings.hub.trust import record
from seedbed.errors import InputError, one_line
from seedbed.files import replacing_folder, write_whole
from seedbed.readable import read_json

MARK = "seedbed.json"
"""File next to the graph with the digests of the sources, by which an export recognizes its folder."""

GRAPH_VERSION = 1
"""Increased when the same files give another graph."""

EXPORTED = {*GRAPHS, *PARTS, "fingerprint.pb", MARK}

LEARNED = ("mix", "scale")
"""The variables that a user may train: the weights of the mix before their softmax, and its scale."""


def write_saved_model(options: Path, weights: Path, folder: Path) -> bool:
    """Write a model as a SavedModel, atomically; return False if the folder has it already.

    Its weights are float32, and stored as variables, not in the graph. Raises InputError where the model has other
    layers than the format, and where the folder was not written by an export.
    """
    refuse_other_folder(folder)
    architecture = exportable(options)
    sources = {"graph": GRAPH_VERSION, "options": file_sha256(options), "weights": file_sha256(weights)}
    if _read_mark(folder) == {**sources, "digest": digest(folder)}:
        return False
    weight_arrays = arrays(architecture, weights)
    with _write_errors(folder), replacing_folder(folder) as unfinished:
        save(architecture, weight_arrays, unfinished)
        module = digest(unfinished)
        write_whole(unfinished / MARK, json.dumps({**sources, "digest": module}).encode())
    record(module, folder.name)
    return True


def refuse_other_folder(folder: Path) -> None:
    """Raise InputError where a folder has files that no export wrote."""
    if not folder.exists():
        return
    if not folder.is_dir():
        raise InputError(f"{folder}: is a file, and a SavedModel is a folder")
    names = {file.name for file in folder.iterdir()}
    if names and (MARK not in names or names - EXPORTED):
        extra = sorted(names - EXPORTED or names)[0]
        raise InputError(f"{folder}: is there, and is no SavedModel that seedbed wrote ({extra} is in it)")


def exportable(options: Path) -> Architecture:
    """Return the architecture; raises InputError where the format does not support it."""
    architecture = read_options(options)
    if architecture.characters is None:
        raise InputError(f"{options}: the key char_cnn is missing; a SavedModel reads words by their characters")
    refuse_layers(architecture, str(options))
    return architecture


def refuse_layers(architecture: Architecture, name: str, hint: str = "") -> None:
    """Raise InputError for a model with more or fewer recurrent layers than the format has."""
    if architecture.layers != len(LAYERS) - 1:
        raise InputError(
            f"{name}: lstm.n_layers={architecture.layers}: the SavedModel of an ELMo has {len(LAYERS) - 1}, "
            f"{' and '.join(LAYERS[1:])}{hint}"
        )


def arrays(architecture: Architecture, weights: Path) -> dict[str, np.ndarray]:
    """Return all weights by name, float32: those of ``read_cnn``, with ``filters_n [width, dim, number]`` by width;
    ``gates_n [2, 2 projection + 1, 4 units]`` and ``project_n`` of layer n; and a uniform mix.
    """  # fmt: skip
    cnn = architecture.characters
    assert cnn is not None  # see `exportable`
    with open_hdf5(weights) as file:
        by_name = read_cnn(file, cnn, architecture.projection)
        padded = by_name.pop("filters")
        first = 0
        for n, (width, number) in enumerate(cnn.filters):
            filters = padded[: width * cnn.dim, first : first + number]
            by_name[f"filters_{n}"] = filters.reshape(width, cnn.dim, number)
            first += number
        for n in range(architecture.layers):
            gates, by_name[f"project_{n}"] = read_layer(file, architecture, n)
            by_name[f"gates_{n}"] = np.concatenate(gates, axis=-1)
        refuse_more_layers(file, architecture)
    return by_name | {"mix": np.zeros(len(LAYERS), np.float32), "scale": np.array(1, np.float32)}


def save(architecture: Architecture, weights: Mapping[str, np.ndarray], folder: Path) -> None:
    """Write the weights of ``arrays`` into a folder."""
    with _quiet():
        import tensorflow as tf

        from seedbed.embeddings.hub.bilm_graph import outputs, split

        module = tf.Module()
        with tf.device("/CPU:0"):
            module.weights = {
                name: tf.Variable(array, trainable=name in LEARNED, name=name) for name, array in weights.items()
            }

        @tf.function(
            input_signature=[
                tf.TensorSpec([None, None], tf.string, "tokens"),
                tf.TensorSpec([None], tf.int32, "sequence_len"),
            ],
            autograph=False,
        )
        def tokens(tokens, sequence_len):
            return outputs(architecture, module.weights, tokens, sequence_len)

        @tf.function(input_signature=[tf.TensorSpec([None], tf.string, "strings")], autograph=False)
        def default(strings):
            return outputs(architecture, module.weights, *split(strings))

        tf.saved_model.save(module, str(folder), signatures={"tokens": tokens, "default": default})


def _read_mark(folder: Path) -> object:
    try:
        mark: object = read_json(folder / MARK)
        return mark
    except InputError:
        return None


@contextlib.contextmanager
def _write_errors(folder: Path) -> Iterator[None]:
    """Convert errors of TensorFlow and the system, such as a full disk, to InputError."""
    try:
        yield
    except OSError as error:
        raise InputError(f"{folder}: cannot be written: {error.strerror or error}") from error
    except Exception as error:
        import tensorflow as tf

        if not isinstance(error, tf.errors.OpError):
            raise
        reason = one_line(error).rpartition("; ")[2].partition(" [Op:")[0]  # after the operation and its temporary file
        raise InputError(f"{folder}: cannot be written: {reason}") from error


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Import and use TensorFlow without its startup and export messages."""
    from seedbed.embeddings.hub.opening import quiet, share_gpus

    with silent_stderr():
        import tensorflow  # noqa: F401
    share_gpus()
    with quiet():
        yield
