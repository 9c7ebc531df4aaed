"""The layout of points and labels in a panel, for the picture and the page.

Lengths are in the unit of the panel, with the origin at its upper left corner.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seedbed.senses.exploration import Exploration, LayerView
from seedbed.senses.occurrences import snippet_text

_ANCHORS = {"start": 0.0, "middle": 0.5, "end": 1.0}
MOST_LABELLED = 14
"""Panels with more points have no labels."""


@dataclass(frozen=True)
class Box:
    """The size of a panel, the margins of its points, and the size of a point and of text.

    ``snippet``: the characters of a label; ``fan``: how far coinciding points are spread.
    """

    width: float
    height: float
    margin: tuple[float, float]
    point: float
    text: float
    snippet: int
    fan: float

    def measure(self, text: str) -> float:
        """Return the approximate width of a text, whatever the font of the reader."""
        return 0.56 * self.text * len(text)


@dataclass(frozen=True)
class Label:
    """A text and the position of its ``anchor`` (``start``, ``middle`` or ``end``), at middle height.

    ``leader``: start and end of a line to its point, if it is far from it.
    """

    text: str
    x: float
    y: float
    anchor: str
    leader: tuple[tuple[float, float], tuple[float, float]] | None


@dataclass(frozen=True)
class Panel:
    """Points in order of the occurrences, ``[n, 2]``, the origin of the plane, and the labels that fit.

    ``spread``: whether coinciding points are spread.
    """

    layer: LayerView
    points: NDArray[np.float64]
    middle: tuple[float, float]
    labels: tuple[Label, ...]
    spread: bool

    @property
    def note(self) -> str:
        """A sentence if points are spread, else empty."""
        if not self.spread:
            return ""
        equal = "Equal tokens have equal vectors" if self.layer.control else "Some points are equal"
        return f"{equal}; they are spread out to be visible."


def build_panel(
    exploration: Exploration, layer: LayerView, box: Box, measure: Callable[[str], float] | None = None
) -> Panel:
    """Return the panel of one layer; ``measure`` returns the width of a text, if the font is known."""
    exact, middle = fit_to_box(layer.plane.points, box)
    points = spread_coincident(exact, layer.plane.points, box)
    texts = _forms(exploration) if layer.control else _snippets(exploration, box)
    labels = place_labels(points, texts, box, measure or box.measure)
    return Panel(layer, points, middle, labels, not np.array_equal(points, exact))


def fit_to_box(plane: NDArray[np.floating], box: Box) -> tuple[NDArray[np.float64], tuple[float, float]]:
    """Return points ``[n, 2]`` scaled to the box, the same on both axes, and the position of the origin."""
    low, high = plane.min(axis=0), plane.max(axis=0)
    room = np.array([box.width, box.height]) - 2 * np.array(box.margin)
    spans = np.where(high > low, high - low, np.nan)
    ratios = room / spans
    scale = 1.0 if np.isnan(ratios).all() else float(np.nanmin(ratios))
    flip = np.array([1.0, -1.0])  # y points down on a page
    center = np.array([box.width, box.height]) / 2 - flip * scale * (low + high) / 2
    return center + flip * scale * plane, (float(center[0]), float(center[1]))


def spread_coincident(points: NDArray[np.float64], plane: NDArray[np.floating], box: Box) -> NDArray[np.float64]:
    """Return the points, with those that coincide in the plane spread in a spiral so that all are visible."""
    span = float(np.ptp(plane, axis=0).max()) or 1.0
    positions = [tuple(row) for row in np.round((plane - plane.min(axis=0)) / span, 4).tolist()]
    totals, drawn, spread = Counter(positions), Counter[tuple[float, ...]](), np.array(points)
    for n, position in enumerate(positions):
        if totals[position] > 1:
            step = min(0.62 * box.point, box.fan / math.sqrt(totals[position]))
            radius, angle = step * math.sqrt(drawn[position] + 0.5), drawn[position] * math.pi * (3 - math.sqrt(5))
            spread[n] += radius * math.cos(angle), radius * math.sin(angle)
            drawn[position] += 1
    return spread


def place_labels(
    points: NDArray[np.float64], texts: Sequence[tuple[int, str]], box: Box, measure: Callable[[str], float]
) -> tuple[Label, ...]:
    """Place each ``(number of its point, text)`` where it covers no point and no other label; leave out the others."""
    size, labels = box.point, list[Label]()
    taken = [(x - size / 2, y - size / 2, x + size / 2, y + size / 2) for x, y in points.tolist()]
    for number, text in texts:
        x, y = points[number].tolist()
        wide, high = measure(text), 1.25 * box.text
        for left, top, anchor, far in _candidates(x, y, wide, high, size):
            area = (left, top, left + wide, top + high)
            inside = left >= 0 and top >= 0 and area[2] <= box.width and area[3] <= box.height
            if inside and not any(_overlap(area, other) for other in taken):
                taken.append(area)
                middle = top + high / 2
                leader = ((x, y), (min(max(x, left), left + wide), middle)) if far else None
                labels.append(Label(text, left + _ANCHORS[anchor] * wide, middle, anchor, leader))
                break
    return tuple(labels)


def _candidates(x: float, y: float, wide: float, high: float, size: float) -> Iterator[tuple[float, float, str, bool]]:
    """Upper left corners around a point, the best first, with their anchor, and whether they need a leader."""
    gap = 0.75 * size
    yield x + gap, y - high / 2, "start", False
    yield x - gap - wide, y - high / 2, "end", False
    for below in (-gap - high, gap):
        for across, anchor in ((x - wide / 2, "middle"), (x - size / 2, "start"), (x + size / 2 - wide, "end")):
            yield across, y + below, anchor, False
    for ring in range(2, 9):
        for step in (-1, 1):
            for across, anchor in ((x + gap, "start"), (x - gap - wide, "end"), (x - wide / 2, "middle")):
                yield across, y - high / 2 + step * ring * high * 0.6, anchor, True


def _overlap(box: Sequence[float], other: Sequence[float]) -> bool:
    return box[0] < other[2] and other[0] < box[2] and box[1] < other[3] and other[1] < box[3]


def _snippets(exploration: Exploration, box: Box) -> list[tuple[int, str]]:
    if len(exploration.occurrences) > MOST_LABELLED:
        return []
    return [(n, snippet_text(occurrence, box.snippet)) for n, occurrence in enumerate(exploration.occurrences)]


def _forms(exploration: Exploration) -> list[tuple[int, str]]:
    """Without context, equal tokens are one point: their form and count, at the first of them."""
    first: dict[str, int] = {}
    counts: dict[str, int] = {}
    for n, occurrence in enumerate(exploration.occurrences):
        first.setdefault(occurrence.form, n)
        counts[occurrence.form] = counts.get(occurrence.form, 0) + 1
    if len(first) > MOST_LABELLED:
        return []
    return [(n, form if counts[form] == 1 else f"{form} × {counts[form]}") for form, n in first.items()]
