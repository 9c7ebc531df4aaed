"""A biLM as TensorFlow operations, from strings to the outputs of an ELMo module, whatever Keras' backend is."""

from seedbed.backend import tensorflow_loop
from seedbed.embeddings.bilm.characters import ENDS, FIRST, LAST, PADDING, SENTENCE, SHIFT, WORD_BEGIN, WORD_END
from seedbed.embeddings.bilm.options import Architecture, CharCnn
from seedbed.types import Tensor, Tensors

WORDS = 256
"""Words that go through the characters' network at once: bounds the memory."""

Weights = Tensors
"""As ``export.arrays`` has them."""


def outputs(architecture: Architecture, weights: Weights, tokens: Tensor, lengths: Tensor) -> dict[str, Tensor]:
    """The five outputs of sentences ``tokens [B, T]`` (strings), of which the first ``lengths [B]`` (int32) are real.

    ``word_emb [B, T, P]``, also of what stands behind a sentence's end; ``lstm_outputs1`` and ``2 [B, T, 2 P]``, zero
    there; ``elmo``, their mix, the token layer repeated; ``default [B, 2 P]``, the mean of the mix over a sentence's
    tokens, zero where it has none. Each sentence starts afresh.
    """
    import tensorflow as tf

    assert architecture.characters is not None  # see `exportable`
    checks = [
        tf.debugging.assert_non_negative(lengths, "sequence_len: below 0"),
        tf.debugging.assert_less_equal(lengths, tf.shape(tokens)[1], "sequence_len: more than there are tokens"),
    ]
    with tf.control_dependencies(checks):  # said before an operation further on says it in other words
        lengths = tf.identity(lengths)
    shape = [tf.shape(tokens)[0], tf.shape(tokens)[1], architecture.projection]
    types, number = tf.unique(tf.concat([[FIRST, LAST], tf.reshape(tokens, [-1])], 0))
    vectors = tf.gather(_vectors(architecture.characters, weights, types), number)
    words = tf.reshape(vectors[2:], shape)
    place = tf.range(shape[1] + 2)[None, :, None]
    fed = tf.where(tf.equal(place, 0), vectors[0], tf.pad(words, [[0, 0], [1, 1], [0, 0]]))
    fed = tf.where(tf.equal(place, lengths[:, None, None] + 1), vectors[1], fed)
    real = tf.sequence_mask(lengths, shape[1], tf.float32)[:, :, None]
    first, second = (layer[:, 1:-1] * real for layer in _layers(architecture, weights, fed, lengths + 2))
    share = tf.unstack(tf.nn.softmax(weights["mix"]), 3)
    mixed = weights["scale"] * (share[0] * tf.tile(words, [1, 1, 2]) + share[1] * first + share[2] * second)
    mean = tf.reduce_sum(mixed * real, 1) / tf.maximum(tf.reduce_sum(real, 1), 1)
    return {"word_emb": words, "lstm_outputs1": first, "lstm_outputs2": second, "elmo": mixed, "default": mean}


def split(sentences: Tensor) -> tuple[Tensor, Tensor]:
    """Sentences ``[B]`` at their spaces: tokens ``[B, T]``, padded with empty strings, and lengths ``[B]``."""
    import tensorflow as tf

    pieces = tf.strings.split(sentences, " ")
    pieces = tf.ragged.boolean_mask(pieces, tf.not_equal(pieces, ""))
    return pieces.to_tensor(""), tf.cast(pieces.row_lengths(), tf.int32)


def _vectors(cnn: CharCnn, weights: Weights, words: Tensor) -> Tensor:
    """Vectors ``[N, P]`` of words ``[N]``, some at a time."""
    import tensorflow as tf

    number = tf.shape(words)[0]
    rows = tf.minimum(number, WORDS)
    padded = tf.pad(_characters(words, cnn.columns), [[0, -number % rows], [0, 0]])
    pieces = tf.reshape(padded, [-1, rows, cnn.columns])
    made = tf.map_fn(
        lambda ids: _projected(cnn, weights, _convolved(cnn, weights, ids)), pieces, parallel_iterations=1,
        fn_output_signature=tf.float32,
    )  # fmt: skip
    return tf.reshape(made, [-1, made.shape[-1]])[:number]


def _characters(words: Tensor, columns: int) -> Tensor:
    """Numbers of characters ``[N, columns]``, as ``char_ids`` has them, padded."""
    import tensorflow as tf

    inner = columns - ENDS
    codes = tf.cast(tf.io.decode_raw(words, tf.uint8, fixed_length=inner), tf.int32)
    lengths = tf.minimum(tf.strings.length(words), inner)[:, None]
    for word, code in SENTENCE.items():
        same = tf.equal(words, word)[:, None]
        codes, lengths = tf.where(same, code, codes), tf.where(same, 1, lengths)
    codes, place = tf.pad(codes, [[0, 0], [1, 1]]), tf.range(columns)[None]
    ids = tf.where(tf.equal(place, lengths + 1), WORD_END, PADDING)
    ids = tf.where(place <= lengths, codes, ids)
    return tf.where(tf.equal(place, 0), WORD_BEGIN, ids) + SHIFT


def _convolved(cnn: CharCnn, weights: Weights, ids: Tensor) -> Tensor:
    import tensorflow as tf

    characters = tf.gather(weights["characters"], ids)
    found = [
        tf.reduce_max(tf.nn.conv1d(characters, weights[f"filters_{n}"], 1, "VALID"), 1) for n in range(len(cnn.filters))
    ]
    pooled = tf.concat(found, -1) + weights["biases"]
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
    """Of each layer forward and backward outputs side by side, ``[B, T, 2 P]``, both directions run at once."""
    import tensorflow as tf

    layers, size = architecture.layers, architecture.projection
    both = tf.transpose(tf.stack([words, tf.reverse_sequence(words, lengths, 1)]), [2, 0, 1, 3])
    rows = tf.shape(words)[0]
    one = tf.ones([2, rows, 1])

    def step(carry, below):
        states: list[Tensor] = []
        cells: list[Tensor] = []
        outs: list[Tensor] = []
        for n, old in enumerate(tf.split(carry[0], layers, -1)):
            found = tf.matmul(tf.concat([below, old, one], -1), weights[f"gates_{n}"])
            i, f, o, new = tf.split(found, 4, -1)
            c = _clipped(tf.sigmoid(f) * carry[1 + n] + tf.sigmoid(i) * tf.tanh(new), architecture.cell_clip)
            h = tf.matmul(tf.sigmoid(o) * tf.tanh(c), weights[f"project_{n}"])
            h = _clipped(h, architecture.projection_clip)
            below = h + below if architecture.skip and n else h
            for part, made in ((states, h), (cells, c), (outs, below)):
                part.append(made)
        return (tf.concat(states, -1), *cells), tf.concat(outs, -1)

    widths = [layers * size] + [architecture.units] * layers
    start = tuple(tf.zeros([2, rows, width]) for width in widths)
    _, found = tensorflow_loop(step, start, both, tf.shape(both)[0])
    forward, backward = tf.unstack(tf.transpose(found, [1, 2, 0, 3]), 2)
    backward = tf.reverse_sequence(backward, lengths, 1)
    pairs = zip(tf.split(forward, layers, -1), tf.split(backward, layers, -1), strict=True)
    return [tf.concat(pair, -1) for pair in pairs]


def _clipped(x: Tensor, bound: float | None) -> Tensor:
    import tensorflow as tf

    return x if bound is None else tf.clip_by_value(x, -bound, bound)
