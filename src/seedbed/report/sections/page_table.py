"""The fields that tables of the page are made of: texts, each with the number it sorts by."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from seedbed.report.analysis.scores import Scale, metric_label
from seedbed.report.statistics.sign_flips import LEVEL
from seedbed.report.wording import level_text, sanitize, sentence

if TYPE_CHECKING:
    from seedbed.report.analysis.analysis import Analysis


@dataclass(frozen=True)
class TableCell:
    """One field: its text, the number to sort by where it is one, the arm's position where it names an arm.

    ``address``: what it links to; ``shade``: how strongly it is coloured, 0 to 1.
    """

    text: str
    number: float | None = None
    arm: int | None = None
    address: str = ""
    shade: float | None = None


@dataclass(frozen=True)
class PageTable:
    """A table with its title, a note under it, column heads and rows; ``folded`` tables open on demand."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[TableCell, ...], ...]
    note: str = ""
    folded: bool = False


def metric_title(analysis: "Analysis", metric: str) -> str:
    """A metric as a title, with its unit."""
    percent = " (%)" if analysis.scales[metric].unit else ""
    return sentence(sanitize(metric_label(metric), 60)) + percent


def arm_indices(analysis: "Analysis") -> dict[str, int]:
    """The position of each arm, which is its colour."""
    return {arm: place for place, arm in enumerate(analysis.arms)}


def arm_cell(arm: str, places: Mapping[str, int]) -> TableCell:
    """An arm by its name, in its colour."""
    return TableCell(sanitize(arm, 60), arm=places[arm])


def size_cell(n_train: int) -> TableCell:
    """A number of training examples."""
    return TableCell(f"{n_train:,}", float(n_train))


def integer_cell(number: int) -> TableCell:
    """A whole number."""
    return TableCell(str(int(number)), float(number))


def number_cell(value: float, text: str) -> TableCell:
    """``text``, sorted by ``value``; what is not finite comes last."""
    return TableCell(text, value if math.isfinite(value) else math.inf)


def interval_cell(row: NamedTuple, scale: Scale) -> TableCell:
    """The interval of a row, with its level where that is not 95 %."""
    text = between(scale.show(row.ci_low), scale.show(row.ci_high))
    return number_cell(row.ci_low, f"{text} ({level_text(row.ci_level)})" if row.ci_level < 1 - LEVEL else text)


def between(low: str, high: str) -> str:
    """``low to high``, or a dash."""
    return "–" if low == "–" else f"{low} to {high}"


def percent(share: float) -> str:
    """A share in whole per cent, or a dash."""
    return f"{100 * share:.0f}" if math.isfinite(share) else "–"


def table_texts(table: PageTable) -> Iterator[list[str]]:
    """The heads and then the rows, as texts."""
    yield list(table.header)
    for row in table.rows:
        yield [entry.text for entry in row]
