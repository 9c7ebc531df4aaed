"""All that changes by a step of training, as the device has it and as a checkpoint has it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from seedbed.embeddings.bilm.options import Architecture
from seedbed.errors import InputError
from seedbed.pretraining import optimizers
from seedbed.pretraining.evaluation import zero_state
from seedbed.pretraining.feed import Mark


class Now(NamedTuple):
    """All that changes by a step; ``mark`` is where the text is, None before the first."""

    weights: Mapping[str, Any]
    moments: Mapping[str, Mapping[str, Any]]
    state: tuple
    step: int
    mark: Mark | None


def at_first(weights: Mapping[str, np.ndarray], optimizer: str, architecture: Architecture, streams: int) -> Now:
    """Before the first step."""
    placed = _placed(weights)
    state = _placed(dict(enumerate(zero_state(architecture, streams))))
    return Now(placed, optimizers.start(optimizer, placed), tuple(state.values()), 0, None)


def restored(first: Now, arrays: Mapping[str, np.ndarray], step: int, path: Path) -> Now:
    """After so many steps, from the arrays of a checkpoint; raises InputError where they have another shape."""
    wanted = flat(first)
    if wanted.keys() != arrays.keys() or any(arrays[name].shape != wanted[name].shape for name in wanted):
        raise InputError(f"{path}: holds weights of another shape; give another output=, or remove it")
    placed = _placed(arrays)
    moments = {moment: {name: placed[f"{moment}/{name}"] for name in own} for moment, own in first.moments.items()}
    state = tuple(placed[f"state/{n}"] for n in range(len(first.state)))
    return Now({name: placed[f"weights/{name}"] for name in first.weights}, moments, state, step, None)


def flat(now: Now) -> dict[str, np.ndarray]:
    """Every array by one name."""
    named = {f"weights/{name}": weight for name, weight in now.weights.items()}
    named |= {f"{moment}/{name}": array for moment, own in now.moments.items() for name, array in own.items()}
    named |= {f"state/{n}": array for n, array in enumerate(now.state)}
    return {name: np.asarray(array) for name, array in named.items()}


def _placed(arrays: Mapping[Any, np.ndarray]) -> dict[Any, Any]:
    from keras import ops

    return {name: ops.convert_to_tensor(array) for name, array in arrays.items()}
