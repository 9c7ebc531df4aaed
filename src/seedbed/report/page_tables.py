"""The tables of the page as rows of texts, each with the number it sorts by."""

import math
from typing import TYPE_CHECKING

from seedbed.report.context import web_address
from seedbed.report.cost import MEASURES, cost_entry
from seedbed.report.entries import (
    Entry,
    PageTable,
    arm_entry,
    interval_entry,
    metric_title,
    number_entry,
    places_of,
    size_entry,
    whole_entry,
)
from seedbed.report.scores import SPLITS, metric_columns, metric_label, scale_of
from seedbed.report.wording import plain
from seedbed.results import CellArtifacts

if TYPE_CHECKING:
    from seedbed.report.study import Study

MOST_CELLS = 2_000
"""Rows of the table of cells in the page; beyond, ``results.csv`` has them."""
RUNS = "A run opens in the MLflow UI, which has to be started first: the command is under About."


def arm_table(study: "Study", metric: str) -> PageTable:
    """Each arm at each size by itself in ``metric``, with its cost."""
    scale, places = study.scales[metric], places_of(study)
    summary = study.summaries[metric]
    costs = [name for name in ("seconds", "peak_mb") if summary[name].notna().any()]
    rows = [
        (
            size_entry(row.n_train), arm_entry(row.arm, places), whole_entry(row.n),
            *(number_entry(value, scale.show(value)) for value in (row.mean, row.sd, row.median, row.iqm)),
            interval_entry(row, scale),
            *(_cost(getattr(row, name), name) for name in costs),
        )
        for row in summary.itertuples()
    ]  # fmt: skip
    heads = ("examples", "arm", "finished", "mean", "sd", "median", "interquartile mean", "95 % interval of the mean")
    titles = {"seconds": "seconds a cell", "peak_mb": "peak MB"}
    folded = metric != study.metric
    title = metric_title(study, metric) + (", each arm by itself" if folded else "")
    note = f"Mean, sd and the rest over draws, each the mean of {study.crossing.each}." if study.crossing else ""
    return PageTable(title, (*heads, *(titles[name] for name in costs)), tuple(rows), note, folded)


def unfinished_table(study: "Study") -> PageTable:
    """Cells that failed, were interrupted or have no row."""
    places, rows = places_of(study), []
    table = study.unfinished()
    errors = table["error"].fillna("") if "error" in table.columns else [""] * len(table)
    keys = (table["n_train"], table["arm"], table["replicate"], table["status"])
    for size, arm, replicate, status, error in zip(*keys, errors, strict=True):
        told = Entry(plain(error, 300) if error else "")
        rows.append((size_entry(size), arm_entry(arm, places), whole_entry(replicate), Entry(plain(status)), told))
    for arm, size, replicate in study.missing[:MOST_CELLS]:
        told = Entry("missing"), Entry("no row in the table")
        rows.append((size_entry(size), arm_entry(arm, places), whole_entry(replicate), *told))
    return PageTable("", ("examples", "arm", "replicate", "status", "what is known"), tuple(rows[:MOST_CELLS]))


def cell_table(study: "Study") -> PageTable:
    """A row a cell: its top-level scores and cost."""
    places, table = places_of(study), study.table
    scores = [name for name in metric_columns(table) if name.count("/") <= 1]
    scales = {name: scale_of(table, name) for name in scores}
    costs = [measure for measure in MEASURES if measure.column in table.columns and table[measure.column].notna().any()]
    digests = [name for name in ("draw", "cell") if name in table.columns]
    runs = "run" in table.columns and table["run"].fillna("").astype(str).str.strip().any()
    rows = []
    for cell in table.head(MOST_CELLS).to_dict("records"):
        rows.append((
            size_entry(cell["n_train"]), arm_entry(cell["arm"], places), whole_entry(cell["replicate"]),
            Entry(plain(cell["status"], 40)),
            *(number_entry(cell[name], scales[name].show(cell[name])) for name in scores),
            *(cost_entry(cell[measure.column], measure) for measure in costs),
            *(Entry(plain(cell[name])[:10]) for name in digests),
            *([_run(cell["run"], study.beside.kept)] if runs else []),
        ))  # fmt: skip
    heads = (
        "examples", "arm", "replicate", "status", *map(_score_head, scores), *(measure.head for measure in costs),
        *digests, *(["run"] if runs else []),
    )  # fmt: skip
    note = RUNS if any(row[-1].address for row in rows) else ""
    if len(table) > MOST_CELLS:
        note = f"The first {MOST_CELLS:,} of {len(table):,} cells; results.csv has them all. {note}".strip()
    return PageTable(f"{len(table):,} cells", tuple(plain(head, 60) for head in heads), tuple(rows), note, True)


def _run(run: object, kept: CellArtifacts | None) -> Entry:
    """The first signs of a run's id, as a link where a browser shows it."""
    name = run if isinstance(run, str) else ""
    address = kept.address(name) if kept is not None and name else ""
    return Entry(plain(name, 60)[:8] if name else "", address=web_address(address))


def _score_head(name: str) -> str:
    split = name.partition("/")[0]
    return f"test {metric_label(name)}" if split == SPLITS[0] else metric_label(name)


def _cost(value: float, name: str) -> Entry:
    digits = 0 if name == "peak_mb" else 1
    return number_entry(value, f"{value:,.{digits}f}" if math.isfinite(value) else "–")
