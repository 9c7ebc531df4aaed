"""Read runs from MLflow's tables in a sqlite file: its public search takes a millisecond a run.

The tables are those of `seedbed.tracking.sqlite_schema`. Where they differ or sqlite reports an error, every method
returns None, and the caller uses MLflow's client.
"""

import json
import math
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from seedbed.cells import IDENTITY_COLUMNS
from seedbed.tracking.records import HISTORY
from seedbed.tracking.runs import Run
from seedbed.tracking.sqlite_schema import T, run_query

_CHUNK = 2_000
_HAS_TAG = "EXISTS (SELECT 1 FROM tags WHERE tags.run_uuid = runs.run_uuid AND tags.key = ? AND tags.value"
_AMONG = "(SELECT value FROM json_each(?))"


class SqliteReader:
    """Reads the runs of one experiment of the sqlite file ``database``."""

    def __init__(self, database: Path, experiment_id: str) -> None:
        self._database = database
        self._experiment_id = experiment_id

    def find_runs(
        self, tags: Mapping[str, str], status: str | None = None, cells: Sequence[str] | None = None
    ) -> list[Run] | None:
        """Return the runs with exactly these tags, newest first, in the order of MLflow's search by end time.

        Without metrics and params. ``status``: only those with this one of MLflow; ``cells``: only those whose tag
        ``seedbed.cell`` is among them.
        """
        conditions, values = ["runs.experiment_id = ?", "runs.lifecycle_stage = 'active'"], [self._experiment_id]
        if status is not None:
            conditions.append("runs.status = ?")
            values.append(status)
        for key, value in tags.items():
            conditions.append(f"{_HAS_TAG} = ?)")
            values += [key, value]
        if cells is not None:
            conditions.append(f"{_HAS_TAG} IN {_AMONG})")
            values += ["seedbed.cell", json.dumps(list(cells))]
        select = (
            f"SELECT run_uuid, status, end_time FROM runs WHERE {' AND '.join(conditions)} "
            "ORDER BY end_time IS NULL, end_time DESC, start_time DESC, run_uuid"
        )

        def query(connection: sqlite3.Connection) -> list[Run]:
            rows = connection.execute(select, values).fetchall()
            tags_by_run = _texts(connection, "tags", [run for run, _, _ in rows], "key NOT LIKE 'mlflow.note%'")
            return [Run(run, status, ended, tags_by_run.get(run, {})) for run, status, ended in rows]

        return self._query(query)

    def statuses(self) -> list[tuple[str, str, str]] | None:
        """Return cell, MLflow's status and id of all runs of cells, newest first."""
        select = (
            "SELECT tags.value, runs.status, runs.run_uuid FROM tags JOIN runs ON runs.run_uuid = tags.run_uuid "
            "WHERE tags.key = 'seedbed.cell' AND runs.experiment_id = ? AND runs.lifecycle_stage = 'active' "
            "ORDER BY end_time IS NULL, end_time DESC, start_time DESC"
        )
        return self._query(lambda connection: connection.execute(select, [self._experiment_id]).fetchall())

    def metrics(self, ids: Sequence[str]) -> dict[str, dict[str, float]] | None:
        """Return the last values of the metrics of each of these runs, without those of epochs."""
        return self._query(lambda connection: _metrics(connection, ids))

    def with_metrics_and_params(self, runs: Sequence[Run]) -> list[Run] | None:
        """Return these runs with their metrics, and their params except those of a cell's identity."""
        ids = [run.id for run in runs]
        identity = ", ".join(f"'{name}'" for name in IDENTITY_COLUMNS)

        def query(connection: sqlite3.Connection) -> list[Run]:
            metrics = _metrics(connection, ids)
            params = _texts(connection, "params", ids, f"key NOT IN ({identity})")
            return [
                Run(run.id, run.status, run.ended, run.tags, metrics.get(run.id, {}), params.get(run.id, {}))
                for run in runs
            ]

        return self._query(query)

    def run_address(self, run: str) -> tuple[str, str] | None:
        """Return the recorded address of a run's artifacts, and its experiment, whichever that is."""
        select = "SELECT artifact_uri, CAST(experiment_id AS TEXT) FROM runs WHERE run_uuid = ?"
        return self._query(lambda connection: connection.execute(select, [run]).fetchone())

    def run_addresses(self) -> dict[str, str] | None:
        """Return the recorded addresses of the artifacts of all runs of the experiment."""
        select = "SELECT run_uuid, artifact_uri FROM runs WHERE experiment_id = ?"
        return self._query(lambda connection: dict(connection.execute(select, [self._experiment_id])))

    def run_name(self, run: str) -> str | None:
        """Return the name of a run."""
        select = "SELECT name FROM runs WHERE run_uuid = ?"
        row = self._query(lambda connection: connection.execute(select, [run]).fetchone())
        return None if row is None else row[0]

    def run_of_model(self, model: str) -> str | None:
        """Return the run of a logged model; None where it is unknown, or sqlite fails."""
        row = self._query(
            lambda connection: connection.execute(
                "SELECT source_run_id FROM logged_models WHERE model_id = ? AND lifecycle_stage = 'active'", [model]
            ).fetchone()
        )
        return None if row is None else row[0]

    def _query(self, query: Callable[[sqlite3.Connection], T]) -> T | None:
        return run_query(self._database, query)


@dataclass(frozen=True)
class Experiment:
    """An experiment of the sqlite file ``database``: its id, and the recorded address of its artifacts."""

    database: Path
    id: str
    address: str

    def has_finished_runs(self) -> bool:
        """Return whether any of its runs is finished; True where the file cannot be read."""
        select = "SELECT count(*) FROM (SELECT 1 FROM runs WHERE experiment_id = ? AND status = 'FINISHED' LIMIT 1)"
        row = run_query(self.database, lambda connection: connection.execute(select, [self.id]).fetchone())
        return row is None or row[0] != 0

    def run_ids(self) -> set[str]:
        """Return the ids of all its runs."""
        select = "SELECT run_uuid FROM runs WHERE experiment_id = ?"
        rows = run_query(self.database, lambda connection: connection.execute(select, [self.id]).fetchall())
        return {run for (run,) in rows or ()}


def find_experiment(database: Path, name: str) -> Experiment | None:
    """Return the experiment of this name, unless it is deleted."""
    select = (
        "SELECT CAST(experiment_id AS TEXT), artifact_location FROM experiments "
        "WHERE name = ? AND lifecycle_stage = 'active'"
    )
    row = run_query(database, lambda connection: connection.execute(select, [name]).fetchone())
    return None if row is None else Experiment(database, row[0], row[1] or "")


def _texts(
    connection: sqlite3.Connection, table: str, ids: Sequence[str], condition: str
) -> dict[str, Mapping[str, str]]:
    """Return keys and values of a table by run. Equal texts and mappings are one object, as runs share most."""
    shared: dict[str, str] = {}
    mappings: dict[tuple[tuple[str, str], ...], Mapping[str, str]] = {}
    by_run: dict[str, Mapping[str, str]] = {}
    for chunk in _chunks(ids):
        rows: dict[str, list[tuple[str, str]]] = {}
        select = f"SELECT run_uuid, key, value FROM {table} WHERE run_uuid IN {_AMONG} AND {condition}"
        for run, key, value in connection.execute(select, [chunk]):
            if value is not None:
                rows.setdefault(run, []).append((shared.setdefault(key, key), shared.setdefault(value, value)))
        for run, pairs in rows.items():
            pairs.sort()
            by_run[run] = mappings.setdefault(tuple(pairs), dict(pairs))
    return by_run


def _metrics(connection: sqlite3.Connection, ids: Sequence[str]) -> dict[str, dict[str, float]]:
    """Return the last values of the metrics of each run, without those of epochs."""
    shared: dict[str, str] = {}
    by_run: dict[str, dict[str, float]] = {}
    select = (
        f"SELECT run_uuid, key, value, is_nan FROM latest_metrics WHERE run_uuid IN {_AMONG} "
        f"AND substr(key, 1, {len(HISTORY)}) <> '{HISTORY}'"
    )
    for chunk in _chunks(ids):
        for run, key, value, is_nan in connection.execute(select, [chunk]):
            by_run.setdefault(run, {})[shared.setdefault(key, key)] = math.nan if is_nan else value
    return by_run


def _chunks(ids: Sequence[str]) -> Iterator[str]:
    """Yield the ids in chunks, as JSON: sqlite limits the number of values of a statement."""
    for start in range(0, len(ids), _CHUNK):
        yield json.dumps(ids[start : start + _CHUNK])
