"""The cells of page tables: texts, each with the number it is sorted by."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from seedbed.report.analysis.scores import Scale, metric_label
from seedbed.report.analysis.tuned_cells import has_tuned
from seedbed.report.sections.rows import HasInterval
from seedbed.report.statistics.sign_flips import LEVEL
from seedbed.report.wording import between_text, level_text, sanitize, sentence

if TYPE_CHECKING:
    from seedbed.report.analysis.analysis import Analysis


@dataclass(frozen=True)
class TableCell:
    """The text of a cell, the number to sort by if it is one, and the index of the arm if it names one.

    ``address``: the target of its link; ``shade``: the strength of its color, 0 to 1; ``muted``: the row is no arm.
    """

    text: str
    number: float | None = None
    arm: int | None = None
    address: str = ""
    shade: float | None = None
    muted: bool = False


@dataclass(frozen=True)
class PageTable:
    """A table with its title, column heads, rows and a note; ``folded`` tables are collapsed at first."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[TableCell, ...], ...]
    note: str = ""
    folded: bool = False


def metric_title(analysis: "Analysis", metric: str) -> str:
    """Return the metric as a title, with its unit, and how scores are tuned where they are."""
    percent = " (%)" if analysis.scales[metric].unit else ""
    return sentence(sanitize(metric_label(metric), 60)) + percent + _tuned(analysis)


def _tuned(analysis: "Analysis") -> str:
    """``, tuned (random search, 32 trials, validation accuracy)``; empty without tuned cells."""
    if not has_tuned(analysis.cells):
        return ""
    tuning = analysis.inputs.tuning
    if tuning is None:
        return ", tuned"
    return f", tuned ({tuning.method_name}, {between_text(*tuning.trials_each)} trials, {metric_label(tuning.metric)})"


def arm_indices(analysis: "Analysis") -> dict[str, int]:
    """Return the index of each arm, which is its color index."""
    return {arm: index for index, arm in enumerate(analysis.arms)}


def arm_cells(analysis: "Analysis") -> dict[str, TableCell]:
    """Return the cell of each arm: its name, in its color."""
    return {arm: TableCell(analysis.labels[arm], arm=index) for index, arm in enumerate(analysis.arms)}


def size_cell(n_train: int) -> TableCell:
    """Return a number of training examples."""
    return TableCell(f"{n_train:,}", float(n_train))


def integer_cell(number: int) -> TableCell:
    """Return an integer without a thousands separator."""
    return TableCell(str(int(number)), float(number))


def number_cell(value: float, text: str) -> TableCell:
    """Return ``text``, sorted by ``value``; values that are not finite come last."""
    return TableCell(text, value if math.isfinite(value) else math.inf)


@dataclass(frozen=True)
class Interval:
    """An interval as text, its lower end to sort by, and its level; NaN where it has none, as with one replicate."""

    low: float
    text: str
    level: float


def interval_of(row: HasInterval, scale: Scale, digits: int | None = None) -> Interval:
    """Return the interval of a row."""
    text = between(scale.show(row.ci_low, digits), scale.show(row.ci_high, digits))
    return Interval(row.ci_low, text, row.ci_level)


def interval_name(levels: Iterable[float]) -> str:
    """``95 % interval``, ``75 % interval`` if replicates are few, ``75 to 95 % interval``; ``range`` without a level.

    The name of every interval of a report, in heads of columns, sentences and pictures.
    """
    known = sorted({min(level, 1 - LEVEL) for level in levels if math.isfinite(level)})
    if not known:
        return "range"
    least, most = level_text(known[0]), level_text(known[-1])
    return f"{most} interval" if len(known) == 1 else f"{least.removesuffix(' %')} to {most} interval"


def interval_column(intervals: Sequence[Interval], kind: str = "") -> tuple[str, list[TableCell]]:
    """Return the head of a column of intervals after ``kind``, and its cells, with their level where levels differ."""
    shown = [interval for interval in intervals if interval.text != "–"]
    names = {interval_name([interval.level]) for interval in shown}
    cells = [
        number_cell(one.low, f"{one.text} ({_short_name(one.level)})" if len(names) > 1 and one in shown else one.text)
        for one in intervals
    ]
    return f"{kind} {interval_name(one.level for one in shown)}".strip(), cells


def _short_name(level: float) -> str:
    return interval_name([level]).removesuffix(" interval")


def is_interval(head: str) -> bool:
    """Return whether a column is one of intervals of means or differences, by its head."""
    return head == "range" or head.endswith("% interval")


def shown_digits(scale: Scale) -> int:
    """Return the number of digits in sentences and in the ranked table."""
    return 1 if scale.unit else scale.digits


def score_text(value: float, scale: Scale) -> str:
    """``64.2 %``, or a loss with its digits."""
    return scale.show(value, shown_digits(scale)) + (" %" if scale.unit else "")


def interval_text(row: HasInterval, scale: Scale, flip: bool = False) -> str:
    """``95 % interval −0.6 to 2.8``, negated with ``flip``; empty without an interval."""
    if not math.isfinite(row.ci_level):
        return ""
    low, high = (-row.ci_high, -row.ci_low) if flip else (row.ci_low, row.ci_high)
    ends = (scale.show(end, shown_digits(scale)) for end in (low, high))
    return f"{interval_name([row.ci_level])} {' to '.join(ends)}"


def between(low: str, high: str) -> str:
    """``low to high``, or a dash."""
    return "–" if low == "–" else f"{low} to {high}"


def percent(share: float) -> str:
    """Return a share as a rounded percentage, or a dash."""
    return f"{100 * share:.0f}" if math.isfinite(share) else "–"


def table_texts(table: PageTable) -> Iterator[list[str]]:
    """Yield the column heads and then the rows as texts."""
    yield list(table.header)
    for row in table.rows:
        yield [cell.text for cell in row]
