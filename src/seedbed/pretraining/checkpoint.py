"""Where a training is, in one file that is written whole or not at all."""

import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from seedbed.errors import InputError, one_line
from seedbed.files import replacing

FILE = "checkpoint.npz"

RECORD = "record"
"""The array whose bytes are JSON: what is no array of numbers."""


def save(path: Path, arrays: Mapping[str, np.ndarray], record: Mapping[str, Any]) -> None:
    """Write a checkpoint in place of the one before; raises InputError, and then that one is as it was."""
    said = np.frombuffer(json.dumps(record).encode(), np.uint8)
    try:
        with replacing(path) as stream:
            np.savez(stream, **{RECORD: said}, **arrays)
    except OSError as error:
        kept = "; the checkpoint before it is intact" if path.exists() else ""
        raise InputError(f"{path}: cannot be written: {error.strerror or error}{kept}") from error


def load(path: Path) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
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
