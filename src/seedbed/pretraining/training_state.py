"""All that changes by a step of training, as the device has it and as a checkpoint has it."""

import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from seedbed.embeddings.bilm.options import Architecture
from seedbed.errors import InputError, one_line
from seedbed.files import replacing
from seedbed.pretraining import programs
from seedbed.pretraining.evaluation import zero_state
from seedbed.pretraining.streams import Mark

CHECKPOINT = "checkpoint.npz"

RECORD = "record"
"""The array whose bytes are JSON: what is no array of numbers."""


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
    return Now(placed, programs.start(optimizer, placed), tuple(state.values()), 0, None)


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


def save_checkpoint(path: Path, arrays: Mapping[str, np.ndarray], record: Mapping[str, Any]) -> None:
    """Write a checkpoint in place of the one before; raises InputError, and then that one is as it was."""
    said = np.frombuffer(json.dumps(record).encode(), np.uint8)
    try:
        with replacing(path) as stream:
            np.savez(stream, **{RECORD: said}, **arrays)
    except OSError as error:
        kept = "; the checkpoint before it is intact" if path.exists() else ""
        raise InputError(f"{path}: cannot be written: {error.strerror or error}{kept}") from error


def load_checkpoint(path: Path) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """The arrays and the record of a checkpoint; raises InputError where it is damaged."""
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        return arrays, json.loads(arrays.pop(RECORD).tobytes())
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise InputError(f"{path}: not a checkpoint, or damaged: {one_line(error)}; remove it to begin anew") from error


def refuse_another(path: Path, there: Mapping[str, Any], asked: Mapping[str, Any]) -> None:
    """Raises InputError where a checkpoint was made by another recipe; names the first key."""
    for key in sorted({*there, *asked}):
        if there.get(key) != asked.get(key):
            raise InputError(
                f"{path}: is of another training: {key}={there.get(key)} there, {asked.get(key)} here; give another "
                "output=, or remove it"
            )
