"""From a vector a token to a vector a sequence, over real tokens only."""

from typing import Any


def max_pool(x: Any, real: Any) -> Any:
    """The largest value of each feature: ``[R, T, B, D]`` to ``[R, B, D]``; ``real``: ``[R, T, B, 1]``."""
    from keras import ops

    return ops.max(x - (1.0 - real) * _lowest(x.dtype), axis=1)


def mean_pool(x: Any, real: Any) -> Any:
    """The mean over the real tokens: ``[R, T, B, D]`` to ``[R, B, D]``."""
    from keras import ops

    return ops.sum(x * real, axis=1) / ops.maximum(ops.sum(real, axis=1), 1.0)


def last_states(outputs: Any, real: Any) -> Any:
    """What each direction of a BiLSTM holds at its own end: ``[R, T, B, 2 H]`` to ``[R, B, 2 H]``."""
    from keras import ops

    units = outputs.shape[-1] // 2
    following = ops.pad(real[:, 1:], [[0, 0], [0, 1], [0, 0], [0, 0]])
    forward = ops.sum(outputs[..., :units] * (real - following), axis=1)
    return ops.concatenate([forward, outputs[:, 0, :, units:]], axis=-1)


def _lowest(dtype: Any) -> float:
    import keras

    return 1e4 if keras.backend.standardize_dtype(dtype) == "float16" else 1e9
