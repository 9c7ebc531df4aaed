"""What a browser says of a point when the pointer rests on it: a ``<title>`` in the SVG."""

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
    """Give each point of a scatter of one size, or of a line with markers, its title; they travel as the group's id."""
    packed = json.dumps([sanitize(title) for title in titles]).encode("ascii")
    artist.set_gid(_MARK + base64.urlsafe_b64encode(packed).decode("ascii"))


def with_titles(svg: bytes) -> bytes:
    """The SVG with the titles of ``name_points`` in its points; without those of a group that drew fewer points."""
    text = svg.decode("utf-8")
    out, at = [], 0
    groups: list[_Group] = []
    for number, found in enumerate(_PART.finditer(text)):
        if found["titles"] is not None:
            out.append(text[at : found.start()])
            groups.append(_Group(json.loads(base64.urlsafe_b64decode(found["titles"])), len(out)))
            out.append(f'<g id="points-{number}">')
        elif not groups:
            continue
        elif found["point"]:
            out += [text[at : found.start()], found[0]]
            groups[-1].points.append(len(out) - 1)
        else:
            out.append(text[at : found.end()])
            groups[-1].depth += 1 if found["open"] else -1
            if not groups[-1].depth:
                groups.pop().name(out)
        at = found.end()
    return "".join([*out, text[at:]]).encode("utf-8")


class _Group:
    """An open group: its titles, and where its points are in the output."""

    def __init__(self, titles: list[str], place: int) -> None:
        self.titles, self.place, self.depth = titles, place, 1
        self.points: list[int] = []

    def name(self, out: list[str]) -> None:
        """Put the titles into the points."""
        if len(self.points) != len(self.titles):
            return
        for point, title in zip(self.points, self.titles, strict=True):
            shown = escape(_NOT_XML.sub("", title), quote=False)
            out[point] = f"{out[point][:-2]}><title>{shown}</title></use>"
