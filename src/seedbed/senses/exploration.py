"""The exploration of a word: its occurrences, their vectors in each layer, and nearest neighbors."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from seedbed.embeddings.layers import LanguageModel
from seedbed.senses.neighbors import nearest_contexts, sense_silhouette
from seedbed.senses.occurrences import Occurrence, SearchResult
from seedbed.senses.projection import Plane, distinct_vectors, project
from seedbed.senses.vectors import CachedModel, occurrence_vectors

NEAREST = 3
NO_SENSE = "no sense given"
_ROUNDING = 5e-7
"""Cosines this close to 1 differ from 1 by rounding only."""


class Neighbor(NamedTuple):
    """Another occurrence, by its number, and its cosine similarity."""

    number: int
    cosine: float


@dataclass(frozen=True)
class LayerView:
    """One layer: its projection, the silhouette of senses (None: undefined), and the neighbors of each occurrence.

    ``control``: the layer without context, in which equal tokens have equal vectors; it has no neighbors.
    ``distinct``: the number of different vectors.
    """

    number: int
    control: bool
    plane: Plane
    silhouette: float | None
    distinct: int
    nearest: tuple[tuple[Neighbor, ...], ...] = ()

    @cached_property
    def cosine_digits(self) -> int:
        """Decimals that distinguish the largest cosine below 1 from 1, and one more: three to six."""
        gaps = [1 - neighbor.cosine for row in self.nearest for neighbor in row if 1 - neighbor.cosine > _ROUNDING]
        return min(6, max(3, math.floor(1e-6 - math.log10(min(gaps))) + 1)) if gaps else 3

    def format_cosine(self, neighbor: Neighbor) -> str:
        """Return the cosine with the decimals of this layer."""
        return f"{neighbor.cosine:.{self.cosine_digits}f}"


@dataclass(frozen=True)
class StaticNeighbors:
    """The nearest words of each form in a static table, with cosines; forms without a vector are left out."""

    table: str
    nearest: Mapping[str, Sequence[tuple[str, float]]]


@dataclass(frozen=True)
class Exploration:
    """The content of a report. ``source`` and ``model`` name the origin of sentences and vectors."""

    word: str
    forms: tuple[str, ...]
    source: str
    model: str
    search: SearchResult
    layers: tuple[LayerView, ...]
    static: StaticNeighbors | None = None
    extra_notes: tuple[str, ...] = ()

    @property
    def occurrences(self) -> tuple[Occurrence, ...]:
        """The points of every panel."""
        return self.search.occurrences

    @cached_property
    def senses(self) -> tuple[str, ...]:
        """The sense of each occurrence, empty if unknown."""
        return tuple(occurrence.passage.sense for occurrence in self.occurrences)

    @cached_property
    def groups(self) -> tuple[str, ...]:
        """The groups of points that share a marker: senses if there are any, else forms."""
        names = self._group_names
        order = [] if self.by_sense else [form.casefold() for form in self.forms if form.casefold() in names]
        return tuple(dict.fromkeys([*order, *sorted(names, key=NO_SENSE.__eq__)]))

    @cached_property
    def group_numbers(self) -> tuple[int, ...]:
        """The group of each occurrence, as an index into ``groups``."""
        return tuple(map(self.groups.index, self._group_names))

    @property
    def by_sense(self) -> bool:
        """Whether groups are senses."""
        return any(self.senses)

    @property
    def contextual_layers(self) -> tuple[LayerView, ...]:
        """The layers with context."""
        return tuple(layer for layer in self.layers if not layer.control)

    @property
    def panel_layers(self) -> tuple[LayerView, ...]:
        """The layers with a panel: those with context, after the control if tokens differ and senses are known.

        The control then shows how well spelling alone separates the senses.
        """
        return tuple(layer for layer in self.layers if not layer.control or (layer.distinct > 1 and self.by_sense))

    @cached_property
    def _group_names(self) -> list[str]:
        if self.by_sense:
            return [sense or NO_SENSE for sense in self.senses]
        return [occurrence.form.casefold() for occurrence in self.occurrences]

    def notes(self) -> list[str]:
        """Return a sentence for each thing that was counted, left out or undefined."""
        search, notes = self.search, []
        if search.total > len(search.occurrences):
            notes.append(f"{len(search.occurrences):,} of {search.total:,} occurrences, evenly chosen.")
        if search.without_word:
            notes.append(f"{search.sentences - search.without_word:,} of {search.sentences:,} sentences have the word.")
        if search.clipped:
            notes.append(f"{search.clipped:,} occurrences are in sentences cut to the maximum length of the model.")
        return [*notes, *self._notes_on_senses(), *self.extra_notes]

    def _notes_on_senses(self) -> list[str]:
        counts = Counter(sense for sense in self.senses if sense)
        control = next((layer for layer in self.layers if layer.control), None)
        notes = self._notes_on_silhouettes(counts, control)
        if control is not None and control.distinct == 1:
            notes.insert(0, "All tokens are equal, and so are their vectors in layer 0, which has no context.")
        return notes

    def _notes_on_silhouettes(self, counts: Counter[str], control: LayerView | None) -> list[str]:
        if not counts:
            return ["No senses are given, so there is no silhouette."]
        notes = []
        if len(counts) == 1:
            notes.append("One sense is given: a silhouette needs two.")
        elif max(counts.values()) == 1:
            notes.append("Each sense occurs once: a silhouette needs one that occurs twice.")
        elif single := sum(number == 1 for number in counts.values()):
            notes.append(f"{single} of {len(counts)} senses occur once, and count as 0 in the silhouette.")
        if unknown := self.senses.count(""):
            notes.append(f"{unknown:,} occurrences have no sense given; the silhouette leaves them out.")
        if control and control.distinct > 1 and control.silhouette is not None:
            notes.append(
                "Forms differ, so spelling alone is related to the sense: layer 0, which has no context, has a "
                f"silhouette of {control.silhouette:.2f}."
            )
        return notes


def layer_views(model: LanguageModel | CachedModel, exploration: Exploration) -> tuple[LayerView, ...]:
    """Return the view of every layer of ``model``, for an exploration without layers. Raises InputError.

    The first of several layers is the control: in a biLM it is the vector of the token without context.
    """
    layers = occurrence_vectors(model, exploration.occurrences)
    return tuple(
        _view(number, number == 0 and len(layers) > 1, vectors, exploration) for number, vectors in enumerate(layers)
    )


def _view(number: int, control: bool, vectors: NDArray[np.floating], exploration: Exploration) -> LayerView:
    return LayerView(
        number=number,
        control=control,
        plane=project(vectors, exploration.group_numbers),
        silhouette=sense_silhouette(vectors, exploration.senses),
        distinct=distinct_vectors(vectors),
        nearest=()
        if control
        else tuple(tuple(Neighbor(*row) for row in rows) for rows in nearest_contexts(vectors, NEAREST)),
    )
