"""The report in the terminal: each arm at each size, then the differences, then the answer."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from seedbed.report.sections.answers import answers
from seedbed.report.sections.arms_and_cells import arm_table
from seedbed.report.sections.caveats import warnings_of
from seedbed.report.sections.differences import comparison_table
from seedbed.report.sections.floor import floor_answers
from seedbed.report.sections.label_savings import saving_answers
from seedbed.report.sections.page_table import PageTable
from seedbed.report.sections.published import verdict_lines
from seedbed.report.sections.settings import protocol
from seedbed.report.sections.variance import variance_said
from seedbed.report.wording import p_clause, sanitize

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from seedbed.report.analysis.analysis import Analysis

_KEPT = {
    "arms": ("examples", "arm", "finished", "mean", "sd", "seconds a cell", "peak MB"),
    "differences": ("examples", "arm", "baseline", "pairs", "mean difference", "95 % interval", "p"),
    "corrected": ("examples", "arm", "baseline", "pairs", "mean difference", "95 % interval", "p (Holm)"),
}
_SHORT = {"mean difference": "difference", "seconds a cell": "seconds", "finished": "n"}


MOST_LINES = 60
"""Rows of a table in the terminal."""


def print_report(analysis: "Analysis", console: "Console | None" = None) -> None:
    """Print the summary, the differences, the answer, the floor and the warnings of a study in its primary metric."""
    from rich.console import Console

    console = console or Console()
    for summary in terminal_tables(analysis):
        console.print(summary)
    for line in [*(answer.text for answer in answers(analysis)), *_opinions(analysis)]:
        console.print(ascii_only(line), markup=False, highlight=False)
    for one in floor_answers(analysis):
        console.print(ascii_only(one.text), markup=False, highlight=False)
    for line in [*saving_answers(analysis), *verdict_lines(analysis)]:
        console.print(ascii_only(line), markup=False, highlight=False)
    for line in variance_said(analysis):
        console.print(ascii_only(line), markup=False, highlight=False)
    for warning in warnings_of(analysis):
        console.print(f"! {ascii_only(warning)}", markup=False, highlight=False)
    for found in protocol(analysis):
        for text in found.texts:
            console.print(f"! {found.rule}: {ascii_only(text)}", markup=False, highlight=False)


def terminal_tables(analysis: "Analysis") -> "list[Table]":
    """Rich tables that fit 80 columns: arms, then differences where there are any."""
    if analysis.metric is None:
        return []
    tables = [_rich(arm_table(analysis, analysis.metric), _KEPT["arms"], "")]
    differences = comparison_table(analysis, analysis.metric)
    if differences.rows:
        kept = _KEPT["corrected" if len(differences.rows) > 1 else "differences"]
        tables.append(_rich(differences, kept, ": arm minus baseline"))
    return tables


def rich_table(table: PageTable) -> "Table":
    """A table with all its columns."""
    return _rich(table, table.header, "")


def _opinions(analysis: "Analysis") -> Iterator[str]:
    """What other methods say, where there is but one comparison; the page has a table of them all."""
    rows = [] if analysis.metric is None else list(analysis.main_comparisons().itertuples())
    if len(rows) == 1 and rows[0].pairs > 1:
        (row,), scale = rows, analysis.scales[analysis.metric]
        gain = row.mean_difference if scale.higher_is_better else -row.mean_difference
        # As the sentence before has it: of the arm that is ahead.
        ahead, share = (row.arm, row.improved) if gain >= 0 else (row.baseline, 1 - row.improved)
        low, high = (row.bca_low, row.bca_high) if row.mean_difference >= 0 else (-row.bca_high, -row.bca_low)
        interval = f"{scale.show(low)} to {scale.show(high)}"
        better = f"{sanitize(ahead, 60)} better in {100 * share:.0f} % of pairs"
        yield f"Second opinions: BCa interval {interval}, Wilcoxon {p_clause(row.p_wilcoxon)}, {better}."


def _rich(table: PageTable, kept: tuple[str, ...], after: str) -> "Table":
    from rich import box
    from rich.table import Table
    from rich.text import Text

    shown = [position for position, head in enumerate(table.header) if head in kept]
    drawn = Table(
        title=Text(table.title + after),
        box=box.SIMPLE_HEAD,
        title_justify="left",
        pad_edge=False,
        collapse_padding=True,
    )
    for position in shown:
        head = table.header[position]
        is_number = bool(table.rows) and table.rows[0][position].number is not None
        name = _SHORT.get(head, head)
        drawn.add_column(Text(name), justify="right" if is_number else "left", no_wrap=is_number, overflow="fold")
    if len(table.rows) > MOST_LINES:
        drawn.caption = Text(f"the first {MOST_LINES} of {len(table.rows):,} rows; the page has more")
    for row in table.rows[:MOST_LINES]:
        drawn.add_row(*(Text(ascii_only(row[position].text)) for position in shown))  # Text: names are not markup
    return drawn


def ascii_only(text: str) -> str:
    """Signs that some terminals lack, replaced."""
    return text.replace("−", "-").replace("–", "-").replace("…", "...")
