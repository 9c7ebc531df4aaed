"""Select the cells of a store that match a condition, which SQLite evaluates in memory."""

import math
import sqlite3
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime

from seedbed.cells import IDENTITY_COLUMNS, MEASURES, Row
from seedbed.errors import InputError
from seedbed.tracking.condition import FUNCTIONS, Condition, abbreviated, parse_condition
from seedbed.tracking.params import settings_of
from seedbed.tracking.records import row_of_run
from seedbed.tracking.runs import Run

TAGS = {
    "study": "seedbed.name", "device": "seedbed.device", "platform": "seedbed.platform",
    "versions": "seedbed.versions", "commit": "seedbed.commit", "parent": "mlflow.parentRunId",
}  # fmt: skip
"""Columns that a condition may name in addition to those of results.csv, and the tags that hold them."""
_TEXTS = {
    *TAGS, "arm", "dataset", "embedding", "encoder", "task", "data", "draw", "cell", "run", "status", "error", "ended",
}  # fmt: skip
"""Columns compared as texts; all others are compared as numbers where they look like one."""
_CONSTANTS = {"True": 1, "False": 0, "None": None}
_MOST_VALUES = 5
_LONGEST_TEXT = 1_000_000


@dataclass(frozen=True)
class StoredCell:
    """A run of a cell: its row of results.csv, its settings, and its tags by short names."""

    row: Row
    settings: Mapping[str, str]
    tags: Mapping[str, str]

    def value(self, name: str) -> object:
        """Return the value of a column, or None."""
        if name in self.row:
            value = self.row[name]
            return None if isinstance(value, float) and math.isnan(value) else value
        return self.tags[name] if name in self.tags else self.settings.get(name)


@dataclass(frozen=True)
class StoredCells:
    """All runs of cells, newest first, and the numbers of other runs: of other tools, or not readable as a cell."""

    cells: tuple[StoredCell, ...]
    foreign: int
    broken: int

    def columns(self) -> set[str]:
        """Return all columns that a condition may name."""
        settings = {id(cell.settings): cell.settings for cell in self.cells}.values()
        scores = {name for cell in self.cells for name in cell.row}
        return {*IDENTITY_COLUMNS, *MEASURES, *TAGS, "ended", *scores}.union(*settings)


def stored_cells(runs: Sequence[Run]) -> StoredCells:
    """Return the cells among all runs of an experiment."""
    cells, foreign, broken = [], 0, 0
    parsed: dict[int, tuple[Mapping[str, str], dict[str, str]]] = {}
    for run in runs:
        kind = run.tags.get("seedbed.kind")
        row = row_of_run(run.tags, run.metrics, run.status, run.id) if kind == "cell" else None
        if row is None:
            foreign += kind is None
            broken += kind == "cell"
            continue
        # Runs share their params, so each is parsed once. The params are stored too, which keeps their id valid.
        _, settings = parsed.setdefault(id(run.params), (run.params, {}))
        if not settings:
            settings.update(settings_of(run.params))
        tags = {name: run.tags[tag] for name, tag in TAGS.items() if tag in run.tags}
        if run.ended is not None:
            tags["ended"] = (
                datetime.fromtimestamp(run.ended / 1000, UTC).isoformat(" ", "seconds").removesuffix("+00:00")
            )
        cells.append(StoredCell(row, settings, tags))
    return StoredCells(tuple(cells), foreign, broken)


def matching(stored: StoredCells, where: str) -> list[StoredCell]:
    """Return the cells that match the condition ``where``, in their order.

    InputError, one line, for an unknown column, an invalid expression, and where no cell matches.
    """
    if not stored.cells:
        raise InputError(f"where={abbreviated(where)}: the store has no cells")
    condition = parse_condition(where, stored.columns())
    columns = {name: [cell.value(name) for cell in stored.cells] for name in condition.names}
    indices = matching_indices(columns, condition, where)
    if not indices:
        raise InputError(f"where={abbreviated(where)}: matches none of {len(stored.cells):,} cells; {_values(columns)}")
    return [stored.cells[index] for index in indices]


def matching_indices(columns: Mapping[str, Sequence[object]], condition: Condition, where: str) -> list[int]:
    """Return the indices at which the condition is true. Texts that look like numbers are numbers; ``True`` is 1."""
    names = list(columns)
    kinds = ", ".join(f"{_quoted(name)} {'TEXT' if name in _TEXTS else 'NUMERIC'}" for name in names)
    marks = ", ".join("?" * len(names))
    rows = zip(*([_constant(value) for value in columns[name]] for name in names), strict=True)
    try:
        with closing(sqlite3.connect(":memory:")) as connection:
            connection.execute(f"CREATE TABLE cells ({kinds})")
            connection.executemany(f"INSERT INTO cells VALUES ({marks})", rows)
            connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST_TEXT)
            connection.set_authorizer(_authorizer(columns))
            selected = connection.execute(f"SELECT rowid FROM cells WHERE (\n{condition.sql}\n) ORDER BY rowid")
            return [rowid - 1 for (rowid,) in selected]
    except (sqlite3.Error, sqlite3.Warning, OverflowError, UnicodeEncodeError) as error:
        # The condition is put in brackets: a syntax error at the last one is at its end.
        problem = "ends too early" if str(error) == 'near ")": syntax error' else " ".join(str(error).split())
        raise InputError(f"where={abbreviated(where)}: {problem}") from error


def _authorizer(columns: Collection[str]) -> Callable[..., int]:
    """Return an authorizer that allows reading the table of cells and calling harmless functions, nothing else."""

    def allowed(action: int, first: str | None, second: str | None, *_: object) -> int:
        reads = action == sqlite3.SQLITE_READ and first == "cells" and second in {*columns, "ROWID", ""}
        calls = action == sqlite3.SQLITE_FUNCTION and str(second).lower() in FUNCTIONS
        return sqlite3.SQLITE_OK if action == sqlite3.SQLITE_SELECT or reads or calls else sqlite3.SQLITE_DENY

    return allowed


def _constant(value: object) -> object:
    return _CONSTANTS.get(value, value) if isinstance(value, str) else value


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _values(columns: Mapping[str, Sequence[object]]) -> str:
    """Return some values of each column, such as ``dataset is imdb, trec``."""
    texts = []
    for name, values in columns.items():
        distinct = sorted({abbreviated(str(value)) for value in values if value is not None})
        more = f" and {len(distinct) - _MOST_VALUES:,} more" if len(distinct) > _MOST_VALUES else ""
        texts.append(f"{name} is {', '.join(distinct[:_MOST_VALUES])}{more}" if distinct else f"{name} is never set")
    return abbreviated("; ".join(texts))
