"""The tables of the page as rows of texts, each with the number it sorts by."""

import math
from typing import TYPE_CHECKING

from seedbed.report.answers import count_examples
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

if TYPE_CHECKING:
    from seedbed.report.study import Study

MOST_CELLS = 2_000
"""Rows of the table of cells in the page; beyond, ``results.csv`` has them."""


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
    return PageTable(title, (*heads, *(titles[name] for name in costs)), tuple(rows), folded=folded)


def type_tables(study: "Study") -> list[PageTable]:
    """F1 of each type, an arm a column, a table a size: mean and sample sd over replicates."""
    tables = []
    if study.types.empty:
        return tables
    scale = scale_of(study.table, "test/f1")
    for size, here in study.types.groupby("n_train", sort=True):
        arms = [arm for arm in study.arms if arm in set(here["arm"])]
        found = {(row.type, row.arm): row for row in here.itertuples()}
        rows = [
            (Entry(plain(name, 60)), *(_mean_and_sd(found[name, arm], scale) for arm in arms))
            for name in dict.fromkeys(here["type"])
        ]
        heads = ("type", *(plain(arm, 60) for arm in arms))
        note = "Mean over finished replicates, and sample standard deviation."
        tables.append(PageTable(count_examples(int(size)), heads, tuple(rows), note))
    return tables


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
    costs = [name for name in ("seconds", "peak_mb") if name in table.columns]
    digests = [name for name in ("draw", "cell") if name in table.columns]
    rows = []
    for cell in table.head(MOST_CELLS).to_dict("records"):
        rows.append((
            size_entry(cell["n_train"]), arm_entry(cell["arm"], places), whole_entry(cell["replicate"]),
            Entry(plain(cell["status"], 40)),
            *(number_entry(cell[name], scales[name].show(cell[name])) for name in scores),
            *(_cost(cell[name], name) for name in costs),
            *(Entry(plain(cell[name])[:10]) for name in digests),
        ))  # fmt: skip
    heads = ("examples", "arm", "replicate", "status", *map(_score_head, scores), *costs, *digests)
    note = ""
    if len(table) > MOST_CELLS:
        note = f"The first {MOST_CELLS:,} of {len(table):,} cells; results.csv has them all."
    return PageTable(f"{len(table):,} cells", tuple(plain(head, 60) for head in heads), tuple(rows), note, True)


def _score_head(name: str) -> str:
    split = name.partition("/")[0]
    return f"test {metric_label(name)}" if split == SPLITS[0] else metric_label(name)


def _cost(value: float, name: str) -> Entry:
    digits = 0 if name == "peak_mb" else 1
    return number_entry(value, f"{value:,.{digits}f}" if math.isfinite(value) else "–")


def _mean_and_sd(row: object, scale: object) -> Entry:
    text = scale.show(row.mean, 1) + (f" ± {scale.show(row.sd, 1)}" if math.isfinite(row.sd) else "")
    return number_entry(row.mean, text)
