"""Find runs of an experiment: straight from a sqlite file where that can be, else through MLflow's client.

Of the client: the conditions in its filter language, and pages. Of both: the latest run of each cell.
"""

import gc
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from seedbed.errors import InputError
from seedbed.results import IDENTITY_COLUMNS
from seedbed.tracking.local import LocalRuns
from seedbed.tracking.records import HISTORY, row_of_run, scores_of_run
from seedbed.tracking.runs import Run

NEWEST = "attributes.end_time DESC"
_FIRST_PAGE, _PAGE = 200, 1000
_ASK_SINGLY = 200
"""So many cells are looked up one by one (4 ms each) rather than by reading the whole store (1 ms a cell)."""
_CELL = {"seedbed.kind": "cell"}

Rows = dict[str, dict[str, Any]]


class Search:
    """Runs of one experiment, through an ``MlflowClient``, or ``local`` where the store is a sqlite file."""

    def __init__(self, client: Any, experiment_id: str, local: LocalRuns | None = None) -> None:
        self._client = client
        self._experiment_id = experiment_id
        self._local = local

    def runs(self, tags: Mapping[str, str], limit: int = _PAGE, order: str = NEWEST) -> list:
        """Runs with exactly these tags, ``limit`` at most, as MLflow gives them."""
        return self._page(_where(tags), limit, order)

    def heads(self, tags: Mapping[str, str]) -> list[Run]:
        """All runs with exactly these tags, newest first, as plain runs that may lack metrics."""
        found = self._local.heads(tags) if self._local else None
        return list(self._read(_where(tags))) if found is None else found

    def identities(self, tags: Mapping[str, str]) -> Rows:
        """As `cells` with ``unfinished``, but where that is faster the rows have no scores."""
        heads = self._local.heads(_CELL | dict(tags)) if self._local else None
        if heads is None:
            return self.cells(None, tags, unfinished=True)
        rows: Rows = {}
        _keep_latest(rows, heads)
        return rows

    def cells(self, fingerprints: Iterable[str] | None, tags: Mapping[str, str], unfinished: bool = False) -> Rows:
        """The row of each cell's latest finished run, by fingerprint, in the order given, or else newest first.

        With ``unfinished``, a cell that never finished is there with its latest run.
        """
        wanted = None if fingerprints is None else list(dict.fromkeys(fingerprints))
        with no_garbage_collection():
            rows = self._local_cells(wanted, tags, unfinished) if self._local else None
            if rows is None:
                where = _where(_CELL | dict(tags), finished=not unfinished)
                rows = self._newest(where) if wanted is None or unfinished else self._wanted(where, wanted)
        return rows if wanted is None else {cell: rows[cell] for cell in wanted if cell in rows}

    def everything(self) -> list[Run]:
        """Every run of the experiment, newest first, with tags and metrics, and params but those of its identity."""
        with no_garbage_collection():
            heads = self._local.heads({}) if self._local else None
            found = None if heads is None else self._local.filled(heads)
            return list(self._read("")) if found is None else found

    def _local_cells(self, wanted: list[str] | None, tags: Mapping[str, str], unfinished: bool) -> Rows | None:
        heads = self._local.heads(_CELL | dict(tags), not unfinished, wanted)
        if heads is None:
            return None
        latest: Rows = {}
        _keep_latest(latest, heads)
        metrics = self._local.metrics([row["run"] for row in latest.values()])
        if metrics is None:
            return None
        return {cell: row | scores_of_run(metrics.get(row["run"], {})) for cell, row in latest.items()}

    def _newest(self, where: str) -> Rows:
        rows: Rows = {}
        _keep_latest(rows, self._read(where))
        return rows

    def _wanted(self, where: str, wanted: list[str]) -> Rows:
        """Read the newest first and stop as soon as all are found: those of a study lie together."""
        rows: Rows = {}
        missing = wanted
        for page in self._pages(where):
            _keep_latest(rows, map(_run, page))
            missing = [cell for cell in missing if cell not in rows]
            if not missing:
                break
            if len(missing) <= _ASK_SINGLY and page.token:
                for cell in missing:
                    _keep_latest(rows, map(_run, self._page(f"{where} AND {_equal('seedbed.cell', cell)}", 1)))
                break
        return rows

    def _read(self, where: str) -> Iterator[Run]:
        for page in self._pages(where):
            yield from map(_run, page)

    def _pages(self, where: str) -> Iterator[list]:
        page = self._page(where, _FIRST_PAGE)
        yield page
        while page.token:
            page = self._page(where, _PAGE, token=page.token)
            yield page

    def _page(self, where: str, limit: int, order: str = NEWEST, token: str | None = None) -> Any:
        return self._client.search_runs(
            [self._experiment_id], where, max_results=limit, order_by=[order], page_token=token
        )


def _run(run: Any) -> Run:
    """What MLflow's client gives as a plain run."""
    metrics = {key: value for key, value in run.data.metrics.items() if not key.startswith(HISTORY)}
    params = {key: value for key, value in run.data.params.items() if key not in IDENTITY_COLUMNS}
    return Run(run.info.run_id, run.info.status, run.info.end_time, run.data.tags, metrics, params)


def _keep_latest(rows: Rows, runs: Iterable[Run]) -> None:
    """Add the cells among ``runs``, which come newest first: the first finished one of a cell stays."""
    for run in runs:
        row = row_of_run(run.tags, run.metrics, run.status, run.id)
        if row is None:
            continue
        known = rows.setdefault(row["cell"], row)
        if known["status"] != "finished" and row["status"] == "finished":
            rows[row["cell"]] = row


def _where(tags: Mapping[str, str], finished: bool = False) -> str:
    conditions = [_equal(key, value) for key, value in tags.items()]
    return " AND ".join(conditions + ["attributes.status = 'FINISHED'"] * finished)


def _equal(tag: str, value: str) -> str:
    """MLflow's filters have two kinds of quotes and no escapes."""
    quote = '"' if "'" in value else "'"
    if quote in value:
        raise InputError(f"{tag}={value}: cannot be searched for, it holds both kinds of quotes")
    return f"tags.`{tag}` = {quote}{value}{quote}"


@contextmanager
def no_garbage_collection() -> Iterator[None]:
    """Looking for cycles among millions of objects costs more than it frees: SQLAlchemy alone makes 80 a run."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.freeze()  # what was made meanwhile counts as old, or all of it would be looked through at once
            gc.unfreeze()
            gc.enable()
