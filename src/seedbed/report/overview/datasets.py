"""Tables with several data sets: whether each has a report of its own, its rows, and the name of its folder."""

import hashlib
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from seedbed.report.scores import metric_columns

if TYPE_CHECKING:
    from pandas import DataFrame


def datasets_apart(table: "DataFrame") -> tuple[str, ...]:
    """The data sets of a table in which the same arm occurs with several, in order; empty where they are one study.

    Arms that each have a data set of their own, such as those named after it, are compared in one report.
    """
    if "dataset" not in table.columns or "arm" not in table.columns:
        return ()
    names = table["dataset"].fillna("").astype(str)
    several = names.groupby(table["arm"].astype(str)).nunique()
    return tuple(dict.fromkeys(names)) if len(several) and several.max() > 1 else ()


def rows_of(table: "DataFrame", dataset: str) -> "DataFrame":
    """The rows of a data set, without the scores that none of them has, such as the F1 of another's task."""
    own = table[table["dataset"].fillna("").astype(str) == dataset].reset_index(drop=True)
    empty = [name for name in metric_columns(own) if own[name].isna().all()]
    return own.drop(columns=empty)


def folder_names(datasets: Sequence[str]) -> dict[str, str]:
    """A folder for each data set: its name as far as every file system takes it, else with a digest of it."""
    plain = {name: re.sub(r"[^A-Za-z0-9_-]+", "_", name)[:60] for name in datasets}
    taken = [folder.lower() for folder in plain.values()]
    return {
        name: name if folder and folder == name and taken.count(name.lower()) == 1 else f"{folder}-{_digest(name)}"
        for name, folder in plain.items()
    }


def _digest(name: str) -> str:
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:10]
