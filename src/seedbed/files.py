"""Files and folders that are written whole or not at all, and the folder of what must not be lost."""

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from seedbed.errors import InputError


def replace_file(path: Path, content: bytes) -> None:
    """Write a file in one step, making its folder; raises OSError, and then leaves nothing behind."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as stream:
        stream.write(content)


@contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """A stream whose file takes its place in one step when all is written; an error leaves nothing behind.

    Raises OSError, also where there is something else than a file, such as a device: it is not replaced.
    """
    if path.exists() and not path.is_file():
        raise OSError(errno.EEXIST, f"it is {'a folder' if path.is_dir() else 'no regular file'}", str(path))
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
    unfinished = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            yield stream
        unfinished.chmod(0o666 & ~_umask())  # mkstemp's files are for their owner alone
        os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)


def write_whole(path: Path, content: bytes) -> None:
    """``replace_file`` for what the user asked for: raises InputError where it cannot be written."""
    try:
        replace_file(path, content)
    except OSError as error:
        raise InputError(f"{path}: cannot be written: {error.strerror or error}") from error


@contextmanager
def nothing_left(folder: Path) -> Iterator[None]:
    """Where what is done here fails, nothing of the folder is left, nor of those above it that were made for it."""
    made = [above for above in (folder, *folder.parents) if not above.exists()]
    try:
        yield
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        for above in made[1:]:
            with suppress(OSError):
                above.rmdir()
        raise


@contextmanager
def replacing_folder(path: Path) -> Iterator[Path]:
    """A new folder that takes its place when all is written, that of an old one too; an error leaves nothing behind."""
    path = path.resolve()
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    old = unfinished.with_suffix(".old")
    shutil.rmtree(unfinished, ignore_errors=True)  # of a process that was killed
    with nothing_left(unfinished):
        unfinished.mkdir(parents=True)
        yield unfinished
        if path.exists():
            path.rename(old)
        try:
            unfinished.rename(path)
        except BaseException:
            if old.exists():
                old.rename(path)
            raise
    shutil.rmtree(old, ignore_errors=True)


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


def writable_folder(output: str, key: str = "output") -> Path:
    """The folder that the value of a key names, made by whoever writes into it. InputError where that cannot be."""
    try:
        folder = Path(output).expanduser().absolute()
        there = next(above for above in (folder, *folder.parents) if above.exists())
    except (OSError, ValueError, RuntimeError) as error:  # a name that is too long, or ~ of nobody
        raise InputError(f"{key}={output}: cannot be written: {getattr(error, 'strerror', None) or error}") from error
    os.fsencode(folder)  # a locale without the signs of a name: `seedbed.cli.main` says so
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        raise InputError(
            f"{key}={folder}: cannot be written: {there} is {'not writable' if there.is_dir() else 'not a folder'}"
        )
    return folder


def state_folder() -> Path:
    """Return ``$SEEDBED_STATE``, else the user's folder for the state of programs; it need not exist yet.

    Not a cache: what is there cannot be computed again in a moment.
    """
    folder = os.environ.get("SEEDBED_STATE", "")
    if folder:
        return Path(folder).expanduser().absolute()
    import platformdirs

    return Path(platformdirs.user_state_dir("seedbed"))
