"""The error viewer: a second offline page beside the report, with the items that two arms disagree on."""

from typing import TYPE_CHECKING

from seedbed.report.errors.pairs import Bounds, ErrorPairs
from seedbed.report.errors.watched import watched_sizes
from seedbed.report.page import TEMPLATES, look_of, template
from seedbed.report.seen_shown import seen_tables
from seedbed.report.wording import count, plain, sentence

if TYPE_CHECKING:
    from seedbed.report.study import Study

FILE = "errors.html"
LARGEST = 3_000_000
"""Bytes of the page; of a larger one fewer items are shown."""
_BOUNDS = (Bounds(), Bounds(20, 1), Bounds(10, 0), Bounds(5, 0), Bounds(2, 0), Bounds(0, 0))


def render_errors(study: "Study", *, title: str) -> str | None:
    """The whole page as text; None where nothing was kept that it could show."""
    pairs, damaged = ErrorPairs(study), list[str]()
    watched = watched_sizes(study, damaged)
    if not pairs and not watched:
        return None
    tables = seen_tables(study)
    styles = TEMPLATES / "page.css", TEMPLATES / "errors.css"
    look = look_of(study.arms, styles, [TEMPLATES / "errors.js"])
    page = ""
    for bounds in _BOUNDS:
        page = template(TEMPLATES / "errors.html.j2").render(
            title=plain(title),
            pairs=pairs.shown(bounds),
            tables=tables,
            watched=watched,
            notes=[*study.said.left_out(), *map(sentence, damaged + pairs.damaged), *_texts_missing(study)],
            **look,
        )
        if len(page.encode("utf-8")) <= LARGEST:
            break
    return page


def _texts_missing(study: "Study") -> list[str]:
    items = study.beside.items
    if items is None:
        return []
    said = [f"The texts of {count(items.left_out, 'test example')} were too much to keep."] if items.left_out else []
    own = {"dataset", "draw"} <= {*study.table.columns}
    asked = set(zip(study.table["dataset"], study.table["draw"], strict=True)) if own else set()
    if number := len(asked & items.contested):
        said.append(
            f"{sentence(count(number, 'draw'))} of texts that arms read in several ways: only what these have in "
            "common is shown."
        )
    return said
