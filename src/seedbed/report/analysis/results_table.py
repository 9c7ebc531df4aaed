"""Results tables: read, validate, and write without loss."""

import math
import re
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from seedbed.cells import MEASURES
from seedbed.errors import InputError
from seedbed.files import write_whole
from seedbed.metric_names import SPLITS, MetricName
from seedbed.report.analysis.csv_rows import read_rows
from seedbed.report.analysis.datasets import dataset_names
from seedbed.report.analysis.scores import candidates, metric_columns

if TYPE_CHECKING:
    from pandas import DataFrame, Series

KEY = ("arm", "n_train", "replicate")
"""The columns that every table must have; together they name a cell, with ``dataset`` where arms have several, and with
``setting`` in the table of a search."""

LARGEST = 1e100
"""A score further from zero counts as missing: its square overflows."""
MOST_EXAMPLES = 10**15
_INTEGERS = {"n_train", "replicate", "data_seed", "init_seed"}
_NUMBERS = set(MEASURES)
_TEXTS = {"dataset", "embedding", "encoder", "task", "draw", "cell", "data", "run", "error", "setting"}

SETTINGS = ("default", "tuned", "refit")
"""Values of the column ``setting``: the settings that a cell of a search was trained with; empty without a search."""
FURTHER = re.compile(r"tuned \d+")
"""Values of a cell of a further search of the same replicate, for the variance of searching."""


STATUSES = ("finished", "failed", "interrupted", "missing")
"""Values of the column ``status``; only finished cells are counted."""


def read_table(path: Path) -> "DataFrame":
    """Read a results table (CSV, UTF-8, a header, a row a cell); InputError names the file and the line.

    It needs the columns ``arm``, ``n_train``, ``replicate`` and one score. An empty field is a missing value.
    """
    import pandas as pd

    path = Path(path)
    header, rows, lines = read_rows(path)
    _check_header(header, f"{path}:1")
    scores = set(candidates(header))
    columns = {}
    for position, name in enumerate(header):
        texts = [row[position] for row in rows]
        is_score = name in scores and (_is_split_score(name) or any(_number(text) is not None for text in texts))
        is_number = is_score or name in _INTEGERS or name in _NUMBERS or _is_measured(name, texts)
        columns[name] = _numbers(texts, name, path, lines) if is_number else texts
    table = pd.DataFrame(columns)
    if not metric_columns(table):
        raise InputError(f"{path}:1: no score: a table needs a column such as test/accuracy besides {', '.join(KEY)}")
    return _check_cells(table, [f"{path}:{line}" for line in lines])


def check_table(table: "DataFrame") -> "DataFrame":
    """Return a checked copy: keys present and integers, each cell once, scores numeric, ``status`` on every row.

    Rows without a status count as finished; a score that is infinite, or beyond LARGEST, counts as missing. Raises
    InputError.
    """
    import pandas as pd

    _check_header([str(name) for name in table.columns], "table")
    table = table.reset_index(drop=True)
    for name in candidates(list(table.columns)):
        if _is_split_score(name):
            try:
                values = pd.to_numeric(table[name]).astype("float64")
                table[name] = values.where(values.abs() <= LARGEST)
            except (ValueError, TypeError) as error:
                raise InputError(f"table: column {name}: not a number: {error}") from error
    for name in _NUMBERS & set(table.columns):
        table[name] = pd.to_numeric(table[name], errors="coerce")
    table = _check_cells(table, [f"table: row {row}" for row in range(1, len(table) + 1)])
    table["arm"] = table["arm"].astype(str)
    for name in _TEXTS & set(table.columns):
        table[name] = table[name].astype(object).where(table[name].notna(), "").astype(str)
    status = table["status"] if "status" in table.columns else pd.Series("", index=table.index)
    table["status"] = status.fillna("").astype(str).replace("", "finished")
    for name, values in (("status", STATUSES), ("setting", ("", *SETTINGS))):
        unknown = sorted(set(table[name]) - set(values)) if name in table.columns else []
        unknown = [value for value in unknown if name == "status" or not FURTHER.fullmatch(value)]
        if unknown:
            raise InputError(f"table: column {name}: {unknown[0]!r} is none of {', '.join(filter(None, values))}")
    return table


def write_table(table: "DataFrame", path: Path) -> None:
    """Write ``table`` as CSV, atomically and with every digit: reading it back returns the same numbers."""
    write_whole(Path(path), table_bytes(table))


def table_bytes(table: "DataFrame") -> bytes:
    """Return ``table`` as CSV: a missing value is an empty field, a float its shortest exact text."""
    columns = [_fields(table.iloc[:, position]) for position in range(table.shape[1])]
    lines = [",".join(_field(name) for name in table.columns), *map(",".join, zip(*columns, strict=True))]
    return "".join(f"{line}\n" for line in lines).encode("utf-8")


def _fields(column: "Series") -> list[str]:
    from pandas.api.types import is_float_dtype

    if is_float_dtype(column) and column.dtype != object:
        return ["" if math.isnan(value) else repr(value) for value in column.astype("float64").tolist()]
    missing = column.isna().tolist()
    return ["" if empty else _field(value) for empty, value in zip(missing, column.tolist(), strict=True)]


def _field(value: object) -> str:
    text = repr(float(value)) if isinstance(value, float | np.floating) else str(value)
    # csv.writer of Python 3.11 leaves a bare carriage return unquoted, and it then reads as a new line.
    return f'"{text.replace(chr(34), chr(34) * 2)}"' if any(sign in text for sign in ',"\r\n') else text


def _check_header(header: list[str], where: str) -> None:
    missing = [name for name in KEY if name not in header]
    if missing:
        raise InputError(f"{where}: no column {', '.join(missing)}; the columns are {', '.join(header)[:200]}")
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise InputError(f"{where}: column {', '.join(twice)} appears twice")


def _check_cells(table: "DataFrame", origins: list[str]) -> "DataFrame":
    """Validate integers in ``n_train`` and ``replicate``, a name in ``arm``, and that each cell appears once."""
    import pandas as pd

    for name in ("n_train", "replicate"):
        numbers = pd.to_numeric(table[name], errors="coerce")
        for origin, value, number in zip(origins, table[name], numbers, strict=True):
            if not math.isfinite(number) or number != int(number) or abs(number) > MOST_EXAMPLES:
                raise InputError(f"{origin}: column {name}: {repr(value)[:40]} is not a whole number")
            if name == "n_train" and number < 0:
                raise InputError(f"{origin}: column n_train: {int(number)} is below zero")
        table[name] = numbers.astype("int64")
    columns = {name: table[name] for name in KEY}
    datasets = dataset_names(table)
    columns |= {"dataset": datasets} if datasets.nunique() > 1 else {}
    columns |= {"setting": table["setting"].fillna("").replace("", "default")} if "setting" in table.columns else {}
    origin_of: dict[tuple, str] = {}
    for origin, *key in zip(origins, *columns.values(), strict=True):
        if key[0] is None or key[0] != key[0] or not str(key[0]).strip():
            raise InputError(f"{origin}: column arm: no name")
        if tuple(key) in origin_of:
            cell = ", ".join(f"{name} {value}" for name, value in zip(columns, key, strict=True))
            raise InputError(f"{origin}: {' '.join(cell.split())} appears twice, first at {origin_of[tuple(key)]}")
        origin_of[tuple(key)] = origin
    return table


def _is_measured(name: str, texts: list[str]) -> bool:
    """Whether a column is of numbers that are no scores, such as ``probe/c``; any of them may be missing."""
    return "/" in name and all(not text.strip() or _number(text) is not None for text in texts)


def _is_split_score(name: str) -> bool:
    return MetricName.of(name).split in SPLITS


def _number(text: str) -> float | None:
    try:
        return None if "_" in text else float(text)  # Python reads 1_0 as ten; a table does not
    except ValueError:
        return None


def _numbers(texts: list[str], name: str, path: Path, lines: list[int]) -> list[float] | list[int]:
    values = []
    for text, line in zip(texts, lines, strict=True):
        value = math.nan if not text.strip() else _number(text)
        if value is None:
            raise InputError(f"{path}:{line}: column {name}: {text[:40]!r} is not a number")
        if name in _INTEGERS and text.strip().lstrip("+-").isdecimal():
            value = int(text)  # seeds may be longer than a float can hold
        values.append(value)
    return values
