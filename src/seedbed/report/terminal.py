"""The report in the terminal: each arm at each size, then the differences, then the answer."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from seedbed.report.answers import answers, warnings_of
from seedbed.report.comparison_tables import comparison_table
from seedbed.report.entries import PageTable
from seedbed.report.floor_shown import floor_answers
from seedbed.report.page_tables import arm_table
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


def print_report(study: "Study", console: "Console | None" = None) -> None:
    """Print the summary, the differences, the answer, the floor and the warnings of a study in its primary metric."""
    from rich.console import Console

    console = console or Console()
    for summary in terminal_tables(study):
        console.print(summary)
    for line in [*(answer.text for answer in answers(study)), *_opinions(study)]:
        console.print(_ascii(line), markup=False, highlight=False)
    for one in floor_answers(study):
        console.print(_ascii(one.text), markup=False, highlight=False)
    for warning in warnings_of(study):
        console.print(f"! {_ascii(warning)}", markup=False, highlight=False)


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


def _opinions(study: "Study") -> Iterator[str]:
    """What other methods say, where there is but one comparison; the page has a table of them all."""
    rows = [] if study.metric is None else list(study.main_comparisons().itertuples())
    if len(rows) == 1 and rows[0].pairs > 1:
        (row,), scale = rows, study.scales[study.metric]
        interval = f"{scale.show(row.bca_low)} to {scale.show(row.bca_high)}"
        better = f"{plain(row.arm, 60)} better in {100 * row.improved:.0f} % of pairs"
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
    for row in table.rows:
        drawn.add_row(*(Text(_ascii(row[position].text)) for position in shown))  # Text: names are not markup
    return drawn


def _ascii(text: str) -> str:
    """Signs that some terminals lack, replaced."""
    return text.replace("−", "-").replace("–", "-").replace("…", "...")
