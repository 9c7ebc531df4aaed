"""Find runs of an experiment: directly in a sqlite file where possible, else through MLflow's client."""

import gc
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from seedbed.cells import IDENTITY_COLUMNS, Row, Status
from seedbed.errors import InputError
from seedbed.tracking.records import FROM_MLFLOW, HISTORY, row_of_run, scores_of_run
from seedbed.tracking.runs import Run
from seedbed.tracking.sqlite_reader import SqliteReader

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run as MlflowRun
    from mlflow.store.entities import PagedList

NEWEST = "attributes.end_time DESC"
_FIRST_PAGE, _PAGE = 200, 1000
_MOST_SINGLE_LOOKUPS = 200
"""Up to this many cells are looked up one by one (4 ms each) instead of reading the whole store (1 ms a cell)."""
_CELL = {"seedbed.kind": "cell"}

Rows = dict[str, Row]
"""By fingerprint of the cell."""


class Search:
    """Runs of one experiment, through MLflow's client, or the reader where the store is a sqlite file."""

    def __init__(self, client: "MlflowClient", experiment_id: str, reader: SqliteReader | None = None) -> None:
        self._client = client
        self._experiment_id = experiment_id
        self._reader = reader

    def newest(self, tags: Mapping[str, str]) -> str | None:
        """Return the id of the newest run with exactly these tags, or None."""
        runs = self._reader.find_runs(tags) if self._reader else None
        if runs is None:
            runs = list(map(_run, self._page(_filter(tags), 1)))
        return runs[0].id if runs else None

    def find_runs(self, tags: Mapping[str, str]) -> list[Run]:
        """Return all runs with exactly these tags, newest first; they may lack metrics."""
        runs = self._reader.find_runs(tags) if self._reader else None
        return list(self._read(_filter(tags))) if runs is None else runs

    def running(self) -> list[Run]:
        """Return the runs that are marked as running; they may lack metrics."""
        runs = self._reader.find_runs({}, status="RUNNING") if self._reader else None
        return list(self._read("attributes.status = 'RUNNING'")) if runs is None else runs

    def statuses(self) -> dict[str, tuple[Status, str]]:
        """Return the status and the run of every cell: of its latest finished run, else of its latest run."""
        runs = self._reader.statuses() if self._reader else None
        if runs is None:
            rows = self.cells(None, {}, unfinished=True)
            return {cell: (row["status"], row["run"]) for cell, row in rows.items()}
        statuses: dict[str, tuple[Status, str]] = {}
        for cell, status, run in runs:
            own = FROM_MLFLOW.get(status, "interrupted")
            if cell not in statuses or (own == "finished" != statuses[cell][0]):
                statuses[cell] = own, run
        return statuses

    def identities(self, tags: Mapping[str, str]) -> Rows:
        """Return the rows of `cells` with ``unfinished``, without scores where that is faster."""
        runs = self._reader.find_runs(_CELL | dict(tags)) if self._reader else None
        if runs is None:
            return self.cells(None, tags, unfinished=True)
        rows: Rows = {}
        _add_latest(rows, runs)
        return rows

    def cells(self, fingerprints: Iterable[str] | None, tags: Mapping[str, str], unfinished: bool = False) -> Rows:
        """Return the row of each cell's latest finished run, in the order of ``fingerprints``, else newest first.

        With ``unfinished``, the latest run of a cell that never finished.
        """
        wanted = None if fingerprints is None else list(dict.fromkeys(fingerprints))
        with no_garbage_collection():
            rows = self._read_cells(self._reader, wanted, tags, unfinished) if self._reader else None
            if rows is None:
                condition = _filter(_CELL | dict(tags), finished=not unfinished)
                rows = self._newest(condition) if wanted is None or unfinished else self._wanted(condition, wanted)
        return rows if wanted is None else {cell: rows[cell] for cell in wanted if cell in rows}

    def recent(self, fingerprints: Sequence[str]) -> Rows:
        """Return what `cells` does with ``unfinished``, of few cells: MLflow's client is asked for each."""
        rows = self._read_cells(self._reader, list(fingerprints), {}, True) if self._reader else None
        if rows is None:
            rows = {}
            for cell in fingerprints:
                _add_latest(rows, map(_run, self._page(_filter(_CELL | {"seedbed.cell": cell}), _FIRST_PAGE)))
        return rows

    def all_runs(self) -> list[Run]:
        """Return every run of the experiment, newest first, with tags, metrics, and params except its identity."""
        with no_garbage_collection():
            runs = self._reader.find_runs({}) if self._reader else None
            if self._reader and runs is not None:
                runs = self._reader.with_metrics_and_params(runs)
            return list(self._read("")) if runs is None else runs

    @staticmethod
    def _read_cells(
        reader: SqliteReader, wanted: list[str] | None, tags: Mapping[str, str], unfinished: bool
    ) -> Rows | None:
        runs = reader.find_runs(_CELL | dict(tags), None if unfinished else "FINISHED", wanted)
        if runs is None:
            return None
        latest: Rows = {}
        _add_latest(latest, runs)
        metrics = reader.metrics([row["run"] for row in latest.values()])
        if metrics is None:
            return None
        return {cell: row | scores_of_run(metrics.get(row["run"], {})) for cell, row in latest.items()}

    def _newest(self, condition: str) -> Rows:
        rows: Rows = {}
        _add_latest(rows, self._read(condition))
        return rows

    def _wanted(self, condition: str, wanted: list[str]) -> Rows:
        """Read the newest first and stop as soon as all are found: those of a study are adjacent."""
        rows: Rows = {}
        missing = wanted
        for page in self._pages(condition):
            _add_latest(rows, map(_run, page))
            missing = [cell for cell in missing if cell not in rows]
            if not missing:
                break
            if len(missing) <= _MOST_SINGLE_LOOKUPS and page.token:
                for cell in missing:
                    _add_latest(rows, map(_run, self._page(f"{condition} AND {_equal('seedbed.cell', cell)}", 1)))
                break
        return rows

    def _read(self, condition: str) -> Iterator[Run]:
        for page in self._pages(condition):
            yield from map(_run, page)

    def _pages(self, condition: str) -> "Iterator[PagedList[MlflowRun]]":
        page = self._page(condition, _FIRST_PAGE)
        yield page
        while page.token:
            page = self._page(condition, _PAGE, page.token)
            yield page

    def _page(self, condition: str, limit: int, token: str | None = None) -> "PagedList[MlflowRun]":
        return self._client.search_runs(
            [self._experiment_id], condition, max_results=limit, order_by=[NEWEST], page_token=token
        )


def _run(run: "MlflowRun") -> Run:
    """Convert a run of MLflow's client."""
    metrics = {key: value for key, value in run.data.metrics.items() if not key.startswith(HISTORY)}
    params = {key: value for key, value in run.data.params.items() if key not in IDENTITY_COLUMNS}
    return Run(run.info.run_id, run.info.status, run.info.end_time, run.data.tags, metrics, params)


def _add_latest(rows: Rows, runs: Iterable[Run]) -> None:
    """Add the cells among ``runs``, newest first: of each cell the first finished run, else the first."""
    for run in runs:
        row = row_of_run(run.tags, run.metrics, run.status, run.id)
        if row is None:
            continue
        known = rows.setdefault(row["cell"], row)
        if known["status"] != "finished" and row["status"] == "finished":
            rows[row["cell"]] = row


def _filter(tags: Mapping[str, str], finished: bool = False) -> str:
    conditions = [_equal(key, value) for key, value in tags.items()]
    return " AND ".join(conditions + ["attributes.status = 'FINISHED'"] * finished)


def _equal(tag: str, value: str) -> str:
    """Return a condition of MLflow's filter language, which has two kinds of quotes and no escapes."""
    quote = '"' if "'" in value else "'"
    if quote in value:
        raise InputError(f"{tag}={value}: cannot be searched for: it has both kinds of quotes")
    return f"tags.`{tag}` = {quote}{value}{quote}"


@contextmanager
def no_garbage_collection() -> Iterator[None]:
    """Disable the collector: searching millions of objects for cycles is slow; SQLAlchemy alone creates 80 a run."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.freeze()  # marks the new objects as old, so that they are not all searched at once
            gc.unfreeze()
            gc.enable()
