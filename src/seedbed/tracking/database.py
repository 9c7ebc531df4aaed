"""The sqlite file of a store: check that it can be written, and create a new one, one process at a time."""

import errno
import fcntl
import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from seedbed.errors import InputError
from seedbed.tracking.holders import is_running
from seedbed.tracking.new_database import create_database
from seedbed.tracking.reasons import is_store_error, reason_of
from seedbed.tracking.settings import Tracking


def refuse_unwritable(tracking: Tracking) -> None:
    """Raise InputError where a local store cannot be written. Does not import MLflow, and creates nothing."""
    path = tracking.database
    if path is None:
        return
    with database_errors(path):
        if path.exists():
            _check_writable(path)
            return
        existing = next(above for above in path.parents if above.exists())
        if not existing.is_dir():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(existing))
        if not os.access(existing, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))


def prepare_database(path: Path, artifact_root: str) -> None:
    """Create the database where it does not exist. InputError where it cannot be written."""
    with database_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or _unfinished(path):
            with folder_lock(path.parent):
                for left_over in _unfinished(path):
                    left_over.unlink(missing_ok=True)
                if not path.exists():
                    create_database(path, artifact_root)
        _check_writable(path)


def _check_writable(path: Path) -> None:
    """Write to the database and roll back: a read-only file lets a transaction begin."""
    with closing(sqlite3.connect(path, timeout=20, isolation_level=None)) as connection:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(f"PRAGMA user_version = {version}")
        connection.execute("ROLLBACK")


@contextmanager
def database_errors(path: Path) -> Iterator[None]:
    """Turn an error of the database at ``path``, or of MLflow that creates it, into one line."""
    try:
        yield
    except Exception as error:
        if not (isinstance(error, OSError | sqlite3.Error) or is_store_error(error)):
            raise
        reason = getattr(error, "strerror", None) or reason_of(error).text
        if isinstance(error, FileExistsError):
            reason = f"{error.filename} is not a folder"
        raise InputError(f"tracking store {path}: cannot be opened for writing: {reason}") from error


def _unfinished(path: Path) -> list[Path]:
    """Return the temporary files that creations of this database have left, as they were killed."""
    name = re.compile(rf"\.{re.escape(path.name)}\.(\d+)\.new(-\w+)?")
    found = [(entry.path, name.fullmatch(entry.name)) for entry in os.scandir(path.parent)]
    return [Path(file) for file, match in found if match and not is_running(int(match[1]))]


@contextmanager
def folder_lock(folder: Path) -> Iterator[None]:
    """Lock a folder for one process at a time. The lock ends with the process and leaves no file."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):  # some network file systems cannot lock folders
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
