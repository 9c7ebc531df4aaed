"""A group of trained cells as bytes and back: JSON, followed by arrays (npz) and files. Nothing is pickled."""

import json
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from seedbed.cells import Cell, Outcome, Prediction
from seedbed.label_sets import from_json, to_json
from seedbed.tracking.records import arrays_file

if TYPE_CHECKING:
    from numpy.typing import NDArray

_LENGTH = struct.Struct("<Q")
_NUMBERS = ("seconds", "peak_mb", "energy_j", "trained_weights", "frozen_weights")


@dataclass(frozen=True)
class TrainedGroup:
    """Cells that trained together, and how they are written: the arguments of `Store.write_group`.

    ``token``: a text that no other group has, by which its runs are found in the store. ``anew``: they are written even
    if the store has the cells, which were to be trained again.
    """

    token: str
    cells: Sequence[Cell]
    outcomes: Sequence[Outcome]
    parent: str | None
    tags: Mapping[str, str]
    anew: bool = False


def to_bytes(group: TrainedGroup) -> bytes:
    """Return a group as bytes."""
    blobs: list[bytes] = []

    def kept(content: bytes) -> int:
        blobs.append(content)
        return len(blobs) - 1

    head: dict[str, Any] = {
        "token": group.token, "parent": group.parent, "tags": dict(group.tags), "anew": group.anew,
        "cells": [{f.name: getattr(cell, f.name) for f in fields(Cell)} | {"settings": dict(cell.settings)}
                  for cell in group.cells],
        "outcomes": [_outcome(outcome) | {
            "recorded": {name: kept(arrays_file(arrays)) for name, arrays in outcome.recorded.items()},
            "files": {name: kept(content) for name, content in outcome.files.items()},
        } for outcome in group.outcomes],
        "blobs": [],
    }  # fmt: skip
    head["blobs"] = [len(blob) for blob in blobs]
    text = json.dumps(head, ensure_ascii=False).encode()
    return b"".join([_LENGTH.pack(len(text)), text, *blobs])


def from_bytes(content: bytes) -> TrainedGroup:
    """Return the group of these bytes. ValueError, KeyError or TypeError where they are of something else."""
    if len(content) < _LENGTH.size:
        raise ValueError(f"{len(content)} bytes")
    (length,) = _LENGTH.unpack_from(content)
    end = _LENGTH.size + length
    head = json.loads(content[_LENGTH.size : end])
    blobs = []
    for size in head["blobs"]:
        blobs.append(content[end : end + size])
        end += size
    if end != len(content):
        raise ValueError(f"{len(content)} bytes instead of {end}")
    cells = tuple(Cell(**cell) for cell in head["cells"])
    outcomes = tuple(_from_json(outcome, blobs) for outcome in head["outcomes"])
    if len(cells) != len(outcomes):
        raise ValueError(f"{len(outcomes)} outcomes of {len(cells)} cells")
    return TrainedGroup(head["token"], cells, outcomes, head["parent"], head["tags"], head["anew"])


def _outcome(outcome: Outcome) -> dict[str, Any]:
    return {
        "status": outcome.status, "error": outcome.error, "epochs": int(outcome.epochs),
        "best_epoch": int(outcome.best_epoch), "metrics": {k: float(v) for k, v in outcome.metrics.items()},
        "history": {name: [float(value) for value in values] for name, values in outcome.history.items()},
        "predictions": [[p.id, to_json(p.gold), to_json(p.predicted),
                         None if p.probabilities is None else [float(v) for v in p.probabilities]]
                        for p in outcome.predictions],
    } | {name: float(getattr(outcome, name)) for name in _NUMBERS}  # fmt: skip


def _from_json(content: dict[str, Any], blobs: Sequence[bytes]) -> Outcome:
    given = dict(content)
    given["history"] = {name: tuple(values) for name, values in given["history"].items()}
    given["predictions"] = tuple(
        Prediction(name, from_json(gold), from_json(predicted), None if values is None else tuple(values))
        for name, gold, predicted, values in given["predictions"]
    )
    given.pop("weights", None)  # of older versions
    given["recorded"] = {name: _arrays(blobs[number]) for name, number in given["recorded"].items()}
    given["files"] = {name: blobs[number] for name, number in given["files"].items()}
    return Outcome(**given)


def _arrays(content: bytes) -> "dict[str, NDArray[Any]]":
    import io

    import numpy as np

    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        return {name: arrays[name] for name in arrays.files}
