"""The verdict on published scores: is the mean of an arm inside, above or below the published spread?"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from seedbed.report.analysis.comparisons import pairings
from seedbed.report.analysis.published_scores import Figures, Published, Row, Table
from seedbed.report.analysis.results import find_results
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
    """A published row and the matching scores of a study, both in the unit of the study's table.

    ``difference``: observed minus published mean, with Welch's 95 % interval from ``low`` to ``high`` if both have an
    sd. ``why``: the reason of ``not compared``.
    """

    label: str
    row: Row
    metric: str
    scale: Scale
    n_train: int | None
    published: Figures
    observed: Figures
    word: Word
    why: str = ""
    difference: float = math.nan
    low: float = math.nan
    high: float = math.nan

    @property
    def apart(self) -> bool:
        """Whether the interval of the difference excludes zero."""
        return self.low > 0 or self.high < 0


def verdicts_of(table: "DataFrame", inputs: Published | None) -> tuple[Verdict, ...]:
    """Return a verdict per row of the published table, for a checked ``table`` of cells; empty without one."""
    if inputs is None:
        return ()
    return tuple(_verdict(table, inputs, label, row) for label, row in inputs.table.all_rows.items())


def position_in_spread(mean: float, published: Figures) -> Word:
    """Return the position of a mean relative to the published spread; its ends are inside."""
    if not math.isfinite(published.low) or (published.number == 1):
        return "no spread published"
    return "below" if mean < published.low else "above" if mean > published.high else "inside"


def welch_interval(observed: Figures, published: Figures) -> tuple[float, float]:
    """Return the 95 % interval of the difference of two means, observed minus published (Welch 1947).

    Degrees of freedom after Satterthwaite. NaN where either has no sd, or both are 0.
    """
    from scipy import stats

    parts = [figures.sd**2 / figures.number if figures.number > 1 else math.nan for figures in (observed, published)]
    error = math.sqrt(sum(parts)) if all(map(math.isfinite, parts)) else math.nan
    if not error > 0:
        return _NO_INTERVAL
    degrees = error**4 / sum(
        part**2 / (figures.number - 1) for part, figures in zip(parts, (observed, published), strict=True)
    )
    half_width = float(stats.t.ppf(1 - LEVEL / 2, degrees)) * error
    difference = observed.mean - published.mean
    return difference - half_width, difference + half_width


def figures_of(scores: Sequence[float]) -> Figures:
    """Return the figures of single scores: the spread is from the smallest to the largest."""
    if not len(scores):
        return _NO_FIGURES
    mean, sd = spread(scores)
    return Figures(len(scores), mean, sd, float(min(scores)), float(max(scores)))


def in_unit_of(scale: Scale, table: Table) -> float:
    """Return the factor from a published score to the unit of a table of cells whose metric has this scale.

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
    observed = figures_of(_scores(cells, row, metric))
    if not observed.number:
        return replace(verdict, why="no finished pair of replicates" if row.minus else "no finished replicate")
    difference = observed.mean - figures.mean
    verdict = replace(verdict, observed=observed, n_train=int(cells["n_train"].iloc[0]), difference=difference)
    if departs := inputs.departures.get(label):
        return replace(verdict, why="; ".join(departs))
    low, high = _NO_INTERVAL if _share_seeds(cells, row) else welch_interval(observed, figures)
    return replace(verdict, word=position_in_spread(observed.mean, figures), low=low, high=high)


def _column(table: "DataFrame", metric: str) -> str:
    """Return the table's name of the metric, with or without ``test/``."""
    short = metric.removeprefix("test/")
    columns = metric_columns(table)
    return short if metric not in columns and short in columns else metric


def _not_comparable(table: "DataFrame", published: Table, row: Row, metric: str, size: int | None) -> str:
    """Return why no cell matches a row; empty if one does."""
    if not row.arm:
        return row.note or "no arm is to match it"
    for arm in filter(None, (row.arm, row.minus)):
        arm_cells = table[table["arm"] == arm]
        if arm_cells.empty:
            return f"no arm {arm} here"
        candidates = arm_cells[_of_data_set(arm_cells, published)]
        if candidates.empty:
            return (
                f"another data set: {join_limited(sorted(set(arm_cells['dataset'])))}, published on {published.dataset}"
            )
        sizes = sorted(set(candidates["n_train"]))
        if size is not None and size not in sizes:
            return f"another training size: {join_limited(sizes)}, published with {size}"
        if size is None and len(sizes) > 1:
            return f"several training sizes: {join_limited(sizes)}, and the published one is not known"
    return "" if metric in metric_columns(table) else f"no score {metric} here"


def _cells(table: "DataFrame", published: Table, row: Row, metric: str, size: int | None) -> "DataFrame":
    """Return the finished cells with a score of the row's arms, data set and size."""
    mask = (table["status"] == "finished") & table[metric].notna() & table["arm"].isin([row.arm, row.minus])
    mask &= _of_data_set(table, published)
    return table[mask if size is None else mask & (table["n_train"] == size)]


def _of_data_set(table: "DataFrame", published: Table) -> "Series":
    """Return a mask of the rows of the published data set: all rows if either data set is unknown."""
    known = bool(published.dataset) and "dataset" in table.columns
    return table["dataset"] == published.dataset if known else table["arm"].notna()


def _scores(cells: "DataFrame", row: Row, metric: str) -> list[float]:
    """Return the scores of the row's arm, or its paired differences from the other arm."""
    if not row.minus:
        return cells[metric].tolist()
    if {row.arm, row.minus} - set(cells["arm"]):
        return []
    paired = [pairing for _, _, _, pairing in pairings(find_results(cells, row.minus, [metric]), metric)]
    return paired_differences(paired[0].arm, paired[0].baseline).tolist() if paired else []


def _share_seeds(cells: "DataFrame", row: Row) -> bool:
    """Return whether replicates share data seeds, as with crossed seeds, and so are not independent."""
    arm_cells = cells[cells["arm"] == row.arm]
    return "data_seed" in arm_cells.columns and bool(arm_cells["data_seed"].dropna().duplicated().any())
