"""Figures as bytes: PNG and SVG files, and SVG that takes the colours of the page it stands in."""

import io
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from seedbed.report.pictures.svg_tooltips import with_titles

if TYPE_CHECKING:
    from matplotlib.figure import Figure

INK = "#1f2329"
FAINT = "#d6dae0"
"""Colours of text and of grid lines; in a page they give way to its own."""
DPI = 160


@dataclass(frozen=True)
class Picture:
    """A drawn picture: ``name`` of its files, ``title`` under it, ``alt`` for those who cannot see it.

    ``section``: the title of the section that it stands in, where not among the first pictures.
    """

    name: str
    title: str
    alt: str
    png: bytes
    svg: bytes
    section: str = ""

    @classmethod
    def of(cls, figure: "Figure", name: str, title: str, alt: str, section: str = "") -> "Picture":
        """Draw ``figure``; the same figure gives the same bytes."""
        _place(figure)
        png = _bytes(figure, "png", dpi=DPI, facecolor="white", metadata={"Software": None})
        nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
        svg = _bytes(figure, "svg", transparent=True, metadata=nothing)
        return cls(name, title, alt, png, with_titles(svg), section)

    def inline_svg(self) -> str:
        """The SVG as an element of a page: its own ids, the page's ink, ``alt`` as its label."""
        text = self.svg.decode("utf-8")
        text = text[text.index("<svg") :]
        text = re.sub(r'(\bid="|url\(#|href="#)', rf"\g<1>{self.name}-", text)
        text = text.replace(INK, "currentColor").replace(FAINT, "var(--line)")
        return text.replace("<svg", f'<svg role="img" aria-label="{escape(self.alt)}"', 1)


@contextmanager
def drawing() -> Iterator[None]:
    """Settings under which all pictures are drawn: text stays text, names are never read as formulas."""
    import matplotlib

    with matplotlib.rc_context(), warnings.catch_warnings():
        matplotlib.rcdefaults()  # a matplotlibrc of the user must not change a report
        matplotlib.rcParams.update(_SETTINGS)
        # A script that DejaVu lacks shows as boxes in PNG; in SVG the reader's own fonts have it.
        warnings.filterwarnings("ignore", message=r"Glyph .* missing from", category=UserWarning)
        warnings.filterwarnings("ignore", message="Matplotlib currently does not support", category=UserWarning)
        yield


_SETTINGS = {
    "text.parse_math": False,
    "svg.hashsalt": "seedbed",
    "svg.fonttype": "none",
    "font.size": 10,
    "axes.titlesize": 10,
    "axes.titleweight": "bold",
    "axes.titley": 1.0,  # where it is anyway, without measuring over and over what might be in its way
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.titlecolor": INK,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "grid.linewidth": 0.7,
}


def _place(figure: "Figure") -> None:
    """Find the places of everything, once for both files: with a layout engine, matplotlib draws each file twice."""
    figure.set_dpi(DPI)
    for axis in (axis for axes in figure.axes for axis in (axes.xaxis, axes.yaxis)):
        if not axis.get_label_text():
            axis.set_label_coords(0, 0)  # or it is measured over and over where the label would be, if there were one
    engine = figure.get_layout_engine()
    if engine is not None:
        engine.execute(figure)
        figure.set_layout_engine(None)


def _bytes(figure: "Figure", kind: str, **settings: object) -> bytes:
    out = io.BytesIO()
    figure.savefig(out, format=kind, **settings)
    return out.getvalue()
