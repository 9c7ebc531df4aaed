"""The error viewer: a second offline page with the items that two arms disagree on."""

from typing import TYPE_CHECKING

from seedbed.report.errors.arm_pairs import Bounds, ErrorPairs
from seedbed.report.errors.tracked_examples import tracked_examples
from seedbed.report.pages.html import TEMPLATES, page_assets, template
from seedbed.report.sections.error_notes import prediction_notes, text_notes
from seedbed.report.sections.seen_entities import seen_tables
from seedbed.report.wording import sanitize, sentence

if TYPE_CHECKING:
    from seedbed.report.analysis.analysis import Analysis

FILE = "errors.html"
LARGEST = 3_000_000
"""Bytes of the page; a larger one is rendered with fewer items."""
_BOUNDS = (Bounds(), Bounds(20, 1), Bounds(10, 0), Bounds(5, 0), Bounds(2, 0), Bounds(0, 0))


def render_errors(analysis: "Analysis", *, title: str) -> str | None:
    """Return the HTML page, or None without stored predictions to show."""
    pairs, damaged = ErrorPairs(analysis), list[str]()
    tracked = tracked_examples(analysis, damaged)
    if not pairs and not tracked:
        return None
    tables = seen_tables(analysis)
    styles = TEMPLATES / "page.css", TEMPLATES / "errors.css"
    assets = page_assets(analysis.arms, styles, [TEMPLATES / "errors.js"])
    page = ""
    for bounds in _BOUNDS:
        page = template(TEMPLATES / "errors.html.j2").render(
            title=sanitize(title),
            pairs=pairs.render(bounds),
            tables=tables,
            tracked=tracked,
            notes=[
                *prediction_notes(analysis.reader.unread()),
                *map(sentence, damaged + pairs.damaged),
                *text_notes(analysis),
            ],
            **assets,
        )
        if len(page.encode("utf-8")) <= LARGEST:
            break
    return page
