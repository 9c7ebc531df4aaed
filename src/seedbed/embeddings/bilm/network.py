"""The maths of a biLM (Peters et al. 2018; bilm-tf): characters to words, words to states."""

from collections.abc import Callable, Sequence

from seedbed import backend
from seedbed.embeddings.bilm.options import Architecture, CharCnn
from seedbed.types import Tensor, Tensors

Weights = Tensors


def convolved(cnn: CharCnn) -> Callable[..., Tensor]:
    """Return a function of ``(weights, windows [P, N, W], mask)`` to the features of words, ``[N, features]``.

    ``windows`` are character ids in windows of the widest filter. ``mask [P, features]`` is minus infinity at the
    positions that a filter must ignore, or None. The activation is applied after pooling.
    """
    from keras import ops

    def function(weights: Weights, windows: Tensor, mask: Tensor = None) -> Tensor:
        p, n, w = ops.shape(windows)
        embedded = ops.reshape(ops.take(weights["characters"], windows, axis=0), (p * n, w * cnn.dim))
        features = ops.reshape(product(embedded, weights["filters"]), (p, n, cnn.features))
        if mask is not None:
            features = features + ops.expand_dims(mask, 1)
        pooled = ops.max(features, axis=0) + weights["biases"]
        return ops.relu(pooled) if cnn.activation == "relu" else ops.tanh(pooled)

    return function


def projected(cnn: CharCnn) -> Callable[..., Tensor]:
    """Return a function of ``(weights, features [N, features])`` to word vectors: highways and projection."""
    from keras import ops

    def function(weights: Weights, x: Tensor) -> Tensor:
        for n in range(cnn.highways):
            gates = product(x, weights[f"highway_{n}"]) + weights[f"highway_bias_{n}"]
            carry, transform = ops.split(gates, 2, axis=-1)
            carry = ops.sigmoid(carry)
            x = carry * ops.relu(transform) + (1 - carry) * x
        if "projection" in weights:
            x = product(x, weights["projection"]) + weights["projection_bias"]
        return x

    return function


def recurrent(architecture: Architecture) -> Callable:
    """Return a function that runs all layers over a block of steps, in both directions.

    Of ``(weights, first, state, x [T, 2, B, P], start [T, B])`` it returns the state after the block and the outputs
    ``[T, 2, B, layers * P]``. States are tuples: all layers' projected states ``[2, B, layers * P]``, then the cells
    of each layer ``[2, B, units]``. Where ``start`` is true, a row is reset to the state ``first`` (one row).
    """
    from keras import ops

    layers = architecture.layers

    def function(weights: Weights, first: Sequence, state: Sequence, x: Tensor, start: Tensor) -> tuple:
        t, _, b, _ = ops.shape(x)
        bias_input = ops.ones((2, b, 1), dtype=x.dtype)
        start = ops.reshape(start, (t, 1, b, 1))

        def step(carry, step_inputs):
            layer_input, reset = step_inputs
            carry = [ops.where(reset, initial, old) for initial, old in zip(first, carry, strict=True)]
            states, cells, outputs = [], [], []
            for layer, old in enumerate(ops.split(carry[0], layers, axis=-1)):
                cell_input = ops.concatenate([layer_input, old, bias_input], axis=-1)
                h, c = _cell(
                    architecture, weights[f"gates_{layer}"], weights[f"project_{layer}"], cell_input, carry[1 + layer]
                )
                layer_input = h + layer_input if architecture.skip and layer else h
                states.append(h)
                cells.append(c)
                outputs.append(layer_input)
            return (ops.concatenate(states, axis=-1), *cells), ops.concatenate(outputs, axis=-1)

        return backend.loop(step, tuple(state), (x, start), t)

    return function


def _cell(architecture: Architecture, gates: Tensor, project: Tensor, x: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
    """Run an LSTM cell with a projection; return its state ``h [2, B, P]`` and cell ``[2, B, units]``."""
    from keras import ops

    if len(gates.shape) == 4:  # one product a gate
        products = product(x, gates)
        i, f, o = ops.unstack(ops.sigmoid(products[:3]), 3)
        new = products[3]
    else:
        products = product(x, gates)
        i, f, o, new = ops.split(products, 4, axis=-1)
        i, f, o = (ops.sigmoid(gate) for gate in (i, f, o))
    c = clipped(f * c + i * ops.tanh(new), architecture.cell_clip)
    return clipped(product(o * ops.tanh(c), project), architecture.projection_clip), c


def clipped(x: Tensor, bound: float | None) -> Tensor:
    """Clip ``x`` to ``[-bound, bound]``; None is no bound."""
    from keras import ops

    # TensorFlow's kernel of clip takes several times as long on a CPU.
    return x if bound is None else ops.minimum(ops.maximum(x, -bound), bound)


def product(x: Tensor, weights: Tensor) -> Tensor:
    """Return the matrix product, float32, computed in the precision of the weights."""
    from keras import ops

    return ops.cast(ops.matmul(ops.cast(x, weights.dtype), weights), "float32")
