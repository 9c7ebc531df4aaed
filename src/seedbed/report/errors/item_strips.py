"""Heat strips of test items: the probabilities of two arms, each the mean over replicates."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from seedbed.errors import InputError
from seedbed.report.analysis.item_agreement import ItemAgreement, Pair, SharedCell
from seedbed.report.analysis.probabilities import ReadShares, mean_share
from seedbed.report.errors.strips import Strip, strip_of, word
from seedbed.report.wording import count, sanitize

if TYPE_CHECKING:
    from seedbed.report.analysis.analysis import Analysis

MOST_AVERAGED = 20
"""Replicates that probabilities are averaged over, the first ones."""


class ItemStrips:
    """Strips of a pair of arms, whose cells keep ``class_probabilities``.

    ``damaged`` says what could not be read so far, empty where nothing.
    """

    def __init__(
        self, analysis: "Analysis", pair: Pair, cells: Sequence[SharedCell], class_probabilities: ReadShares
    ) -> None:
        self.analysis, self.pair, self.cells, self.class_probabilities = analysis, pair, cells, class_probabilities
        self.damaged = ""

    def of(
        self, item_agreements: Sequence[ItemAgreement], texts: Mapping[str, Sequence[str]]
    ) -> dict[str, tuple[Strip, ...]]:
        """By item: each arm's mean over replicates. ``texts``: the tokens of each item that are known."""
        tagged = [one for one in item_agreements if not isinstance(one.gold, str)]
        classed = [one for one in item_agreements if isinstance(one.gold, str)]
        return {**self._of_tags(tagged, texts), **self._of_classes(classed)}

    def _of_tags(
        self, item_agreements: Sequence[ItemAgreement], texts: Mapping[str, Sequence[str]]
    ) -> dict[str, tuple[Strip, ...]]:
        found: dict[str, list[Strip]] = {}
        for side, arm in (("first", self.pair.first), ("second", self.pair.second)):
            labels, parts = self._read(side, [one.id for one in item_agreements])
            for one in item_agreements:
                tokens = texts.get(one.id, ())
                own = [part for part in parts.get(one.id, ()) if part.shape == (len(one.gold), len(labels))]
                if own and len(tokens) == len(one.gold):
                    title = f"{sanitize(arm, 60)}, mean of {count(len(own), 'replicate')}"
                    words = [word(token) for token in tokens]
                    found.setdefault(one.id, []).append(strip_of(title, words, one.gold, labels, mean_share(own)))
        return {name: tuple(strips) for name, strips in found.items()}

    def _read(self, side: str, ids: Sequence[str]) -> tuple[tuple[str, ...], dict[str, list[NDArray]]]:
        """The labels, and by item the probabilities in each replicate of the arm on this side."""
        labels: tuple[str, ...] = ()
        parts: dict[str, list[NDArray]] = {}
        for cell in self.cells[:MOST_AVERAGED] if ids else ():
            try:
                class_probabilities = self.class_probabilities.of(getattr(cell, side))
            except InputError as error:
                self.damaged = str(error)
                continue
            labels = labels or (class_probabilities.labels if class_probabilities else ())
            for one in ids if class_probabilities and class_probabilities.labels == labels else ():
                if one in class_probabilities.values:
                    parts.setdefault(one, []).append(class_probabilities.values[one])
        return labels, parts

    def _of_classes(self, item_agreements: Sequence[ItemAgreement]) -> dict[str, tuple[Strip, ...]]:
        wanted = {one.id: one for one in item_agreements}
        sides: tuple[dict[str, list[tuple[float, ...]]], ...] = ({}, {})
        labels: set[str] = set()
        for cell in self.cells[:MOST_AVERAGED] if wanted else ():
            for into, run in zip(sides, (cell.first, cell.second), strict=True):
                for pair in {(said.gold, said.predicted) for said in self.analysis.reader.predictions(run)}:
                    labels.update(pair)
                for name, values in self.analysis.reader.probabilities(run, wanted).items():
                    into.setdefault(name, []).append(values)
        made = {}
        for name, one in wanted.items():
            own = [into.get(name, []) for into in sides]
            # The classes are those of the corpus, sorted; where some never turned up, their names are not known.
            if all(own) and all(len(row) == len(labels) for rows in own for row in rows):
                means = np.array([np.mean(rows, axis=0) for rows in own])
                header = [sanitize(arm, 40) for arm in (self.pair.first, self.pair.second)]
                title = f"mean of {count(min(map(len, own)), 'replicate')}"
                made[name] = (strip_of(title, header, [one.gold] * 2, sorted(labels), means),)
        return made
