"""Whether a gradient reaches every weight of every replicate."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from seedbed.testing.checks import require, require_finite


def require_gradients(
    outputs: Callable[[Mapping[str, np.ndarray]], Sequence[Any]], weights: Mapping[str, np.ndarray]
) -> None:
    """Raise AssertionError where a weight ``[R, ...]`` of some replicate has a zero or infinite gradient.

    The gradient is that of a random sum of all ``outputs``.
    """
    if not weights:
        return
    from keras import ops

    from seedbed.backend import value_and_gradient

    def loss(tensors: Any) -> Any:
        rng = np.random.default_rng(2)
        parts = [ops.sum(y * rng.normal(size=tuple(y.shape)).astype(np.float32)) for y in outputs(tensors)]
        return sum(parts), ()

    rng = np.random.default_rng(3)  # away from zero, where some weights start and others get no gradient
    moved = {name: value + rng.normal(0.0, 0.1, value.shape).astype(np.float32) for name, value in weights.items()}
    tensors = {name: ops.convert_to_tensor(value) for name, value in moved.items()}
    _, _, gradients = value_and_gradient(loss)(tensors)
    for name, gradient in gradients.items():
        array = ops.convert_to_numpy(gradient)
        require_finite(array, f"the gradient of {name}")
        reached = np.abs(array).reshape(len(array), -1).max(axis=1, initial=0.0) > 0
        missing = np.flatnonzero(~reached).tolist()
        require(not missing, f"{name}: no gradient in replicates {missing}")
