"""The forward pass of an encoder (Devlin et al. 2019; MPNet: Song et al. 2020), as pure functions of arrays.

KerasHub has these models too. It needs tensorflow-text (60 MB) and kagglehub, has TensorFlow's tokenizers beside those
of the publishers, and returns the last layer; here all layers are wanted, and few lines compute them.
"""

from collections.abc import Callable, Iterator

import numpy as np

from seedbed import backend
from seedbed.embeddings.transformers.architecture import Architecture
from seedbed.types import Tensor, Tensors

MASKED = -1e9
"""Added to the scores of padding: its weight is exactly zero after the softmax."""

MAX_DISTANCE = 128
"""Relative positions from here on share a bucket (MPNet)."""


def all_layers(architecture: Architecture) -> Callable[..., Tensor]:
    """Return a function of ``(weights, ids, lengths, buckets)`` to all layers ``[B, T, (layers + 1) * width]``.

    ``weights`` as ``read_weights`` returns them; int32 ``ids [B, T]`` and ``lengths [B]``; ``buckets`` of
    ``relative_buckets`` where the architecture has some. Layer 0 is the embeddings after their layer norm.
    """
    from keras import ops

    def function(weights: Tensors, ids: Tensor, lengths: Tensor, buckets: Tensor) -> Tensor:
        return ops.concatenate(list(_layers(architecture, weights, ids, lengths, buckets)), axis=-1)

    return function


def pooled(architecture: Architecture, pooling: str) -> Callable[..., Tensor]:
    """Return a function of ``(weights, ids, lengths, buckets, counted [B, T])`` to ``[B, width]``.

    The last layer's sum (``mean``) or maximum (``max``) over the pieces with ``counted`` 1, or its first piece
    (``first``). ``counted`` is 0 or 1.
    """
    from keras import ops

    def function(weights: Tensors, ids: Tensor, lengths: Tensor, buckets: Tensor, counted: Tensor) -> Tensor:
        for layer in _layers(architecture, weights, ids, lengths, buckets):
            last = layer
        if pooling == "first":
            return last[:, 0]
        counted = ops.expand_dims(ops.cast(counted, "float32"), -1)
        if pooling == "max":
            return ops.max(last + (1.0 - counted) * MASKED, axis=1)
        return ops.sum(last * counted, axis=1)

    return function


def relative_buckets(length: int, buckets: int) -> np.ndarray:
    """Return int32 ``[length, length]``: the bucket of the distance from each piece (row) to each other (column).

    As in transformers' MPNet: half of the buckets for each direction; half of those for one distance each, the rest
    grow by logarithm, in float32.
    """
    half, exact = buckets // 2, buckets // 4
    distance = np.arange(length)[:, None] - np.arange(length)[None]  # positive: the other piece is before
    n = np.abs(distance)
    logarithm = np.log(np.maximum(n, 1).astype(np.float32) / np.float32(exact))
    growing = exact + (logarithm / np.float32(np.log(MAX_DISTANCE / exact)) * np.float32(half - exact)).astype(np.int32)
    bucket = np.where(n < exact, n, np.minimum(growing, half - 1))
    return (np.where(distance < 0, half, 0) + bucket).astype(np.int32)


def _layers(
    architecture: Architecture, weights: Tensors, ids: Tensor, lengths: Tensor, buckets: Tensor
) -> Iterator[Tensor]:
    """Yield the layers, ``[B, T, width]`` each."""
    from keras import ops

    b, t = ops.shape(ids)
    steps = ops.arange(t)
    x = ops.take(weights["pieces"], ids, axis=0) + weights["positions"][:t]
    x = _normalized(ops.reshape(x, (b * t, architecture.width)), weights, "norm", architecture.epsilon)
    bias = ops.where(ops.expand_dims(steps, 0) < ops.expand_dims(lengths, 1), 0.0, MASKED)
    bias = ops.reshape(bias, (b, 1, 1, t))
    if architecture.buckets:
        bias = bias + ops.transpose(ops.take(weights["relative"], buckets, axis=0), (2, 0, 1))
    yield ops.reshape(x, (b, t, architecture.width))
    for layer in range(architecture.layers):
        attended = _attended(architecture, weights, layer, x, bias, (b, t))
        x = _normalized(x + attended, weights, f"attention_norm_{layer}", architecture.epsilon)
        inner = _activated(architecture.activation, _dense(x, weights, "up", layer))
        x = x + _dense(inner, weights, "down", layer)
        x = _normalized(x, weights, f"layer_norm_{layer}", architecture.epsilon)
        yield ops.reshape(x, (b, t, architecture.width))


def _attended(
    architecture: Architecture, weights: Tensors, layer: int, x: Tensor, bias: Tensor, shape: tuple[Tensor, Tensor]
) -> Tensor:
    """Attention of all heads over a batch, ``[B * T, width]``."""
    from keras import ops

    heads, width = architecture.heads, architecture.width
    qkv = ops.reshape(_dense(x, weights, "qkv", layer), (*shape, 3, heads, width // heads))
    q, k, v = ops.unstack(ops.transpose(qkv, (2, 0, 3, 1, 4)), 3)
    scores = ops.matmul(q, ops.transpose(k, (0, 1, 3, 2))) + bias
    attended = ops.transpose(ops.matmul(ops.softmax(scores, axis=-1), v), (0, 2, 1, 3))
    return _dense(ops.reshape(attended, (shape[0] * shape[1], width)), weights, "out", layer)


def _dense(x: Tensor, weights: Tensors, name: str, layer: int) -> Tensor:
    from keras import ops

    return backend.add_bias(ops.matmul(x, weights[f"{name}_{layer}"]), weights[f"{name}_bias_{layer}"])


def _normalized(x: Tensor, weights: Tensors, name: str, epsilon: float) -> Tensor:
    from keras import ops

    mean = ops.mean(x, axis=-1, keepdims=True)
    centered = x - mean
    scale = ops.rsqrt(ops.mean(ops.square(centered), axis=-1, keepdims=True) + epsilon) * weights[f"{name}_scale"]
    return centered * scale + weights[f"{name}_bias"]


def _activated(activation: str, x: Tensor) -> Tensor:
    from keras import ops

    if activation.startswith("gelu"):
        return ops.gelu(x, approximate=activation == "gelu_tanh")
    return ops.relu(x) if activation == "relu" else ops.silu(x)
