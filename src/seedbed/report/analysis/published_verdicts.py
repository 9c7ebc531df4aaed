"""The verdict on published scores: is the mean of an arm inside, above or below the published spread?"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from seedbed.report.analysis.comparisons import pairings
from seedbed.report.analysis.published_scores import Figures, Published, Row, Table
from seedbed.report.analysis.scores import Scale, metric_columns, metric_scale
from seedbed.report.statistics.paired import paired_differences, spread
from seedbed.report.statistics.sign_flips import LEVEL
from seedbed.report.wording import join_limited

if TYPE_CHECKING:
    from pandas import DataFrame, Series

Word = Literal["inside", "above", "below", "no spread published", "not compared"]
_NO_FIGURES = Figures(0, math.nan, math.nan, math.nan, math.nan)
_NO_INTERVAL = (math.nan, math.nan)


@dataclass(frozen=True)
class Verdict:
    """A published row and what a study has in its place, both in the unit of the study's table.

    ``difference``: of the means, ours minus published, with Welch's 95 % interval from ``low`` to ``high`` where both
    have an sd. ``why``: the reason of ``not compared``.
    """

    label: str
    row: Row
    metric: str
    scale: Scale
    n_train: int | None
    published: Figures
    ours: Figures
    word: Word
    why: str = ""
    difference: float = math.nan
    low: float = math.nan
    high: float = math.nan

    @property
    def apart(self) -> bool:
        """Whether the means differ by more than the spread over replicates explains: the interval leaves out zero."""
        return self.low > 0 or self.high < 0


def verdicts_of(table: "DataFrame", inputs: Published | None) -> tuple[Verdict, ...]:
    """A verdict a row of the published table, on a checked ``table`` of cells; none without a published table."""
    if inputs is None:
        return ()
    return tuple(_verdict(table, inputs, label, row) for label, row in inputs.table.whole.items())


def place_in(mean: float, published: Figures) -> Word:
    """Where a mean lies with regard to the published spread; its ends are inside."""
    if not math.isfinite(published.low) or (published.number == 1):
        return "no spread published"
    return "below" if mean < published.low else "above" if mean > published.high else "inside"


def welch_interval(ours: Figures, published: Figures) -> tuple[float, float]:
    """The 95 % interval of the difference of two means, ours minus published (Welch 1947).

    Degrees of freedom after Satterthwaite. NaN where either has no sd, or both are 0.
    """
    from scipy import stats

    parts = [one.sd**2 / one.number if one.number > 1 else math.nan for one in (ours, published)]
    error = math.sqrt(sum(parts)) if all(map(math.isfinite, parts)) else math.nan
    if not error > 0:
        return _NO_INTERVAL
    freedom = error**4 / sum(part**2 / (one.number - 1) for part, one in zip(parts, (ours, published), strict=True))
    reach = float(stats.t.ppf(1 - LEVEL / 2, freedom)) * error
    difference = ours.mean - published.mean
    return difference - reach, difference + reach


def figures_of(scores: Sequence[float]) -> Figures:
    """Of single scores: the spread is from the smallest to the largest."""
    if not len(scores):
        return _NO_FIGURES
    mean, sd = spread(scores)
    return Figures(len(scores), mean, sd, float(min(scores)), float(max(scores)))


def in_unit_of(scale: Scale, table: Table) -> float:
    """What turns a published score into the unit of a table of cells whose metric has this scale.

    Rates (`Scale.unit` is points) are shown in percent, whatever the table holds; other scores have no unit.
    """
    if not scale.unit:
        return 1.0
    return (1.0 if table.unit == "percent" else 100.0) / scale.factor


def _verdict(table: "DataFrame", inputs: Published, label: str, row: Row) -> Verdict:
    published = inputs.table
    metric = _column(table, row.metric or published.metric)
    size = published.n_train if row.n_train is None else row.n_train
    scale = metric_scale(table, metric)
    figures = row.figures.scaled(in_unit_of(scale, published))
    verdict = Verdict(label, row, metric, scale, size, figures, _NO_FIGURES, "not compared")
    if why := _not_comparable(table, published, row, metric, size):
        return replace(verdict, why=why)
    cells = _cells(table, published, row, metric, size)
    ours = figures_of(_scores(cells, row, metric))
    if not ours.number:
        return replace(verdict, why="no finished pair of replicates" if row.minus else "no finished replicate")
    difference = ours.mean - figures.mean
    verdict = replace(verdict, ours=ours, n_train=int(cells["n_train"].iloc[0]), difference=difference)
    if departs := inputs.departures.get(label):
        return replace(verdict, why="; ".join(departs))
    low, high = _NO_INTERVAL if _share_seeds(cells, row) else welch_interval(ours, figures)
    return replace(verdict, word=place_in(ours.mean, figures), low=low, high=high)


def _column(table: "DataFrame", metric: str) -> str:
    """The metric as the table names it, with or without ``test/``."""
    short = metric.removeprefix("test/")
    columns = metric_columns(table)
    return short if metric not in columns and short in columns else metric


def _not_comparable(table: "DataFrame", published: Table, row: Row, metric: str, size: int | None) -> str:
    """Why nothing in the table stands against a row; empty where something does."""
    if not row.arm:
        return row.note or "no arm is to match it"
    for arm in filter(None, (row.arm, row.minus)):
        own = table[table["arm"] == arm]
        if own.empty:
            return f"no arm {arm} here"
        here = own[_of_data_set(own, published)]
        if here.empty:
            return f"another data set: {join_limited(sorted(set(own['dataset'])))}, published on {published.dataset}"
        sizes = sorted(set(here["n_train"]))
        if size is not None and size not in sizes:
            return f"another number of examples: {join_limited(sizes)}, published with {size}"
        if size is None and len(sizes) > 1:
            return f"several numbers of examples: {join_limited(sizes)}, and the published one is not known"
    return "" if metric in metric_columns(table) else f"no score {metric} here"


def _cells(table: "DataFrame", published: Table, row: Row, metric: str, size: int | None) -> "DataFrame":
    """The finished cells of the row's arms that have a score, of its data set and size."""
    kept = (table["status"] == "finished") & table[metric].notna() & table["arm"].isin([row.arm, row.minus])
    kept &= _of_data_set(table, published)
    return table[kept if size is None else kept & (table["n_train"] == size)]


def _of_data_set(table: "DataFrame", published: Table) -> "Series":
    """Which rows are of the table's data set: all, where either does not say."""
    known = bool(published.dataset) and "dataset" in table.columns
    return table["dataset"] == published.dataset if known else table["arm"].notna()


def _scores(cells: "DataFrame", row: Row, metric: str) -> list[float]:
    """The scores of the row's arm, or its differences from the other arm over replicates on the same draw."""
    if not row.minus:
        return cells[metric].tolist()
    if {row.arm, row.minus} - set(cells["arm"]):
        return []
    paired = [pairing for _, _, _, pairing in pairings(cells, metric, row.minus)]
    return paired_differences(paired[0].arm, paired[0].baseline).tolist() if paired else []


def _share_seeds(cells: "DataFrame", row: Row) -> bool:
    """Whether several replicates have one data seed, as with crossed seeds: they are not independent then."""
    own = cells[cells["arm"] == row.arm]
    return "data_seed" in own.columns and bool(own["data_seed"].dropna().duplicated().any())
