"""The overview of several data sets in the terminal: scores, ranks, and the answers of each data set."""

from typing import TYPE_CHECKING

from seedbed.report.overview.page import parts_of
from seedbed.report.overview.sections import BEST, overview_sections, overview_warnings, rank_answers
from seedbed.report.pages.terminal import ascii_only, rich_table
from seedbed.report.sections.page_table import PageTable, TableCell

if TYPE_CHECKING:
    from rich.console import Console

    from seedbed.report.analysis.across_datasets import DatasetAnalyses


def print_overview(analyses: "DatasetAnalyses", console: "Console | None" = None) -> None:
    """Print the scores at each size, the answers by rank, the warnings, and the answers of each data set."""
    from rich.console import Console

    console = console or Console()
    for table in overview_sections(analyses)[0].tables:
        fits = _width(table) <= console.width
        console.print(rich_table(table if fits else _by_arm(table), console.width))
    lines = [f"{BEST} the best mean of a data set", *(text for _, text in rank_answers(analyses))]
    lines += [f"! {warning}" for warning in overview_warnings(analyses)]
    for part in parts_of(analyses):
        lines += [f"{part.name}: {text}" for text in part.answers]
    for line in lines:
        console.print(ascii_only(line), markup=False, highlight=False)


def _width(table: PageTable) -> int:
    """Return the width of the table in characters."""
    rows = [table.header, *([entry.text for entry in row] for row in table.rows)]
    return sum(max(map(len, column)) + 2 for column in zip(*rows, strict=True))


def _by_arm(table: PageTable) -> PageTable:
    """Return the table with a row for each data set and arm."""
    rows = tuple(
        (row[0], TableCell(arm), entry)
        for row in table.rows
        for arm, entry in zip(table.header[1:], row[1:], strict=True)
    )
    return PageTable(table.title, (table.header[0], "arm", "score"), rows, table.note)
