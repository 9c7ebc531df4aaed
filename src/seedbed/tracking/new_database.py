"""A new sqlite file with MLflow's tables, made from their definition: MLflow replays all its migrations for seconds.

The definitions are ``mlflow-VERSION.sql``, dumped from a file that MLflow of this version has made. For another version
MLflow makes the file itself.
"""

import os
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

from seedbed.tracking.settings import sqlite_address
from seedbed.tracking.sqlite_schema import transaction

DEFAULT_EXPERIMENT = "Default"
"""The experiment 0 that MLflow has in each store."""


@cache
def tables() -> str | None:
    """Return the statements that define the tables of the installed MLflow; None where they are not known."""
    definition = files("seedbed.tracking") / f"mlflow-{version('mlflow')}.sql"
    return definition.read_text("utf-8") if definition.is_file() else None


def create_database(path: Path, artifact_root: str) -> None:
    """Create MLflow's tables in a temporary file, then rename it to ``path``.

    Several processes that migrate a new file at once corrupt it, and so does Ctrl-C in the middle.
    """
    with _renamed(path) as fresh:
        statements = tables()
        if statements is None:
            from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

            SqlAlchemyStore(sqlite_address(fresh), artifact_root).engine.dispose()
            return
        with closing(sqlite3.connect(fresh, isolation_level=None)) as connection:
            connection.executescript(f"BEGIN;\n{statements}")
            _insert(connection, DEFAULT_EXPERIMENT, f"{artifact_root.rstrip('/')}/0", {}, number=0)
            connection.execute("COMMIT")


def create_experiment(path: Path, name: str, artifact_location: str, tags: Mapping[str, str]) -> bool:
    """Add an experiment to a file with known tables; False where there is one of this name, perhaps deleted.

    Raises sqlite3.Error.
    """
    with transaction(path) as connection:
        if connection.execute("SELECT 1 FROM experiments WHERE name = ?", [name]).fetchone():
            return False
        _insert(connection, name, artifact_location, tags)
        return True


def _insert(
    connection: sqlite3.Connection, name: str, artifact_location: str, tags: Mapping[str, str],
    number: int | None = None,
) -> None:  # fmt: skip
    """Insert an experiment as MLflow does; without a ``number`` it has the next one."""
    now = time.time_ns() // 1_000_000
    added = connection.execute(
        "INSERT INTO experiments (experiment_id, name, artifact_location, lifecycle_stage, creation_time, "
        "last_update_time) VALUES (?, ?, ?, 'active', ?, ?)", (number, name, artifact_location, now, now),
    )  # fmt: skip
    connection.executemany(
        "INSERT INTO experiment_tags (key, value, experiment_id) VALUES (?, ?, ?)",
        [(key, value, added.lastrowid) for key, value in tags.items()],
    )


@contextmanager
def _renamed(path: Path) -> Iterator[Path]:
    """Return a temporary file that becomes ``path`` at the end; an error leaves neither."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        fresh.touch()  # fails at once in an unwritable folder; MLflow would try ten times
        yield fresh
        os.replace(fresh, path)
    finally:
        for suffix in ("", "-journal", "-wal", "-shm"):
            fresh.with_name(f"{fresh.name}{suffix}").unlink(missing_ok=True)
