"""The tables of the page as rows of texts, each with the number it sorts by."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from seedbed.report.answers import count_examples
from seedbed.report.scores import SPLITS, metric_columns, metric_label, scale_of
from seedbed.report.wording import p_text, plain, sentence

if TYPE_CHECKING:
    from seedbed.report.study import Study

MOST_CELLS = 2_000
"""Rows of the table of cells in the page; beyond, ``results.csv`` has them."""


@dataclass(frozen=True)
class Entry:
    """One field: its text, the number to sort by where it is one, the arm's position where it names an arm."""

    text: str
    number: float | None = None
    arm: int | None = None


@dataclass(frozen=True)
class PageTable:
    """A table with its title, a note under it, column heads and rows; ``folded`` tables open on demand."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[Entry, ...], ...]
    note: str = ""
    folded: bool = False


def comparison_table(study: "Study", metric: str) -> PageTable:
    """Each pair of arms at each size in ``metric``."""
    scale, places = study.scales[metric], _places(study)
    rows = [
        (
            _size(row.n_train), _arm(row.arm, places), _arm(row.baseline, places), _whole(row.pairs),
            *(_number(value, scale.show(value)) for value in (row.mean_arm, row.mean_baseline)),
            *(_number(value, scale.signed(value)) for value in (row.mean_difference, row.median_difference)),
            _number(row.ci_low, _between(scale.show(row.ci_low), scale.show(row.ci_high))),
            _number(row.p_value, p_text(row.p_value)),
        )
        for row in study.comparisons[study.comparisons["metric"] == metric].itertuples()
    ]  # fmt: skip
    heads = (
        "examples", "arm", "baseline", "pairs", "mean of arm", "mean of baseline", "mean difference",
        "median difference", "95 % interval", "p",
    )  # fmt: skip
    note = "Arm minus baseline, over the replicates that both finished on the same draw."
    note += "" if scale.higher_is_better else " Lower is better."
    return PageTable(_metric_title(study, metric), heads, tuple(rows), note, metric != study.metric)


def arm_table(study: "Study", metric: str) -> PageTable:
    """Each arm at each size by itself in ``metric``, with its cost."""
    scale, places = study.scales[metric], _places(study)
    summary = study.summaries[metric]
    costs = [name for name in ("seconds", "peak_mb") if summary[name].notna().any()]
    rows = [
        (
            _size(row.n_train), _arm(row.arm, places), _whole(row.n),
            *(_number(value, scale.show(value)) for value in (row.mean, row.sd, row.median)),
            _number(row.ci_low, _between(scale.show(row.ci_low), scale.show(row.ci_high))),
            *(_cost(getattr(row, name), name) for name in costs),
        )
        for row in summary.itertuples()
    ]  # fmt: skip
    heads = ("examples", "arm", "finished", "mean", "sd", "median", "95 % interval of the mean")
    titles = {"seconds": "seconds a cell", "peak_mb": "peak MB"}
    folded = metric != study.metric
    title = _metric_title(study, metric) + (", each arm by itself" if folded else "")
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
    places, rows = _places(study), []
    table = study.unfinished()
    errors = table["error"].fillna("") if "error" in table.columns else [""] * len(table)
    keys = (table["n_train"], table["arm"], table["replicate"], table["status"])
    for size, arm, replicate, status, error in zip(*keys, errors, strict=True):
        told = Entry(plain(error, 300) if error else "")
        rows.append((_size(size), _arm(arm, places), _whole(replicate), Entry(plain(status)), told))
    for arm, size, replicate in study.missing[:MOST_CELLS]:
        row = (_size(size), _arm(arm, places), _whole(replicate), Entry("missing"), Entry("no row in the table"))
        rows.append(row)
    return PageTable("", ("examples", "arm", "replicate", "status", "what is known"), tuple(rows[:MOST_CELLS]))


def cell_table(study: "Study") -> PageTable:
    """A row a cell: its top-level scores and cost."""
    places, table = _places(study), study.table
    scores = [name for name in metric_columns(table) if name.count("/") <= 1]
    scales = {name: scale_of(table, name) for name in scores}
    costs = [name for name in ("seconds", "peak_mb") if name in table.columns]
    digests = [name for name in ("draw", "cell") if name in table.columns]
    rows = []
    for cell in table.head(MOST_CELLS).to_dict("records"):
        rows.append((
            _size(cell["n_train"]), _arm(cell["arm"], places), _whole(cell["replicate"]),
            Entry(plain(cell["status"], 40)),
            *(_number(cell[name], scales[name].show(cell[name])) for name in scores),
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


def _metric_title(study: "Study", metric: str) -> str:
    percent = " (%)" if study.scales[metric].unit else ""
    return sentence(plain(metric_label(metric), 60)) + percent


def _places(study: "Study") -> dict[str, int]:
    return {arm: place for place, arm in enumerate(study.arms)}


def _arm(arm: str, places: Mapping[str, int]) -> Entry:
    return Entry(plain(arm, 60), arm=places[arm])


def _size(n_train: int) -> Entry:
    return Entry(f"{n_train:,}", float(n_train))


def _whole(number: int) -> Entry:
    return Entry(str(int(number)), float(number))


def _number(value: float, text: str) -> Entry:
    return Entry(text, value if math.isfinite(value) else math.inf)


def _between(low: str, high: str) -> str:
    return "–" if low == "–" else f"{low} to {high}"


def _cost(value: float, name: str) -> Entry:
    digits = 0 if name == "peak_mb" else 1
    return _number(value, f"{value:,.{digits}f}" if math.isfinite(value) else "–")


def _mean_and_sd(row: object, scale: object) -> Entry:
    text = scale.show(row.mean, 1) + (f" ± {scale.show(row.sd, 1)}" if math.isfinite(row.sd) else "")
    return _number(row.mean, text)


def table_texts(table: PageTable) -> Iterator[list[str]]:
    """The heads and then the rows, as texts."""
    yield list(table.heads)
    for row in table.rows:
        yield [entry.text for entry in row]
