"""The report as an HTML fragment for notebooks: answers, arms, and the paired picture."""

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

from seedbed.report.analysis.analysis import Analysis
from seedbed.report.pictures.rendering import drawing
from seedbed.report.pictures.scores import box_plot, paired_plot
from seedbed.report.pictures.selection import MOST_PANELS, drawn_part
from seedbed.report.sections.arms_and_cells import arm_table
from seedbed.report.sections.headline import headline
from seedbed.report.sections.page_table import PageTable, table_texts

if TYPE_CHECKING:
    from seedbed.report.analysis.across_datasets import DatasetAnalyses

_STYLE = "color:inherit;max-width:46em;--line:#999"


def html_fragment(result: "Analysis | DatasetAnalyses", lines: Sequence[str]) -> str:
    """Return HTML without scripts; text from data is escaped."""
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    shown = headline(result) if isinstance(result, Analysis) else None
    parts = [f"<p><strong>{escape(shown.text)}</strong></p>"] if shown else []
    parts.append(f"<ul>{items}</ul>" if items else "<p>There is no pair of arms to compare.</p>")
    if isinstance(result, Analysis) and result.metric is not None:
        parts.append(_table(arm_table(result, result.metric)))
        with drawing():
            part, _ = drawn_part(result, MOST_PANELS)
            picture = paired_plot(part) or box_plot(part)
        if picture is not None:
            parts.append(f"<figure>{picture.inline_svg()}<figcaption>{escape(picture.title)}</figcaption></figure>")
    return f'<div class="seedbed" style="{_STYLE}">{"".join(parts)}</div>'


def _table(table: PageTable) -> str:
    header, *rows = table_texts(table)
    head = "".join(f"<th>{escape(text)}</th>" for text in header)
    body = "".join("<tr>" + "".join(f"<td>{escape(text)}</td>" for text in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
