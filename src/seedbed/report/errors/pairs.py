"""The pairs of arms of the error viewer: items that one arm alone gets right, both ways."""

from collections import Counter
from collections.abc import Iterable
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
from seedbed.report.analysis.probabilities import FINAL, ReadShares
from seedbed.report.errors.items import ItemRenderer, ShownItem
from seedbed.report.sections.page_table import arm_indices
from seedbed.report.wording import count, count_examples, sanitize, sentence

if TYPE_CHECKING:
    from seedbed.report.analysis.analysis import Analysis

COLOURS = 8
"""Of entity types; more than that share them, and each span names its type."""


@dataclass(frozen=True)
class Bounds:
    """How much of the page a pair may take: items a direction, and how many of them have heat strips."""

    items: int = 20
    strips: int = 5


@dataclass(frozen=True)
class Direction:
    """Items that one arm alone gets right in most replicates: how many there are, and those shown."""

    title: str
    number: int
    items: tuple[ShownItem, ...]


@dataclass(frozen=True)
class ShownPair:
    """Two arms at one size. ``header`` names the arms as columns."""

    title: str
    summary: str
    header: tuple[str, str]
    directions: tuple[Direction, ...]


class ErrorPairs:
    """The pairs that two arms have items for, computed once; shown within bounds."""

    def __init__(self, analysis: "Analysis") -> None:
        self.analysis = analysis
        self.damaged: list[str] = []
        self._probabilities = ReadShares(analysis.inputs.kept, FINAL)
        self._met: list[tuple[Pair, list[SharedCell], list[ItemAgreement]]] = []
        for pair in pairs_of(analysis):
            cells = shared_cells(analysis, pair)
            n_shared = item_agreements(replicates_of(analysis, cells))
            if n_shared:
                self._met.append((pair, cells, n_shared))
        self.types = _types(one for *_, n_shared in self._met for one in n_shared)

    def __bool__(self) -> bool:
        return bool(self._met)

    def shown(self, bounds: Bounds) -> list[ShownPair]:
        """All pairs, as far as ``bounds`` allow."""
        return [self._pair(*entry, bounds) for entry in self._met]

    def _pair(self, pair: Pair, cells: list[SharedCell], n_shared: list[ItemAgreement], bounds: Bounds) -> ShownPair:
        shower = ItemRenderer(self.analysis, pair, cells, self.types, arm_indices(self.analysis), self._probabilities)
        names = sanitize(pair.first, 60), sanitize(pair.second, 60)
        directions = []
        for side in (0, 1):
            chosen = only_one_correct(n_shared, side)
            items = shower.shown(chosen[: bounds.items], side, bounds.strips)
            title = f"{names[side]} right, {names[1 - side]} wrong"
            directions.append(Direction(title, len(chosen), tuple(items)))
        if shower.damaged and shower.damaged not in self.damaged:
            self.damaged.append(shower.damaged)
        replicates = len({cell.replicate for cell in cells})
        first, second = (count(direction.number, "item") for direction in directions)
        summary = (
            f"{sentence(count(replicates, 'shared replicate'))}, {len(n_shared):,} test items. "
            f"{sentence(first)} that in "
            f"most replicates only {names[0]} gets right, {second} that only {names[1]} does."
        )
        single = sum(one.n_shared == 1 for one in n_shared)
        if single and replicates > 1:
            summary += f" {sentence(count(single, 'item'))} in the test set of one replicate only."
        title = f"{names[0]} against {names[1]} at {count_examples(pair.n_train)}"
        return ShownPair(title, summary, names, tuple(directions))


def _types(n_shared: Iterable[ItemAgreement]) -> dict[str, int]:
    """A colour for each entity type, the most common type first."""
    answers = (answer for one in n_shared for answer in (one.gold, *(said for own in one.answers for said, _ in own)))
    counts = Counter(kind for answer in answers if not isinstance(answer, str) for *_, kind in spans_of(answer))
    ordered = sorted(counts, key=lambda kind: (-counts[kind], kind))
    return {kind: place % COLOURS for place, kind in enumerate(ordered)}
