"""What an arm costs: seconds, memory, energy and weights of a cell."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from seedbed.report.analysis.summaries import finished_groups
from seedbed.report.sections.page_table import (
    PageTable,
    TableCell,
    arm_cell,
    arm_indices,
    integer_cell,
    number_cell,
    size_cell,
)

if TYPE_CHECKING:
    from pandas import DataFrame, Series

    from seedbed.report.analysis.analysis import Analysis


@dataclass(frozen=True)
class Measure:
    """A column of the table of cells, its head, and how a value is shown."""

    column: str
    head: str
    show: Callable[[float], str]


def _whole(value: float) -> str:
    return f"{value:,.0f}"


def short(value: float) -> str:
    """``0.034``, ``3.4``, ``34.1``, ``3,412``."""
    return f"{value:.2g}" if 0 < value < 1 else f"{value:,.1f}" if value < 100 else _whole(value)


MEASURES = (
    Measure("seconds", "seconds", short),
    Measure("peak_mb", "peak MB", _whole),
    Measure("energy_j", "joules", short),
    Measure("trained_weights", "trained weights", _whole),
    Measure("frozen_weights", "frozen weights", _whole),
)

NOTE = (
    "Of a cell: the median over finished replicates, and the lowest to the highest where they differ. Replicates train "
    "side by side, and each is given its share of the seconds and joules, compiling included; peak memory is that of "
    "the whole group."
)
_WEIGHTS = " Frozen weights are the vectors of the words of a draw; the model behind contextual vectors is not counted."
_ENERGY = " Joules are what the machine's counters saw, with all else that ran on it."


def cost_table(analysis: "Analysis") -> PageTable:
    """A row an arm and size; measures that no cell has are left out, and without any there are no rows."""
    places = arm_indices(analysis)
    measures = [measure for measure in MEASURES if _known(analysis.table, measure.column)]
    rows = [
        (size_cell(size), arm_cell(arm, places), integer_cell(len(cells)),
         *(_entry(cells[measure.column], measure) for measure in measures))
        for size, arm, cells in finished_groups(analysis.table, analysis.arms)
        if measures
    ]  # fmt: skip
    columns = {measure.column for measure in measures}
    note = NOTE + _WEIGHTS * ("frozen_weights" in columns) + _ENERGY * ("energy_j" in columns)
    return PageTable("", ("examples", "arm", "finished", *(measure.head for measure in measures)), tuple(rows), note)


def cost_entry(value: float, measure: Measure) -> TableCell:
    """One value, or a dash."""
    return number_cell(value, measure.show(value) if np.isfinite(value) else "–")


def seconds_of(analysis: "Analysis") -> Iterator[tuple[int, str, np.ndarray]]:
    """(size, arm, seconds of each finished cell, sorted) where they are known."""
    if _known(analysis.table, "seconds"):
        for size, arm, cells in finished_groups(analysis.table, analysis.arms):
            values = _values(cells["seconds"])
            if values.size:
                yield size, arm, values


def _known(table: "DataFrame", column: str) -> bool:
    return column in table.columns and bool(_values(table[column]).size)


def _values(column: "Series") -> np.ndarray:
    """The finite ones, sorted. None is negative: no clock runs backward and no counter either."""
    values = column.to_numpy(dtype=float, na_value=np.nan)
    return np.sort(values[np.isfinite(values) & (values >= 0)])


def _entry(column: "Series", measure: Measure) -> TableCell:
    values = _values(column)
    if not values.size:
        return number_cell(np.nan, "–")
    middle = float(np.median(values))
    low, high = (measure.show(float(value)) for value in (values[0], values[-1]))
    text = measure.show(middle)
    return number_cell(middle, text if low == high else f"{text} ({low} to {high})")
