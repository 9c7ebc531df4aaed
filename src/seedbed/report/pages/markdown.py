"""The report as Markdown, ``report.md``."""

import html
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from seedbed.report.pictures.rendering import ANSWER, Picture
from seedbed.report.sections.about import about_sections
from seedbed.report.sections.caveats import warnings_of
from seedbed.report.sections.contents import shortened
from seedbed.report.sections.context import Section, Value
from seedbed.report.sections.headline import headline
from seedbed.report.sections.notices import notices
from seedbed.report.sections.page_table import PageTable, table_texts
from seedbed.report.sections.ranking import ranked_table
from seedbed.report.sections.sentences import sentence_groups
from seedbed.report.sections.settings import RuleFindings, protocol
from seedbed.report.wording import sanitize

if TYPE_CHECKING:
    from seedbed.report.analysis.analysis import Analysis

_MARKUP = re.compile(r"([\\`*_\[\]|~#$!])")
_LINE_STARTS = re.compile(r"^(\d+(?=[.)](?:\s|$))|(?=[-+](?:\s|$)|=))")


def render_markdown(
    analysis: "Analysis", sections: Sequence[Section], pictures: Sequence[Picture], *, title: str
) -> str:
    """Return the report as Markdown, with links to the picture files and without the table of all cells."""
    shown = headline(analysis)
    blocks = [f"# {escaped(title)}", escaped(shown.text) if shown else "There is no pair of arms to compare."]
    blocks += [escaped(text) for text in notices(analysis)]
    ranked = ranked_table(analysis)
    blocks += [_titled(ranked)] if ranked.rows else []
    blocks += [_image(picture) for picture in pictures if picture.section == ANSWER]
    for group in sentence_groups(analysis):
        blocks += [f"## {group.title}", bullets(group.lines)]
    warnings = warnings_of(analysis)
    if warnings:
        blocks += ["## Read with care", bullets(warnings)]
    if findings := protocol(analysis):
        blocks += ["## Protocol", "\n".join(map(_rule, findings))]
    blocks += [_image(picture) for picture in pictures if picture.section != ANSWER]
    blocks += tables_of(shortened(sections))
    for section in about_sections(analysis.inputs, analysis.arms):
        lines = [_value(line) for line in section.lines]
        lines += [f"{escaped(name)}: {_value(value)}" for name, value in section.pairs]
        blocks += [f"## {escaped(section.title)}", "\n".join(f"- {line}" for line in lines)]
    return "\n\n".join(block for block in blocks if block) + "\n"


def _image(picture: Picture) -> str:
    return f"![{escaped(picture.alt, 2_000)}]({picture.name}.png)"


def escaped(text: object, limit: int = 500) -> str:
    """Escape ``text`` from data for Markdown: one line, no markup, no HTML."""
    return _LINE_STARTS.sub(r"\1\\", _escape_markup(sanitize(text, limit)))


def _escape_markup(text: str) -> str:
    return _MARKUP.sub(r"\\\1", html.escape(text, quote=False))


def tables_of(sections: Sequence[Section]) -> Iterator[str]:
    """Yield each section with its tables as Markdown."""
    for section in sections:
        yield f"## {section.title}"
        yield from (_titled(table) for table in section.tables)


def _titled(table: PageTable) -> str:
    header, *rows = ([_escape_markup(text) for text in row] for row in table_texts(table))
    numeric = [cell.number is not None for cell in table.rows[0]] if table.rows else [False] * len(header)
    rule = ["---:" if is_number else "---" for is_number in numeric]
    lines = "\n".join(f"| {' | '.join(row)} |" for row in [header, rule, *rows])
    title, note = f"### {escaped(table.title)}" if table.title else "", escaped(table.note, 5_000) if table.note else ""
    return "\n\n".join(part for part in (title, lines, note) if part)


def _rule(findings: RuleFindings) -> str:
    why = f" {escaped(findings.why)}" if findings.why else ""
    advice = f" What to do: {escaped(findings.advice)}" if findings.advice else ""
    return f"- `{findings.rule}`: {escaped('; '.join(findings.texts), 3_000)}.{why}{advice}"


def bullets(lines: Iterator[str] | Sequence[str]) -> str:
    """Return a bulleted list."""
    return "\n".join(f"- {escaped(line)}" for line in lines)


def _value(value: Value) -> str:
    return f"<{value.address}>" if value.address else escaped(value.text, 2_000) if value.text else ""
