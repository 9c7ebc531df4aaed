"""Tables of the arms, of unfinished cells and of all cells."""

import math
from typing import TYPE_CHECKING

from seedbed.cells import CellArtifacts
from seedbed.metric_names import SPLITS, MetricName
from seedbed.report.analysis.scores import metric_label, metric_scale
from seedbed.report.sections.context import web_address
from seedbed.report.sections.cost import MEASURES, cost_cell
from seedbed.report.sections.crossed_seeds import initializations_per_draw
from seedbed.report.sections.page_table import (
    PageTable,
    TableCell,
    arm_cells,
    integer_cell,
    interval_column,
    interval_of,
    metric_title,
    number_cell,
    size_cell,
)
from seedbed.report.sections.rows import summary_rows
from seedbed.report.wording import sanitize

if TYPE_CHECKING:
    from seedbed.report.analysis.analysis import Analysis

MOST_CELLS = 2_000
"""Most rows of the table of cells in the page; ``results.csv`` has all."""
RUNS = "Links to runs open the MLflow UI, which must be running: the command is under About."


def arm_table(analysis: "Analysis", metric: str) -> PageTable:
    """Return the scores and cost of each arm at each size in ``metric``."""
    scale, arms = analysis.scales[metric], arm_cells(analysis)
    summary = analysis.summaries[metric]
    costs = [name for name in ("seconds", "peak_mb") if summary[name].notna().any()]
    head, intervals = interval_column([interval_of(row, scale) for row in summary_rows(analysis, metric)])
    rows = [
        (
            size_cell(row.n_train), arms[row.arm], integer_cell(row.n),
            *(number_cell(value, scale.show(value)) for value in (row.mean, row.sd, row.median, row.iqm)),
            interval,
            *(_cost(getattr(row, name), name) for name in costs),
        )
        for row, interval in zip(summary_rows(analysis, metric), intervals, strict=True)
    ]  # fmt: skip
    header = (
        analysis.size_unit.many, "arm", "finished", "mean", "sd", "median", "interquartile mean",
        f"{head} of the mean",
    )  # fmt: skip
    titles = {"seconds": "seconds per cell", "peak_mb": "peak MB"}
    folded = metric != analysis.metric
    title = metric_title(analysis, metric) + (" by arm" if folded else "")
    note = ""
    if analysis.crossed:
        note = f"Statistics over draws, each the mean of {initializations_per_draw(analysis.crossed)}."
    return PageTable(title, (*header, *(titles[name] for name in costs)), tuple(rows), note, folded)


def unfinished_table(analysis: "Analysis") -> PageTable:
    """Return the cells that failed, were interrupted or have no row."""
    arms, rows = arm_cells(analysis), []
    table = analysis.unfinished()
    errors = table["error"].fillna("") if "error" in table.columns else [""] * len(table)
    keys = (table["n_train"], table["arm"], table["replicate"], table["status"])
    for size, arm, replicate, status, error in zip(*keys, errors, strict=True):
        message = TableCell(sanitize(error, 300) if error else "")
        rows.append((size_cell(size), arms[arm], integer_cell(replicate), TableCell(sanitize(status)), message))
    for arm, size, replicate in analysis.missing[:MOST_CELLS]:
        status = TableCell("missing"), TableCell("no row in the table")
        rows.append((size_cell(size), arms[arm], integer_cell(replicate), *status))
    return PageTable("", (analysis.size_unit.many, "arm", "replicate", "status", "error"), tuple(rows[:MOST_CELLS]))


def cell_table(analysis: "Analysis") -> PageTable:
    """Return one row per cell: its top-level scores and cost."""
    arms, table = arm_cells(analysis), analysis.table
    scores = [name for name in analysis.score_columns if not MetricName.of(name).label]
    scales = {name: metric_scale(table, name) for name in scores}
    costs = [measure for measure in MEASURES if measure.column in table.columns and table[measure.column].notna().any()]
    digests = [name for name in ("draw", "cell") if name in table.columns]
    runs = "run" in table.columns and table["run"].fillna("").astype(str).str.strip().any()
    rows = []
    for cell in table.head(MOST_CELLS).to_dict("records"):
        rows.append((
            size_cell(cell["n_train"]), arms[cell["arm"]], integer_cell(cell["replicate"]),
            TableCell(sanitize(cell["status"], 40)),
            *(number_cell(cell[name], scales[name].show(cell[name])) for name in scores),
            *(cost_cell(cell[measure.column], measure) for measure in costs),
            *(TableCell(sanitize(cell[name])[:10]) for name in digests),
            *([_run(cell["run"], analysis.inputs.artifacts)] if runs else []),
        ))  # fmt: skip
    header = (
        analysis.size_unit.many, "arm", "replicate", "status", *map(_score_title, scores),
        *(measure.title for measure in costs),
        *digests, *(["run"] if runs else []),
    )  # fmt: skip
    note = RUNS if any(row[-1].address for row in rows) else ""
    if len(table) > MOST_CELLS:
        note = f"The first {MOST_CELLS:,} of {len(table):,} cells; results.csv has them all. {note}".strip()
    return PageTable(f"{len(table):,} cells", tuple(sanitize(head, 60) for head in header), tuple(rows), note, True)


def _run(run: object, artifacts: CellArtifacts | None) -> TableCell:
    """Return the first characters of a run's id, as a link if the store has an address for it."""
    name = run if isinstance(run, str) else ""
    address = artifacts.address(name) if artifacts is not None and name else ""
    return TableCell(sanitize(name, 60)[:8] if name else "", address=web_address(address))


def _score_title(name: str) -> str:
    return f"test {metric_label(name)}" if MetricName.of(name).split == SPLITS[0] else metric_label(name)


def _cost(value: float, name: str) -> TableCell:
    digits = 0 if name == "peak_mb" else 1
    return number_cell(value, f"{value:,.{digits}f}" if math.isfinite(value) else "–")
