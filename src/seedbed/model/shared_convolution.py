"""Convolutions of texts that several members read: windows are made once for a draw, and not for each member.

Kernels and outputs are in slots, see `seedbed.model.readers`. The vectors are not trained: they get no gradient.
"""

from seedbed.backend import with_gradient
from seedbed.model.convolution import BLOCK, first_equal, take_block
from seedbed.model.pooling import hide_padding
from seedbed.model.readers import Readers, slot_products
from seedbed.types import Tensor


def windows(x: Tensor, width: int) -> Tensor:
    """Return the ``width`` vectors around each token, side by side: ``[G, T, B, D]`` to ``[G, T, B, width * D]``."""
    from keras import ops

    t = ops.shape(x)[1]
    before = (width - 1) // 2
    padded = ops.pad(x, [[0, 0], [before, width - 1 - before], [0, 0], [0, 0]])
    return ops.concatenate([padded[:, offset : offset + t] for offset in range(width)], axis=-1)


def convolve_shared(x: Tensor, kernel: Tensor, width: int, readers: Readers) -> Tensor:
    """Return `seedbed.model.convolution.convolve` for each member: ``x [G, T, B, D]`` to ``[R, T, B, F]``."""
    from keras import ops

    g, t, b, d = ops.shape(x)
    flat = ops.reshape(windows(x, width), (g, t * b, width * d))
    y = slot_products(flat, ops.reshape(readers.in_slots(kernel), (-1, width * d, kernel.shape[-1])))
    return ops.reshape(readers.of_members(y), (-1, t, b, kernel.shape[-1]))


def max_convolution_shared(
    x: Tensor, kernel: Tensor, width: int, token_mask: Tensor, readers: Readers, places: Tensor | None = None
) -> Tensor:
    """Return `seedbed.model.convolution.max_convolution` for each member: ``[R, B, F]``.

    ``x``: ``[G, T, B, D]``, or with ``places [G, T, B]`` packed, ``[G, N, 1, D]``; ``token_mask``: ``[G, T, B, 1]``.
    """
    from keras import ops

    rows = _rows(x, token_mask) if places is None else places + _numbers(x) * ops.shape(x)[1]
    around = ops.take(ops.reshape(windows(x, width), (-1, width * x.shape[-1])), rows, axis=0)

    def forward(around: Tensor, kernel: Tensor, token_mask: Tensor) -> tuple[tuple[Tensor], tuple[Tensor, ...]]:
        g, t, b = ops.shape(around)[:3]
        size, filters = around.shape[-1], kernel.shape[-1]
        y = slot_products(ops.reshape(around, (g, t * b, size)), ops.reshape(kernel, (-1, size, filters)))
        y = ops.reshape(y, (-1, t // BLOCK, BLOCK, b, filters))
        blocks = ops.max(y, axis=2)
        maximum = ops.max(blocks, axis=1)
        # Padding repeats the first token, so it changes no maximum; a text without tokens has none.
        hidden = hide_padding(ops.reshape(maximum, (g, -1, b, filters)), ops.expand_dims(token_mask[:, 0], 1))
        return (ops.reshape(hidden, (-1, b, filters)),), (around, y, blocks, maximum)

    def backward(saved: tuple[Tensor, ...], upstreams: tuple[Tensor, ...]) -> tuple[Tensor | None, ...]:
        around, y, blocks, maximum = saved
        (upstream,) = upstreams
        g, t, b = ops.shape(around)[:3]
        d, filters = around.shape[-1] // width, maximum.shape[-1]
        block = first_equal(blocks, maximum)
        first = block * BLOCK + first_equal(take_block(y, block), maximum)
        draws = ops.reshape(ops.arange(g) * t, (g, 1, 1, 1))
        at = ops.reshape(ops.reshape(first, (g, -1, b, filters)) + draws, (-1, b, filters))
        at = ops.transpose(at * b + ops.reshape(ops.arange(b), (1, b, 1)), (0, 2, 1))
        share = ops.expand_dims(ops.transpose(upstream, (0, 2, 1)), 2)  # [G * K, F, 1, B]
        gradients = []
        for offset in range(width):
            flat = ops.reshape(around[..., offset * d : (offset + 1) * d], (g * t * b, d))
            of_filters = ops.matmul(share, ops.take(flat, at, axis=0))[:, :, 0]
            gradients.append(ops.transpose(of_filters, (0, 2, 1)))
        return None, ops.stack(gradients, axis=1), None

    (maximum,) = with_gradient(forward, backward)(around, readers.in_slots(kernel), token_mask)
    return readers.of_members(maximum)


def _rows(x: Tensor, token_mask: Tensor) -> Tensor:
    """Return the row of each token in ``x [G * T * B, D]``, of padding that of the first token; T of whole blocks."""
    from keras import ops

    t, b = ops.shape(x)[1:3]
    steps = ops.arange((t + BLOCK - 1) // BLOCK * BLOCK)
    is_token = ops.take(token_mask[..., 0], ops.minimum(steps, t - 1), axis=1) > 0
    within = ops.reshape(steps, (1, -1, 1))
    at = ops.where(ops.logical_and(is_token, within < t), within, 0)
    return (_numbers(x) * t + at) * b + ops.reshape(ops.arange(b), (1, 1, b))


def _numbers(x: Tensor) -> Tensor:
    """Return the number of each draw, ``[G, 1, 1]``."""
    from keras import ops

    return ops.reshape(ops.arange(ops.shape(x)[0]), (-1, 1, 1))
