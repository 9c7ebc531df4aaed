"""The files of a saved model."""

import hashlib
import json
from pathlib import Path

from seedbed.data.hashes import file_sha256

GRAPHS = ("saved_model.pb", "saved_model.pbtxt")
PARTS = ("variables", "assets")


def is_saved_model(folder: Path) -> bool:
    """Whether the folder itself holds a graph."""
    return any((folder / name).is_file() for name in GRAPHS)


def saved_model_in(folder: Path) -> Path | None:
    """The folder itself where it is a saved model, or the one folder in it that is; else None."""
    if is_saved_model(folder):
        return folder
    inside = [child for child in sorted(folder.iterdir()) if child.is_dir() and is_saved_model(child)]
    return inside[0] if len(inside) == 1 else None


def digest(path: Path) -> str:
    """sha256 of the names and hashes of the graph, the variables and the assets of a module; raises InputError.

    Not of what lies beside them: a readme changes no vector.
    """
    files = [path / name for name in GRAPHS]
    for part in PARTS:
        files += (path / part).rglob("*")
    hashes = {file.relative_to(path).as_posix(): file_sha256(file) for file in files if file.is_file()}
    return hashlib.sha256(json.dumps(sorted(hashes.items())).encode()).hexdigest()
