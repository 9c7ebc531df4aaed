"""Score columns of a table, the primary metric, and the format of scores."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from seedbed.cells import CELL_COLUMNS
from seedbed.directions import lower_is_better
from seedbed.errors import InputError, nearest
from seedbed.matching import SCORES as MATCHING_SCORES
from seedbed.metric_names import SPLITS, MetricName, is_rate

if TYPE_CHECKING:
    from pandas import DataFrame

_BOOKKEEPING = {*CELL_COLUMNS, "setting"}


@dataclass(frozen=True)
class Scale:
    """Format of a metric: ``factor`` converts a stored value to the shown one, ``unit`` follows a difference."""

    factor: float
    digits: int
    unit: str
    higher_is_better: bool

    def gain(self, value: float) -> float:
        """Return ``value``, negated if lower is better."""
        return value if self.higher_is_better else -value

    def show(self, value: float, digits: int | None = None) -> str:
        """Return ``value`` as text; a dash if it is missing."""
        if value is None or not math.isfinite(value):
            return "–"
        text = f"{value * self.factor:.{self.digits if digits is None else digits}f}"
        return text[1:] if float(text) == 0 and text.startswith("-") else text.replace("-", "−")

    def signed(self, value: float, digits: int | None = None) -> str:
        """Return a difference as text, with its sign."""
        text = self.show(value, digits)
        return text if text.startswith(("−", "–")) or float(text) == 0 else f"+{text}"


def candidates(columns: list[str]) -> list[str]:
    """Return columns that can be scores: those of a split (``test/f1``), or else all that are not of a cell."""
    of_splits = [name for name in columns if MetricName.of(name).split in SPLITS]
    return of_splits or [name for name in columns if name not in _BOOKKEEPING]


def metric_columns(table: "DataFrame") -> list[str]:
    """Return the columns of ``table`` that are scores, in its order."""
    from pandas.api.types import is_bool_dtype, is_numeric_dtype

    names = candidates([str(name) for name in table.columns])
    return [name for name in names if is_numeric_dtype(table[name]) and not is_bool_dtype(table[name])]


def main_metrics(table: "DataFrame") -> list[str]:
    """Return the scores to compare arms by, the primary one first.

    They are the top-level scores of the test split (``test/f1``, not ``test/f1/person``), or of another split if there
    are no test scores. The primary score is F1 for tagging, accuracy for classification, micro F1 for sets
    of labels.
    """
    columns = metric_columns(table)
    for split in SPLITS:
        metrics = [name for name in columns if (own := MetricName.of(name)).split == split and own.overall]
        if metrics:
            break
    else:
        metrics = columns
    # Partial matches and the like have a section of their own.
    metrics = [name for name in metrics if MetricName.of(name).overall not in MATCHING_SCORES] or metrics
    # The loss of a classification is its log loss, unless classes are weighted: one of them is enough.
    metrics = [
        name
        for name in metrics
        if MetricName.of(name).overall != "loss" or f"{name.removesuffix('loss')}log_loss" not in metrics
    ]
    tasks = [str(task) for task in table["task"].dropna()] if "task" in table.columns else []
    order = ["f1", "accuracy", "micro_f1", "macro_f1"]
    if tasks and all("class" in task for task in tasks):
        order = ["accuracy", "macro_f1", "f1"]
    rank = {name: position for position, name in enumerate(order)}
    return sorted(metrics, key=lambda name: rank.get(MetricName.of(name).overall, len(order)))


def choose_metric(table: "DataFrame", wanted: str) -> str:
    """Return the column named ``wanted``, with or without ``test/``. InputError with a similar name otherwise."""
    columns = metric_columns(table)
    for name in (wanted, f"test/{wanted}"):
        if name in columns:
            return name
    raise InputError(f"metric={wanted}: the table has no such score{nearest(wanted, columns)}")


def stated_directions(table: "DataFrame", lower: Sequence[str], higher: Sequence[str]) -> dict[str, bool]:
    """Return, by column, whether lower is better. InputError for a score in both lists, or an unknown one."""
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
    """Return the scores that share a unit: F1, accuracy, precision and recall, as fractions or as percentages."""
    return [name for name in metric_columns(table) if is_rate(MetricName.of(name).score)]


def type_columns(table: "DataFrame") -> dict[str, str]:
    """Return, by entity type or class, the column of its F1."""
    named = {name: MetricName.of(name) for name in metric_columns(table)}
    return {own.label: name for name, own in named.items() if own[:2] == (SPLITS[0], "f1") and own.label}


def metric_label(metric: str) -> str:
    """Return the label of a metric: ``macro F1`` for ``test/macro_f1``; other splits and labels keep theirs."""
    split, score, label = MetricName.of(metric)
    words = " ".join("F1" if word == "f1" else word for word in score.replace("_", " ").split())
    words += f"/{label}" if label else ""
    return words if split in ("", SPLITS[0]) else f"{split} {words}" if split in SPLITS else f"{split}/{words}"


def metric_scale(table: "DataFrame", metric: str, lower: Mapping[str, bool] | None = None) -> Scale:
    """Return the scale of ``metric``: rates are shown as percentages, stored as fractions or percentages.

    F1, accuracy, precision and recall of one table share their unit: all are percentages if one is well above 1.
    ``lower``: by column, whether lower is better; by default from `lower_is_better`, else higher is better.
    """
    higher = not lower_is_better(metric, lower)
    if is_rate(MetricName.of(metric).score):
        rates = rate_columns(table)
        largest = table[rates].max(numeric_only=True).max() if rates else 0.0
        return Scale(1.0 if largest > 1.5 else 100.0, 2, "points", higher)
    return Scale(1.0, 4, "", higher)
