"""The report in the terminal: each arm at each size, then the differences, then the answer."""

from typing import TYPE_CHECKING

from seedbed.report.answers import answers, warnings_of
from seedbed.report.page_tables import PageTable, arm_table, comparison_table
from seedbed.report.study import study_of

if TYPE_CHECKING:
    from pandas import DataFrame
    from rich.console import Console
    from rich.table import Table

    from seedbed.report.study import Study

_KEPT = {
    "arms": ("examples", "arm", "finished", "mean", "sd", "seconds a cell", "peak MB"),
    "differences": ("examples", "arm", "baseline", "pairs", "mean difference", "95 % interval", "p"),
}
_SHORT = {"mean difference": "difference", "seconds a cell": "seconds", "finished": "n"}


def print_report(
    table: "DataFrame", *, metric: str | None = None, baseline: str | None = None, console: "Console | None" = None
) -> None:
    """Print the summary, the differences, the answer and the warnings of ``table`` in its primary metric."""
    from rich.console import Console

    console = console or Console()
    study = study_of(table, baseline, metric)
    for summary in _tables(study):
        console.print(summary)
    for answer in answers(study):
        console.print(_ascii(answer.text), markup=False, highlight=False)
    for warning in warnings_of(study):
        console.print(f"! {_ascii(warning)}", markup=False, highlight=False)


def terminal_tables(table: "DataFrame", *, metric: str | None = None, baseline: str | None = None) -> "list[Table]":
    """Rich tables that fit 80 columns: arms, then differences where there are any."""
    return _tables(study_of(table, baseline, metric))


def _tables(study: "Study") -> "list[Table]":
    if study.metric is None:
        return []
    tables = [_rich(arm_table(study, study.metric), _KEPT["arms"], "")]
    differences = comparison_table(study, study.metric)
    if differences.rows:
        tables.append(_rich(differences, _KEPT["differences"], ": arm minus baseline"))
    return tables


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
