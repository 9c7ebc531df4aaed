"""Writes weights in the AllenNLP format as a TensorFlow Hub module, in either format, with a mix that is not even.

The maths is that of ``seedbed export``; ``numpy_bilm`` knows nothing of it.
"""

from pathlib import Path

import numpy as np
import tensorflow as tf

from seedbed.embeddings.bilm.options import read_options
from seedbed.embeddings.hub import bilm_graph, export

MODULE_MARKER = b"\x08\x03"
"""What TensorFlow Hub writes as tfhub_module.pb: a ModuleDef of format SAVED_MODEL_FORMAT_V3."""


def export_tf1_module(options: Path, weights: Path, folder: Path, resource: bool = False, **mix) -> Path:
    """The TF1 Hub format: a graph with no tags, variables, assets and the marker file. Returns the folder.

    ``resource``: resource variables, where the TF1 of 2018 made reference variables. ``mix`` as in ``mixed``.
    """
    architecture = read_options(options)
    arrays = mixed(export.arrays(architecture, weights), **mix)
    v1 = tf.compat.v1
    with tf.Graph().as_default(), v1.Session() as session:
        variables = {
            name: v1.get_variable(name, array.shape, initializer=v1.zeros_initializer(), use_resource=resource)
            for name, array in arrays.items()
        }
        tensors = {name: tf.identity(variable) for name, variable in variables.items()}
        tokens = v1.placeholder(tf.string, [None, None], "tokens")
        lengths = v1.placeholder(tf.int32, [None], "sequence_len")
        text = v1.placeholder(tf.string, [None], "text")
        signatures = {
            "tokens": v1.saved_model.predict_signature_def(
                {"tokens": tokens, "sequence_len": lengths},
                bilm_graph.outputs(architecture, tensors, tokens, lengths),
            ),
            "default": v1.saved_model.predict_signature_def(
                {"text": text}, bilm_graph.outputs(architecture, tensors, *bilm_graph.split(text))
            ),
        }
        for name, variable in variables.items():  # fed, as a constant would be stored in the graph once more
            session.run(variable.initializer, {variable.initial_value: arrays[name]})
        builder = v1.saved_model.Builder(str(folder))
        builder.add_meta_graph_and_variables(session, tags=[], signature_def_map=signatures)
        builder.save()
    (folder / "assets").mkdir(exist_ok=True)
    (folder / "tfhub_module.pb").write_bytes(MODULE_MARKER)
    return folder


def export_tf2_module(options: Path, weights: Path, folder: Path, **mix) -> Path:
    """A TF2 SavedModel; ``mix`` as in ``mixed``. Returns the folder."""
    architecture = read_options(options)
    export.save(architecture, mixed(export.arrays(architecture, weights), **mix), folder)
    return folder


def mixed(arrays, logits=(0.0, 0.0, 0.0), scale=1.0):
    """The arrays with another mix."""
    return arrays | {"mix": np.array(logits, np.float32), "scale": np.array(scale, np.float32)}
