"""Write whole runs into MLflow's tables in a sqlite file, as MLflow's client does, but many in one transaction.

The tables are those of `seedbed.tracking.sqlite_schema`; where they differ, the caller uses MLflow's client.
"""

import json
import math
import sqlite3
import sys
import time
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from seedbed.errors import InputError, StoreUnavailableError, one_line
from seedbed.saved_models.folder import FOLDER
from seedbed.tracking.data_inputs import CONTEXT, LoggedDataset, stored_dataset
from seedbed.tracking.names import LONGEST_NAME
from seedbed.tracking.run_artifacts import run_address
from seedbed.tracking.runs import LoggedMetric, NewModel, NewRun
from seedbed.tracking.sqlite_schema import METRICS, WRITTEN, is_writable_schema, run_query, transaction


class SqliteWriter:
    """Writes runs of one experiment of the sqlite file ``database``."""

    def __init__(self, database: Path, experiment_id: str) -> None:
        self.database = database
        self._experiment_id = experiment_id

    def artifact_location(self) -> str | None:
        """Return the recorded address of the experiment's artifacts; None where only MLflow's client may write.

        That is where the tables have other columns than the known ones, or the experiment was deleted.
        """
        return run_query(self.database, self._location)

    def insert(self, runs: Sequence[NewRun], addresses: Sequence[str]) -> None:
        """Write these runs, all or none, with the addresses of their artifacts.

        InputError where a name is too long, or the database cannot be written.
        """
        rows: dict[str, list[tuple[Any, ...]]] = {
            "runs": [self._run(run, address) for run, address in zip(runs, addresses, strict=True)],
            "tags": [(key, value, run.id) for run in runs for key, value in _tags(run).items()],
            "params": [(key, value, run.id) for run in runs for key, value in run.params.items()],
            "metrics": [
                (key, *_number(value), at, step, run.id) for run in runs for key, value, at, step in run.metrics
            ],
        }
        rows["latest_metrics"] = _latest(rows["metrics"])
        _refuse_long(key for table, of_table in rows.items() if table != "runs" for key, *_ in of_table)
        for run, address in zip(runs, addresses, strict=True):
            if run.model is not None:
                for table, of_model in self._model(run, run.model, address).items():
                    rows.setdefault(table, []).extend(of_model)
        with _errors(self.database), transaction(self.database) as connection:
            for table, of_table in rows.items():
                names, marks = ", ".join(WRITTEN[table]), ", ".join("?" * len(WRITTEN[table]))
                connection.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", of_table)

    def open(self, name: str, tags: Mapping[str, str]) -> str:
        """Write a run that goes on, and return its id. InputError where the experiment was deleted."""
        with _errors(self.database), transaction(self.database) as connection:
            recorded = self._location(connection)
        if recorded is None:
            raise InputError(f"tracking store sqlite:///{self.database}: the experiment or its tables have changed")
        run = NewRun(name, "RUNNING", time.time_ns() // 1_000_000, None, tags, {}, ())
        self.insert([run], [run_address(recorded, run.id)])
        return run.id

    def set_status(self, run: str, status: str, end: int | None) -> None:
        """Set MLflow's status of a run, and its end in milliseconds; None keeps that. InputError for an unknown run."""
        update = "UPDATE runs SET status = ?, end_time = coalesce(?, end_time) WHERE run_uuid = ?"
        with self._changing(run) as connection:
            connection.execute(update, [status, end, run])

    def log(self, run: str, metrics: Sequence[LoggedMetric], tags: Mapping[str, str]) -> None:
        """Add metrics to a run, and add or replace tags."""
        rows = [(key, *_number(value), at, step, run) for key, value, at, step in metrics]
        _refuse_long([*(key for key, *_ in rows), *tags])
        names, marks = ", ".join(METRICS), ", ".join("?" * len(METRICS))
        with self._changing(run) as connection:
            connection.executemany(
                "INSERT INTO tags (key, value, run_uuid) VALUES (?, ?, ?) "
                "ON CONFLICT (key, run_uuid) DO UPDATE SET value = excluded.value",
                [(key, value[:_LONGEST_TAG], run) for key, value in tags.items()],
            )
            connection.executemany(f"INSERT OR IGNORE INTO metrics ({names}) VALUES ({marks})", rows)
            connection.executemany(
                f"INSERT INTO latest_metrics ({names}) VALUES ({marks}) ON CONFLICT (key, run_uuid) DO UPDATE SET "
                "value = excluded.value, is_nan = excluded.is_nan, timestamp = excluded.timestamp, "
                "step = excluded.step "
                "WHERE (excluded.step, excluded.timestamp, excluded.value) > (step, timestamp, value)",
                _latest(rows),
            )

    def log_datasets(self, run: str, datasets: Sequence[LoggedDataset]) -> None:
        """Add data sets to a run; those that it has stay as they are."""
        experiment = int(self._experiment_id)
        with self._changing(run) as connection:
            for one in map(stored_dataset, datasets):
                own = (uuid.uuid4().hex, experiment, one.name, one.digest, one.source_type, one.source, one.profile)
                connection.execute(
                    "INSERT OR IGNORE INTO datasets (dataset_uuid, experiment_id, name, digest, dataset_source_type, "
                    "dataset_source, dataset_profile) VALUES (?, ?, ?, ?, ?, ?, ?)", own,
                )  # fmt: skip
                link = uuid.uuid4().hex
                added = connection.execute(
                    "INSERT OR IGNORE INTO inputs (input_uuid, source_type, source_id, destination_type, "
                    "destination_id) SELECT ?, 'DATASET', dataset_uuid, 'RUN', ? FROM datasets "
                    "WHERE experiment_id = ? AND name = ? AND digest = ?",
                    (link, run, experiment, one.name, one.digest),
                )  # fmt: skip
                if added.rowcount:
                    connection.execute("INSERT INTO input_tags VALUES (?, ?, ?)", (link, CONTEXT, one.context))

    def known(self, runs: Sequence[str]) -> set[str] | None:
        """Return those of these ids that the database has; None where it cannot be read."""
        select, values = (
            "SELECT run_uuid FROM runs WHERE run_uuid IN (SELECT value FROM json_each(?))",
            json.dumps(runs),
        )
        return run_query(self.database, lambda connection: {run for (run,) in connection.execute(select, [values])})

    @contextmanager
    def _changing(self, run: str) -> Iterator[sqlite3.Connection]:
        """Return a connection in a transaction. InputError where there is no such run, or it was deleted."""
        select = "SELECT 1 FROM runs WHERE run_uuid = ? AND lifecycle_stage = 'active'"
        with _errors(self.database), transaction(self.database) as connection:
            if connection.execute(select, [run]).fetchone() is None:
                raise InputError(f"tracking store sqlite:///{self.database}: no run {run}, or it was deleted")
            yield connection

    def _location(self, connection: sqlite3.Connection) -> str | None:
        select = "SELECT artifact_location FROM experiments WHERE experiment_id = ? AND lifecycle_stage = 'active'"
        row = connection.execute(select, [self._experiment_id]).fetchone() if is_writable_schema(connection) else None
        return None if row is None else row[0]

    def _model(self, run: NewRun, model: NewModel, address: str) -> dict[str, list[tuple[Any, ...]]]:
        """Return the rows of a logged model by table, as MLflow's client writes them for an output of a run.

        But its files are those in the run, so that MLflow loads it: the client would write them a second time.
        """
        experiment, at, end = int(self._experiment_id), f"{address}/{FOLDER}", run.end
        ready = 2  # LoggedModelStatus.READY
        return {
            "logged_models": [(model.id, experiment, model.name, at, end, end, ready, "active", None, run.id, None)],
            "logged_model_tags": [(model.id, experiment, key, value) for key, value in model.tags.items()],
            "logged_model_metrics": [
                (model.id, key, at, step, _number(value)[0], experiment, run.id, None, None, None)
                for key, value, at, step in model.metrics
            ],
            "inputs": [(uuid.uuid4().hex, "RUN_OUTPUT", run.id, "MODEL_OUTPUT", model.id, 0)],
        }

    def _run(self, run: NewRun, address: str) -> tuple[object, ...]:
        """Return the row of a run, with what MLflow's client writes where it is told no source."""
        user = run.tags.get("mlflow.user", "unknown")
        return (
            run.id, run.name, "UNKNOWN", "", "", user, run.status, run.start, run.end, None, "", "active", address,
            int(self._experiment_id),
        )  # fmt: skip


_LONGEST_TAG = 8_000
"""MLflow's client cuts longer ones where they are logged, but not those of a new run."""


def _tags(run: NewRun) -> dict[str, str]:
    return {"mlflow.runName": run.name} | dict(run.tags)


def _number(value: float) -> tuple[float, bool]:
    """Return a value as MLflow stores it, and whether it is NaN: a database has neither NaN nor infinity."""
    if math.isnan(value):
        return 0.0, True
    return (math.copysign(sys.float_info.max, value) if math.isinf(value) else float(value)), False


def _latest(metrics: Iterable[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Return the last value of each metric of each run: by step, time and value, as MLflow compares them."""
    last: dict[tuple[str, str], tuple[Any, ...]] = {}
    for row in metrics:
        key, value, _, at, step, run = row
        before = last.get((run, key))
        if before is None or (step, at, value) > (before[4], before[3], before[1]):
            last[run, key] = row
    return list(last.values())


def _refuse_long(names: Iterable[str]) -> None:
    for name in names:
        if len(name) > LONGEST_NAME:
            raise InputError(
                f"tracking store: the name {name[:60]}… has {len(name):,} characters, {LONGEST_NAME} at most"
            )


@contextmanager
def _errors(database: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        kind = StoreUnavailableError if "locked" in str(error) else InputError  # by a process that writes for long
        raise kind(f"tracking store sqlite:///{database}: {one_line(error)}") from error
