"""A one-dimensional convolution on the replicate axis: each replicate has its own filters."""

from typing import Any


def convolve(x: Any, kernel: Any, width: int) -> Any:
    """Same-padded convolution over tokens, no bias: ``[R, T, B, D]`` with ``[R, width, D, F]`` to ``[R, T, B, F]``.

    One matrix product a replicate, of windows of ``width`` tokens: grouped convolutions have no fast kernel on CPUs.
    As in Keras, an even width has its extra column on the right.
    """
    from keras import ops

    r, t, b, d = ops.shape(x)
    filters = kernel.shape[-1]
    left = (width - 1) // 2
    padded = ops.pad(x, [[0, 0], [left, width - 1 - left], [0, 0], [0, 0]])
    windows = ops.concatenate([padded[:, offset : offset + t] for offset in range(width)], axis=-1)
    windows = ops.reshape(windows, (r, t * b, width * d))
    return ops.reshape(ops.matmul(windows, ops.reshape(kernel, (r, width * d, filters))), (r, t, b, filters))
