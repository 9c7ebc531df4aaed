"""The files of a model, with a manifest of their sizes and hashes: whole and unchanged, or refused.

Nothing in them is executed or unpickled.
"""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path

from seedbed.errors import InputError
from seedbed.files import replacing_folder
from seedbed.readable import exists, parse_json, read_bytes, regular, shaped

MANIFEST = "manifest.json"
FOLDER = "model"
"""The folder of a model among the artifacts of its cell."""
FORMAT = "seedbed model"
VERSION = 1

MANIFEST_BYTES = 1 << 20
AGAIN = "copy the folder again, or save the model again"

Read = Callable[[str, int], bytes | None]
"""Returns the content of a file by its name, or None where there is none; its size in bytes is known."""

_NAME = re.compile(r"\w[\w.-]*(/\w[\w.-]*)*")
_SHAPE = {"format": str, "version": int, "files": {str: {"sha256": str, "bytes": int}}}


def with_manifest(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the files of a model with their manifest."""
    listed = {name: {"sha256": _sha256(content), "bytes": len(content)} for name, content in files.items()}
    manifest = {"format": FORMAT, "version": VERSION, "files": listed}
    return {**files, MANIFEST: json.dumps(manifest, indent=1, ensure_ascii=False).encode()}


def write_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write the files of a model with their manifest: the whole folder or nothing; raises InputError.

    A folder with a model is replaced, one with anything else is refused.
    """
    refuse_other_folder(folder)
    try:
        with replacing_folder(folder) as unfinished:
            for name, content in with_manifest(files).items():
                path = unfinished / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
    except OSError as error:
        raise InputError(f"output={folder}: cannot be written: {error.strerror or error}") from error


def refuse_other_folder(folder: Path) -> None:
    """Raise InputError where there is something else than a model or an empty folder."""
    if exists(folder) and not (folder.is_dir() and (exists(folder / MANIFEST) or not any(folder.iterdir()))):
        raise InputError(f"output={folder}: there is something else than a model; name a new folder")


def read_folder(folder: Path) -> dict[str, bytes]:
    """Return the files of a model by name; raises InputError where one is missing or changed."""
    if not exists(folder):
        raise InputError(f"{folder}: there is no such folder")
    if not folder.is_dir():
        raise InputError(f"{folder}: is a file; name the folder of a model, with its {MANIFEST}")
    if not exists(folder / MANIFEST):
        raise InputError(f"{folder}: is no model of seedbed: it has no {MANIFEST}; `seedbed ship` writes one")

    def read(name: str, size: int) -> bytes | None:
        path = folder / name
        if not exists(path):
            return None
        if size >= 0 and regular(path).st_size != size:
            raise _changed(str(folder), name)
        return read_bytes(path, MANIFEST_BYTES if size < 0 else None)

    return read_files(read, str(folder))


def read_files(read: Read, where: str) -> dict[str, bytes]:
    """Return the files of a model that ``read`` finds, as `read_folder`; ``where``: for messages.

    The size of the manifest is -1.
    """
    content = read(MANIFEST, -1)
    if content is None:
        raise InputError(f"{where}: has no {MANIFEST}")
    manifest = shaped(parse_json(content, f"{where}/{MANIFEST}"), _SHAPE, f"{where}/{MANIFEST}")
    if manifest["format"] != FORMAT:
        raise InputError(f"{where}/{MANIFEST}: not the manifest of a model of seedbed")
    if manifest["version"] != VERSION:
        raise InputError(
            f"{where}: a model of format {manifest['version']}, and this version of seedbed reads {VERSION}: "
            "install the version that wrote it"
        )
    files = {}
    for name, listed in manifest["files"].items():
        if not _NAME.fullmatch(name):
            raise InputError(f"{where}/{MANIFEST}: {name[:80]!r} is no name of a file in the folder")
        found = read(name, listed["bytes"])
        if found is None:
            raise InputError(f"{where}: {name} is missing; {AGAIN}")
        if len(found) != listed["bytes"] or _sha256(found) != listed["sha256"]:
            raise _changed(where, name)
        files[name] = found
    return files


def _changed(where: str, name: str) -> InputError:
    return InputError(f"{where}: {name} has been changed since the model was saved; {AGAIN}")


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
