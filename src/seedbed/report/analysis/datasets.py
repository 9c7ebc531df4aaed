"""Tables with several data sets: the data set of each row, and the folder of each data set."""

import hashlib
import re
from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING

from seedbed.report.analysis.scores import metric_columns
from seedbed.report.wording import join_limited, sanitize

if TYPE_CHECKING:
    from pandas import DataFrame, Series

_MOST_ARMS = 3


def dataset_names(table: "DataFrame") -> "Series":
    """Return the data set of each row: different data have different names, whatever is in the column ``dataset``.

    Rows are of the same data where the column ``data``, a digest, is the same. If it is empty, as in tables of
    other programs, they are of the only known data under their name, or else of one data set under this name. An arm
    with several names for the same data, such as two ways to read it, has a data set under each.
    """
    import pandas as pd

    names, data = (_texts(table, column) for column in ("dataset", "data"))
    digests_of: dict[str, set[str]] = {}
    for name, digest in zip(names, data, strict=True):
        digests_of.setdefault(name, set()).update({digest} - {""})
    keys: list[Hashable] = [
        digest or (next(iter(digests_of[name])) if len(digests_of[name]) == 1 else (name,))
        for name, digest in zip(names, data, strict=True)
    ]
    arms = _texts(table, "arm")
    names_of: dict[tuple[Hashable, str], set[str]] = {}
    for key, arm, name in zip(keys, arms, names, strict=True):
        names_of.setdefault((key, arm), set()).add(name)
    ambiguous = {key for (key, _), arm_names in names_of.items() if len(arm_names) > 1}
    keys = [(key, name) if key in ambiguous else key for key, name in zip(keys, names, strict=True)]
    shown = _shown(keys, names, arms)
    return pd.Series([shown[key] for key in keys], index=table.index, dtype=object)


def datasets_apart(table: "DataFrame") -> tuple[str, ...]:
    """Return the names of the data sets of a table, in order; empty for a single one (a report without overview)."""
    names = tuple(dict.fromkeys(dataset_names(table)))
    return names if len(names) > 1 else ()


def data_of(table: "DataFrame") -> frozenset[str]:
    """Return the digests in the column ``data``; empty if none is known."""
    return frozenset(_texts(table, "data")) - {""}


def by_dataset(table: "DataFrame") -> "dict[str, DataFrame]":
    """Return the rows of each data set, without scores that it lacks, such as the F1 of another task."""
    tables = {}
    for name, rows in table.groupby(dataset_names(table), sort=False):
        part = rows.reset_index(drop=True)
        empty = [score for score in metric_columns(part) if part[score].isna().all()]
        tables[name] = part.drop(columns=empty)
    return tables


def folder_names(datasets: Sequence[str]) -> dict[str, str]:
    """Return a folder name per data set: its name if every file system accepts it, else with a digest."""
    plain_names = {name: re.sub(r"[^A-Za-z0-9_-]+", "_", name)[:60] for name in datasets}
    taken = [folder.lower() for folder in plain_names.values()]
    return {
        name: name if folder and folder == name and taken.count(name.lower()) == 1 else f"{folder}-{_digest(name)}"
        for name, folder in plain_names.items()
    }


def _texts(table: "DataFrame", column: str) -> list[str]:
    return table[column].fillna("").astype(str).tolist() if column in table.columns else [""] * len(table)


def _shown(keys: Sequence[Hashable], names: Sequence[str], arms: Sequence[str]) -> dict[Hashable, str]:
    """Return a name per key: that in the table if it is unique, else with its arms, or with a number."""
    name_of = dict(zip(reversed(keys), reversed(names), strict=True))
    arms_of: dict[Hashable, dict[str, None]] = {}
    for key, arm in zip(keys, arms, strict=True):
        arms_of.setdefault(key, {})[arm] = None
    with_arms = {key: f"{name_of[key]} ({_some(list(key_arms))})" for key, key_arms in arms_of.items()}
    names_shown: dict[Hashable, str] = {}
    for number, key in enumerate(arms_of, 1):
        is_shared = list(name_of.values()).count(name_of[key]) > 1
        is_ambiguous = list(with_arms.values()).count(with_arms[key]) > 1
        names_shown[key] = (
            (f"{name_of[key]} ({number})" if is_ambiguous else with_arms[key]) if is_shared else name_of[key]
        )
    return names_shown


def _some(arms: Sequence[str]) -> str:
    return join_limited([sanitize(arm, 60) for arm in arms], _MOST_ARMS)


def _digest(name: str) -> str:
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:10]
