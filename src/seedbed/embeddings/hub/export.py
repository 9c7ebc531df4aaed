"""A biLM of the AllenNLP format as a TF2 SavedModel with the signatures and outputs of Google's ELMo modules."""

import contextlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from seedbed.backend import silent_stderr
from seedbed.data.hashes import file_sha256
from seedbed.embeddings.bilm.options import Architecture, read_options
from seedbed.embeddings.bilm.weights import open_hdf5, read_cnn, read_layer, refuse_more_layers
from seedbed.embeddings.hub.hub_module import LAYERS
from seedbed.embeddings.hub.saved_model import GRAPHS, PARTS, digest
from seedbed.errors import InputError, one_line
from seedbed.files import replacing_folder, write_whole

MARK = "seedbed.json"
"""Beside the graph: what the model was made of, by which a later export knows its own."""

GRAPH_VERSION = 1
"""Raised when the same files give another graph."""

OWN = {*GRAPHS, *PARTS, "fingerprint.pb", MARK}

LEARNED = ("mix", "scale")
"""The variables that a user may train: the weights of the mix before their softmax, and its scale."""


def write_saved_model(options: Path, weights: Path, folder: Path) -> bool:
    """Write a model as a SavedModel, whole or not at all; False where the folder has it already.

    Its numbers are float32, whatever the file holds; its variables are no part of the graph. Raises InputError where
    the model has other layers than the format, and where the folder is not one that this wrote.
    """
    refuse_another(folder)
    architecture = exportable(options)
    made_of = {"graph": GRAPH_VERSION, "options": file_sha256(options), "weights": file_sha256(weights)}
    if _mark(folder) == {**made_of, "digest": digest(folder)}:
        return False
    found = arrays(architecture, weights)
    with _writing(folder), replacing_folder(folder) as unfinished:
        save(architecture, found, unfinished)
        write_whole(unfinished / MARK, json.dumps({**made_of, "digest": digest(unfinished)}).encode())
    return True


def refuse_another(folder: Path) -> None:
    """Raises InputError where a folder has what no export wrote."""
    if not folder.exists():
        return
    if not folder.is_dir():
        raise InputError(f"{folder}: is a file, and a SavedModel is a folder")
    there = {file.name for file in folder.iterdir()}
    if there and (MARK not in there or there - OWN):
        other = sorted(there - OWN or there)[0]
        raise InputError(f"{folder}: is there, and is no SavedModel that seedbed wrote ({other} is in it)")


def exportable(options: Path) -> Architecture:
    """The architecture of a model that the format can hold; raises InputError for another."""
    architecture = read_options(options)
    if architecture.characters is None:
        raise InputError(f"{options}: the key char_cnn is missing; a SavedModel reads words by their characters")
    refuse_layers(architecture, str(options))
    return architecture


def refuse_layers(architecture: Architecture, name: str, hint: str = "") -> None:
    """Raises InputError for a model with more or fewer recurrent layers than the format has."""
    if architecture.layers != len(LAYERS) - 1:
        raise InputError(
            f"{name}: lstm.n_layers={architecture.layers}: the SavedModel of an ELMo has {len(LAYERS) - 1}, "
            f"{' and '.join(LAYERS[1:])}{hint}"
        )


def arrays(architecture: Architecture, weights: Path) -> dict[str, np.ndarray]:
    """All weights by name, float32: those of ``read_cnn``, with ``filters_n [width, dim, number]`` one by one;
    ``gates_n [2, 2 projection + 1, 4 units]`` and ``project_n`` of layer n; and an even mix.
    """  # fmt: skip
    cnn = architecture.characters
    assert cnn is not None  # see `exportable`
    with open_hdf5(weights) as file:
        found = read_cnn(file, cnn, architecture.projection)
        wide = found.pop("filters")
        first = 0
        for n, (width, number) in enumerate(cnn.filters):
            own = wide[: width * cnn.dim, first : first + number]
            found[f"filters_{n}"] = own.reshape(width, cnn.dim, number)
            first += number
        for n in range(architecture.layers):
            gates, found[f"project_{n}"] = read_layer(file, architecture, n)
            found[f"gates_{n}"] = np.concatenate(gates, axis=-1)
        refuse_more_layers(file, architecture)
    return found | {"mix": np.zeros(len(LAYERS), np.float32), "scale": np.array(1, np.float32)}


def save(architecture: Architecture, found: Mapping[str, np.ndarray], folder: Path) -> None:
    """Write weights as ``arrays`` has them into a folder."""
    with _quiet():
        import tensorflow as tf

        from seedbed.embeddings.hub.bilm_graph import outputs, split

        module = tf.Module()
        with tf.device("/CPU:0"):
            module.weights = {
                name: tf.Variable(array, trainable=name in LEARNED, name=name) for name, array in found.items()
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


def _mark(folder: Path) -> Any:
    try:
        return json.loads((folder / MARK).read_bytes())
    except (OSError, ValueError):
        return None


@contextlib.contextmanager
def _writing(folder: Path) -> Iterator[None]:
    """Raises InputError for what TensorFlow or the system says where a disk is full or a folder cannot be written."""
    try:
        yield
    except OSError as error:
        raise InputError(f"{folder}: cannot be written: {error.strerror or error}") from error
    except Exception as error:
        import tensorflow as tf

        if not isinstance(error, tf.errors.OpError):
            raise
        said = one_line(error).rpartition("; ")[2].partition(" [Op:")[0]  # behind the operation and its unfinished file
        raise InputError(f"{folder}: cannot be written: {said}") from error


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """TensorFlow, perhaps imported here for the first time, without its greetings and its word on what it writes."""
    from seedbed.embeddings.hub.opening import quiet, share_gpus

    with silent_stderr():
        import tensorflow  # noqa: F401
    share_gpus()
    with quiet():
        yield
