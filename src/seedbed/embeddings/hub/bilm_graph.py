"""A biLM as TensorFlow operations, from strings to the outputs of an ELMo module, with any Keras backend."""

from seedbed.backend import tensorflow_loop
from seedbed.embeddings.bilm.characters import ENDS, FIRST, LAST, PADDING, SENTENCE, SHIFT, WORD_BEGIN, WORD_END
from seedbed.embeddings.bilm.options import Architecture, CharCnn
from seedbed.types import Tensor, Tensors

WORDS = 256
"""Words of one batch of the character CNN: bounds the memory."""

Weights = Tensors
"""As ``export.arrays`` has them."""


def outputs(architecture: Architecture, weights: Weights, tokens: Tensor, lengths: Tensor) -> dict[str, Tensor]:
    """Return the five outputs of sentences ``tokens [B, T]`` (strings) of ``lengths [B]`` (int32) tokens.

    ``word_emb [B, T, P]``, also after a sentence's end; ``lstm_outputs1`` and ``2 [B, T, 2 P]``, zero
    there; ``elmo``, their mix, the token layer repeated; ``default [B, 2 P]``, the mean of the mix over a sentence's
    tokens, zero where it has none. Each sentence starts from the initial state.
    """
    import tensorflow as tf

    assert architecture.characters is not None  # see `exportable`
    checks = [
        tf.debugging.assert_non_negative(lengths, "sequence_len: below 0"),
        tf.debugging.assert_less_equal(lengths, tf.shape(tokens)[1], "sequence_len: more than there are tokens"),
    ]
    with tf.control_dependencies(checks):  # before a later operation fails with an unclear message
        lengths = tf.identity(lengths)
    shape = [tf.shape(tokens)[0], tf.shape(tokens)[1], architecture.projection]
    types, number = tf.unique(tf.concat([[FIRST, LAST], tf.reshape(tokens, [-1])], 0))
    vectors = tf.gather(_vectors(architecture.characters, weights, types), number)
    words = tf.reshape(vectors[2:], shape)
    position = tf.range(shape[1] + 2)[None, :, None]
    inputs = tf.where(tf.equal(position, 0), vectors[0], tf.pad(words, [[0, 0], [1, 1], [0, 0]]))
    inputs = tf.where(tf.equal(position, lengths[:, None, None] + 1), vectors[1], inputs)
    real = tf.sequence_mask(lengths, shape[1], tf.float32)[:, :, None]
    first, second = (layer[:, 1:-1] * real for layer in _layers(architecture, weights, inputs, lengths + 2))
    mix = tf.unstack(tf.nn.softmax(weights["mix"]), 3)
    mixed = weights["scale"] * (mix[0] * tf.tile(words, [1, 1, 2]) + mix[1] * first + mix[2] * second)
    mean = tf.reduce_sum(mixed * real, 1) / tf.maximum(tf.reduce_sum(real, 1), 1)
    return {"word_emb": words, "lstm_outputs1": first, "lstm_outputs2": second, "elmo": mixed, "default": mean}


def split(sentences: Tensor) -> tuple[Tensor, Tensor]:
    """Split sentences ``[B]`` at spaces: tokens ``[B, T]``, padded with empty strings, and lengths ``[B]``."""
    import tensorflow as tf

    pieces = tf.strings.split(sentences, " ")
    pieces = tf.ragged.boolean_mask(pieces, tf.not_equal(pieces, ""))
    return pieces.to_tensor(""), tf.cast(pieces.row_lengths(), tf.int32)


def _vectors(cnn: CharCnn, weights: Weights, words: Tensor) -> Tensor:
    """Return vectors ``[N, P]`` of words ``[N]``, computed in chunks."""
    import tensorflow as tf

    number = tf.shape(words)[0]
    rows = tf.minimum(number, WORDS)
    padded = tf.pad(_characters(words, cnn.columns), [[0, -number % rows], [0, 0]])
    chunks = tf.reshape(padded, [-1, rows, cnn.columns])
    vectors = tf.map_fn(
        lambda ids: _projected(cnn, weights, _convolved(cnn, weights, ids)), chunks, parallel_iterations=1,
        fn_output_signature=tf.float32,
    )  # fmt: skip
    return tf.reshape(vectors, [-1, vectors.shape[-1]])[:number]


def _characters(words: Tensor, columns: int) -> Tensor:
    """Return character ids ``[N, columns]``, those of ``char_ids``, padded."""
    import tensorflow as tf

    inner = columns - ENDS
    codes = tf.cast(tf.io.decode_raw(words, tf.uint8, fixed_length=inner), tf.int32)
    lengths = tf.minimum(tf.strings.length(words), inner)[:, None]
    for word, code in SENTENCE.items():
        same = tf.equal(words, word)[:, None]
        codes, lengths = tf.where(same, code, codes), tf.where(same, 1, lengths)
    codes, position = tf.pad(codes, [[0, 0], [1, 1]]), tf.range(columns)[None]
    ids = tf.where(tf.equal(position, lengths + 1), WORD_END, PADDING)
    ids = tf.where(position <= lengths, codes, ids)
    return tf.where(tf.equal(position, 0), WORD_BEGIN, ids) + SHIFT


def _convolved(cnn: CharCnn, weights: Weights, ids: Tensor) -> Tensor:
    import tensorflow as tf

    characters = tf.gather(weights["characters"], ids)
    features = [
        tf.reduce_max(tf.nn.conv1d(characters, weights[f"filters_{n}"], 1, "VALID"), 1) for n in range(len(cnn.filters))
    ]
    pooled = tf.concat(features, -1) + weights["biases"]
    return tf.nn.relu(pooled) if cnn.activation == "relu" else tf.tanh(pooled)


def _projected(cnn: CharCnn, weights: Weights, x: Tensor) -> Tensor:
    import tensorflow as tf

    for n in range(cnn.highways):
        carry, transform = tf.split(tf.matmul(x, weights[f"highway_{n}"]) + weights[f"highway_bias_{n}"], 2, -1)
        carry = tf.sigmoid(carry)
        x = carry * tf.nn.relu(transform) + (1 - carry) * x
    if "projection" in weights:
        x = tf.matmul(x, weights["projection"]) + weights["projection_bias"]
    return x


def _layers(architecture: Architecture, weights: Weights, words: Tensor, lengths: Tensor) -> list[Tensor]:
    """Return the outputs of each layer, forward and backward concatenated, ``[B, T, 2 P]``."""
    import tensorflow as tf

    layers, size = architecture.layers, architecture.projection
    inputs = tf.transpose(tf.stack([words, tf.reverse_sequence(words, lengths, 1)]), [2, 0, 1, 3])
    rows = tf.shape(words)[0]
    bias_input = tf.ones([2, rows, 1])

    def step(carry, x):
        states: list[Tensor] = []
        cells: list[Tensor] = []
        outs: list[Tensor] = []
        for n, old in enumerate(tf.split(carry[0], layers, -1)):
            gates = tf.matmul(tf.concat([x, old, bias_input], -1), weights[f"gates_{n}"])
            i, f, o, new = tf.split(gates, 4, -1)
            c = _clipped(tf.sigmoid(f) * carry[1 + n] + tf.sigmoid(i) * tf.tanh(new), architecture.cell_clip)
            h = tf.matmul(tf.sigmoid(o) * tf.tanh(c), weights[f"project_{n}"])
            h = _clipped(h, architecture.projection_clip)
            x = h + x if architecture.skip and n else h
            for part, value in ((states, h), (cells, c), (outs, x)):
                part.append(value)
        return (tf.concat(states, -1), *cells), tf.concat(outs, -1)

    widths = [layers * size] + [architecture.units] * layers
    start = tuple(tf.zeros([2, rows, width]) for width in widths)
    _, outputs = tensorflow_loop(step, start, inputs, tf.shape(inputs)[0])
    forward, backward = tf.unstack(tf.transpose(outputs, [1, 2, 0, 3]), 2)
    backward = tf.reverse_sequence(backward, lengths, 1)
    pairs = zip(tf.split(forward, layers, -1), tf.split(backward, layers, -1), strict=True)
    return [tf.concat(pair, -1) for pair in pairs]


def _clipped(x: Tensor, bound: float | None) -> Tensor:
    import tensorflow as tf

    return x if bound is None else tf.clip_by_value(x, -bound, bound)
