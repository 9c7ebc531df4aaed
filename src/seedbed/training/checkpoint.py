"""The state of a group in training, in a file, so that the same command goes on where a killed process was."""

import logging
import time
from collections.abc import Mapping
from contextlib import suppress
from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np

from seedbed.checkpoint_file import load_checkpoint, save_checkpoint
from seedbed.errors import InputError, one_line
from seedbed.training.group import Group
from seedbed.training.replicate import Replicate
from seedbed.types import Tensor, Tree

log = logging.getLogger(__name__)

KEPT_DAYS = 30
"""A checkpoint that nobody has gone on with for so long is removed when another one is written."""
_COUNTERS = ("steps", "epochs", "best_epoch", "waits_from", "error", "stopped", "waited", "reductions")
_STREAMS = ("order", "dropout")
_OF_TRAINING = ("weights", "best", "state")


class Checkpoint:
    """The checkpoint of one group.

    ``recipe``: what determines the training, as one text; a file of another one is not read. ``every_s``: seconds
    between two writings, the first after as many. ``seconds``: the training time before this process.
    """

    def __init__(self, path: Path, recipe: str, every_s: float):
        self.path, self.recipe, self.every_s = path, recipe, every_s
        self.seconds = 0.0
        self._started = self._written = time.monotonic()

    def restore(self, group: Group) -> int:
        """Put a new group into the state of the file; return the number of epochs that it has behind it, 0 without one.

        A file that cannot be used is removed, and said.
        """
        if not self.path.exists():
            return 0
        try:
            arrays, record = load_checkpoint(self.path)
            if record.get("recipe") != self.recipe:
                raise InputError(f"{self.path}: of another training")
            seconds = float(record["seconds"])
            epochs = _restore(group, arrays, record)
        except (InputError, KeyError, ValueError, TypeError, IndexError, AttributeError) as error:
            log.warning("the training starts anew, as its checkpoint cannot be used: %s", one_line(error))
            self.remove()
            return 0
        self.seconds = seconds
        log.warning("training goes on after epoch %d, from a checkpoint", epochs)
        return epochs

    def epoch_ended(self, group: Group, epochs: int) -> None:
        """Write the state after an epoch if it is time. What cannot be written is said, and training goes on."""
        now = time.monotonic()
        if now - self._written < self.every_s:
            return
        self._written = now
        arrays, record = _state(group)
        record |= {"recipe": self.recipe, "epochs": epochs, "seconds": self.seconds + now - self._started}
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            save_checkpoint(self.path, arrays, record)
        except (InputError, OSError) as error:
            log.warning("no checkpoint: %s", one_line(error))
        _remove_old(self.path.parent)

    def remove(self) -> None:
        """Remove the file, which may be missing."""
        with suppress(OSError):
            self.path.unlink(missing_ok=True)


def _state(group: Group) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Return all that a training changes: arrays by name, and a JSON object."""
    trees = {name: getattr(group, name) for name in _OF_TRAINING}
    arrays = {name: np.asarray(array) for name, array in _flat(trees)}
    members = []
    for replicate in group.replicates:
        prefix = f"member{replicate.number}"
        arrays |= {f"{prefix}/weights/{name}": array for name, array in replicate.weights.items()}
        arrays |= {f"{prefix}/history/{name}": np.array(values) for name, values in replicate.history.items()}
        if replicate.tracked_probabilities:
            arrays[f"{prefix}/tracked"] = np.stack(replicate.tracked_probabilities)
        arrays[f"{prefix}/monitored"] = np.array(replicate.best)
        members.append(
            {name: getattr(replicate, name) for name in _COUNTERS}
            | {name: getattr(replicate, name).bit_generator.state for name in _STREAMS}
        )
    return arrays, {"members": members, "rows": [replicate.number for replicate in group.rows]}


def _restore(group: Group, arrays: dict[str, np.ndarray], record: Mapping[str, Any]) -> int:
    """Put a new group into a state; raises ValueError and others where it is of another shape, before any change."""
    rows, members, epochs = [int(n) for n in record["rows"]], record["members"], int(record["epochs"])
    if len(members) != len(group.replicates):
        raise ValueError(f"{len(members)} members, not {len(group.replicates)}")
    kept = [row for row, replicate in enumerate(group.rows) if replicate.number in set(rows)]
    if len(kept) != len(rows):
        raise ValueError(f"{len(rows)} members in training, of which {len(kept)} are known")
    trees = {name: getattr(group, name) for name in _OF_TRAINING}
    for name, array in _flat(trees):
        saved = arrays[name]
        if saved.dtype != np.asarray(array).dtype or saved.shape != (len(rows), *array.shape[1:]):
            raise ValueError(f"{name} is {saved.dtype}{list(saved.shape)}")
    states = [_member(replicate, arrays, one) for replicate, one in zip(group.replicates, members, strict=True)]
    filled = {name: _filled(tree, name, arrays) for name, tree in trees.items()}
    for replicate, (values, streams) in zip(group.replicates, states, strict=True):
        for name, value in values.items():
            setattr(replicate, name, value)
        for name, state in streams.items():  # in place: replicates of one draw share a stream
            getattr(replicate, name).bit_generator.state = state
    group.keep_rows(kept)
    for name, tree in filled.items():
        setattr(group, name, tree)
    group.stop()
    return epochs


def _member(
    replicate: Replicate, arrays: Mapping[str, np.ndarray], saved: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the attributes of a replicate, and the states of its random streams; changes nothing."""
    values = {name: saved[name] for name in _COUNTERS}
    if wrong := [name for name, value in values.items() if type(value) is not type(getattr(replicate, name))]:
        raise TypeError(f"{wrong[0]} is {values[wrong[0]]!r}")
    streams = {name: saved[name] for name in _STREAMS}
    for name, state in streams.items():
        deepcopy(getattr(replicate, name)).bit_generator.state = state  # raises where it is none
    own = _within(arrays, f"member{replicate.number}/")
    values["best"] = (float(own["monitored"][0]), float(own["monitored"][1]))
    values["tracked_probabilities"] = list(own.get("tracked", ()))
    values["weights"] = _within(own, "weights/")
    values["history"] = {name: array.tolist() for name, array in _within(own, "history/").items()}
    return values, streams


def _within(arrays: Mapping[str, np.ndarray], prefix: str) -> dict[str, np.ndarray]:
    return {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}


def _flat(tree: Tree, path: str = "") -> list[tuple[str, Tensor]]:
    """Return the arrays of nested dicts by their paths, such as ``state/first/kernel``."""
    if not isinstance(tree, dict):
        return [(path, tree)]
    return [item for name, own in tree.items() for item in _flat(own, f"{path}/{name}" if path else name)]


def _filled(tree: Tree, path: str, arrays: Mapping[str, np.ndarray]) -> Tree:
    """Return the same tree with these arrays, on the device or, where its own are, in the memory of the host."""
    from keras import ops

    if isinstance(tree, dict):
        return {name: _filled(own, f"{path}/{name}", arrays) for name, own in tree.items()}
    return arrays[path].copy() if isinstance(tree, np.ndarray) else ops.convert_to_tensor(arrays[path])


def _remove_old(folder: Path) -> None:
    with suppress(OSError):
        for file in folder.iterdir():
            if file.suffix == ".npz" and time.time() - file.stat().st_mtime > KEPT_DAYS * 86_400:
                file.unlink(missing_ok=True)
