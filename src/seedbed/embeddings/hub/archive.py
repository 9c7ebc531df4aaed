"""Unpack a module archive once into the user's cache."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from seedbed.data.archive_files import Content, files_in, is_archive
from seedbed.data.folders import cache_dir
from seedbed.data.hashes import file_sha256
from seedbed.embeddings.hub.saved_model import saved_model_in
from seedbed.errors import InputError
from seedbed.files import nothing_left

__all__ = ["is_archive", "unpacked"]


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
    lock = folder.with_name(f".{folder.name}.lock")
    try:
        with nothing_left(unfinished), _removed_if_refused(lock):
            folder.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(lock):
                if folder.exists():
                    return  # another process was quicker
                shutil.rmtree(unfinished, ignore_errors=True)  # of a process that was killed
                unfinished.mkdir()
                for name, stream in files_in(archive):
                    _write(archive, unfinished, name, stream)
                if saved_model_in(unfinished) is None:
                    raise InputError(f"{archive}: has no saved_model.pb, so it is not a TensorFlow Hub module")
                unfinished.rename(folder)
    except OSError as error:
        raise InputError(f"{archive}: cannot be unpacked into {folder}: {error.strerror or error}") from error


@contextmanager
def _removed_if_refused(lock: Path) -> Iterator[None]:
    """Remove the lock of an archive that is refused: every other process refuses it too."""
    try:
        yield
    except InputError:
        lock.unlink(missing_ok=True)
        raise


def _write(archive: Path, folder: Path, name: str, stream: Content) -> None:
    inside = PurePosixPath(name.replace("\\", "/"))
    if inside.is_absolute() or not inside.parts or ".." in inside.parts or ":" in inside.parts[0]:
        raise InputError(f"{archive}: refused: it has a file outside of its own folder: {name!r}")
    target = folder / inside
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as out:
        shutil.copyfileobj(stream, out, 1 << 20)
