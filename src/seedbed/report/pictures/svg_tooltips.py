"""Tooltips of points: a ``<title>`` in the SVG, which browsers show on hover."""

import base64
import json
import re
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

from seedbed.report.wording import sanitize

if TYPE_CHECKING:
    from matplotlib.artist import Artist

_MARK = "titles-"
_PART = re.compile(rf'<g id="{_MARK}(?P<titles>[\w=-]*)">|(?P<open><g\b)|(?P<close></g>)|(?P<point><use\b[^>]*)/>')
_NOT_XML = re.compile("[\ufffe\uffff]")


def name_points(artist: "Artist", titles: Sequence[str]) -> None:
    """Set the tooltip of each point of a scatter of one size, or of a line with markers, encoded in the group's id."""
    packed = json.dumps([sanitize(title) for title in titles]).encode("ascii")
    artist.set_gid(_MARK + base64.urlsafe_b64encode(packed).decode("ascii"))


def with_titles(svg: bytes) -> bytes:
    """Return the SVG with the titles of ``name_points``, except in groups with another number of points."""
    text = svg.decode("utf-8")
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
