"""The sqlite file of a store: whether it can be written, and a new one, whole."""

import errno
import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from seedbed.errors import InputError
from seedbed.tracking.settings import Tracking, sqlite_address


def refuse_unwritable(tracking: Tracking) -> None:
    """Raises InputError where a local store cannot be written; at once, without MLflow, and makes nothing."""
    path = tracking.database
    if path is None:
        return
    with writing(path):
        if path.exists():
            _begin(path)
            return
        there = next(above for above in path.parents if above.exists())
        if not there.is_dir():
            raise FileExistsError(errno.EEXIST, "is there", str(there))
        if not os.access(there, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))


def prepare_database(path: Path, artifact_root: str | None) -> None:
    """Make it where it is not there. InputError where it cannot be written."""
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            with folder_lock(path.parent):
                if not path.exists():
                    _create_database(path, artifact_root)
        _begin(path)


def _begin(path: Path) -> None:
    """Whether the database can be written to: a file that is read-only lets transactions begin."""
    with closing(sqlite3.connect(path, timeout=20, isolation_level=None)) as connection:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(f"PRAGMA user_version = {version}")
        connection.execute("ROLLBACK")


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """What cannot be done to the database at ``path`` becomes one line."""
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        reason = getattr(error, "strerror", None) or error
        if isinstance(error, FileExistsError):
            reason = f"{error.filename} is not a folder"
        raise InputError(f"tracking store {path}: cannot be opened for writing: {reason}") from error


def _create_database(path: Path, artifact_root: str | None) -> None:
    """MLflow's tables in a file beside ``path``, moved there when whole.

    Several processes that migrate one fresh file at once corrupt it, and so does Ctrl-C in the middle.
    """
    from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

    fresh = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        fresh.touch()  # an unwritable folder is known here, not after MLflow's ten attempts
        store = SqlAlchemyStore(sqlite_address(fresh), artifact_root)
        store.engine.dispose()
        os.replace(fresh, path)
    finally:
        fresh.unlink(missing_ok=True)


@contextmanager
def folder_lock(folder: Path) -> Iterator[None]:
    """One process at a time for ``folder``; the lock goes with the process, and leaves no file behind."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):  # some network file systems lock no folders: then the parent's being first must do
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
