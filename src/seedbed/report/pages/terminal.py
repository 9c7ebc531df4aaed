"""The report in the terminal: headline and ranked table; if asked for, scores, differences and all sentences."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from seedbed.cells import MENTIONS
from seedbed.report.pages.column_widths import fit
from seedbed.report.sections.arms_and_cells import arm_table
from seedbed.report.sections.caveats import warnings_of
from seedbed.report.sections.differences import bootstrap_level, comparison_table
from seedbed.report.sections.error_notes import damaged_files
from seedbed.report.sections.headline import headline
from seedbed.report.sections.notices import notices
from seedbed.report.sections.page_table import PageTable, interval_name, is_interval
from seedbed.report.sections.published import verdict_lines
from seedbed.report.sections.ranking import ranked_table
from seedbed.report.sections.rows import comparison_rows, primary
from seedbed.report.sections.search_changes import search_change_sentences
from seedbed.report.sections.sentences import sentence_groups
from seedbed.report.sections.settings import protocol
from seedbed.report.sections.tuning_tables import gain_table, refit_table
from seedbed.report.sections.variance import variance_sentences
from seedbed.report.wording import count, p_clause, sentence

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from seedbed.report.analysis.analysis import Analysis

INTERVAL = "interval"
"""Any column of intervals, whatever their level."""
_COLUMNS = {
    "arms": ("arm", "finished", "mean", "sd", "seconds per cell", "peak MB"),
    "differences": ("arm", "baseline", "pairs", "mean difference", INTERVAL, "p"),
    "gains": ("arm", "pairs", "tuned", "default", "gain", INTERVAL, "tuned is worse"),
    "refits": ("arm", "pairs", "refit", "tuned", "gain", INTERVAL, "refit is worse"),
    "corrected": ("arm", "baseline", "pairs", "mean difference", INTERVAL, "p (Holm)"),
}
"""The columns after the first one, which has the sizes."""
_OPTIONAL = ("pairs", "peak MB", "seconds", "n")
"""Columns that a narrow terminal leaves out for longer names of arms; the page has them."""
_SHORT = {
    "mean difference": "difference", "seconds per cell": "seconds", "finished": "n", MENTIONS.many: "mentions",
}  # fmt: skip


MOST_TERMINAL_ROWS = 60
"""Most rows of a table in the terminal."""
MOST_PUBLISHED = 4
"""Most sentences on published scores in the short report."""
MOST_LINES = 25
"""Most lines of the short report, unless its table would have fewer than LEAST_ROWS; a command adds its own."""
LEAST_ROWS = 8


def print_report(analysis: "Analysis", console: "Console | None" = None, verbose: bool = False) -> None:
    """Print the headline and the ranked table in about MOST_LINES lines; with ``verbose`` everything else too."""
    from rich.console import Console

    console = console or Console()
    shown = headline(analysis)
    lines = [*([shown.text] if shown else []), *notices(analysis)]
    sentences = [line for group in sentence_groups(analysis) for line in group.lines]
    sentences += [*_opinions(analysis), *variance_sentences(analysis), *search_change_sentences(analysis)]
    damaged = damaged_files(analysis)
    warnings = [f"! {warning}" for warning in warnings_of(analysis) if verbose or warning not in damaged]
    warnings += [f"! {findings.rule}: {text}" for findings in protocol(analysis) for text in findings.texts]
    if verbose or not shown:
        _print_lines(console, lines)
        for table in [*([ranked_table(analysis)] if shown else []), *terminal_tables(analysis, console.width)]:
            console.print(rich_table(table, console.width) if isinstance(table, PageTable) else table)
        _print_lines(console, [*sentences, *warnings])
        return
    lines += [*verdict_lines(analysis)[:MOST_PUBLISHED], *(f"! {warning}" for warning in damaged)]
    parts = [count(len(part), noun) for part, noun in ((sentences, "sentence"), (warnings, "warning")) if part]
    more = [sentence(f"{' and '.join(parts)} more: -v, or the report.")] if parts else []
    _print_short(ranked_table(analysis), console, lines, more)


def _print_short(table: PageTable, console: "Console", lines: Sequence[str], more: Sequence[str]) -> None:
    """Print lines, table and lines, with as many rows as fit, at least LEAST_ROWS."""
    least = min(len(table.rows), LEAST_ROWS)
    for number in range(len(table.rows), least - 1, -1):
        left_out = len(table.rows) - number
        with console.capture() as captured:
            _print_lines(console, lines)
            console.print(rich_table(replace(table, rows=table.rows[:number]), console.width))
            _print_lines(console, [f"and {count(left_out, 'row')} more"] if left_out else [])
            _print_lines(console, [table.note, *more] if table.note else more)
        if captured.get().count("\n") <= MOST_LINES:
            break
    console.file.write(captured.get())


def _print_lines(console: "Console", lines: Iterable[str]) -> None:
    for line in lines:
        console.print(ascii_only(line), markup=False, highlight=False)


def terminal_tables(analysis: "Analysis", width: int = 80) -> "list[Table]":
    """Return rich tables that fit ``width`` columns: arms, then differences and what tuning gained, if any."""
    if analysis.metric is None:
        return []
    tables = [_rich(arm_table(analysis, analysis.metric), _COLUMNS["arms"], "", width)]
    differences = comparison_table(analysis, analysis.metric)
    if differences.rows:
        columns = _COLUMNS["corrected" if len(differences.rows) > 1 else "differences"]
        tables.append(_rich(differences, columns, ": arm minus baseline", width))
    if analysis.gains:
        tables.append(_rich(gain_table(analysis), _COLUMNS["gains"], "", width))
    if analysis.refits:
        tables.append(_rich(refit_table(analysis), _COLUMNS["refits"], "", width))
    return tables


def rich_table(table: PageTable, width: int = 80) -> "Table":
    """Return a rich table with all columns, as far as they fit ``width`` columns of text."""
    return _rich(table, table.header, "", width)


def _opinions(analysis: "Analysis") -> Iterator[str]:
    """Yield the results of other methods for a single comparison; the page has a table of all."""
    rows = [] if analysis.metric is None else comparison_rows(analysis)
    if len(rows) == 1 and rows[0].pairs > 1:
        (row,), (_, scale) = rows, primary(analysis)
        gain = scale.gain(row.mean_difference)
        # Like the sentence above it: of the arm that is ahead.
        ahead, share = (row.arm, row.improved) if gain >= 0 else (row.baseline, 1 - row.improved)
        low, high = (row.bca_low, row.bca_high) if row.mean_difference >= 0 else (-row.bca_high, -row.bca_low)
        interval = f"{interval_name([bootstrap_level(row)])} {scale.show(low)} to {scale.show(high)}"
        better = f"{analysis.labels[ahead]} better in {100 * share:.0f} % of pairs"
        yield f"Second opinions: BCa {interval}, Wilcoxon {p_clause(row.p_wilcoxon)}, {better}."


def _rich(table: PageTable, columns: tuple[str, ...], suffix: str, width: int) -> "Table":
    from rich import box
    from rich.table import Table
    from rich.text import Text

    shown = {head for head in table.header if head in columns or (INTERVAL in columns and is_interval(head))}
    positions = [position for position, head in enumerate(table.header) if not position or head in shown]
    header = [_SHORT.get(table.header[position], table.header[position]) for position in positions]
    rows = [[ascii_only(row[position].text) for position in positions] for row in table.rows[:MOST_TERMINAL_ROWS]]
    fitted = fit(header, rows, width, _OPTIONAL)
    text_table = Table(
        title=Text(table.title + suffix),
        box=box.SIMPLE_HEAD,
        title_justify="left",
        pad_edge=False,
        collapse_padding=True,
    )
    for n in fitted.shown:
        is_number = bool(table.rows) and table.rows[0][positions[n]].number is not None
        most = fitted.width.get(n)
        text_table.add_column(
            Text(header[n]), justify="right" if is_number else "left", no_wrap=most is None, max_width=most
        )
    if len(table.rows) > MOST_TERMINAL_ROWS:
        text_table.caption = Text(f"the first {MOST_TERMINAL_ROWS} of {len(table.rows):,} rows; the page has more")
    for row in rows:
        text_table.add_row(*(Text(fitted.text(n, row[n])) for n in fitted.shown))  # Text: names are not markup
    return text_table


def ascii_only(text: str) -> str:
    """Replace characters that some terminals lack."""
    return text.replace("−", "-").replace("–", "-").replace("…", "...")
