"""The overview of several data sets in the terminal: scores, what the ranks say, then each data set's answers."""

from typing import TYPE_CHECKING

from seedbed.report.overview.page import parts_of
from seedbed.report.overview.sections import BEST, overview_sections, overview_warnings, rank_answers
from seedbed.report.pages.terminal import ascii_only, rich_table
from seedbed.report.sections.page_table import PageTable, TableCell

if TYPE_CHECKING:
    from rich.console import Console

    from seedbed.report.analysis.across_datasets import DatasetAnalyses


def print_overview(found: "DatasetAnalyses", console: "Console | None" = None) -> None:
    """Print the scores at each size, what the ranks say, the warnings, and the answers of each data set."""
    from rich.console import Console

    console = console or Console()
    for table in overview_sections(found)[0].tables:
        fits = _width(table) <= console.width
        console.print(rich_table(table if fits else _by_arm(table)))
    lines = [f"{BEST} the best mean of a data set", *(text for _, text in rank_answers(found))]
    lines += [f"! {warning}" for warning in overview_warnings(found)]
    for part in parts_of(found):
        lines += [f"{part.name}: {text}" for text in part.answers]
    for line in lines:
        console.print(ascii_only(line), markup=False, highlight=False)


def _width(table: PageTable) -> int:
    """Columns of a terminal that the table takes."""
    rows = [table.header, *([entry.text for entry in row] for row in table.rows)]
    return sum(max(map(len, column)) + 2 for column in zip(*rows, strict=True))


def _by_arm(table: PageTable) -> PageTable:
    """The same with a row for each data set and arm."""
    rows = tuple(
        (row[0], TableCell(arm), entry)
        for row in table.rows
        for arm, entry in zip(table.header[1:], row[1:], strict=True)
    )
    return PageTable(table.title, (table.header[0], "arm", "score"), rows, table.note)
