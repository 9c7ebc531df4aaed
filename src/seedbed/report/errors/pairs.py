"""The pairs of arms of the error viewer: items that one arm alone gets right, both ways."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from seedbed.report.answers import count_examples
from seedbed.report.entries import places_of
from seedbed.report.errors.items import Shower, ShownItem
from seedbed.report.errors.meetings import (
    Meeting,
    Pair,
    SharedCell,
    meetings,
    only_right,
    pairs_of,
    replicates_of,
    shared_cells,
)
from seedbed.report.errors.shares import FINAL, ReadShares
from seedbed.report.spans import spans_of
from seedbed.report.wording import count, plain, sentence

if TYPE_CHECKING:
    from seedbed.report.study import Study

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
    """Two arms at one size. ``heads`` names the arms as columns."""

    title: str
    summary: str
    heads: tuple[str, str]
    directions: tuple[Direction, ...]


class ErrorPairs:
    """The pairs that two arms have items for, computed once; shown within bounds."""

    def __init__(self, study: "Study") -> None:
        self.study = study
        self.damaged: list[str] = []
        self._shares = ReadShares(study.beside.kept, FINAL)
        self._met: list[tuple[Pair, list[SharedCell], list[Meeting]]] = []
        for pair in pairs_of(study):
            cells = shared_cells(study, pair)
            met = meetings(replicates_of(study, cells))
            if met:
                self._met.append((pair, cells, met))
        self.types = _types(one for *_, met in self._met for one in met)

    def __bool__(self) -> bool:
        return bool(self._met)

    def shown(self, bounds: Bounds) -> list[ShownPair]:
        """All pairs, as far as ``bounds`` allow."""
        return [self._pair(*entry, bounds) for entry in self._met]

    def _pair(self, pair: Pair, cells: list[SharedCell], met: list[Meeting], bounds: Bounds) -> ShownPair:
        shower = Shower(self.study, pair, cells, self.types, places_of(self.study), self._shares)
        names = plain(pair.first, 60), plain(pair.second, 60)
        directions = []
        for side in (0, 1):
            chosen = only_right(met, side)
            items = shower.shown(chosen[: bounds.items], side, bounds.strips)
            title = f"{names[side]} right, {names[1 - side]} wrong"
            directions.append(Direction(title, len(chosen), tuple(items)))
        if shower.damaged and shower.damaged not in self.damaged:
            self.damaged.append(shower.damaged)
        replicates = len({cell.replicate for cell in cells})
        first, second = (count(direction.number, "item") for direction in directions)
        summary = (
            f"{sentence(count(replicates, 'shared replicate'))}, {len(met):,} test items. {sentence(first)} that in "
            f"most replicates only {names[0]} gets right, {second} that only {names[1]} does."
        )
        single = sum(one.met == 1 for one in met)
        if single and replicates > 1:
            summary += f" {sentence(count(single, 'item'))} in the test set of one replicate only."
        title = f"{names[0]} against {names[1]} at {count_examples(pair.n_train)}"
        return ShownPair(title, summary, names, tuple(directions))


def _types(met: Iterable[Meeting]) -> dict[str, int]:
    """A colour for each entity type, the most common type first."""
    answers = (answer for one in met for answer in (one.gold, *(said for own in one.answers for said, _ in own)))
    counts = Counter(kind for answer in answers if not isinstance(answer, str) for *_, kind in spans_of(answer))
    ordered = sorted(counts, key=lambda kind: (-counts[kind], kind))
    return {kind: place % COLOURS for place, kind in enumerate(ordered)}
