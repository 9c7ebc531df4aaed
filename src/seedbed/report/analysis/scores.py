"""Which columns of a table are scores, which of them matters most, and how a score is shown."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from seedbed.cells import CELL_COLUMNS
from seedbed.errors import InputError, nearest
from seedbed.report.analysis.directions import lower_is_better

if TYPE_CHECKING:
    from pandas import DataFrame

SPLITS = ("test", "validation", "train")
_BOOKKEEPING = set(CELL_COLUMNS)
_RATES = ("f1", "accuracy", "precision", "recall")


@dataclass(frozen=True)
class Scale:
    """How a metric is shown: ``factor`` turns a stored value into a shown one, ``unit`` follows a difference."""

    factor: float
    digits: int
    unit: str
    higher_is_better: bool

    def show(self, value: float, digits: int | None = None) -> str:
        """``value`` as text; a dash where there is none."""
        if value is None or not math.isfinite(value):
            return "–"
        text = f"{value * self.factor:.{self.digits if digits is None else digits}f}"
        return text[1:] if float(text) == 0 and text.startswith("-") else text.replace("-", "−")

    def signed(self, value: float, digits: int | None = None) -> str:
        """A difference as text, with its sign."""
        text = self.show(value, digits)
        return text if text.startswith(("−", "–")) or float(text) == 0 else f"+{text}"


def candidates(columns: list[str]) -> list[str]:
    """Columns that can be scores: those of a split (``test/f1``); if there are none, all not of a cell."""
    of_splits = [name for name in columns if name.partition("/")[0] in SPLITS and "/" in name]
    return of_splits or [name for name in columns if name not in _BOOKKEEPING]


def metric_columns(table: "DataFrame") -> list[str]:
    """The columns of ``table`` that are scores, in its order."""
    from pandas.api.types import is_bool_dtype, is_numeric_dtype

    names = candidates([str(name) for name in table.columns])
    return [name for name in names if is_numeric_dtype(table[name]) and not is_bool_dtype(table[name])]


def main_metrics(table: "DataFrame") -> list[str]:
    """The scores to compare arms by, the primary one first.

    They are the top-level ones of the test split (``test/f1``, not ``test/f1/person``); of another split where the
    table has no test scores. Tagging is judged by F1 first, classification by accuracy.
    """
    columns = metric_columns(table)
    for split in SPLITS:
        found = [name for name in columns if name.startswith(f"{split}/") and name.count("/") == 1]
        if found:
            break
    else:
        found = columns
    # The loss of a classification is its log loss, unless classes are weighted: one of them is enough.
    found = [name for name in found if not (name.endswith("/loss") and name.replace("/loss", "/log_loss") in found)]
    tasks = [str(task) for task in table["task"].dropna()] if "task" in table.columns else []
    order = ["f1", "accuracy", "macro_f1"]
    if tasks and all("class" in task for task in tasks):
        order = ["accuracy", "macro_f1", "f1"]
    rank = {name: position for position, name in enumerate(order)}
    return sorted(found, key=lambda name: rank.get(name.rpartition("/")[2], len(order)))


def choose_metric(table: "DataFrame", wanted: str) -> str:
    """The column that ``wanted`` names, with or without ``test/``; InputError with a near name otherwise."""
    columns = metric_columns(table)
    for name in (wanted, f"test/{wanted}"):
        if name in columns:
            return name
    raise InputError(f"metric={wanted}: the table has no such score{nearest(wanted, columns)}")


def stated_directions(table: "DataFrame", lower: Sequence[str], higher: Sequence[str]) -> dict[str, bool]:
    """By column, whether lower is better, from the scores that are named so; InputError on one in both, or unknown."""
    named = [(name, low) for names, low in ((lower, True), (higher, False)) for name in names]
    stated: dict[str, bool] = {}
    for name, low in named:
        try:
            column = choose_metric(table, name)
        except InputError as error:
            key = "lower_is_better" if low else "higher_is_better"
            raise InputError(str(error).replace("metric=", f"{key}=", 1)) from error
        if stated.setdefault(column, low) != low:
            raise InputError(f"lower_is_better={name}: also in higher_is_better=")
    return stated


def rate_columns(table: "DataFrame") -> list[str]:
    """The scores that share a unit: F1, accuracy, precision and recall, as fractions or as percentages."""
    return [name for name in metric_columns(table) if any(word in name for word in _RATES)]


def type_columns(table: "DataFrame") -> dict[str, str]:
    """For each entity type or class with an F1 of its own, the column that holds it."""
    prefix = "test/f1/"
    return {name.removeprefix(prefix): name for name in metric_columns(table) if name.startswith(prefix)}


def metric_label(metric: str) -> str:
    """``test/macro_f1`` as people say it: ``macro F1``; other splits than the test split keep their name."""
    split, _, rest = metric.partition("/")
    words = rest if rest and split in SPLITS else metric
    words = " ".join("F1" if word == "f1" else word for word in words.replace("_", " ").split())
    return words if split not in SPLITS[1:] or not rest else f"{split} {words}"


def metric_scale(table: "DataFrame", metric: str, lower: Mapping[str, bool] | None = None) -> Scale:
    """How to show ``metric``: rates as percentages, whether the table holds fractions or percentages.

    F1, accuracy, precision and recall of one table share their unit: all are percentages if one is well above 1.
    ``lower``: by column, whether lower is better; else `lower_is_better` tells, and where it does not, higher is.
    """
    name = metric.rpartition("/")[2] if metric.count("/") <= 1 else metric.split("/")[1]
    higher = not lower_is_better(metric, lower)
    if any(word in name for word in _RATES):
        rates = rate_columns(table)
        largest = table[rates].max(numeric_only=True).max() if rates else 0.0
        return Scale(1.0 if largest > 1.5 else 100.0, 2, "points", higher)
    return Scale(1.0, 4, "", higher)
