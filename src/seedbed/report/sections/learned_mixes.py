"""What arms with a learned mix of layers made of it: the share of each layer, and the scale."""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from seedbed.report.analysis.crossed_seeds import CrossedSeeds, mean_of_draws, unit_of
from seedbed.report.analysis.summaries import finished_groups
from seedbed.report.sections.page_table import PageTable, TableCell, arm_cell, arm_indices, size_cell
from seedbed.report.statistics.paired import spread
from seedbed.report.wording import sanitize

if TYPE_CHECKING:
    from pandas import DataFrame

    from seedbed.report.analysis.analysis import Analysis

NOTE = (
    "The share of each layer in the vectors (they sum to one, and start equal), and the scale, which starts at one. "
    "Layer 0 is made of the characters of a token alone. Mean and sample standard deviation over finished {unit}s."
)
_COLUMN = re.compile(r"(?:(?P<part>.+)/)?mix/(?P<what>layer\d+|scale)")


def mix_columns(columns: Iterable[str]) -> dict[str, dict[str, str]]:
    """The columns of learned mixes by part of a stack (empty where there is none), ``layer0`` and so on to its name."""
    parts: dict[str, dict[str, str]] = {}
    for name in columns:
        if found := _COLUMN.fullmatch(str(name)):
            parts.setdefault(found["part"] or "", {})[found["what"]] = str(name)
    return parts


def mix_tables(analysis: "Analysis") -> list[PageTable]:
    """Mean and sample sd over replicates of each share and of the scale; a table a part, a row an arm and size.

    Over draws where seeds are crossed. Parts of a stack have their names as titles where there is more than
    one table to tell apart.
    """
    places = arm_indices(analysis)
    note, tables = NOTE.format(unit=unit_of(analysis.crossed)), []
    for part, columns in mix_columns(analysis.table.columns).items():
        names = sorted(columns, key=lambda what: (what == "scale", len(what), what))
        rows = [
            (size_cell(size), arm_cell(arm, places), *entries)
            for size, arm, cells in finished_groups(analysis.table, analysis.arms)
            if (entries := _entries(cells, [columns[name] for name in names], analysis.crossed)) is not None
        ]
        header = ("examples", "arm", *(name.replace("layer", "layer ") for name in names))
        if rows:
            tables.append(PageTable(sanitize(part, 60) if part else "by itself", header, tuple(rows), note))
    return tables if len(tables) > 1 else [replace(table, title="") for table in tables]


def _entries(cells: "DataFrame", columns: Sequence[str], crossed: CrossedSeeds | None) -> list[TableCell] | None:
    """None for an arm that learns no mix."""
    import pandas as pd

    numbers = cells.assign(**{name: pd.to_numeric(cells[name], errors="coerce") for name in columns})
    values = [mean_of_draws(numbers, name, crossed).to_numpy() for name in columns]
    if not any(len(own) for own in values):
        return None
    return [_entry(*spread(own)) for own in values]


def _entry(mean: float, deviation: float) -> TableCell:
    text = f"{mean:.3f}" + (f" ± {deviation:.3f}" if math.isfinite(deviation) else "")
    return TableCell(text, mean)
