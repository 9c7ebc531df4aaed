"""The file of a checkpoint: arrays by name, and a record, in one ``.npz`` that is written whole."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from seedbed.arrays import open_archive
from seedbed.errors import InputError, one_line
from seedbed.files import replacing
from seedbed.readable import parse_json

RECORD = "record"
"""The array whose bytes are JSON: everything but the arrays of numbers."""


def save_checkpoint(path: Path, arrays: Mapping[str, np.ndarray], record: Mapping[str, object]) -> None:
    """Replace the checkpoint in one step. Raises InputError, and then the previous one is intact."""
    content = np.frombuffer(json.dumps(record).encode(), np.uint8)
    try:
        with replacing(path) as stream:
            np.savez(stream, **{RECORD: content}, **arrays)  # type: ignore[arg-type]  # not allow_pickle
    except OSError as error:
        intact = "; the checkpoint before it is intact" if path.exists() else ""
        raise InputError(f"{path}: cannot be written: {error.strerror or error}{intact}") from error


def load_checkpoint(path: Path) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Return the arrays and the record of a checkpoint. Raises InputError where it is damaged."""
    try:
        with open_archive(path) as file:
            arrays = dict(file)
        record = parse_json(arrays.pop(RECORD).tobytes(), f"{path}: {RECORD}")
        if not isinstance(record, dict):
            raise InputError(f"{path}: {RECORD} is no JSON object")
    except (InputError, KeyError) as error:
        reason = one_line(error).removeprefix(f"{path}: ")
        raise InputError(f"{path}: not a checkpoint, or damaged: {reason}; remove it to start again") from error
    return arrays, record
