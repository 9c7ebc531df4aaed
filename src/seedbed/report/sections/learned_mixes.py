"""Learned mixes of layers: the weight of each layer, and the scale."""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from seedbed.report.analysis.crossed_seeds import CrossedSeeds, mean_of_draws, unit_of
from seedbed.report.sections.page_table import PageTable, TableCell, arm_cells, size_cell
from seedbed.report.statistics.paired import spread
from seedbed.report.wording import sanitize

if TYPE_CHECKING:
    from pandas import DataFrame

    from seedbed.report.analysis.analysis import Analysis

NOTE = (
    "The weight of each layer in the vectors (weights sum to one and start equal), and the scale, which starts at one. "
    "Layer 0 depends only on the characters of a token. Mean and sample standard deviation over finished {unit}s."
)
_COLUMN = re.compile(r"(?:(?P<part>.+)/)?mix/(?P<what>layer\d+|scale)")


def mix_columns(columns: Iterable[str]) -> dict[str, dict[str, str]]:
    """Return the columns of learned mixes, by part of the stack (empty without one) and ``layer0``, ``scale`` etc."""
    parts: dict[str, dict[str, str]] = {}
    for name in columns:
        if match := _COLUMN.fullmatch(str(name)):
            parts.setdefault(match["part"] or "", {})[match["what"]] = str(name)
    return parts


def mix_tables(analysis: "Analysis") -> list[PageTable]:
    """Return mean and sample sd of each weight and of the scale: a table per part, a row per arm and size.

    Over replicates, or draws with crossed seeds. Tables have the names of the parts as titles if there are several.
    """
    arms = arm_cells(analysis)
    note, tables = NOTE.format(unit=unit_of(analysis.crossed)), []
    for part, columns in mix_columns(analysis.table.columns).items():
        names = sorted(columns, key=lambda what: (what == "scale", len(what), what))
        rows = [
            (size_cell(size), arms[arm], *entries)
            for size, arm, cells in analysis.groups
            if (entries := _mix_cells(cells, [columns[name] for name in names], analysis.crossed)) is not None
        ]
        header = (analysis.size_unit.many, "arm", *(name.replace("layer", "layer ") for name in names))
        if rows:
            tables.append(PageTable(sanitize(part, 60) if part else "by itself", header, tuple(rows), note))
    return tables if len(tables) > 1 else [replace(table, title="") for table in tables]


def _mix_cells(cells: "DataFrame", columns: Sequence[str], crossed: CrossedSeeds | None) -> list[TableCell] | None:
    """Return None for an arm that learns no mix."""
    import pandas as pd

    numbers = cells.assign(**{name: pd.to_numeric(cells[name], errors="coerce") for name in columns})
    values = [mean_of_draws(numbers, name, crossed).to_numpy() for name in columns]
    if not any(len(column) for column in values):
        return None
    return [_mean_cell(*spread(column)) for column in values]


def _mean_cell(mean: float, sd: float) -> TableCell:
    text = f"{mean:.3f}" + (f" ± {sd:.3f}" if math.isfinite(sd) else "")
    return TableCell(text, mean)
