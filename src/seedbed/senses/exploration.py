"""A word explored: its occurrences, their vectors layer by layer, and what is near what."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from seedbed.embeddings.layers import LanguageModel
from seedbed.senses.nearness import nearest_contexts, separation
from seedbed.senses.occurrences import Found, Occurrence
from seedbed.senses.projection import Plane, distinct_vectors, plane_of
from seedbed.senses.vectors import CachedModel, occurrence_vectors

NEAREST = 3
NO_SENSE = "no sense given"
_EQUAL = 5e-7
"""Cosines that are this near to 1 are 1 but for rounding."""


class Near(NamedTuple):
    """Another occurrence, by its number, and the cosine with it."""

    number: int
    cosine: float


@dataclass(frozen=True)
class LayerView:
    """One layer: its plane, how well senses separate there (None: not defined), and the nearest of each occurrence.

    ``control``: the layer that sees the token alone; equal tokens are equal there, and nothing is near by context.
    """

    number: int
    control: bool
    plane: Plane
    silhouette: float | None
    distinct: int
    nearest: tuple[tuple[Near, ...], ...] = ()

    @cached_property
    def cosine_digits(self) -> int:
        """Decimals that tell the largest cosine below 1 from 1, with one to spare: three to six."""
        apart = [1 - near.cosine for own in self.nearest for near in own if 1 - near.cosine > _EQUAL]
        return min(6, max(3, math.floor(1e-6 - math.log10(min(apart))) + 1)) if apart else 3

    def cosine(self, near: Near) -> str:
        """A cosine of this layer with as many decimals as all of them."""
        return f"{near.cosine:.{self.cosine_digits}f}"


@dataclass(frozen=True)
class StaticNeighbours:
    """The nearest words of each form in a static table, with cosines; forms that it lacks are not there."""

    table: str
    nearest: Mapping[str, Sequence[tuple[str, float]]]


@dataclass(frozen=True)
class Exploration:
    """What is drawn and told. ``source`` and ``model`` name where sentences and vectors come from."""

    word: str
    forms: tuple[str, ...]
    source: str
    model: str
    found: Found
    layers: tuple[LayerView, ...]
    static: StaticNeighbours | None = None
    extra_notes: tuple[str, ...] = ()

    @property
    def occurrences(self) -> tuple[Occurrence, ...]:
        """The points of every panel, in order."""
        return self.found.occurrences

    @cached_property
    def senses(self) -> tuple[str, ...]:
        """The sense of each occurrence, empty where none is given."""
        return tuple(one.passage.sense for one in self.occurrences)

    @cached_property
    def groups(self) -> tuple[str, ...]:
        """What the points of one look have in common: senses if there are any, else forms."""
        order = [] if self.by_sense else [form.casefold() for form in self.forms if form.casefold() in self._own_groups]
        return tuple(dict.fromkeys([*order, *sorted(self._own_groups, key=NO_SENSE.__eq__)]))

    @cached_property
    def group_numbers(self) -> tuple[int, ...]:
        """The group of each occurrence, as a position in ``groups``."""
        return tuple(map(self.groups.index, self._own_groups))

    @property
    def by_sense(self) -> bool:
        """Whether groups are senses."""
        return any(self.senses)

    @property
    def contextual(self) -> tuple[LayerView, ...]:
        """The layers that read the sentence."""
        return tuple(layer for layer in self.layers if not layer.control)

    @property
    def drawn(self) -> tuple[LayerView, ...]:
        """The panels: every layer that reads the sentence, after the control where that has something to show.

        It does where tokens differ and senses are given: then it shows how much of the sense is spelling.
        """
        return tuple(layer for layer in self.layers if not layer.control or (layer.distinct > 1 and self.by_sense))

    @cached_property
    def _own_groups(self) -> list[str]:
        if self.by_sense:
            return [sense or NO_SENSE for sense in self.senses]
        return [one.form.casefold() for one in self.occurrences]

    def notes(self) -> list[str]:
        """What was counted, left out or not defined, a sentence each."""
        found, notes = self.found, []
        if found.total > len(found.occurrences):
            notes.append(f"{len(found.occurrences):,} of {found.total:,} occurrences, evenly chosen.")
        if found.without:
            notes.append(f"{found.sentences - found.without:,} of {found.sentences:,} sentences have the word.")
        if found.windowed:
            notes.append(f"{found.windowed:,} occurrences stand in sentences cut to what the model may read.")
        return [*notes, *self._notes_on_senses(), *self.extra_notes]

    def _notes_on_senses(self) -> list[str]:
        counts = Counter(sense for sense in self.senses if sense)
        control = next((layer for layer in self.layers if layer.control), None)
        equal = ["All tokens are equal, and so are their vectors in layer 0, which sees the token alone."]
        equal *= control is not None and control.distinct == 1
        return [*equal, *self._notes_on_silhouettes(counts, control)]

    def _notes_on_silhouettes(self, counts: Counter[str], control: LayerView | None) -> list[str]:
        if not counts:
            return ["No senses are given, so that there is no silhouette."]
        notes = []
        if len(counts) == 1:
            notes.append("One sense is given: a silhouette needs two.")
        elif max(counts.values()) == 1:
            notes.append("Each sense occurs once: a silhouette needs one that occurs twice.")
        elif alone := sum(number == 1 for number in counts.values()):
            notes.append(f"{alone} of {len(counts)} senses occur once, and count as 0 in the silhouette.")
        if lacking := self.senses.count(""):
            notes.append(f"{lacking:,} occurrences have no sense given; the silhouette leaves them out.")
        if control and control.distinct > 1 and control.silhouette is not None:
            notes.append(
                "Forms differ, so that spelling alone tells something of the sense: layer 0, which sees the token "
                f"alone, has a silhouette of {control.silhouette:.2f}."
            )
        return notes


def layer_views(model: LanguageModel | CachedModel, exploration: Exploration) -> tuple[LayerView, ...]:
    """Every layer of ``model`` at the occurrences of an exploration that has none yet. Raises InputError.

    The first of several layers is the control: in biLMs it is the token's own vector.
    """
    layers = occurrence_vectors(model, exploration.occurrences)
    return tuple(
        _view(number, number == 0 and len(layers) > 1, vectors, exploration) for number, vectors in enumerate(layers)
    )


def _view(number: int, control: bool, vectors: np.ndarray, exploration: Exploration) -> LayerView:
    return LayerView(
        number=number,
        control=control,
        plane=plane_of(vectors, exploration.group_numbers),
        silhouette=separation(vectors, exploration.senses),
        distinct=distinct_vectors(vectors),
        nearest=()
        if control
        else tuple(tuple(Near(*near) for near in own) for own in nearest_contexts(vectors, NEAREST)),
    )
