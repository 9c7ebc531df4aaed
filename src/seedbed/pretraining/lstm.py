"""A layer of LSTMs with a projection over a block of steps, one direction, with its gradient.

The forward pass is that of ``embeddings.bilm.network``, which keeps nothing for a gradient. Here everything that can be
one product over all steps is one: above all the gradients of the weights, which a framework would add up step by step.
"""

from collections.abc import Callable

from seedbed import backend
from seedbed.embeddings.bilm.network import clipped, product
from seedbed.embeddings.bilm.options import Architecture
from seedbed.types import Tensor


def lstm_layer(architecture: Architecture, steps: int, precision: str) -> Callable:
    """Return a function of ``(x [T, B, P], h [B, P], c [B, U], keep [T, B, 1], gates [2P + 1, 4U], project [U, P])``.

    It returns the outputs ``[T, B, P]`` and the last cell, ``[B, U]``. Where ``keep`` is 0, the state of a row is reset
    to zeros. ``precision``: of products. No gradient flows into the returned cell or the initial state:
    back-propagation through time is truncated at the block.
    """
    return backend.with_gradient(_forward(architecture, steps, precision), _backward(architecture, steps, precision))


def _forward(architecture: Architecture, steps: int, precision: str) -> Callable:
    """Return a function with the outputs of ``lstm_layer``, and the values that ``_backward`` needs."""
    from keras import ops

    p, u = architecture.projection, architecture.units
    bounds = architecture.cell_clip, architecture.projection_clip

    def forward(x: Tensor, h: Tensor, c: Tensor, keep: Tensor, gates: Tensor, project: Tensor) -> tuple:
        kernel, recurrent, projection = (ops.cast(w, precision) for w in (gates[:p], gates[p:-1], project))
        from_input = ops.reshape(product(_flat(x), kernel) + gates[-1], (steps, -1, 4 * u))

        def step(carry: tuple, inputs: tuple) -> tuple:
            from_input, keep = inputs
            h, c = carry[0] * keep, carry[1] * keep
            activations = from_input + product(h, recurrent)
            three, new = ops.sigmoid(activations[:, : 3 * u]), ops.tanh(activations[:, 3 * u :])
            i, f, o = ops.split(three, 3, axis=-1)
            cell = clipped(f * c + i * new, bounds[0])
            squashed = ops.tanh(cell)
            hidden = o * squashed
            output = clipped(product(hidden, projection), bounds[1])
            return (output, cell), (h, c, three, new, cell, squashed, hidden, output)

        (_, last), saved = backend.unrolled(step, (h, c), (from_input, keep), steps)
        return (backend.stacked(saved[-1]), last), (x, keep, gates, project, saved)

    return forward


def _backward(architecture: Architecture, steps: int, precision: str) -> Callable:
    """Return a function with the gradients of the arguments of ``lstm_layer``.

    Its arguments are what ``_forward`` saved and the gradients of what it returned.
    """
    from keras import ops

    p = architecture.projection
    bounds = architecture.cell_clip, architecture.projection_clip

    def kernel_gradient(x: Tensor, upstream: Tensor) -> Tensor:
        """The gradient of the weights that were applied to x; ``upstream``: that of their product."""
        return product(ops.transpose(_flat(x)), ops.cast(_flat(upstream), precision))

    def backward(saved: tuple, upstream: tuple) -> tuple:
        x, keep, gates, project, (h, c, three, new, cell, squashed, hidden, output) = saved
        kernel, recurrent, projection = (
            ops.transpose(ops.cast(w, precision)) for w in (gates[:p], gates[p:-1], project)
        )

        def step(carry: tuple, inputs: tuple) -> tuple:
            dh, dc = carry
            above, keep, c, three, new, cell, squashed, output = inputs
            i, f, o = ops.split(three, 3, axis=-1)
            doutput = _through_clip(above + dh, output, bounds[1])
            dhidden = product(doutput, projection)
            dc = _through_clip(dc + dhidden * o * (1 - squashed * squashed), cell, bounds[0])
            dthree = ops.concatenate([dc * new, dc * c, dhidden * squashed], axis=-1) * (three * (1 - three))
            dactivations = ops.concatenate([dthree, dc * i * (1 - new * new)], axis=-1)
            return (product(dactivations, recurrent) * keep, dc * f * keep), (dactivations, doutput)

        zeros = ops.zeros_like(output[0]), ops.zeros_like(cell[0])
        inputs = upstream[0], keep, c, three, new, cell, squashed, output
        _, gradients = backend.unrolled(step, zeros, inputs, steps, reverse=True)
        dactivations, doutput = map(backend.stacked, gradients)
        gate_inputs = ops.concatenate([x, backend.stacked(h), ops.ones_like(x[..., :1])], axis=-1)
        dgates = kernel_gradient(gate_inputs, dactivations)
        dproject = kernel_gradient(backend.stacked(hidden), doutput)
        dx = ops.reshape(product(_flat(dactivations), kernel), (steps, -1, p))
        return dx, *zeros, ops.zeros_like(keep), dgates, dproject

    return backward


def _flat(x: Tensor) -> Tensor:
    """All steps as rows of one matrix."""
    from keras import ops

    return ops.reshape(x, (-1, x.shape[-1]))


def _through_clip(gradient: Tensor, value: Tensor, bound: float | None) -> Tensor:
    """The gradient before clipping to ``value``: zero where the bound was reached."""
    from keras import ops

    return gradient if bound is None else ops.where(ops.abs(value) < bound, gradient, 0.0)
