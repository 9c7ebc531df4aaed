"""Files that are written whole or not at all."""

import os
from pathlib import Path

from seedbed.errors import InputError


def write_whole(path: Path, content: bytes) -> None:
    """Replace ``path`` by ``content`` in one step, making its folder; InputError where that cannot be done."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished.write_bytes(content)
        os.replace(unfinished, path)
    except OSError as error:
        _remove(unfinished)
        raise InputError(f"{path}: cannot be written: {error.strerror or error}") from error
    except BaseException:  # Ctrl-C: leave nothing half-written behind
        _remove(unfinished)
        raise


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError:  # the folder itself is missing or not ours; there is nothing to tidy
        return
