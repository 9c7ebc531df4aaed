"""``trials.csv``: a row a trial of a search, with its settings and scores; read, checked, and written without loss."""

import math
from pathlib import Path
from typing import TYPE_CHECKING

from seedbed.errors import InputError
from seedbed.report.analysis.csv_rows import read_rows
from seedbed.report.analysis.results_table import table_bytes

if TYPE_CHECKING:
    from pandas import DataFrame, Series

KEY = ("arm", "n_train", "replicate", "trial")
"""The columns that name a trial, with ``dataset`` where there are several."""
STATUSES = ("finished", "failed", "pruned")
"""Values of the column ``status``: ``failed`` trials diverged."""
_INTEGERS = ("n_train", "replicate", "trial")
_MEASURES = ("epochs", "seconds", "energy_j")
_SPLITS = ("validation/", "test/", "train/")
_OTHERS = {"arm", "dataset", *_INTEGERS, *_MEASURES, "status", "chosen"}


def tuned_keys(trials: "DataFrame") -> tuple[str, ...]:
    """Return the columns that are settings, such as ``encoder.dropout``, in the order of the table."""
    return tuple(name for name in map(str, trials.columns) if name not in _OTHERS and not name.startswith(_SPLITS))


def read_trials(path: Path) -> "DataFrame":
    """Read ``trials.csv``; InputError names the file and the line."""
    import pandas as pd

    header, rows, lines = read_rows(Path(path))
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise InputError(f"{path}:1: column {', '.join(twice)} appears twice")
    columns: dict[str, object] = {}
    for position, name in enumerate(header):
        texts = [row[position] for row in rows]
        columns[name] = (
            [{"true": True, "false": False}.get(text.lower(), text) for text in texts]
            if name == "chosen"
            else [text or None for text in texts]
        )
    return _checked(pd.DataFrame(columns, dtype=object), [f"{path}:{line}" for line in lines], f"{path}:1")


def trials_bytes(trials: "DataFrame") -> bytes:
    """Return trials as CSV, with every digit: `read_trials` returns the same table."""
    checked = check_trials(trials)
    return table_bytes(checked.assign(chosen=checked["chosen"].map({True: "true", False: "false"})))


def check_trials(trials: "DataFrame") -> "DataFrame":
    """Return a checked copy. Raises InputError.

    Each trial is there once, with a known status; at most one of a search is chosen. Numbers are float64, or int64
    if all are whole and none is missing; other settings are texts, missing where an arm lacks the key.
    """
    trials = trials.reset_index(drop=True)
    return _checked(trials, [f"trials: row {row}" for row in range(1, len(trials) + 1)], "trials")


def _checked(trials: "DataFrame", origins: list[str], head: str) -> "DataFrame":
    missing = [name for name in (*KEY, "status", "chosen") if name not in trials.columns]
    if missing:
        raise InputError(f"{head}: no column {', '.join(missing)}")
    if not any(str(name).startswith("validation/") for name in trials.columns):
        raise InputError(f"{head}: no validation score: trials need a column such as validation/accuracy")
    columns = {}
    for name in map(str, trials.columns):
        if name in (*_INTEGERS, *_MEASURES) or name.startswith(_SPLITS):
            columns[name] = _numbers(trials[name], name, origins)
        elif name == "chosen":
            columns[name] = _truths(trials[name], origins)
        elif name in ("arm", "dataset", "status"):
            columns[name] = trials[name].astype(object).where(trials[name].notna(), "").astype(str).astype(object)
        else:
            columns[name] = _settings(trials[name])
    import pandas as pd

    checked = pd.DataFrame(columns)
    for name in _INTEGERS:
        _whole(checked, name, origins)
    _check_rows(checked, origins)
    return checked


def is_missing(value: object) -> bool:
    """Return whether a value of a table is missing: None or NaN."""
    return value is None or (isinstance(value, float) and math.isnan(value))


def _numbers(column: "Series", name: str, origins: list[str]) -> "Series":
    import pandas as pd

    numbers = pd.to_numeric(column, errors="coerce")
    for origin, value, number in zip(origins, column, numbers, strict=True):
        if math.isnan(number) and not is_missing(value):
            raise InputError(f"{origin}: column {name}: {str(value)[:40]!r} is not a number")
    numbers = numbers.astype("float64")
    return numbers.where(numbers.abs() < math.inf)


def _whole(trials: "DataFrame", name: str, origins: list[str]) -> None:
    for origin, number in zip(origins, trials[name], strict=True):
        if math.isnan(number) or number != int(number) or number < 0:
            raise InputError(f"{origin}: column {name}: not a whole number from 0 on")
    trials[name] = trials[name].astype("int64")


def _truths(column: "Series", origins: list[str]) -> "Series":
    for origin, value in zip(origins, column, strict=True):
        if not isinstance(value, bool) and str(value) not in ("True", "False"):
            raise InputError(f"{origin}: column chosen: {str(value)[:40]!r} is neither true nor false")
    return column.map(lambda value: str(value) == "True").astype(bool)


def _settings(column: "Series") -> "Series":
    """Return the values of a key as numbers if all are numbers, else as texts as typed in an override."""
    import pandas as pd

    values = [None if is_missing(value) else value for value in column.tolist()]
    present = [value for value in values if value is not None]
    if not any(isinstance(value, bool) for value in present):
        numbers = pd.to_numeric(pd.Series(values, index=column.index, dtype=object), errors="coerce")
        if numbers.notna().sum() == len(present):
            is_whole = len(present) == len(values) and all(_is_integer(value) for value in present)
            return numbers.astype("int64" if is_whole and present else "float64")
    texts = [
        None if value is None else str(value).lower() if isinstance(value, bool) else str(value) for value in values
    ]
    return pd.Series(texts, index=column.index, dtype=object)


def _is_integer(value: object) -> bool:
    try:
        return str(int(str(value))) == str(value)
    except ValueError:
        return False


def _check_rows(trials: "DataFrame", origins: list[str]) -> None:
    """Raise InputError for a trial without an arm, with an unknown status, or that appears twice; two chosen ones."""
    names = [*(["dataset"] if "dataset" in trials.columns else []), *KEY]
    first: dict[tuple[object, ...], str] = {}
    chosen: dict[tuple[object, ...], str] = {}
    rows = trials[[*names, "status", "chosen"]].itertuples(index=False, name=None)
    for origin, (*key, status, is_chosen) in zip(origins, rows, strict=True):
        cell = ", ".join(f"{name} {value}" for name, value in zip(names, key, strict=True))
        if not str(key[-len(KEY)]).strip():
            raise InputError(f"{origin}: column arm: no name")
        if status not in STATUSES:
            raise InputError(f"{origin}: column status: {str(status)[:40]!r} is none of {', '.join(STATUSES)}")
        if tuple(key) in first:
            raise InputError(f"{origin}: {cell} appears twice, first at {first[tuple(key)]}")
        first[tuple(key)] = origin
        if is_chosen and chosen.setdefault(tuple(key[:-1]), origin) != origin:
            raise InputError(f"{origin}: {cell} is chosen, as is the trial at {chosen[tuple(key[:-1])]}")
