"""The report in the terminal: each arm at each size, then the differences, then the answer."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from seedbed.report.cautions import warnings_of
from seedbed.report.comparison_tables import comparison_table
from seedbed.report.entries import PageTable
from seedbed.report.floor_shown import floor_answers
from seedbed.report.page_tables import arm_table
from seedbed.report.protocol import protocol
from seedbed.report.published.verdicts_shown import verdict_lines
from seedbed.report.savings_shown import saving_answers
from seedbed.report.variance_shown import variance_said
from seedbed.report.wording import p_clause, plain

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from seedbed.report.study import Study

_KEPT = {
    "arms": ("examples", "arm", "finished", "mean", "sd", "seconds a cell", "peak MB"),
    "differences": ("examples", "arm", "baseline", "pairs", "mean difference", "95 % interval", "p"),
    "corrected": ("examples", "arm", "baseline", "pairs", "mean difference", "95 % interval", "p (Holm)"),
}
_SHORT = {"mean difference": "difference", "seconds a cell": "seconds", "finished": "n"}


MOST_LINES = 60
"""Rows of a table in the terminal."""


def print_report(study: "Study", console: "Console | None" = None) -> None:
    """Print the summary, the differences, the answer, the floor and the warnings of a study in its primary metric."""
    from rich.console import Console

    console = console or Console()
    for summary in terminal_tables(study):
        console.print(summary)
    for line in [*(answer.text for answer in study.answers), *_opinions(study)]:
        console.print(ascii_only(line), markup=False, highlight=False)
    for one in floor_answers(study):
        console.print(ascii_only(one.text), markup=False, highlight=False)
    for line in [*saving_answers(study), *verdict_lines(study)]:
        console.print(ascii_only(line), markup=False, highlight=False)
    for line in variance_said(study):
        console.print(ascii_only(line), markup=False, highlight=False)
    for warning in warnings_of(study):
        console.print(f"! {ascii_only(warning)}", markup=False, highlight=False)
    for found in protocol(study):
        for text in found.texts:
            console.print(f"! {found.rule}: {ascii_only(text)}", markup=False, highlight=False)


def terminal_tables(study: "Study") -> "list[Table]":
    """Rich tables that fit 80 columns: arms, then differences where there are any."""
    if study.metric is None:
        return []
    tables = [_rich(arm_table(study, study.metric), _KEPT["arms"], "")]
    differences = comparison_table(study, study.metric)
    if differences.rows:
        kept = _KEPT["corrected" if len(differences.rows) > 1 else "differences"]
        tables.append(_rich(differences, kept, ": arm minus baseline"))
    return tables


def rich_table(table: PageTable) -> "Table":
    """A table with all its columns."""
    return _rich(table, table.heads, "")


def _opinions(study: "Study") -> Iterator[str]:
    """What other methods say, where there is but one comparison; the page has a table of them all."""
    rows = [] if study.metric is None else list(study.main_comparisons().itertuples())
    if len(rows) == 1 and rows[0].pairs > 1:
        (row,), scale = rows, study.scales[study.metric]
        gain = row.mean_difference if scale.higher_is_better else -row.mean_difference
        # As the sentence before has it: of the arm that is ahead.
        ahead, share = (row.arm, row.improved) if gain >= 0 else (row.baseline, 1 - row.improved)
        low, high = (row.bca_low, row.bca_high) if row.mean_difference >= 0 else (-row.bca_high, -row.bca_low)
        interval = f"{scale.show(low)} to {scale.show(high)}"
        better = f"{plain(ahead, 60)} better in {100 * share:.0f} % of pairs"
        yield f"Second opinions: BCa interval {interval}, Wilcoxon {p_clause(row.p_wilcoxon)}, {better}."


def _rich(table: PageTable, kept: tuple[str, ...], after: str) -> "Table":
    from rich import box
    from rich.table import Table
    from rich.text import Text

    shown = [position for position, head in enumerate(table.heads) if head in kept]
    drawn = Table(
        title=Text(table.title + after),
        box=box.SIMPLE_HEAD,
        title_justify="left",
        pad_edge=False,
        collapse_padding=True,
    )
    for position in shown:
        head = table.heads[position]
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
