"""MLflow's tables in a sqlite file, and connections to it: no public interface, but those of MLflow 3.17.

Only `seedbed.tracking.sqlite_reader` and `seedbed.tracking.sqlite_writer` use them; where they differ, MLflow's client
is used.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

SCHEMA = {
    "experiments": {"experiment_id", "name", "artifact_location", "lifecycle_stage"},
    "runs": {
        "run_uuid",
        "name",
        "status",
        "start_time",
        "end_time",
        "lifecycle_stage",
        "experiment_id",
        "artifact_uri",
    },
    "tags": {"key", "value", "run_uuid"},
    "params": {"key", "value", "run_uuid"},
    "latest_metrics": {"key", "value", "is_nan", "run_uuid"},
}
"""The tables and columns of MLflow 3 that are read."""
METRICS = ("key", "value", "is_nan", "timestamp", "step", "run_uuid")
WRITTEN = {
    "experiments": (
        "experiment_id", "name", "artifact_location", "lifecycle_stage", "creation_time", "last_update_time",
        "workspace",
    ),
    "experiment_tags": ("key", "value", "experiment_id"),
    "runs": (
        "run_uuid", "name", "source_type", "source_name", "entry_point_name", "user_id", "status", "start_time",
        "end_time", "deleted_time", "source_version", "lifecycle_stage", "artifact_uri", "experiment_id",
    ),
    "tags": ("key", "value", "run_uuid"),
    "params": ("key", "value", "run_uuid"),
    "metrics": METRICS,
    "latest_metrics": METRICS,
    "datasets": (
        "dataset_uuid", "experiment_id", "name", "digest", "dataset_source_type", "dataset_source", "dataset_schema",
        "dataset_profile",
    ),
    "inputs": ("input_uuid", "source_type", "source_id", "destination_type", "destination_id", "step"),
    "input_tags": ("input_uuid", "name", "value"),
    "logged_models": (
        "model_id", "experiment_id", "name", "artifact_location", "creation_timestamp_ms", "last_updated_timestamp_ms",
        "status", "lifecycle_stage", "model_type", "source_run_id", "status_message",
    ),
    "logged_model_tags": ("model_id", "experiment_id", "tag_key", "tag_value"),
    "logged_model_metrics": (
        "model_id", "metric_name", "metric_timestamp_ms", "metric_step", "metric_value", "experiment_id", "run_id",
        "dataset_uuid", "dataset_name", "dataset_digest",
    ),
}  # fmt: skip
"""All columns of the tables that are written: one that is not known here may need a value."""
BUSY_S = 60.0
"""How long a connection waits for the writer of another process, seconds."""


@contextmanager
def reading(database: Path, busy_s: float) -> Iterator[sqlite3.Connection]:
    """Return a connection to read an existing file, which perhaps cannot be written. Raises sqlite3.Error.

    Not ``mode=ro``: that refuses to read where another process was killed in a transaction, or rolls one back just now
    (SQLITE_READONLY_ROLLBACK).
    """
    with closing(sqlite3.connect(f"{database.as_uri()}?mode=rw", uri=True, timeout=busy_s)) as connection:
        yield connection


def run_query(database: Path, query: Callable[[sqlite3.Connection], T]) -> T | None:
    """Return the result of a query; None where the tables differ or sqlite fails."""
    try:
        with reading(database, 20) as connection:
            return query(connection) if has_schema(connection) else None
    except (sqlite3.Error, OSError):
        return None


def has_schema(connection: sqlite3.Connection) -> bool:
    """Return whether the tables have the columns that are read."""
    return all(needed <= _columns(connection, table) for table, needed in SCHEMA.items())


def is_writable_schema(connection: sqlite3.Connection) -> bool:
    """Return whether the tables that are written have exactly the known columns, and those that are read theirs."""
    known = all(set(columns) == _columns(connection, table) for table, columns in WRITTEN.items())
    return known and has_schema(connection)


@contextmanager
def transaction(database: Path, busy_s: float = BUSY_S) -> Iterator[sqlite3.Connection]:
    """Return a connection in a transaction that no other process can write beside: all is committed, or nothing.

    Waits up to ``busy_s`` seconds for those of other processes. Raises sqlite3.Error, also where there is no such file.
    """
    address = f"{database.as_uri()}?mode=rw"
    with closing(sqlite3.connect(address, uri=True, timeout=busy_s, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield connection
        connection.execute("COMMIT")  # an error closes the connection, which rolls back


def _columns(connection: sqlite3.Connection, table: str) -> set[str]:
    return {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}
