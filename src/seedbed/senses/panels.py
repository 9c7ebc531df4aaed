"""Where points and their labels stand in a panel: plain geometry, for the picture and for the page.

Lengths are in the panel's own unit, with the origin at its upper left corner.
"""

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from seedbed.senses.exploration import Exploration, LayerView
from seedbed.senses.occurrences import snippet_text

_ALONG = {"start": 0.0, "middle": 0.5, "end": 1.0}
MOST_LABELLED = 14
"""Points that get their snippet; beyond, a panel would be all text."""


@dataclass(frozen=True)
class Box:
    """The size of a panel, what its points keep free at each side, and the size of a point and of its text.

    ``snippet``: the characters of a label; ``fan``: how far points that coincide are spread.
    """

    width: float
    height: float
    margin: tuple[float, float]
    point: float
    text: float
    snippet: int
    fan: float

    def measure(self, text: str) -> float:
        """About how wide a text is, for lack of the reader's font."""
        return 0.56 * self.text * len(text)


@dataclass(frozen=True)
class Label:
    """A text with the place of its ``anchor`` (its start, middle or end) at its middle height.

    ``leader``: where a line to its point begins and ends, if it is far from it.
    """

    text: str
    x: float
    y: float
    anchor: str
    leader: tuple[tuple[float, float], tuple[float, float]] | None


@dataclass(frozen=True)
class Panel:
    """Points in order of the occurrences, ``[n, 2]``, the middle of the plane, and the labels that found a place.

    ``spread``: whether there are points that coincide, and so stand beside their place.
    """

    layer: LayerView
    points: np.ndarray
    middle: tuple[float, float]
    labels: tuple[Label, ...]
    spread: bool

    @property
    def note(self) -> str:
        """That points stand beside their place, and why; empty where none does."""
        if not self.spread:
            return ""
        equal = "Equal tokens have equal vectors" if self.layer.control else "Some points are equal"
        return f"{equal}; they are spread out to be seen."


def panel_of(
    exploration: Exploration, layer: LayerView, box: Box, measure: Callable[[str], float] | None = None
) -> Panel:
    """The panel of one layer; ``measure`` gives the width of a text where the font is known."""
    at, middle = fitted(layer.plane.points, box)
    points = fanned(at, layer.plane.points, box)
    texts = _texts_of_forms(exploration, at) if layer.control else _snippets(exploration, box)
    labels = placed(points, texts, box, measure or box.measure)
    return Panel(layer, points, middle, labels, not np.array_equal(points, at))


def fitted(plane: np.ndarray, box: Box) -> tuple[np.ndarray, tuple[float, float]]:
    """Points of a plane ``[n, 2]`` in the box, both axes in one scale, and where the plane's origin is."""
    low, high = plane.min(axis=0), plane.max(axis=0)
    room = np.array([box.width, box.height]) - 2 * np.array(box.margin)
    spans = np.where(high > low, high - low, np.nan)
    ratios = room / spans
    scale = 1.0 if np.isnan(ratios).all() else float(np.nanmin(ratios))
    flip = np.array([1.0, -1.0])  # a page counts downwards
    centre = np.array([box.width, box.height]) / 2 - flip * scale * (low + high) / 2
    return centre + flip * scale * plane, (float(centre[0]), float(centre[1]))


def fanned(points: np.ndarray, plane: np.ndarray, box: Box) -> np.ndarray:
    """The same points, those that are one point of the plane side by side in a spiral, so that all stay to be seen."""
    span = float(np.ptp(plane, axis=0).max()) or 1.0
    places = [tuple(place) for place in np.round((plane - plane.min(axis=0)) / span, 4).tolist()]
    totals, seen, turned = Counter(places), Counter(), np.array(points)
    for n, place in enumerate(places):
        if totals[place] > 1:
            step = min(0.62 * box.point, box.fan / math.sqrt(totals[place]))
            reach, angle = step * math.sqrt(seen[place] + 0.5), seen[place] * math.pi * (3 - math.sqrt(5))
            turned[n] += reach * math.cos(angle), reach * math.sin(angle)
            seen[place] += 1
    return turned


def placed(
    points: np.ndarray, texts: Sequence[tuple[int, str]], box: Box, measure: Callable[[str], float]
) -> tuple[Label, ...]:
    """A place for each ``(number of its point, text)`` that covers no point and no other label; without one, none."""
    size, labels = box.point, []
    taken = [(x - size / 2, y - size / 2, x + size / 2, y + size / 2) for x, y in points.tolist()]
    for number, text in texts:
        x, y = points[number].tolist()
        wide, high = measure(text), 1.25 * box.text
        for left, top, anchor, far in _candidates(x, y, wide, high, size):
            area = (left, top, left + wide, top + high)
            inside = left >= 0 and top >= 0 and area[2] <= box.width and area[3] <= box.height
            if inside and not any(_meet(area, other) for other in taken):
                taken.append(area)
                middle = top + high / 2
                leader = ((x, y), (min(max(x, left), left + wide), middle)) if far else None
                labels.append(Label(text, left + _ALONG[anchor] * wide, middle, anchor, leader))
                break
    return tuple(labels)


def _candidates(x: float, y: float, wide: float, high: float, size: float):
    """Left upper corners around a point, the best first, with their anchor, and whether they need a line to it."""
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


def _meet(one: Sequence[float], other: Sequence[float]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _snippets(exploration: Exploration, box: Box) -> list[tuple[int, str]]:
    if len(exploration.occurrences) > MOST_LABELLED:
        return []
    return [(n, snippet_text(one, box.snippet)) for n, one in enumerate(exploration.occurrences)]


def _texts_of_forms(exploration: Exploration, at: np.ndarray) -> list[tuple[int, str]]:
    """Where the token alone is seen, equal tokens are one place: its form, and how many stand there."""
    first: dict[str, int] = {}
    counts: dict[str, int] = {}
    for n, one in enumerate(exploration.occurrences):
        first.setdefault(one.form, n)
        counts[one.form] = counts.get(one.form, 0) + 1
    if len(first) > MOST_LABELLED:
        return []
    return [(n, form if counts[form] == 1 else f"{form} × {counts[form]}") for form, n in first.items()]
