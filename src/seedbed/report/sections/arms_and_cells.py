"""The tables of the page as rows of texts, each with the number it sorts by."""

import math
from typing import TYPE_CHECKING

from seedbed.cells import CellArtifacts
from seedbed.report.analysis.scores import SPLITS, metric_columns, metric_label, metric_scale
from seedbed.report.sections.context import web_address
from seedbed.report.sections.cost import MEASURES, cost_entry
from seedbed.report.sections.page_table import (
    PageTable,
    TableCell,
    arm_cell,
    arm_indices,
    integer_cell,
    interval_cell,
    metric_title,
    number_cell,
    size_cell,
)
from seedbed.report.wording import sanitize

if TYPE_CHECKING:
    from seedbed.report.analysis.analysis import Analysis

MOST_CELLS = 2_000
"""Rows of the table of cells in the page; beyond, ``results.csv`` has them."""
RUNS = "A run opens in the MLflow UI, which has to be started first: the command is under About."


def arm_table(analysis: "Analysis", metric: str) -> PageTable:
    """Each arm at each size by itself in ``metric``, with its cost."""
    scale, places = analysis.scales[metric], arm_indices(analysis)
    summary = analysis.summaries[metric]
    costs = [name for name in ("seconds", "peak_mb") if summary[name].notna().any()]
    rows = [
        (
            size_cell(row.n_train), arm_cell(row.arm, places), integer_cell(row.n),
            *(number_cell(value, scale.show(value)) for value in (row.mean, row.sd, row.median, row.iqm)),
            interval_cell(row, scale),
            *(_cost(getattr(row, name), name) for name in costs),
        )
        for row in summary.itertuples()
    ]  # fmt: skip
    header = ("examples", "arm", "finished", "mean", "sd", "median", "interquartile mean", "95 % interval of the mean")
    titles = {"seconds": "seconds a cell", "peak_mb": "peak MB"}
    folded = metric != analysis.metric
    title = metric_title(analysis, metric) + (", each arm by itself" if folded else "")
    note = f"Mean, sd and the rest over draws, each the mean of {analysis.crossed.each}." if analysis.crossed else ""
    return PageTable(title, (*header, *(titles[name] for name in costs)), tuple(rows), note, folded)


def unfinished_table(analysis: "Analysis") -> PageTable:
    """Cells that failed, were interrupted or have no row."""
    places, rows = arm_indices(analysis), []
    table = analysis.unfinished()
    errors = table["error"].fillna("") if "error" in table.columns else [""] * len(table)
    keys = (table["n_train"], table["arm"], table["replicate"], table["status"])
    for size, arm, replicate, status, error in zip(*keys, errors, strict=True):
        told = TableCell(sanitize(error, 300) if error else "")
        rows.append(
            (size_cell(size), arm_cell(arm, places), integer_cell(replicate), TableCell(sanitize(status)), told)
        )
    for arm, size, replicate in analysis.missing[:MOST_CELLS]:
        told = TableCell("missing"), TableCell("no row in the table")
        rows.append((size_cell(size), arm_cell(arm, places), integer_cell(replicate), *told))
    return PageTable("", ("examples", "arm", "replicate", "status", "what is known"), tuple(rows[:MOST_CELLS]))


def cell_table(analysis: "Analysis") -> PageTable:
    """A row a cell: its top-level scores and cost."""
    places, table = arm_indices(analysis), analysis.table
    scores = [name for name in metric_columns(table) if name.count("/") <= 1]
    scales = {name: metric_scale(table, name) for name in scores}
    costs = [measure for measure in MEASURES if measure.column in table.columns and table[measure.column].notna().any()]
    digests = [name for name in ("draw", "cell") if name in table.columns]
    runs = "run" in table.columns and table["run"].fillna("").astype(str).str.strip().any()
    rows = []
    for cell in table.head(MOST_CELLS).to_dict("records"):
        rows.append((
            size_cell(cell["n_train"]), arm_cell(cell["arm"], places), integer_cell(cell["replicate"]),
            TableCell(sanitize(cell["status"], 40)),
            *(number_cell(cell[name], scales[name].show(cell[name])) for name in scores),
            *(cost_entry(cell[measure.column], measure) for measure in costs),
            *(TableCell(sanitize(cell[name])[:10]) for name in digests),
            *([_run(cell["run"], analysis.inputs.kept)] if runs else []),
        ))  # fmt: skip
    header = (
        "examples", "arm", "replicate", "status", *map(_score_head, scores), *(measure.head for measure in costs),
        *digests, *(["run"] if runs else []),
    )  # fmt: skip
    note = RUNS if any(row[-1].address for row in rows) else ""
    if len(table) > MOST_CELLS:
        note = f"The first {MOST_CELLS:,} of {len(table):,} cells; results.csv has them all. {note}".strip()
    return PageTable(f"{len(table):,} cells", tuple(sanitize(head, 60) for head in header), tuple(rows), note, True)


def _run(run: object, kept: CellArtifacts | None) -> TableCell:
    """The first signs of a run's id, as a link where a browser shows it."""
    name = run if isinstance(run, str) else ""
    address = kept.address(name) if kept is not None and name else ""
    return TableCell(sanitize(name, 60)[:8] if name else "", address=web_address(address))


def _score_head(name: str) -> str:
    split = name.partition("/")[0]
    return f"test {metric_label(name)}" if split == SPLITS[0] else metric_label(name)


def _cost(value: float, name: str) -> TableCell:
    digits = 0 if name == "peak_mb" else 1
    return number_cell(value, f"{value:,.{digits}f}" if math.isfinite(value) else "–")
