"""Nested dicts of arrays with a leading axis of replicates: on the device, or in the memory of the host."""

from collections.abc import Mapping, Sequence

import numpy as np

from seedbed.types import Tensor, Tree


def on_device(arrays: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Copy arrays to the device, once and not in each step."""
    from keras import ops

    return {name: ops.convert_to_tensor(array) for name, array in arrays.items()}


def take_rows(tree: Tree, rows: Sequence[int]) -> Tree:
    """Return the same tree with these rows of the replicate axis only."""
    from keras import ops

    if isinstance(tree, dict):
        return {name: take_rows(value, rows) for name, value in tree.items()}
    if isinstance(tree, np.ndarray):
        return tree[list(rows)]
    return ops.take(tree, np.array(rows, np.int32), axis=0)
