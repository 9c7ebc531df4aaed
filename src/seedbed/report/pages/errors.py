"""The error viewer: a second offline page beside the report, with the items that two arms disagree on."""

from typing import TYPE_CHECKING

from seedbed.report.errors.pairs import Bounds, ErrorPairs
from seedbed.report.errors.tracked_examples import tracked_examples
from seedbed.report.pages.html import TEMPLATES, page_assets, template
from seedbed.report.sections.seen_entities import seen_tables
from seedbed.report.wording import count, sanitize, sentence

if TYPE_CHECKING:
    from seedbed.report.analysis.analysis import Analysis

FILE = "errors.html"
LARGEST = 3_000_000
"""Bytes of the page; of a larger one fewer items are shown."""
_BOUNDS = (Bounds(), Bounds(20, 1), Bounds(10, 0), Bounds(5, 0), Bounds(2, 0), Bounds(0, 0))


def render_errors(analysis: "Analysis", *, title: str) -> str | None:
    """The whole page as text; None where nothing was kept that it could show."""
    pairs, damaged = ErrorPairs(analysis), list[str]()
    tracked = tracked_examples(analysis, damaged)
    if not pairs and not tracked:
        return None
    tables = seen_tables(analysis)
    styles = TEMPLATES / "page.css", TEMPLATES / "errors.css"
    look = page_assets(analysis.arms, styles, [TEMPLATES / "errors.js"])
    page = ""
    for bounds in _BOUNDS:
        page = template(TEMPLATES / "errors.html.j2").render(
            title=sanitize(title),
            pairs=pairs.shown(bounds),
            tables=tables,
            tracked=tracked,
            notes=[*analysis.reader.left_out(), *map(sentence, damaged + pairs.damaged), *_texts_missing(analysis)],
            **look,
        )
        if len(page.encode("utf-8")) <= LARGEST:
            break
    return page


def _texts_missing(analysis: "Analysis") -> list[str]:
    items = analysis.inputs.items
    if items is None:
        return []
    said = [f"The texts of {count(items.left_out, 'test example')} were too much to keep."] if items.left_out else []
    own = {"dataset", "draw"} <= {*analysis.table.columns}
    asked = set(zip(analysis.table["dataset"], analysis.table["draw"], strict=True)) if own else set()
    if number := len(asked & items.contested):
        said.append(
            f"{sentence(count(number, 'draw'))} of texts that arms read in several ways: only what these have in "
            "common is shown."
        )
    return said
