"""A bidirectional LSTM on the replicate axis (Hochreiter & Schmidhuber 1997, as Keras writes it)."""

from collections.abc import Mapping
from typing import Any

from seedbed.backend import scan
from seedbed.model.weights import Weight


def bilstm_weights(prefix: str, width: int, units: int) -> dict[str, Weight]:
    """Weights of one layer; gates in the order input, forget, cell, output; directions on the leading axis."""
    return {
        f"{prefix}/kernel": Weight((width, 4 * units), "glorot", copies=2),
        f"{prefix}/recurrent": Weight((units, 4 * units), "orthogonal", copies=2),
        f"{prefix}/bias": Weight((4 * units,), "forget_one", copies=2),
    }


def bilstm(weights: Mapping[str, Any], prefix: str, x: Any, real: Any, recurrent_mask: Any = None) -> Any:
    """Outputs ``[R, T, B, 2 units]`` of both directions, zero at padding; ``x``: ``[R, T, B, D]``.

    ``real``: ``[R, T, B, 1]``, one where there is a token (padding is on the right). ``recurrent_mask``:
    ``[R, B, 2 units]``, dropout of the state before it enters the gates.

    The state is held at zero on padding, so the backward direction, which meets the padding first, starts afresh at
    the last token. The input projection of all tokens is one product, and both directions share one loop.
    """
    from keras import ops

    kernel, recurrent, bias = (weights[f"{prefix}/{part}"] for part in ("kernel", "recurrent", "bias"))
    r, t, b, d = ops.shape(x)
    units = kernel.shape[-1] // 4

    both = ops.reshape(ops.stack([x, ops.flip(x, axis=1)], axis=1), (r * 2, t * b, d))
    gates = ops.matmul(both, ops.reshape(kernel, (r * 2, d, 4 * units)))
    gates = gates + ops.reshape(bias, (r * 2, 1, 4 * units))
    gates = ops.transpose(ops.reshape(gates, (r * 2, t, b, 4 * units)), (1, 0, 2, 3))
    keep = ops.reshape(ops.stack([real, ops.flip(real, axis=1)], axis=1), (r * 2, t, b, 1))
    keep = ops.transpose(keep, (1, 0, 2, 3))
    recurrent = ops.reshape(recurrent, (r * 2, units, 4 * units))
    if recurrent_mask is not None:
        split = ops.reshape(recurrent_mask, (r, b, 2, units))
        recurrent_mask = ops.reshape(ops.transpose(split, (0, 2, 1, 3)), (r * 2, b, units))

    def step(state, now):
        h, c = state
        projected, kept = now
        fed = h if recurrent_mask is None else h * recurrent_mask
        i, f, g, o = ops.split(projected + ops.matmul(fed, recurrent), 4, axis=-1)
        c = (ops.sigmoid(f) * c + ops.sigmoid(i) * ops.tanh(g)) * kept
        h = ops.sigmoid(o) * ops.tanh(c)
        return (h, c), h

    start = ops.zeros((r * 2, b, units), dtype=gates.dtype)
    outputs = scan(step, (start, start), (gates, keep), t)
    outputs = ops.reshape(outputs, (t, r, 2, b, units))
    outputs = ops.stack([outputs[:, :, 0], ops.flip(outputs[:, :, 1], axis=0)], axis=3)
    return ops.reshape(ops.transpose(outputs, (1, 0, 2, 3, 4)), (r, t, b, 2 * units))
