"""A layer of LSTMs with a projection over a block of steps, one direction, with its gradient.

The forward maths is that of ``embeddings.bilm.network``, which keeps nothing for a gradient. Here what can be one
product over all steps is one: the gradients of the weights above all, which a framework would add up step by step.
"""

from collections.abc import Callable
from typing import Any

from seedbed import backend
from seedbed.embeddings.bilm.network import clipped, product
from seedbed.embeddings.bilm.options import Architecture


def layer(architecture: Architecture, steps: int, held: str) -> Callable:
    """A function of ``(x [T, B, P], h [B, P], c [B, U], keep [T, B, 1], gates [2P + 1, 4U], project [U, P])``.

    Returns the states ``[T, B, P]`` and the last cell, ``[B, U]``. Where ``keep`` is 0, a row begins anew from zeros.
    ``held``: the precision of products. No gradient goes into the cell that is returned, or the state that is given:
    the block is where back-propagation through time ends.
    """
    return backend.with_gradient(_forward(architecture, steps, held), _backward(architecture, steps, held))


def _forward(architecture: Architecture, steps: int, held: str) -> Callable:
    """What ``layer`` returns, and beside it what ``_backward`` needs."""
    from keras import ops

    p, u = architecture.projection, architecture.units
    bounds = architecture.cell_clip, architecture.projection_clip

    def forward(x, h, c, keep, gates, project):
        own, recurrent, projecting = (ops.cast(w, held) for w in (gates[:p], gates[p:-1], project))
        fed = ops.reshape(product(_flat(x), own) + gates[-1], (steps, -1, 4 * u))

        def step(carry, now):
            fed, keep = now
            h, c = carry[0] * keep, carry[1] * keep
            found = fed + product(h, recurrent)
            three, new = ops.sigmoid(found[:, : 3 * u]), ops.tanh(found[:, 3 * u :])
            i, f, o = ops.split(three, 3, axis=-1)
            after = clipped(f * c + i * new, bounds[0])
            squashed = ops.tanh(after)
            out = o * squashed
            said = clipped(product(out, projecting), bounds[1])
            return (said, after), (h, c, three, new, after, squashed, out, said)

        (_, last), kept = backend.unrolled(step, (h, c), (fed, keep), steps)
        return (backend.stacked(kept[-1]), last), (x, keep, gates, project, kept)

    return forward


def _backward(architecture: Architecture, steps: int, held: str) -> Callable:
    """Gradients of the arguments of ``layer`` from what ``_forward`` kept and the gradients of what it returned."""
    from keras import ops

    p = architecture.projection
    bounds = architecture.cell_clip, architecture.projection_clip

    def summed(x, upstream):
        """The gradient of the weights that took x to what has the gradient ``upstream``."""
        return product(ops.transpose(_flat(x)), ops.cast(_flat(upstream), held))

    def backward(given, upstream):
        x, keep, gates, project, (h, c, three, new, after, squashed, out, said) = given
        own, recurrent, projecting = (ops.transpose(ops.cast(w, held)) for w in (gates[:p], gates[p:-1], project))

        def step(carry, now):
            dh, dc = carry
            above, keep, c, three, new, after, squashed, said = now
            i, f, o = ops.split(three, 3, axis=-1)
            dsaid = _inside(above + dh, said, bounds[1])
            dout = product(dsaid, projecting)
            dc = _inside(dc + dout * o * (1 - squashed * squashed), after, bounds[0])
            dthree = ops.concatenate([dc * new, dc * c, dout * squashed], axis=-1) * (three * (1 - three))
            dfound = ops.concatenate([dthree, dc * i * (1 - new * new)], axis=-1)
            return (product(dfound, recurrent) * keep, dc * f * keep), (dfound, dsaid)

        zeros = ops.zeros_like(said[0]), ops.zeros_like(after[0])
        inputs = upstream[0], keep, c, three, new, after, squashed, said
        _, found = backend.unrolled(step, zeros, inputs, steps, reverse=True)
        dfound, dsaid = map(backend.stacked, found)
        seen = ops.concatenate([x, backend.stacked(h), ops.ones_like(x[..., :1])], axis=-1)
        dgates, dproject = summed(seen, dfound), summed(backend.stacked(out), dsaid)
        dx = ops.reshape(product(_flat(dfound), own), (steps, -1, p))
        return dx, *zeros, ops.zeros_like(keep), dgates, dproject

    return backward


def _flat(x: Any) -> Any:
    """All steps as rows of one matrix."""
    from keras import ops

    return ops.reshape(x, (-1, x.shape[-1]))


def _inside(gradient: Any, value: Any, bound: float | None) -> Any:
    """The gradient of what was clipped to ``value``."""
    from keras import ops

    return gradient if bound is None else ops.where(ops.abs(value) < bound, gradient, 0.0)
