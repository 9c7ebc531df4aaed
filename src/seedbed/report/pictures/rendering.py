"""Figures as bytes: PNG and SVG files, and inline SVG in the colors of its page."""

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
PAPER = "#fefefe"
"""Colors of text, of grid lines and behind texts on lines; inline SVG uses those of its page."""
DPI = 160
WIDEST = 6.0
"""Inches of a picture whose text can still be read where it is shrunk to the width of a phone."""
ANSWER = "The answer"
"""The section of the pictures beside the ranked table."""


@dataclass(frozen=True)
class Picture:
    """A rendered picture: ``name`` of its files, ``title`` under it, and ``alt`` text.

    ``section``: the title of its section, if not among the main pictures. ``inches``: its width.
    """

    name: str
    title: str
    alt: str
    png: bytes
    svg: bytes
    section: str = ""
    inches: float = 0.0

    @classmethod
    def of(cls, figure: "Figure", name: str, title: str, alt: str, section: str = "") -> "Picture":
        """Render ``figure``; equal figures have equal bytes."""
        _run_layout(figure)
        png, svg = io.BytesIO(), io.BytesIO()
        figure.savefig(png, format="png", dpi=DPI, facecolor="white", metadata={"Software": None})
        no_metadata = dict.fromkeys(("Date", "Creator", "Format", "Type"))
        figure.savefig(svg, format="svg", transparent=True, metadata=no_metadata)
        return cls(name, title, alt, png.getvalue(), with_titles(svg.getvalue()), section, figure.get_figwidth())

    @property
    def is_wide(self) -> bool:
        """Whether a narrow page scrolls it sideways, and does not shrink it."""
        return self.inches > WIDEST

    def inline_svg(self) -> str:
        """Return the SVG as an element of a page: unique ids, the page's text color, ``alt`` as its label."""
        text = self.svg.decode("utf-8")
        text = text[text.index("<svg") :]
        text = re.sub(r'(\bid="|url\(#|href="#)', rf"\g<1>{self.name}-", text)
        text = text.replace(INK, "currentColor").replace(FAINT, "var(--line)").replace(PAPER, "var(--paper)")
        role = "group" if 'class="trial"' in text else "img"  # what can be focused is not hidden
        return text.replace("<svg", f'<svg role="{role}" aria-label="{escape(self.alt)}"', 1)


def on_lines() -> dict[str, object]:
    """Return the box of a text that lines cross: it covers them."""
    return {"facecolor": PAPER, "edgecolor": "none", "pad": 0.8}


@contextmanager
def drawing() -> Iterator[None]:
    """Apply the settings of all pictures: SVG text stays text, and names are never parsed as formulas."""
    import matplotlib

    with matplotlib.rc_context(), warnings.catch_warnings():
        matplotlib.rcdefaults()  # a user's matplotlibrc must not change a report
        matplotlib.rcParams.update(_SETTINGS)
        # Characters that DejaVu lacks are boxes in PNG; in SVG the reader's fonts are used.
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
    "axes.titley": 1.0,  # the default position, without measuring for overlaps
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


def _run_layout(figure: "Figure") -> None:
    """Run the layout engine once for both files: with an engine, matplotlib draws each file twice."""
    figure.set_dpi(DPI)
    for axis in (axis for axes in figure.axes for axis in (axes.xaxis, axes.yaxis)):
        if not axis.get_label_text():
            axis.set_label_coords(0, 0)  # or the position of the empty label is measured repeatedly
    engine = figure.get_layout_engine()
    if engine is not None:
        engine.execute(figure)
        figure.set_layout_engine(None)
