"""The cells of page tables: texts, each with the number it is sorted by."""

import math
from collections.abc import Iterator
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


def interval_cell(row: HasInterval, scale: Scale, digits: int | None = None) -> TableCell:
    """Return the interval of a row, with its level if below 95 %."""
    text = between(scale.show(row.ci_low, digits), scale.show(row.ci_high, digits))
    return number_cell(row.ci_low, f"{text} ({level_text(row.ci_level)})" if row.ci_level < 1 - LEVEL else text)


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
    level = "95 %" if row.ci_level >= 1 - LEVEL else level_text(row.ci_level)
    return f"{level} interval {scale.show(low, shown_digits(scale))} to {scale.show(high, shown_digits(scale))}"


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
