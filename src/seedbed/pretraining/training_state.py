"""Training state, on device and in a checkpoint."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np

from seedbed.embeddings.bilm.options import Architecture
from seedbed.errors import InputError
from seedbed.pretraining.evaluation import zero_state
from seedbed.pretraining.network import Tensor, Weights
from seedbed.pretraining.programs import Moments, initial_moments
from seedbed.pretraining.progress import Record
from seedbed.pretraining.streams import StreamPositions

CHECKPOINT = "checkpoint.npz"


class TrainingState(NamedTuple):
    """Everything that a step changes.

    ``recurrent``: of each layer ``h [2, B, P]`` and ``c [2, B, U]``; ``positions`` in the text, None before the first
    step of a session.
    """

    weights: Weights
    moments: Moments
    recurrent: tuple[Tensor, ...]
    step: int
    positions: StreamPositions | None


def initial_state(
    weights: Mapping[str, np.ndarray], optimizer: str, architecture: Architecture, streams: int
) -> TrainingState:
    """Return the state before the first step."""
    on_device = _to_device(weights)
    recurrent = _to_device({str(n): array for n, array in enumerate(zero_state(architecture, streams))})
    return TrainingState(on_device, initial_moments(optimizer, on_device), tuple(recurrent.values()), 0, None)


def restore_state(first: TrainingState, arrays: Mapping[str, np.ndarray], step: int, path: Path) -> TrainingState:
    """Return the state of a checkpoint after ``step`` steps; ``first`` has the expected shapes. Raises InputError."""
    expected = flatten_state(first)
    if expected.keys() != arrays.keys() or any(arrays[name].shape != expected[name].shape for name in expected):
        raise InputError(f"{path}: holds weights of another shape; give another output=, or remove it")
    on_device = _to_device(arrays)
    moments = {
        moment: {name: on_device[f"{moment}/{name}"] for name in by_weight}
        for moment, by_weight in first.moments.items()
    }
    recurrent = tuple(on_device[f"state/{n}"] for n in range(len(first.recurrent)))
    return TrainingState({name: on_device[f"weights/{name}"] for name in first.weights}, moments, recurrent, step, None)


def flatten_state(state: TrainingState) -> dict[str, np.ndarray]:
    """Return every array by one name."""
    arrays = {f"weights/{name}": weight for name, weight in state.weights.items()}
    arrays |= {
        f"{moment}/{name}": array for moment, by_weight in state.moments.items() for name, array in by_weight.items()
    }
    arrays |= {f"state/{n}": array for n, array in enumerate(state.recurrent)}
    return {name: np.asarray(array) for name, array in arrays.items()}


def _to_device(arrays: Mapping[str, np.ndarray]) -> dict[str, Tensor]:
    from keras import ops

    return {name: ops.convert_to_tensor(array) for name, array in arrays.items()}


def refuse_other_recipe(path: Path, saved: Record, recipe: Record) -> None:
    """Raise InputError where a checkpoint was written with another recipe; it names the first key."""
    for key in sorted({*saved, *recipe}):
        if saved.get(key) != recipe.get(key):
            raise InputError(
                f"{path}: is of another training: {key}={saved.get(key)} there, {recipe.get(key)} here; give another "
                "output=, or remove it"
            )
