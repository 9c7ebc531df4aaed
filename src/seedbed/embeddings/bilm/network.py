"""The maths of a biLM (Peters et al. 2018; bilm-tf): characters to words, words to states."""

from collections.abc import Callable, Sequence

from seedbed import backend
from seedbed.embeddings.bilm.options import Architecture, CharCnn
from seedbed.types import Tensor, Tensors

Weights = Tensors


def convolved(cnn: CharCnn) -> Callable:
    """A function of ``(weights, windows [P, N, W], shut)`` that returns the features of words, ``[N, features]``.

    ``windows`` are character numbers as the widest filter sees them. ``shut [P, features]`` is minus infinity where a
    filter may not look, or None where each may look everywhere. Filters are pooled first and activated then.
    """
    from keras import ops

    def function(weights: Weights, windows: Tensor, shut: Tensor = None) -> Tensor:
        p, n, w = ops.shape(windows)
        seen = ops.reshape(ops.take(weights["characters"], windows, axis=0), (p * n, w * cnn.dim))
        found = ops.reshape(product(seen, weights["filters"]), (p, n, cnn.features))
        if shut is not None:
            found = found + ops.expand_dims(shut, 1)
        pooled = ops.max(found, axis=0) + weights["biases"]
        return ops.relu(pooled) if cnn.activation == "relu" else ops.tanh(pooled)

    return function


def projected(cnn: CharCnn) -> Callable:
    """A function of ``(weights, features [N, features])``: through the highways to the vectors of words."""
    from keras import ops

    def function(weights: Weights, x: Tensor) -> Tensor:
        for n in range(cnn.highways):
            both = product(x, weights[f"highway_{n}"]) + weights[f"highway_bias_{n}"]
            carry, transform = ops.split(both, 2, axis=-1)
            carry = ops.sigmoid(carry)
            x = carry * ops.relu(transform) + (1 - carry) * x
        if "projection" in weights:
            x = product(x, weights["projection"]) + weights["projection_bias"]
        return x

    return function


def recurrent(architecture: Architecture) -> Callable:
    """A function that runs all layers over a block of steps, both directions side by side.

    Of ``(weights, first, state, x [T, 2, B, P], start [T, B])`` it returns the state after the block and the outputs
    ``[T, 2, B, layers * P]``. States are tuples: all layers' projected states ``[2, B, layers * P]``, then the cells
    of each layer ``[2, B, units]``. Where ``start`` is true, a row begins anew from the state ``first`` (one row).
    """
    from keras import ops

    layers = architecture.layers

    def function(weights: Weights, first: Sequence, state: Sequence, x: Tensor, start: Tensor) -> tuple:
        t, _, b, _ = ops.shape(x)
        one = ops.ones((2, b, 1), dtype=x.dtype)
        start = ops.reshape(start, (t, 1, b, 1))

        def step(carry, now):
            below, begins = now
            carry = [ops.where(begins, begun, old) for begun, old in zip(first, carry, strict=True)]
            states, cells, outputs = [], [], []
            for layer, old in enumerate(ops.split(carry[0], layers, axis=-1)):
                fed = ops.concatenate([below, old, one], axis=-1)
                h, c = _cell(
                    architecture, weights[f"gates_{layer}"], weights[f"project_{layer}"], fed, carry[1 + layer]
                )
                below = h + below if architecture.skip and layer else h
                states.append(h)
                cells.append(c)
                outputs.append(below)
            return (ops.concatenate(states, axis=-1), *cells), ops.concatenate(outputs, axis=-1)

        return backend.loop(step, tuple(state), (x, start), t)

    return function


def _cell(architecture: Architecture, gates: Tensor, project: Tensor, fed: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
    """An LSTM cell with a projection: its state ``h [2, B, P]`` and cell ``[2, B, units]``."""
    from keras import ops

    if len(gates.shape) == 4:  # each gate a product of its own, so that they come out apart
        found = product(fed, gates)
        i, f, o = ops.unstack(ops.sigmoid(found[:3]), 3)
        new = found[3]
    else:
        found = product(fed, gates)
        i, f, o, new = ops.split(found, 4, axis=-1)
        i, f, o = (ops.sigmoid(gate) for gate in (i, f, o))
    c = clipped(f * c + i * ops.tanh(new), architecture.cell_clip)
    return clipped(product(o * ops.tanh(c), project), architecture.projection_clip), c


def clipped(x: Tensor, bound: float | None) -> Tensor:
    """``x`` no farther from 0 than ``bound``; None is no bound."""
    from keras import ops

    return x if bound is None else ops.clip(x, -bound, bound)


def product(x: Tensor, weights: Tensor) -> Tensor:
    """A matrix product in the precision in which the weights are held; float32 comes out."""
    from keras import ops

    return ops.cast(ops.matmul(ops.cast(x, weights.dtype), weights), "float32")
