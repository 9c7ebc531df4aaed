"""A one-dimensional convolution on the replicate axis: each replicate has its own filters."""

from seedbed.backend import with_gradient
from seedbed.model.pooling import hide_padding
from seedbed.types import Tensor

BLOCK = 8
"""The steps of packed batches are a multiple of this, so that a maximum is looked for block by block."""


def convolve(x: Tensor, kernel: Tensor, width: int) -> Tensor:
    """Return the convolution over tokens: ``[R, T, B, D]`` with ``[R, width, D, F]`` to ``[R, T, B, F]``.

    Same padding, no bias; as in Keras, an even width has its extra column on the right. One matrix product for each
    replicate over windows of ``width`` tokens, because grouped convolutions have no fast kernel on CPUs.
    """
    from keras import ops

    r, t, b, d = ops.shape(x)
    filters = kernel.shape[-1]
    before = (width - 1) // 2
    padded = ops.pad(x, [[0, 0], [before, width - 1 - before], [0, 0], [0, 0]])
    windows = ops.concatenate([padded[:, offset : offset + t] for offset in range(width)], axis=-1)
    windows = ops.reshape(windows, (r, t * b, width * d))
    return ops.reshape(ops.matmul(windows, ops.reshape(kernel, (r, width * d, filters))), (r, t, b, filters))


def max_convolution(x: Tensor, kernel: Tensor, width: int, token_mask: Tensor, places: Tensor | None = None) -> Tensor:
    """Return the maximum over tokens of `convolve`: ``x [R, T, B, D]`` to ``[R, B, F]``.

    With ``places``, x is packed, ``[R, N, 1, D]``: the texts of a batch one after the other, with zeros between them,
    at least ``width // 2``. ``places`` int32 ``[R, T, B]``, T a multiple of BLOCK: where each token is; of padding,
    where the first token is. ``token_mask``: ``[R, T, B, 1]``.

    Only the window of the maximum has a gradient, so the way back takes B x F windows, not all T x B: most of the
    products of a training step. Of windows with the same maximum, the first has it.
    """
    from keras import ops

    before = (width - 1) // 2
    arrays = (x, kernel, token_mask) if places is None else (x, kernel, token_mask, places)

    def forward(
        x: Tensor, kernel: Tensor, token_mask: Tensor, *places: Tensor
    ) -> tuple[tuple[Tensor], tuple[Tensor, ...]]:
        if places:
            # Padding repeats the first token, so it changes no maximum; a text without tokens has none.
            y = _at_places(x, kernel, width, *places)
            blocks = ops.max(_in_blocks(y), axis=2)
            maximum = hide_padding(ops.max(blocks, axis=1), token_mask[:, 0])
        else:
            y = blocks = hide_padding(_at_all(x, kernel, width), token_mask)
            maximum = ops.max(y, axis=1)
        return (maximum,), (x, kernel, y, blocks, maximum, *places)

    def backward(saved: tuple[Tensor, ...], upstreams: tuple[Tensor, ...]) -> tuple[Tensor | None, ...]:
        x, kernel, y, blocks, maximum, *places = saved
        (upstream,) = upstreams
        r, n, b, d = ops.shape(x)
        t, b_dense = ops.shape(y)[1:3]
        first = first_equal(blocks, maximum)
        if places:  # which block, and then which of its tokens
            at = first
            first = at * BLOCK + first_equal(take_block(_in_blocks(y), at), maximum)
        replicates, columns = ops.reshape(ops.arange(r), (r, 1, 1)), ops.reshape(ops.arange(b_dense), (1, -1, 1))
        if places:
            by_text = ops.reshape(places[0], (r * t * b_dense,))
            first, columns = ops.take(by_text, (replicates * t + first) * b_dense + columns), 0
        rows, kernel_gradient, x_gradient = ops.reshape(x, (r * n * b, d)), [], 0.0
        for offset in range(width):
            at = first + (offset - before)
            inside = ops.cast(ops.logical_and(at >= 0, at < n), upstream.dtype)
            at = (replicates * n + ops.clip(at, 0, n - 1)) * b + columns
            share = ops.expand_dims(upstream * inside, -1)
            windows = ops.take(rows, at, axis=0)
            kernel_gradient.append(ops.transpose(ops.sum(windows * share, axis=1), (0, 2, 1)))
            from_filters = share * ops.expand_dims(ops.transpose(kernel[:, offset], (0, 2, 1)), 1)
            x_gradient = x_gradient + ops.segment_sum(
                ops.reshape(from_filters, (-1, d)), ops.reshape(at, (-1,)), r * n * b
            )
        return ops.reshape(x_gradient, (r, n, b, d)), ops.stack(kernel_gradient, axis=1), *[None] * (len(arrays) - 2)

    (maximum,) = with_gradient(forward, backward)(*arrays)
    return maximum


def first_equal(y: Tensor, maximum: Tensor) -> Tensor:
    """Return the first index of axis 1 where ``y [R, T, B, F]`` is ``maximum [R, B, F]``; much faster than argmax."""
    from keras import ops

    t = ops.shape(y)[1]
    steps = ops.reshape(ops.arange(t), (1, t, 1, 1))
    return ops.min(ops.where(y == ops.expand_dims(maximum, 1), steps, t - 1), axis=1)


def _in_blocks(y: Tensor) -> Tensor:
    """Return ``[R, T, B, F]`` as ``[R, T / BLOCK, BLOCK, B, F]``."""
    from keras import ops

    r, t, b, f = ops.shape(y)
    return ops.reshape(y, (r, t // BLOCK, BLOCK, b, f))


def take_block(y: Tensor, at: Tensor) -> Tensor:
    """Return the blocks numbered ``at [R, B, F]`` of ``y [R, T / BLOCK, BLOCK, B, F]``: ``[R, BLOCK, B, F]``."""
    from keras import ops

    r, t, _, b, f = ops.shape(y)
    replicates, columns = ops.reshape(ops.arange(r), (r, 1, 1, 1)), ops.reshape(ops.arange(b * f), (1, 1, b, f))
    tokens = ops.expand_dims(at * BLOCK, 1) + ops.reshape(ops.arange(BLOCK), (1, BLOCK, 1, 1))
    return ops.take(ops.reshape(y, (-1,)), (replicates * t * BLOCK + tokens) * b * f + columns, axis=0)


def _at_all(x: Tensor, kernel: Tensor, width: int) -> Tensor:
    """Return `convolve`; of vectors wider than its output as a sum of products, without an array of windows."""
    from keras import ops

    if x.shape[-1] <= kernel.shape[-1]:
        return convolve(x, kernel, width)
    r, n, b, d = ops.shape(x)
    filters, before = kernel.shape[-1], (width - 1) // 2
    flat, total = ops.reshape(x, (r, n * b, d)), 0.0
    for offset in range(width):
        product = ops.reshape(ops.matmul(flat, kernel[:, offset]), (r, n, b, filters))
        padded = ops.pad(product, [[0, 0], [before, width - 1 - before], [0, 0], [0, 0]])
        total = total + padded[:, offset : offset + n]
    return total


def _at_places(x: Tensor, kernel: Tensor, width: int, places: Tensor) -> Tensor:
    """Return `convolve` of packed texts ``x [R, N, 1, D]`` at ``places``: ``[R, T, B, F]``."""
    from keras import ops

    r, n, _, d = ops.shape(x)
    filters, before = kernel.shape[-1], (width - 1) // 2
    rows = places + ops.reshape(ops.arange(r) * n, (r, 1, 1))
    if x.shape[-1] <= filters:
        return ops.take(ops.reshape(convolve(x, kernel, width), (r * n, filters)), rows, axis=0)
    flat, total = ops.reshape(x, (r, n, d)), 0.0
    for offset in range(width):
        product = ops.reshape(ops.matmul(flat, kernel[:, offset]), (r * n, filters))
        total = total + ops.take(product, rows + (offset - before), axis=0)
    return total
