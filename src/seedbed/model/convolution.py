"""A one-dimensional convolution on the replicate axis: each replicate has its own filters."""

from seedbed.types import Tensor


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
