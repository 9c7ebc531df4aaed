"""Runs straight from MLflow's tables in a sqlite file, which its client reads at a millisecond a run.

Through a connection that cannot write. Where the file is not laid out as MLflow 3 does it, or sqlite complains, there
is no answer (None), and the caller asks the client.
"""

import json
import math
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from seedbed.results import IDENTITY_COLUMNS
from seedbed.tracking.records import HISTORY
from seedbed.tracking.runs import Run

T = TypeVar("T")

NEEDED = {
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
"""Tables and columns that are read."""
_CHUNK = 2_000
_HAS_TAG = "EXISTS (SELECT 1 FROM tags WHERE tags.run_uuid = runs.run_uuid AND tags.key = ? AND tags.value"
_AMONG = "(SELECT value FROM json_each(?))"


class LocalRuns:
    """Runs of one experiment of the sqlite file ``database``."""

    def __init__(self, database: Path, experiment_id: str) -> None:
        self._database = database
        self._experiment_id = experiment_id

    def heads(
        self, tags: Mapping[str, str], finished: bool = False, cells: Sequence[str] | None = None
    ) -> list[Run] | None:
        """The runs with exactly these tags, newest first, as MLflow's search by end time orders them.

        Without metrics and params. ``cells``: only those whose tag ``seedbed.cell`` is among them.
        """
        conditions, given = ["runs.experiment_id = ?", "runs.lifecycle_stage = 'active'"], [self._experiment_id]
        conditions += ["runs.status = 'FINISHED'"] * finished
        for key, value in tags.items():
            conditions.append(f"{_HAS_TAG} = ?)")
            given += [key, value]
        if cells is not None:
            conditions.append(f"{_HAS_TAG} IN {_AMONG})")
            given += ["seedbed.cell", json.dumps(list(cells))]
        select = (
            f"SELECT run_uuid, status, end_time FROM runs WHERE {' AND '.join(conditions)} "
            "ORDER BY end_time IS NULL, end_time DESC, start_time DESC, run_uuid"
        )

        def ask(connection: sqlite3.Connection) -> list[Run]:
            found = connection.execute(select, given).fetchall()
            own = _texts(connection, "tags", [run for run, _, _ in found], "key NOT LIKE 'mlflow.note%'")
            return [Run(run, status, ended, own.get(run, {})) for run, status, ended in found]

        return self._ask(ask)

    def metrics(self, ids: Sequence[str]) -> dict[str, dict[str, float]] | None:
        """The last values of the metrics of each of these runs, without those of epochs."""
        return self._ask(lambda connection: _metrics(connection, ids))

    def filled(self, heads: Sequence[Run]) -> list[Run] | None:
        """These runs with their metrics, and with their params but those of the identity of a cell."""
        ids = [head.id for head in heads]
        identity = ", ".join(f"'{name}'" for name in IDENTITY_COLUMNS)

        def ask(connection: sqlite3.Connection) -> list[Run]:
            metrics = _metrics(connection, ids)
            settings = _texts(connection, "params", ids, f"key NOT IN ({identity})")
            return [
                Run(one.id, one.status, one.ended, one.tags, metrics.get(one.id, {}), settings.get(one.id, {}))
                for one in heads
            ]

        return self._ask(ask)

    def address_of(self, run: str) -> tuple[str, str] | None:
        """Where the database says that the artifacts of a run lie, of whatever experiment, and which that is."""
        select = "SELECT artifact_uri, CAST(experiment_id AS TEXT) FROM runs WHERE run_uuid = ?"
        return self._ask(lambda connection: connection.execute(select, [run]).fetchone())

    def addresses(self) -> dict[str, str] | None:
        """Where the database says that the artifacts of each run of the experiment lie."""
        select = "SELECT run_uuid, artifact_uri FROM runs WHERE experiment_id = ?"
        return self._ask(lambda connection: dict(connection.execute(select, [self._experiment_id])))

    def name_of(self, run: str) -> str | None:
        """The name of a run."""
        return self._ask(lambda connection: _one(connection, "SELECT name FROM runs WHERE run_uuid = ?", run))

    def _ask(self, question: Callable[[sqlite3.Connection], T]) -> T | None:
        return _asked(self._database, question)


@dataclass(frozen=True)
class Experiment:
    """An experiment of the sqlite file ``database``: its id, and where the database says that its artifacts lie."""

    database: Path
    id: str
    location: str

    def finished(self) -> bool:
        """Whether any of its runs is; also where the file cannot be asked."""
        select = "SELECT count(*) FROM (SELECT 1 FROM runs WHERE experiment_id = ? AND status = 'FINISHED' LIMIT 1)"
        return _asked(self.database, lambda connection: _one(connection, select, self.id)) != 0

    def runs(self) -> set[str]:
        """The ids of all its runs."""
        select = "SELECT run_uuid FROM runs WHERE experiment_id = ?"
        return _asked(self.database, lambda own: {run for (run,) in own.execute(select, [self.id])}) or set()


def experiment(database: Path, name: str) -> Experiment | None:
    """The experiment of this name that is not deleted."""
    select = (
        "SELECT CAST(experiment_id AS TEXT), artifact_location FROM experiments "
        "WHERE name = ? AND lifecycle_stage = 'active'"
    )
    found = _asked(database, lambda connection: connection.execute(select, [name]).fetchone())
    return None if found is None else Experiment(database, found[0], found[1] or "")


def _asked(database: Path, question: Callable[[sqlite3.Connection], T]) -> T | None:
    try:
        with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True, timeout=20)) as connection:
            return question(connection) if _is_as_expected(connection) else None
    except (sqlite3.Error, OSError):
        return None


def _one(connection: sqlite3.Connection, select: str, given: str) -> Any:
    row = connection.execute(select, [given]).fetchone()
    return None if row is None else row[0]


def _is_as_expected(connection: sqlite3.Connection) -> bool:
    columns = {table: {row[1] for row in connection.execute(f"PRAGMA table_info({table})")} for table in NEEDED}
    return all(needed <= columns[table] for table, needed in NEEDED.items())


def _texts(
    connection: sqlite3.Connection, table: str, ids: Sequence[str], condition: str
) -> dict[str, Mapping[str, str]]:
    """Keys and values of a table by run. Equal texts and equal mappings are one object: runs of a study share most."""
    same: dict[str, str] = {}
    whole: dict[tuple, Mapping[str, str]] = {}
    found: dict[str, Mapping[str, str]] = {}
    for chunk in _chunks(ids):
        rows: dict[str, list[tuple[str, str]]] = {}
        select = f"SELECT run_uuid, key, value FROM {table} WHERE run_uuid IN {_AMONG} AND {condition}"
        for run, key, value in connection.execute(select, [chunk]):
            if value is not None:
                rows.setdefault(run, []).append((same.setdefault(key, key), same.setdefault(value, value)))
        for run, pairs in rows.items():
            pairs.sort()
            found[run] = whole.setdefault(tuple(pairs), dict(pairs))
    return found


def _metrics(connection: sqlite3.Connection, ids: Sequence[str]) -> dict[str, dict[str, float]]:
    """The last values of the metrics of each run, without those of epochs."""
    same: dict[str, str] = {}
    found: dict[str, dict[str, float]] = {}
    select = (
        f"SELECT run_uuid, key, value, is_nan FROM latest_metrics WHERE run_uuid IN {_AMONG} "
        f"AND substr(key, 1, {len(HISTORY)}) <> '{HISTORY}'"
    )
    for chunk in _chunks(ids):
        for run, key, value, is_nan in connection.execute(select, [chunk]):
            found.setdefault(run, {})[same.setdefault(key, key)] = math.nan if is_nan else value
    return found


def _chunks(ids: Sequence[str]) -> Iterator[str]:
    """The ids some at a time, as JSON: sqlite limits how many values a statement may be given."""
    for start in range(0, len(ids), _CHUNK):
        yield json.dumps(ids[start : start + _CHUNK])
