"""Tooltips of points, which browsers show on hover, and lines that show a text on hover and focus, without scripts."""

import base64
import json
import re
import textwrap
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

from seedbed.report.wording import sanitize

if TYPE_CHECKING:
    from matplotlib.artist import Artist

_MARK = "titles-"
_PART = re.compile(rf'<g id="{_MARK}(?P<titles>[\w=-]*)">|(?P<open><g\b)|(?P<close></g>)|(?P<point><use\b[^>]*)/>')
_INK = "#1f2329"  # that of `rendering`, which a page replaces by its own
_LINE = "line-"
_NAMED_LINE = re.compile(rf'<g id="{_LINE}(?P<title>[\w=-]*)">\s*(?P<path><path\b[^>]*/>)\s*</g>')
_STYLE = (
    "<style>.trial{outline:none;cursor:pointer}.trial text{display:none;font:8px sans-serif}"
    ".trial .hit{stroke:#000;stroke-width:9;stroke-opacity:0;fill:none}"
    ".trial:hover text,.trial:focus text{display:inline}"
    "svg:has(.trial:hover) .trial:focus:not(:hover) text{display:none}"
    ".trial:hover path:not(.hit),.trial:focus path:not(.hit)"
    "{stroke:#d55e00!important;stroke-width:3.5!important;stroke-opacity:1!important}</style>"
)
_WIDTH, _LINES = 118, 3
"""Characters in a line of the text at the top of a figure, and its lines."""
_NOT_XML = re.compile("[\ufffe\uffff]")


def name_points(artist: "Artist", titles: Sequence[str]) -> None:
    """Set the tooltip of each point of a scatter of one size, or of a line with markers, encoded in the group's id."""
    packed = json.dumps([sanitize(title) for title in titles]).encode("ascii")
    artist.set_gid(_MARK + base64.urlsafe_b64encode(packed).decode("ascii"))


def name_line(artist: "Artist", title: str) -> None:
    """Set the text that a line shows at the top of the figure while it is pointed at, touched or focused."""
    artist.set_gid(_LINE + base64.urlsafe_b64encode(sanitize(title, 500).encode("utf-8")).decode("ascii"))


def with_titles(svg: bytes) -> bytes:
    """Return the SVG with the titles of ``name_points``, except in groups with another number of points.

    Lines of ``name_line`` can be reached with the tabulator, have a wider area to point at, and show their text.
    """
    text = _named_lines(svg.decode("utf-8"))
    out: list[str] = []
    end = 0
    groups: list[_Group] = []
    for index, match in enumerate(_PART.finditer(text)):
        if match["titles"] is not None:
            out.append(text[end : match.start()])
            groups.append(_Group(json.loads(base64.urlsafe_b64decode(match["titles"]))))
            out.append(f'<g id="points-{index}">')
        elif not groups:
            continue
        elif match["point"]:
            out += [text[end : match.start()], match[0]]
            groups[-1].points.append(len(out) - 1)
        else:
            out.append(text[end : match.end()])
            groups[-1].depth += 1 if match["open"] else -1
            if not groups[-1].depth:
                groups.pop().name(out)
        end = match.end()
    return "".join([*out, text[end:]]).encode("utf-8")


def _named_lines(text: str) -> str:
    named = _NAMED_LINE.sub(_named_line, text)
    return named if named == text else re.sub(r"<svg\b[^>]*>", rf"\g<0>{_STYLE}", named, count=1)


def _named_line(match: re.Match[str]) -> str:
    title = _NOT_XML.sub("", base64.urlsafe_b64decode(match["title"]).decode("utf-8"))
    shape = re.search(r'\bd="[^"]*"', match["path"])
    lines = textwrap.wrap(title, _WIDTH, max_lines=_LINES, placeholder=" …", break_on_hyphens=False)
    texts = "".join(
        f'<text x="8" y="{12 + 10 * number}" style="fill: {_INK}">{escape(line, quote=False)}</text>'
        for number, line in enumerate(lines)
    )
    return (
        f'<g class="trial" tabindex="0"><title>{escape(title, quote=False)}</title>'
        f'<path class="hit" {shape[0] if shape else ""}/>{match["path"]}{texts}</g>'
    )


class _Group:
    """An open group: its titles, and the indices of its points in the output."""

    def __init__(self, titles: list[str]) -> None:
        self.titles, self.depth = titles, 1
        self.points: list[int] = []

    def name(self, out: list[str]) -> None:
        """Add the titles to the points."""
        if len(self.points) != len(self.titles):
            return
        for point, title in zip(self.points, self.titles, strict=True):
            shown = escape(_NOT_XML.sub("", title), quote=False)
            out[point] = f"{out[point][:-2]}><title>{shown}</title></use>"
