"""The files of a saved model."""

import hashlib
import json
import re
from pathlib import Path

from seedbed.data.hashes import file_sha256
from seedbed.errors import InputError
from seedbed.readable import open_regular, regular

GRAPHS = ("saved_model.pb", "saved_model.pbtxt")
PARTS = ("variables", "assets")

VARIABLES = "variables/variables"
"""Of the files of values: ``.index``, and ``.data-00000-of-00001``."""

INDEX_END = bytes.fromhex("57fb808b247547db")
"""The last bytes of an index: the magic number of LevelDB's tables."""

SHARD = re.compile(r"variables\.data-\d{5}-of-(\d{5})")


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


def refuse_damaged(path: Path) -> None:
    """Raise InputError where a file of a module is missing, empty or cut, as far as that shows without TensorFlow."""
    graph = next((path / name for name in GRAPHS if (path / name).is_file()), path / GRAPHS[0])
    if not regular(graph, "there is no graph").st_size:
        raise _damaged(path, f"{graph} is empty")
    if graph.suffix == ".pb" and not _is_whole_message(graph):
        raise _damaged(path, f"{graph} is cut, or no SavedModel")
    index = path / f"{VARIABLES}.index"
    shards = [match for file in sorted(index.parent.glob("*")) if (match := SHARD.fullmatch(file.name))]
    if not index.exists() and not shards:
        return  # a module without variables
    if not index.exists() or regular(index).st_size < len(INDEX_END):
        raise _damaged(path, f"{index} is missing or empty")
    with open_regular(index) as stream:
        stream.seek(-len(INDEX_END), 2)
        if stream.read() != INDEX_END:
            raise _damaged(path, f"{index} is cut")
    if len(shards) != max((int(match[1]) for match in shards), default=1):
        raise _damaged(path, f"a file {path / VARIABLES}.data-* is missing")


def _is_whole_message(file: Path) -> bool:
    """Return whether a file is a sequence of protobuf fields that ends with the file; only their lengths are read."""
    size = regular(file).st_size
    with open_regular(file) as stream:
        while (at := stream.tell()) < size:
            key = _varint(stream.read(10))
            if key is None or not key[0] >> 3:
                return False
            at += key[1]
            stream.seek(at)
            kind = key[0] & 7
            number = _varint(stream.read(10)) if kind in (0, 2) else (0, {1: 8, 5: 4}.get(kind, size + 1))
            if number is None:
                return False
            at += number[1] + (number[0] if kind == 2 else 0)
            if at > size:
                return False
            stream.seek(at)
    return True


def _varint(content: bytes) -> tuple[int, int] | None:
    """Return a number of protobuf's variable length and its bytes; None where it does not end."""
    value = 0
    for n, byte in enumerate(content):
        value |= (byte & 0x7F) << 7 * n
        if byte < 0x80:
            return value, n + 1
    return None


def _damaged(path: Path, what: str) -> InputError:
    return InputError(f"{path}: cannot be loaded, a file is missing or damaged: {what}")
