"""Unpack a module archive once into the user's cache."""

import gzip
import shutil
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO

from seedbed.data.archives import is_archive
from seedbed.data.folders import cache_dir
from seedbed.data.hashes import file_sha256
from seedbed.embeddings.hub.saved_model import saved_model_in
from seedbed.errors import InputError

__all__ = ["is_archive", "unpacked"]

DAMAGE = (tarfile.TarError, zipfile.BadZipFile, gzip.BadGzipFile, zlib.error, EOFError, RuntimeError)
"""Errors of a damaged archive; zipfile raises RuntimeError for an unknown compression or a password."""


def unpacked(archive: Path) -> Path:
    """Return the saved model of an archive, unpacked into the cache under its sha256; raises InputError."""
    folder = cache_dir() / "hub" / file_sha256(archive)
    if not folder.exists():
        _unpack(archive, folder)
    module = saved_model_in(folder)
    if module is None:
        raise InputError(f"{archive}: has no saved_model.pb, so it is not a TensorFlow Hub module")
    return module


def _unpack(archive: Path, folder: Path) -> None:
    from filelock import FileLock

    unfinished = folder.with_name(f".unfinished-{folder.name}")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(folder.with_name(f".{folder.name}.lock")):
            if folder.exists():
                return  # another process was quicker
            shutil.rmtree(unfinished, ignore_errors=True)  # of a process that was killed
            unfinished.mkdir()
            try:
                for name, stream in _files(archive):
                    _write(archive, unfinished, name, stream)
                unfinished.rename(folder)
            finally:
                shutil.rmtree(unfinished, ignore_errors=True)
    except DAMAGE as error:
        raise InputError(f"{archive}: damaged archive: {' '.join(str(error).split())}") from error
    except OSError as error:
        raise InputError(f"{archive}: cannot be unpacked into {folder}: {error.strerror or error}") from error


def _write(archive: Path, folder: Path, name: str, stream: IO[bytes]) -> None:
    inside = PurePosixPath(name.replace("\\", "/"))
    if inside.is_absolute() or not inside.parts or ".." in inside.parts or ":" in inside.parts[0]:
        raise InputError(f"{archive}: refused: it has a file outside of its own folder: {name!r}")
    target = folder / inside
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as out:
        shutil.copyfileobj(stream, out, 1 << 20)


def _files(archive: Path) -> Iterator[tuple[str, IO[bytes]]]:
    """Yield the regular files; links are skipped, as they may point outside."""
    if archive.name.endswith(".zip"):
        with zipfile.ZipFile(archive) as members:
            for info in members.infolist():
                if not info.is_dir():
                    with members.open(info) as stream:
                        yield info.filename, stream
        return
    with tarfile.open(archive) as members:
        for member in members:
            content = members.extractfile(member) if member.isfile() else None
            if content is not None:
                yield member.name, content
