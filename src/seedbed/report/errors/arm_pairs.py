"""The pairs of arms of the error viewer: items that only one of the two gets right, in both directions."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from seedbed.report.analysis.item_agreement import (
    ItemAgreement,
    Pair,
    SharedCell,
    item_agreements,
    only_one_correct,
    pairs_of,
    replicates_of,
    shared_cells,
)
from seedbed.report.analysis.predictions import spans_of
from seedbed.report.analysis.probabilities import FINAL, ProbabilityReader
from seedbed.report.errors.item_renderer import ItemRenderer, RenderedItem
from seedbed.report.sections.page_table import arm_indices
from seedbed.report.wording import count, sentence

if TYPE_CHECKING:
    from seedbed.report.analysis.analysis import Analysis

TYPE_COLORS = 8
"""Colors of entity types; more types share them, and each span names its type."""


@dataclass(frozen=True)
class Bounds:
    """Limits of a pair on the page: items per direction, and how many of them have heat strips."""

    items: int = 20
    strips: int = 5


@dataclass(frozen=True)
class Direction:
    """Items that only one arm gets right in most replicates: their number, and those shown."""

    title: str
    number: int
    items: tuple[RenderedItem, ...]


@dataclass(frozen=True)
class RenderedPair:
    """Two arms at one size; ``header``: their names as column heads."""

    title: str
    summary: str
    header: tuple[str, str]
    directions: tuple[Direction, ...]


class ErrorPairs:
    """All pairs of arms with shared items, computed once and rendered within bounds."""

    def __init__(self, analysis: "Analysis") -> None:
        self.analysis = analysis
        self.damaged: list[str] = []
        artifacts = analysis.inputs.artifacts
        self._probabilities = None if artifacts is None else ProbabilityReader(artifacts, FINAL)
        self._pairs: list[tuple[Pair, list[SharedCell], list[ItemAgreement]]] = []
        for pair in pairs_of(analysis):
            cells = shared_cells(analysis, pair)
            agreements = item_agreements(replicates_of(analysis, cells))
            if agreements:
                self._pairs.append((pair, cells, agreements))
        self.type_colors = _type_colors([item for *_, agreements in self._pairs for item in agreements])

    def __bool__(self) -> bool:
        return bool(self._pairs)

    def render(self, bounds: Bounds) -> list[RenderedPair]:
        """Render all pairs within ``bounds``."""
        return [self._pair(*entry, bounds) for entry in self._pairs]

    def _pair(
        self, pair: Pair, cells: list[SharedCell], agreements: list[ItemAgreement], bounds: Bounds
    ) -> RenderedPair:
        arms = arm_indices(self.analysis)
        renderer = ItemRenderer(self.analysis, pair, cells, self.type_colors, arms, self._probabilities)
        names = self.analysis.labels[pair.first], self.analysis.labels[pair.second]
        directions = []
        for side in (0, 1):
            only_right = only_one_correct(agreements, side)
            items = renderer.render(only_right[: bounds.items], side, bounds.strips)
            title = f"{names[side]} right, {names[1 - side]} wrong"
            directions.append(Direction(title, len(only_right), tuple(items)))
        if renderer.damaged and renderer.damaged not in self.damaged:
            self.damaged.append(renderer.damaged)
        replicates = len({cell.replicate for cell in cells})
        first, second = (count(direction.number, "item") for direction in directions)
        summary = (
            f"{sentence(count(replicates, 'shared replicate'))}, {len(agreements):,} test items. "
            f"{sentence(first)} that in most replicates only {names[0]} gets right, {second} that only {names[1]} does."
        )
        single = sum(item.n_shared == 1 for item in agreements)
        if single and replicates > 1:
            summary += f" {sentence(count(single, 'item'))} in the test set of one replicate only."
        title = f"{names[0]} against {names[1]} at {self.analysis.sized(pair.n_train)}"
        return RenderedPair(title, summary, names, tuple(directions))


def _type_colors(agreements: Sequence[ItemAgreement]) -> dict[str, int]:
    """Return a color index for each entity type, the most common type first."""
    answers = [item.gold for item in agreements]
    answers += [answer for item in agreements for of_arm in item.answers for answer, _ in of_arm]
    counts = Counter(kind for answer in answers if isinstance(answer, tuple) for *_, kind in spans_of(answer))
    ordered = sorted(counts, key=lambda kind: (-counts[kind], kind))
    return {kind: index % TYPE_COLORS for index, kind in enumerate(ordered)}
