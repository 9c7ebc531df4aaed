"""Find runs of an experiment: the conditions in MLflow's filter language, pages, and the latest run of each cell."""

import gc
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from seedbed.errors import InputError
from seedbed.tracking.records import row_of_run

NEWEST = "attributes.end_time DESC"
_FIRST_PAGE, _PAGE = 200, 1000
_ASK_SINGLY = 200
"""So many cells are looked up one by one (4 ms each) rather than by reading the whole store (1 ms a cell)."""

Rows = dict[str, dict[str, Any]]


class Search:
    """Runs of one experiment, through an ``MlflowClient``."""

    def __init__(self, client: Any, experiment_id: str) -> None:
        self._client = client
        self._experiment_id = experiment_id

    def runs(self, tags: Mapping[str, str], limit: int = _PAGE, order: str = NEWEST) -> list:
        """Runs with exactly these tags, ``limit`` at most."""
        return self._page(_where(tags), limit, order)

    def cells(self, fingerprints: Iterable[str] | None, tags: Mapping[str, str], unfinished: bool = False) -> Rows:
        """The row of each cell's latest finished run, by fingerprint, in the order given, or else newest first.

        With ``unfinished``, a cell that never finished is there with its latest run.
        """
        wanted = None if fingerprints is None else list(dict.fromkeys(fingerprints))
        where = _where({"seedbed.kind": "cell"} | dict(tags), finished=not unfinished)
        with _no_garbage_collection():
            rows = self._newest(where) if wanted is None or unfinished else self._wanted(where, wanted)
        return rows if wanted is None else {cell: rows[cell] for cell in wanted if cell in rows}

    def _newest(self, where: str) -> Rows:
        rows: Rows = {}
        for page in self._pages(where):
            _keep_latest(rows, page)
        return rows

    def _wanted(self, where: str, wanted: list[str]) -> Rows:
        """Read the newest first and stop as soon as all are found: those of a study lie together."""
        rows: Rows = {}
        missing = wanted
        for page in self._pages(where):
            _keep_latest(rows, page)
            missing = [cell for cell in missing if cell not in rows]
            if not missing:
                break
            if len(missing) <= _ASK_SINGLY and page.token:
                for cell in missing:
                    _keep_latest(rows, self._page(f"{where} AND {_equal('seedbed.cell', cell)}", 1))
                break
        return rows

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


def _keep_latest(rows: Rows, runs: Iterable) -> None:
    """Add the cells among ``runs``, which come newest first: the first finished one of a cell stays."""
    for run in runs:
        row = row_of_run(run.data.tags, run.data.metrics, run.info.status, run.info.run_id)
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
def _no_garbage_collection() -> Iterator[None]:
    """SQLAlchemy makes 80 objects a run, and looking for cycles among them doubles the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
