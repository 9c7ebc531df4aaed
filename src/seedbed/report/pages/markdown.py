"""report.md: the same answer and tables for places that show Markdown."""

import html
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from seedbed.report.pictures.rendering import Picture
from seedbed.report.sections.answers import answers
from seedbed.report.sections.caveats import warnings_of
from seedbed.report.sections.contents import shortened
from seedbed.report.sections.context import Section, Value, sections_of
from seedbed.report.sections.floor import floor_answers
from seedbed.report.sections.label_savings import saving_answers
from seedbed.report.sections.page_table import PageTable, table_texts
from seedbed.report.sections.published import verdict_lines
from seedbed.report.sections.settings import Found, protocol
from seedbed.report.wording import sanitize

if TYPE_CHECKING:
    from seedbed.report.analysis.analysis import Analysis

_SIGNS = re.compile(r"([\\`*_\[\]|~#$!])")
_LINE_STARTS = re.compile(r"^(\d+(?=[.)](?:\s|$))|(?=[-+](?:\s|$)|=))")


def render_markdown(
    analysis: "Analysis", sections: Sequence[Section], pictures: Sequence[Picture], *, title: str
) -> str:
    """The report as Markdown; pictures are linked as files beside it, the table of cells is left to results.csv."""
    blocks = [f"# {escaped(title)}", bullets(answer.text for answer in answers(analysis))]
    if analysis.metric is None or not answers(analysis):
        blocks.append("There is no pair of arms to compare.")
    blocks.append(bullets(answer.text for answer in floor_answers(analysis)))
    blocks.append(bullets([*saving_answers(analysis), *verdict_lines(analysis)]))
    warnings = warnings_of(analysis)
    if warnings:
        blocks += ["## Read with care", bullets(warnings)]
    if findings := protocol(analysis):
        blocks += ["## Protocol", "\n".join(_finding(found) for found in findings)]
    blocks += [f"![{escaped(picture.alt, 2_000)}]({picture.name}.png)" for picture in pictures]
    blocks += tables_of(shortened(sections))
    for section in sections_of(analysis.inputs.context):
        lines = [_value(line) for line in section.lines]
        lines += [f"{escaped(name)}: {_value(value)}" for name, value in section.pairs]
        blocks += [f"## {escaped(section.title)}", "\n".join(f"- {line}" for line in lines)]
    return "\n\n".join(block for block in blocks if block) + "\n"


def escaped(text: object, limit: int = 500) -> str:
    """``text`` from data as Markdown that shows it as it is: one line, no markup, no HTML."""
    return _LINE_STARTS.sub(r"\1\\", _field(sanitize(text, limit)))


def _field(text: str) -> str:
    return _SIGNS.sub(r"\\\1", html.escape(text, quote=False))


def tables_of(sections: Sequence[Section]) -> Iterator[str]:
    """Each section with its tables, such as the differences."""
    for section in sections:
        yield f"## {section.title}"
        yield from (_titled(table) for table in section.tables)


def _titled(table: PageTable) -> str:
    header, *rows = ([_field(text) for text in row] for row in table_texts(table))
    numeric = [entry.number is not None for entry in table.rows[0]] if table.rows else [False] * len(header)
    rule = ["---:" if is_number else "---" for is_number in numeric]
    lines = "\n".join(f"| {' | '.join(row)} |" for row in [header, rule, *rows])
    title, note = f"### {escaped(table.title)}" if table.title else "", escaped(table.note, 5_000) if table.note else ""
    return "\n\n".join(part for part in (title, lines, note) if part)


def _finding(found: Found) -> str:
    why = f" {escaped(found.why)}" if found.why else ""
    return f"- `{found.rule}`: {escaped('; '.join(found.texts), 3_000)}.{why} (`{found.page}`)"


def bullets(lines: Iterator[str] | Sequence[str]) -> str:
    """A list of lines of text."""
    return "\n".join(f"- {escaped(line)}" for line in lines)


def _value(value: Value) -> str:
    return f"<{value.address}>" if value.address else escaped(value.text, 2_000) if value.text else ""
