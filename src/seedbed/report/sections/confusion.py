"""Confusion matrices as tables: rows are gold labels, columns predictions."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from seedbed.report.analysis.confusion import MISSED, SPURIOUS, Confused, Confusion, confusions, merge_rare, names_of
from seedbed.report.sections.error_notes import prediction_notes
from seedbed.report.sections.page_table import PageTable, TableCell, number_cell
from seedbed.report.wording import count, mean_count_text, sanitize

if TYPE_CHECKING:
    from seedbed.report.analysis.analysis import Analysis

MOST_NAMES = 20
"""Classes or types of a matrix; the others share one row and one column."""
REST = "(all others)"

_READ = "Rows: gold. Columns: predicted, as a share of the row in %, and the mean count per replicate in parentheses."
_SPANS = (
    " Entities are matched by their exact bounds; one without a counterpart of the same bounds is missed, or spurious "
    "if only predicted, so a wrong bound counts as both."
)


def confusion_tables(analysis: "Analysis") -> list[PageTable]:
    """Return one matrix per arm and size; the first, of the best arm at the largest size, is not folded."""
    tables = [_table(analysis, confusion, folded=index > 0) for index, confusion in enumerate(confusions(analysis))]
    if tables and (notes := prediction_notes(analysis.reader.unread())):
        first = tables[0]
        tables[0] = PageTable(first.title, first.header, first.rows, " ".join([first.note, *notes]), first.folded)
    return tables


def _table(analysis: "Analysis", confusion: Confusion, folded: bool) -> PageTable:
    names, truncated = names_of(confusion.counts, MOST_NAMES)
    counts = merge_rare(confusion.counts, names, REST) if truncated else confusion.counts
    names = [*names, *([REST] if truncated else [])]
    columns: list[str | None] = [*([None] if confusion.entities else []), *names]
    rows = [_row(gold, columns, counts, confusion.replicates) for gold in (*names, None)]
    header = ("gold", "per test set", *(MISSED if name is None else sanitize(name, 40) for name in columns))
    title = f"{analysis.labels[confusion.arm]}, {analysis.sized(confusion.n_train)}"
    title += f", {count(confusion.replicates, 'replicate')}"
    note = "" if folded else _READ + _SPANS * confusion.entities
    return PageTable(title, header, tuple(row for row in rows if row), note, folded)


def _row(gold: str | None, columns: Sequence[str | None], counts: Confused, replicates: int) -> tuple[TableCell, ...]:
    """Return the row of one gold label; empty if it does not occur."""
    numbers = [counts.get((gold, predicted), 0) for predicted in columns]
    total = sum(numbers)
    if not total:
        return ()
    name = TableCell(SPURIOUS if gold is None else sanitize(gold, 40))
    mean_count = number_cell(total / replicates, mean_count_text(total / replicates))
    return name, mean_count, *(_share_cell(number, total, replicates) for number in numbers)


def _share_cell(number: int, total: int, replicates: int) -> TableCell:
    share = number / total
    if not number:
        return TableCell("", 0.0, shade=0.0)
    return TableCell(f"{100 * share:.0f} ({mean_count_text(number / replicates)})", share, shade=share)
