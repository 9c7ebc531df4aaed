"""report.md: the same answer and tables for places that show Markdown."""

import html
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from seedbed.report.answers import answers, warnings_of
from seedbed.report.contents import contents
from seedbed.report.context import Value, sections_of
from seedbed.report.entries import PageTable, table_texts
from seedbed.report.floor_shown import floor_answers
from seedbed.report.rendering import Picture
from seedbed.report.wording import plain

if TYPE_CHECKING:
    from seedbed.report.study import Study

_SIGNS = re.compile(r"([\\`*_\[\]|~#$!])")
_LINE_STARTS = re.compile(r"^(\d+(?=[.)](?:\s|$))|(?=[-+](?:\s|$)|=))")


def render_markdown(study: "Study", pictures: Sequence[Picture], *, title: str) -> str:
    """The report as Markdown; pictures are linked as files beside it, the table of cells is left to results.csv."""
    blocks = [f"# {escaped(title)}", _bullets(answer.text for answer in answers(study))]
    if study.metric is None or not answers(study):
        blocks.append("There is no pair of arms to compare.")
    blocks.append(_bullets(answer.text for answer in floor_answers(study)))
    warnings = warnings_of(study)
    if warnings:
        blocks += ["## Read with care", _bullets(warnings)]
    blocks += [f"![{escaped(picture.alt, 2_000)}]({picture.name}.png)" for picture in pictures]
    blocks += _tables(study)
    for section in sections_of(study.beside.context):
        lines = [_value(line) for line in section.lines]
        lines += [f"{escaped(name)}: {_value(value)}" for name, value in section.pairs]
        blocks += [f"## {escaped(section.title)}", "\n".join(f"- {line}" for line in lines)]
    return "\n\n".join(block for block in blocks if block) + "\n"


def escaped(text: object, limit: int = 500) -> str:
    """``text`` from data as Markdown that shows it as it is: one line, no markup, no HTML."""
    return _LINE_STARTS.sub(r"\1\\", _field(plain(text, limit)))


def _field(text: str) -> str:
    return _SIGNS.sub(r"\\\1", html.escape(text, quote=False))


def _tables(study: "Study") -> Iterator[str]:
    """Each section with its tables, such as the differences."""
    for section in contents(study, cells=False):
        yield f"## {section.title}"
        yield from (_titled(table) for table in section.tables)


def _titled(table: PageTable) -> str:
    heads, *rows = ([_field(text) for text in row] for row in table_texts(table))
    numeric = [entry.number is not None for entry in table.rows[0]] if table.rows else [False] * len(heads)
    rule = ["---:" if is_number else "---" for is_number in numeric]
    lines = "\n".join(f"| {' | '.join(row)} |" for row in [heads, rule, *rows])
    return "\n\n".join(
        part for part in (f"### {escaped(table.title)}" if table.title else "", lines, table.note) if part
    )


def _bullets(lines: Iterator[str] | Sequence[str]) -> str:
    return "\n".join(f"- {escaped(line)}" for line in lines)


def _value(value: Value) -> str:
    return f"<{value.address}>" if value.address else escaped(value.text, 2_000) if value.text else ""
