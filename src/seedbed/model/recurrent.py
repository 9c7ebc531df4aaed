"""A bidirectional LSTM on the replicate axis (Hochreiter & Schmidhuber 1997, as in Keras)."""

from collections.abc import Mapping

from seedbed.backend import loop
from seedbed.model.weights import Weight
from seedbed.types import Tensor


def bilstm_weights(prefix: str, width: int, units: int) -> dict[str, Weight]:
    """Return the weights of one layer: gates in the order input, forget, cell, output; directions first."""
    return {
        f"{prefix}/kernel": Weight((width, 4 * units), "glorot", copies=2),
        f"{prefix}/recurrent": Weight((units, 4 * units), "orthogonal", copies=2),
        f"{prefix}/bias": Weight((4 * units,), "forget_one", copies=2),
    }


def bilstm(
    weights: Mapping[str, Tensor], prefix: str, x: Tensor, token_mask: Tensor, recurrent_mask: Tensor | None = None
) -> Tensor:
    """Return the outputs ``[R, T, B, 2 units]`` of both directions, zero at padding; ``x``: ``[R, T, B, D]``.

    ``token_mask``: ``[R, T, B, 1]``, 1 for tokens and 0 for padding, which is on the right. ``recurrent_mask``:
    ``[R, B, 2 units]``, dropout on the state before the gates.

    The state is zero on padding, so the backward direction, which reads the padding first, starts at the last token.
    The input projection of all tokens is one product, and both directions share one loop.
    """
    from keras import ops

    kernel, recurrent, bias = (weights[f"{prefix}/{part}"] for part in ("kernel", "recurrent", "bias"))
    r, t, b, d = ops.shape(x)
    units = kernel.shape[-1] // 4

    directions = ops.reshape(ops.stack([x, ops.flip(x, axis=1)], axis=1), (r * 2, t * b, d))
    gates = ops.matmul(directions, ops.reshape(kernel, (r * 2, d, 4 * units)))
    gates = gates + ops.reshape(bias, (r * 2, 1, 4 * units))
    gates = ops.transpose(ops.reshape(gates, (r * 2, t, b, 4 * units)), (1, 0, 2, 3))
    step_masks = ops.reshape(ops.stack([token_mask, ops.flip(token_mask, axis=1)], axis=1), (r * 2, t, b, 1))
    step_masks = ops.transpose(step_masks, (1, 0, 2, 3))
    recurrent = ops.reshape(recurrent, (r * 2, units, 4 * units))
    if recurrent_mask is not None:
        split = ops.reshape(recurrent_mask, (r, b, 2, units))
        recurrent_mask = ops.reshape(ops.transpose(split, (0, 2, 1, 3)), (r * 2, b, units))

    def step(state: tuple[Tensor, Tensor], inputs: tuple[Tensor, Tensor]) -> tuple[tuple[Tensor, Tensor], Tensor]:
        h, c = state
        projected, step_mask = inputs
        dropped = h if recurrent_mask is None else h * recurrent_mask
        i, f, g, o = ops.split(projected + ops.matmul(dropped, recurrent), 4, axis=-1)
        c = (ops.sigmoid(f) * c + ops.sigmoid(i) * ops.tanh(g)) * step_mask
        h = ops.sigmoid(o) * ops.tanh(c)
        return (h, c), h

    initial = ops.zeros((r * 2, b, units), dtype=gates.dtype)
    _, outputs = loop(step, (initial, initial), (gates, step_masks), t)
    outputs = ops.reshape(outputs, (t, r, 2, b, units))
    outputs = ops.stack([outputs[:, :, 0], ops.flip(outputs[:, :, 1], axis=0)], axis=3)
    return ops.reshape(ops.transpose(outputs, (1, 0, 2, 3, 4)), (r, t, b, 2 * units))
