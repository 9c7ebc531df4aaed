"""Epochs of each arm, as a table."""

from typing import TYPE_CHECKING

import numpy as np

from seedbed.report.sections.page_table import PageTable, TableCell, arm_cells, integer_cell, number_cell, size_cell

if TYPE_CHECKING:
    from pandas import DataFrame

    from seedbed.report.analysis.analysis import Analysis


def epoch_table(analysis: "Analysis") -> PageTable:
    """Return the number of epochs of each arm and size, and the epoch of the selected weights.

    Without arms that are fitted at once, such as probes, which have none.
    """
    arms, columns = arm_cells(analysis), ("epochs", "best_epoch")
    header = (analysis.size_unit.many, "arm", "finished", "epochs", "selected epoch")
    if any(name not in analysis.table.columns or analysis.table[name].notna().sum() == 0 for name in columns):
        return PageTable("", header, ())
    rows = [
        (size_cell(size), arms[arm], integer_cell(len(cells)),
         *(_range_cell(cells, name) for name in columns))
        for size, arm, cells in analysis.groups
        if (cells["epochs"] > 0).any()
    ]  # fmt: skip
    return PageTable("", header, tuple(rows), "Median over finished replicates, with the range in parentheses.")


def _range_cell(cells: "DataFrame", column: str) -> TableCell:
    values = cells[column].dropna().to_numpy(dtype=float)
    if not values.size:
        return number_cell(np.nan, "–")
    middle, low, high = float(np.median(values)), values.min(), values.max()
    return number_cell(middle, f"{middle:g}" if low == high else f"{middle:g} ({low:g} to {high:g})")
