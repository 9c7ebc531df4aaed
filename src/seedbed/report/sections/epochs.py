"""Epochs of each arm, as a table."""

from typing import TYPE_CHECKING

import numpy as np

from seedbed.report.analysis.summaries import finished_groups
from seedbed.report.sections.page_table import PageTable, arm_cell, arm_indices, integer_cell, number_cell, size_cell

if TYPE_CHECKING:
    from pandas import DataFrame

    from seedbed.report.analysis.analysis import Analysis


def epoch_table(analysis: "Analysis") -> PageTable:
    """How long each arm trained at each size, and which epoch it kept."""
    places, columns = arm_indices(analysis), ("epochs", "best_epoch")
    header = ("examples", "arm", "finished", "epochs", "epoch kept")
    if any(name not in analysis.table.columns or analysis.table[name].notna().sum() == 0 for name in columns):
        return PageTable("", header, ())
    rows = [
        (size_cell(size), arm_cell(arm, places), integer_cell(len(cells)),
         *(_between(cells, name) for name in columns))
        for size, arm, cells in finished_groups(analysis.table, analysis.arms)
    ]  # fmt: skip
    return PageTable("", header, tuple(rows), "Median over finished replicates, and the least to the most.")


def _between(cells: "DataFrame", column: str):
    values = cells[column].dropna().to_numpy(dtype=float)
    if not values.size:
        return number_cell(np.nan, "–")
    middle, low, high = float(np.median(values)), values.min(), values.max()
    return number_cell(middle, f"{middle:g}" if low == high else f"{middle:g} ({low:g} to {high:g})")
