"""Confusion matrices as tables: a row what it is, a column what it was taken for."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from seedbed.report.analysis.confusion import MISSED, SPURIOUS, Confusion, confusions, gathered, names_of
from seedbed.report.sections.page_table import PageTable, TableCell, number_cell
from seedbed.report.wording import count, count_examples, sanitize

if TYPE_CHECKING:
    from seedbed.report.analysis.analysis import Analysis

MOST_NAMES = 20
"""Classes or types of a matrix; the others are one row and one column."""
REST = "(all others)"

_READ = "A row: what it is. A column: what it was taken for: the share of the row in %, and how many in one replicate."
_SPANS = (
    " Entities are matched by their exact bounds; one without a counterpart of the same bounds is missed, or spurious "
    "where only predicted, so a wrong bound counts as both."
)


def confusion_tables(analysis: "Analysis") -> list[PageTable]:
    """A matrix an arm and size; the first, of the best arm at the largest size, is not folded."""
    shown = [_table(one, folded=number > 0) for number, one in enumerate(confusions(analysis))]
    if shown and (left_out := analysis.reader.left_out()):
        first = shown[0]
        shown[0] = PageTable(first.title, first.header, first.rows, " ".join([first.note, *left_out]), first.folded)
    return shown


def _table(one: Confusion, folded: bool) -> PageTable:
    names, more = names_of(one.counts, MOST_NAMES)
    counts = gathered(one.counts, names, REST) if more else one.counts
    names = [*names, *([REST] if more else [])]
    columns: list[str | None] = [*([None] if one.entities else []), *names]
    rows = [_row(gold, columns, counts, one.replicates) for gold in (*names, None)]
    header = ("what it is", "in a test set", *(MISSED if name is None else sanitize(name, 40) for name in columns))
    title = f"{sanitize(one.arm, 60)}, {count_examples(one.n_train)}, {count(one.replicates, 'replicate')}"
    note = "" if folded else _READ + _SPANS * one.entities
    return PageTable(title, header, tuple(row for row in rows if row), note, folded)


def _row(gold: str | None, columns: Sequence[str | None], counts: dict, replicates: int) -> tuple[TableCell, ...]:
    """Empty where there is none of it."""
    numbers = [counts.get((gold, found), 0) for found in columns]
    whole = sum(numbers)
    if not whole:
        return ()
    name = TableCell(SPURIOUS if gold is None else sanitize(gold, 40))
    often = number_cell(whole / replicates, _mean(whole, replicates))
    return name, often, *(_entry(number, whole, replicates) for number in numbers)


def _entry(number: int, whole: int, replicates: int) -> TableCell:
    share = number / whole
    if not number:
        return TableCell("", 0.0, shade=0.0)
    return TableCell(f"{100 * share:.0f} ({_mean(number, replicates)})", share, shade=share)


def _mean(number: int, replicates: int) -> str:
    """A mean count; whole where it is."""
    mean = number / replicates
    return f"{mean:,.0f}" if mean >= 100 or number % replicates == 0 else f"{mean:.1f}"
