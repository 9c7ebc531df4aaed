"""Cells of a store that fit a condition: SQLite evaluates it, in memory, over the columns that it names."""

import math
import sqlite3
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from seedbed.errors import InputError
from seedbed.results import IDENTITY_COLUMNS, MEASURES
from seedbed.tracking.condition import FUNCTIONS, Condition, condition, shown
from seedbed.tracking.params import settings_of
from seedbed.tracking.records import row_of_run
from seedbed.tracking.runs import Run

TAGS = {
    "study": "seedbed.name", "device": "seedbed.device", "platform": "seedbed.platform",
    "versions": "seedbed.versions", "commit": "seedbed.commit", "parent": "mlflow.parentRunId",
}  # fmt: skip
"""Columns that a condition may name besides those of results.csv, and the tags that they are."""
_TEXTS = {
    *TAGS, "arm", "dataset", "embedding", "encoder", "task", "data", "draw", "cell", "run", "status", "error", "ended",
}  # fmt: skip
"""Columns that compare as texts; all others as numbers where they look like one."""
_SIMPLE = {"True": 1, "False": 0, "None": None}
_NAMED = 5
_LONGEST = 1_000_000


@dataclass(frozen=True)
class StoredCell:
    """A run of a cell: its row as in results.csv, the settings it was trained with, and its tags by short names."""

    row: Mapping[str, Any]
    settings: Mapping[str, str]
    tags: Mapping[str, str]

    def value(self, name: str) -> Any:
        """What a column holds, None where it has none."""
        if name in self.row:
            value = self.row[name]
            return None if isinstance(value, float) and math.isnan(value) else value
        return self.tags[name] if name in self.tags else self.settings.get(name)


@dataclass(frozen=True)
class Stored:
    """All runs of cells, newest first, and how many runs are none: of other tools, or not readable as a cell."""

    cells: tuple[StoredCell, ...]
    foreign: int
    broken: int

    def columns(self) -> set[str]:
        """All names that a condition may have."""
        settings = {id(cell.settings): cell.settings for cell in self.cells}.values()
        scores = {name for cell in self.cells for name in cell.row}
        return {*IDENTITY_COLUMNS, *MEASURES, *TAGS, "ended", *scores}.union(*settings)


def stored_cells(runs: Sequence[Run]) -> Stored:
    """The cells among all runs of an experiment."""
    cells, foreign, broken = [], 0, 0
    named: dict[int, tuple[Mapping[str, str], dict[str, str]]] = {}
    for run in runs:
        kind = run.tags.get("seedbed.kind")
        row = row_of_run(run.tags, run.metrics, run.status, run.id) if kind == "cell" else None
        if row is None:
            foreign += kind is None
            broken += kind == "cell"
            continue
        # Runs share their params: the names are read once for all that do. The params are kept, so that their id is.
        _, settings = named.setdefault(id(run.params), (run.params, {}))
        if not settings:
            settings.update(settings_of(run.params))
        tags = {name: run.tags[tag] for name, tag in TAGS.items() if tag in run.tags}
        if run.ended is not None:
            tags["ended"] = (
                datetime.fromtimestamp(run.ended / 1000, UTC).isoformat(" ", "seconds").removesuffix("+00:00")
            )
        cells.append(StoredCell(row, settings, tags))
    return Stored(tuple(cells), foreign, broken)


def matching(stored: Stored, where: str) -> list[StoredCell]:
    """The cells for which the condition ``where`` holds, in the order given.

    InputError in one line: an unknown column, what is no expression, and where no cell fits.
    """
    if not stored.cells:
        raise InputError(f"where={shown(where)}: the store has no cells")
    asked = condition(where, stored.columns())
    columns = {name: [cell.value(name) for cell in stored.cells] for name in asked.names}
    places = places_where(columns, asked, where)
    if not places:
        raise InputError(f"where={shown(where)}: fits none of {len(stored.cells):,} cells; {_values(columns)}")
    return [stored.cells[place] for place in places]


def places_where(columns: Mapping[str, Sequence[Any]], asked: Condition, where: str) -> list[int]:
    """The positions for which ``asked`` is true. Texts that look like numbers compare as numbers, ``True`` is 1."""
    names = list(columns)
    kinds = ", ".join(f"{_quoted(name)} {'TEXT' if name in _TEXTS else 'NUMERIC'}" for name in names)
    marks = ", ".join("?" * len(names))
    rows = zip(*([_plain(value) for value in columns[name]] for name in names), strict=True)
    try:
        with closing(sqlite3.connect(":memory:")) as connection:
            connection.execute(f"CREATE TABLE cells ({kinds})")
            connection.executemany(f"INSERT INTO cells VALUES ({marks})", rows)
            connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST)
            connection.set_authorizer(_allowed(columns))
            found = connection.execute(f"SELECT rowid FROM cells WHERE (\n{asked.sql}\n) ORDER BY rowid")
            return [rowid - 1 for (rowid,) in found]
    except (sqlite3.Error, sqlite3.Warning, OverflowError, UnicodeEncodeError) as error:
        # The condition stands in brackets of our own: a syntax error at the last one is at its end.
        why = "ends too early" if str(error) == 'near ")": syntax error' else " ".join(str(error).split())
        raise InputError(f"where={shown(where)}: {why}") from error


def _allowed(columns: Collection[str]) -> Callable[..., int]:
    """An authorizer that lets a statement read the table of cells and call harmless functions, nothing else."""

    def allowed(action: int, first: str | None, second: str | None, *_: Any) -> int:
        reads = action == sqlite3.SQLITE_READ and first == "cells" and second in {*columns, "ROWID", ""}
        calls = action == sqlite3.SQLITE_FUNCTION and str(second).lower() in FUNCTIONS
        return sqlite3.SQLITE_OK if action == sqlite3.SQLITE_SELECT or reads or calls else sqlite3.SQLITE_DENY

    return allowed


def _plain(value: Any) -> Any:
    return _SIMPLE.get(value, value) if isinstance(value, str) else value


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _values(columns: Mapping[str, Sequence[Any]]) -> str:
    """``dataset is imdb or trec``: what the columns named hold, a few each."""
    said = []
    for name, values in columns.items():
        there = sorted({shown(str(value)) for value in values if value is not None})
        more = f" and {len(there) - _NAMED:,} more" if len(there) > _NAMED else ""
        said.append(f"{name} is {', '.join(there[:_NAMED])}{more}" if there else f"{name} is nowhere set")
    return shown("; ".join(said))
