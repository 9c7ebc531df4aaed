"""Writes weights in the AllenNLP format as a TensorFlow Hub module with the signatures and outputs of google/elmo.

The stand-in for the published module, which does real maths in TensorFlow: both formats share ``elmo``.
"""

import json
from pathlib import Path

import h5py
import numpy as np
import tensorflow as tf

CHARACTERS = 50
BEGIN_SENTENCE, END_SENTENCE, BEGIN_WORD, END_WORD, PADDING = 256, 257, 258, 259, 260
MODULE_MARKER = b"\x08\x03"
"""What TensorFlow Hub writes as tfhub_module.pb: a ModuleDef of format SAVED_MODEL_FORMAT_V3."""


def export_tf1_module(options: Path, weights: Path, folder: Path, resource: bool = False, **mix) -> Path:
    """The TF1 Hub format: a graph with no tags, variables, assets and the marker file. Returns the folder.

    ``resource``: resource variables, where the TF1 of 2018 made reference variables. ``mix`` as in ``read_weights``.
    """
    settings, arrays = json.loads(options.read_text()), read_weights(weights, **mix)
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
                {"tokens": tokens, "sequence_len": lengths}, elmo(settings, tensors, tokens, lengths)
            ),
            "default": v1.saved_model.predict_signature_def({"text": text}, elmo(settings, tensors, *split(text))),
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
    """A TF2 SavedModel; ``mix`` as in ``read_weights``. Returns the folder."""
    settings, arrays = json.loads(options.read_text()), read_weights(weights, **mix)
    module = tf.Module()
    module.weights = {name: tf.Variable(array, name=name) for name, array in arrays.items()}

    @tf.function(
        input_signature=[
            tf.TensorSpec([None, None], tf.string, "tokens"),
            tf.TensorSpec([None], tf.int32, "sequence_len"),
        ]
    )
    def of_tokens(tokens, sequence_len):
        return elmo(settings, module.weights, tokens, sequence_len)

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, "text")])
    def of_text(text):
        return elmo(settings, module.weights, *split(text))

    tf.saved_model.save(module, str(folder), signatures={"tokens": of_tokens, "default": of_text})
    return folder


def read_weights(path: Path, logits=(0.0, 0.0, 0.0), scale: float = 1.0) -> dict[str, np.ndarray]:
    """Every array of the file, float32, by its name with ``_`` for ``/``; and the logits and the scale of the mix."""
    arrays = {"mix": np.array(logits, np.float32), "scale": np.array(scale, np.float32)}
    with h5py.File(path) as file:
        file.visititems(lambda name, item: arrays.update(_array(name, item)))
    return arrays


def elmo(options, weights, tokens, lengths):
    """The five outputs by name, of tokens ``[B, T]`` (strings) of which ``lengths [B]`` are real."""
    words = _words(options, weights, _characters(tokens, lengths))
    real = tf.sequence_mask(lengths, tf.shape(tokens)[1], tf.float32)[:, :, None]
    first, second = (layer[:, 1:-1] * real for layer in _layers(options["lstm"], weights, words, lengths + 2))
    word = words[:, 1:-1]
    share = tf.unstack(tf.nn.softmax(weights["mix"]))
    mixed = weights["scale"] * (share[0] * tf.tile(word, [1, 1, 2]) + share[1] * first + share[2] * second)
    mean = tf.reduce_sum(mixed * real, 1) / tf.maximum(tf.reduce_sum(real, 1), 1)
    return {"word_emb": word, "lstm_outputs1": first, "lstm_outputs2": second, "elmo": mixed, "default": mean}


def split(text):
    """Sentences ``[B]`` at their spaces: tokens ``[B, T]``, padded with empty strings, and lengths ``[B]``."""
    pieces = tf.compat.v1.string_split(text, " ")
    tokens = tf.sparse.to_dense(pieces, default_value="")
    return tokens, tf.math.bincount(tf.cast(pieces.indices[:, 0], tf.int32), minlength=tf.shape(text)[0])


def _characters(tokens, lengths):
    """Character ids ``[B, T + 2, 50]`` with begin and end of sentence; 0 where there is no word."""
    pieces = tf.strings.bytes_split(tf.reshape(tokens, [-1]))[:, : CHARACTERS - 2]
    codes = tf.cast(tf.reshape(tf.io.decode_raw(pieces.flat_values, tf.uint8), [-1]), tf.int32)
    ids = pieces.with_flat_values(codes).to_tensor(PADDING, shape=[None, CHARACTERS - 2])
    ids = tf.pad(ids, [[0, 0], [1, 1]], constant_values=PADDING)
    # tf.equal: in a graph of TF1, == asks whether two tensors are the same object.
    place, end = tf.range(CHARACTERS)[None], tf.cast(pieces.row_lengths(), tf.int32)[:, None] + 1
    ids = tf.where(tf.equal(place, 0), BEGIN_WORD, tf.where(tf.equal(place, end), END_WORD, ids))
    ids = tf.reshape(ids, tf.concat([tf.shape(tokens), [CHARACTERS]], 0)) + 1
    ids = tf.pad(ids, [[0, 0], [1, 1], [0, 0]])
    step, last = tf.range(tf.shape(ids)[1])[None, :, None], lengths[:, None, None] + 1
    rest = [PADDING] * (CHARACTERS - 3)
    begin, finish = (tf.constant([BEGIN_WORD, mark, END_WORD, *rest]) + 1 for mark in (BEGIN_SENTENCE, END_SENTENCE))
    return tf.where(tf.equal(step, 0), begin, tf.where(tf.equal(step, last), finish, tf.where(step < last, ids, 0)))


def _words(options, weights, ids):
    """Character CNN, highway layers and projection: ``[B, T, projection]``."""
    cnn = options["char_cnn"]
    activation = {"relu": tf.nn.relu, "tanh": tf.tanh}[cnn["activation"]]
    table = tf.pad(weights["char_embed"], [[1, 0], [0, 0]])
    characters = tf.gather(table, tf.reshape(ids, [-1, CHARACTERS]))
    parts = []
    for n in range(len(cnn["filters"])):
        convolved = tf.nn.conv1d(characters, weights[f"CNN_W_cnn_{n}"][0], 1, "VALID") + weights[f"CNN_b_cnn_{n}"]
        parts.append(activation(tf.reduce_max(convolved, 1)))
    x = tf.concat(parts, -1)
    for n in range(cnn["n_highway"]):
        carry = tf.sigmoid(x @ weights[f"CNN_high_{n}_W_carry"] + weights[f"CNN_high_{n}_b_carry"])
        new = tf.nn.relu(x @ weights[f"CNN_high_{n}_W_transform"] + weights[f"CNN_high_{n}_b_transform"])
        x = carry * new + (1 - carry) * x
    x = x @ weights["CNN_proj_W_proj"] + weights["CNN_proj_b_proj"]
    return tf.reshape(x, tf.concat([tf.shape(ids)[:2], [options["lstm"]["projection_dim"]]], 0))


def _layers(lstm, weights, words, lengths):
    """Forward and backward outputs of each layer, side by side ``[B, T, 2 * projection]``; fresh state."""
    sides = []
    for direction in range(2):
        x = words if direction == 0 else tf.reverse_sequence(words, lengths, 1)
        outputs = []
        for n in range(lstm["n_layers"]):
            cell = f"RNN_{direction}_RNN_MultiRNNCell_Cell{n}_LSTMCell_"
            out = _lstm(lstm, *(weights[cell + name] for name in ("W_0", "B", "W_P_0")), x)
            x = out + x if n and lstm["use_skip_connections"] else out
            outputs.append(x if direction == 0 else tf.reverse_sequence(x, lengths, 1))
        sides.append(outputs)
    return [tf.concat(pair, -1) for pair in zip(*sides, strict=True)]


def _lstm(lstm, kernel, bias, projection, inputs):
    cells, rows = lstm["dim"], tf.shape(inputs)[0]

    def step(state, x):
        m, c = state
        i, j, f, o = tf.split(tf.concat([x, m], -1) @ kernel + bias, 4, -1)
        c = tf.sigmoid(f + 1.0) * c + tf.sigmoid(i) * tf.tanh(j)
        c = tf.clip_by_value(c, -lstm["cell_clip"], lstm["cell_clip"])
        m = tf.clip_by_value((tf.sigmoid(o) * tf.tanh(c)) @ projection, -lstm["proj_clip"], lstm["proj_clip"])
        return m, c

    start = tf.zeros([rows, lstm["projection_dim"]]), tf.zeros([rows, cells])
    return tf.transpose(tf.scan(step, tf.transpose(inputs, [1, 0, 2]), start)[0], [1, 0, 2])


def _array(name, item):
    return {name.replace("/", "_"): np.asarray(item, np.float32)} if isinstance(item, h5py.Dataset) else {}
