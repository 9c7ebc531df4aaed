"""A one-dimensional convolution on the replicate axis: each replicate has its own filters."""

from typing import Any


def convolve(x: Any, kernel: Any, bias: Any, width: int) -> Any:
    """Same-padded convolution over tokens: ``[R, T, B, D]`` with ``[R, width, D, F]`` to ``[R, T, B, F]``.

    A sum of ``width`` shifted matrix products: grouped convolutions have no fast kernel on CPUs. As in Keras, an even
    width has its extra column on the right.
    """
    from keras import ops

    r, t, b, d = ops.shape(x)
    filters = kernel.shape[-1]
    kernel = ops.reshape(kernel, (r, width, d, filters))
    left = (width - 1) // 2
    padded = ops.pad(x, [[0, 0], [left, width - 1 - left], [0, 0], [0, 0]])
    total = ops.expand_dims(bias, 1)
    for offset in range(width):
        window = ops.reshape(padded[:, offset : offset + t], (r, t * b, d))
        total = total + ops.matmul(window, kernel[:, offset])
    return ops.reshape(total, (r, t, b, filters))
