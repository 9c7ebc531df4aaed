"""The cost of each arm: seconds, memory, energy and weights of a cell."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from seedbed.report.analysis.tuned_cells import settings_of_cells
from seedbed.report.sections.page_table import (
    PageTable,
    TableCell,
    arm_cells,
    integer_cell,
    number_cell,
    size_cell,
)

if TYPE_CHECKING:
    from pandas import DataFrame, Series

    from seedbed.report.analysis.analysis import Analysis


@dataclass(frozen=True)
class Measure:
    """A column of the table of cells, its title, and how a value is shown."""

    column: str
    title: str
    show: Callable[[float], str]


def _integer(value: float) -> str:
    return f"{value:,.0f}"


def short(value: float) -> str:
    """``0.034``, ``3.4``, ``34.1``, ``3,412``."""
    return f"{value:.2g}" if 0 < value < 1 else f"{value:,.1f}" if value < 100 else _integer(value)


MEASURES = (
    Measure("seconds", "seconds", short),
    Measure("peak_mb", "peak MB", _integer),
    Measure("energy_j", "joules", short),
    Measure("trained_weights", "trained weights", _integer),
    Measure("frozen_weights", "frozen weights", _integer),
)

NOTE = (
    "Per cell: median over finished replicates, with the range in parentheses if they differ. Replicates train as one "
    "model, and each has an equal share of the seconds and joules, compilation included; peak memory is that of "
    "the whole group."
)
_WEIGHTS = " Frozen weights are the word vectors of a draw; the model that computes contextual vectors is not counted."
_SEARCH = (
    " A tuned arm costs its search too, in a column of its own: all trials of a replicate, the default included; "
    "further searches are not counted."
)
_ENERGY = " Joules are read from the machine's counters, other processes included."


def cost_table(analysis: "Analysis") -> PageTable:
    """Return one row per arm and size, without measures that no cell has; no rows if there are none."""
    arms = arm_cells(analysis)
    measures = [measure for measure in MEASURES if _has_values(analysis.table, measure.column)]
    searched = {measure: found for measure in measures if (found := search_costs(analysis, measure.column))}
    rows = [
        (size_cell(size), arms[arm], integer_cell(len(cells)),
         *(_range_cell(cells[measure.column], measure) for measure in measures),
         *(_range_cell([*costs.get((size, arm), {}).values()], measure) for measure, costs in searched.items()))
        for size, arm, cells in analysis.groups
        if measures
    ]  # fmt: skip
    columns = {measure.column for measure in measures}
    note = NOTE + _SEARCH * bool(searched) + _WEIGHTS * ("frozen_weights" in columns)
    note += _ENERGY * ("energy_j" in columns)
    titles = (*(measure.title for measure in measures), *(f"{measure.title} of its search" for measure in searched))
    header = (analysis.size_unit.many, "arm", "finished", *titles)
    return PageTable("", header, tuple(rows), note)


def cost_cell(value: float, measure: Measure) -> TableCell:
    """Return one value, or a dash."""
    return number_cell(value, measure.show(value) if np.isfinite(value) else "–")


def search_costs(analysis: "Analysis", column: str) -> dict[tuple[int, str], dict[int, float]]:
    """Return by size and tuned arm what all trials of each replicate cost; empty where it is not recorded."""
    tuning, costs = analysis.inputs.tuning, dict[tuple[int, str], dict[int, float]]()
    if tuning is None or column not in tuning.trials.columns:
        return costs
    sums = tuning.trials.groupby(["n_train", "arm", "replicate"])[column].sum(min_count=1)
    tuned = {
        (size, arm): cells[settings_of_cells(cells) == "tuned"]["replicate"] for size, arm, cells in analysis.groups
    }
    for (size, arm), replicates in tuned.items():
        found = {int(number): float(sums.get((size, arm, number), np.nan)) for number in replicates}
        if known := {number: value for number, value in found.items() if np.isfinite(value)}:
            costs[size, arm] = known
    return costs


def seconds_of(analysis: "Analysis") -> Iterator[tuple[int, str, NDArray[np.float64]]]:
    """Yield (size, arm, sorted seconds of its finished cells) where they are recorded, with those of their searches."""
    if _has_values(analysis.table, "seconds"):
        searched = search_costs(analysis, "seconds")
        for size, arm, cells in analysis.groups:
            own = searched.get((size, arm), {})
            values = _values(cells["seconds"] + cells["replicate"].map(own).fillna(0.0) if own else cells["seconds"])
            if values.size:
                yield size, arm, values


def _has_values(table: "DataFrame", column: str) -> bool:
    return column in table.columns and bool(_values(table[column]).size)


def _values(column: "Series | Sequence[float]") -> NDArray[np.float64]:
    """Return the finite values, sorted, without negative ones, which are errors of a clock or counter."""
    values = np.asarray(column, dtype=float)
    return np.sort(values[np.isfinite(values) & (values >= 0)])


def _range_cell(column: "Series | Sequence[float]", measure: Measure) -> TableCell:
    values = _values(column)
    if not values.size:
        return number_cell(np.nan, "–")
    middle = float(np.median(values))
    low, high = (measure.show(float(value)) for value in (values[0], values[-1]))
    text = measure.show(middle)
    return number_cell(middle, text if low == high else f"{text} ({low} to {high})")
