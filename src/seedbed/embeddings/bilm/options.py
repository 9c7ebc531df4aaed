"""The architecture of a biLM, as the ``options.json`` of bilm-tf and AllenNLP have it.

Of the keys that a file may lack, the values are bilm-tf's (7cffee2): ``n_layers`` 1, ``cell_clip`` and ``proj_clip``
none (bilm/model.py:484-486, bilm/training.py:334 and 356), ``use_skip_connections`` false (bilm/training.py:359),
``n_highway`` none (bilm/model.py:393). AllenNLP (modules/elmo.py) too takes a lacking ``use_skip_connections`` for
false, and refuses the model then, as it has no biLM without them; the others it needs.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seedbed.embeddings.layers import Layout
from seedbed.errors import InputError
from seedbed.readable import read_json

ACTIVATIONS = ("relu", "tanh")

CHARACTERS = (261, 262)
"""Both occur as ``n_characters``, with and without the row of zeros, and mean the same weights."""

ONE_LAYER = 1
"""Where the options have no ``n_layers``: of weights with more, bilm-tf reads the first."""

MOST_BYTES = 1 << 20
"""Options are a few hundred bytes."""

SIZES, NUMBERS = 1 << 20, 1000
"""Above the widths, and the numbers of layers, highways, filters' widths and characters of a word, of every model."""

SHORTEST = 3
"""Columns of characters that a word needs: its two ends and a byte."""


@dataclass(frozen=True)
class CharCnn:
    """How words become vectors: ``filters`` are pairs of width and number, ``columns`` the characters of a word."""

    dim: int
    filters: tuple[tuple[int, int], ...]
    columns: int
    highways: int
    activation: str

    @property
    def features(self) -> int:
        """The numbers of a word between the filters and the projection."""
        return sum(number for _, number in self.filters)


@dataclass(frozen=True)
class Architecture:
    """A biLM without its weights; ``characters`` is None for one that knows words by number alone.

    ``counted``: whether the options say how many layers there are.
    """

    characters: CharCnn | None
    units: int
    projection: int
    layers: int
    cell_clip: float | None
    projection_clip: float | None
    skip: bool
    counted: bool = True

    @property
    def layout(self) -> Layout:
        """The token layer, then the recurrent layers, forward beside backward."""
        return Layout((self.projection, *(2 * self.projection,) * self.layers))


def read_options(path: Path) -> Architecture:
    """The architecture in a file; raises InputError that names the file and the key."""
    root = _Node(path, "", read_json(path, MOST_BYTES))
    lstm = root.node("lstm")
    return Architecture(
        characters=_characters(root.node("char_cnn")) if "char_cnn" in root.values else None,
        units=lstm.count("dim"),
        projection=lstm.count("projection_dim"),
        layers=lstm.count("n_layers", most=NUMBERS) if "n_layers" in lstm.values else ONE_LAYER,
        cell_clip=lstm.clip("cell_clip"),
        projection_clip=lstm.clip("proj_clip"),
        skip=lstm.flag("use_skip_connections"),
        counted="n_layers" in lstm.values,
    )


def _characters(node: "_Node") -> CharCnn:
    filters = node.get("filters")
    pairs = isinstance(filters, list) and all(isinstance(pair, list) and len(pair) == 2 for pair in filters)
    if not (filters and pairs and all(_is_count(number) for pair in filters for number in pair)):
        node.refuse("filters", "a list of [width, number], each at least 1")
    columns = node.count("max_characters_per_token", most=NUMBERS)
    if len(filters) > NUMBERS or sum(number for _, number in filters) > SIZES:
        node.refuse("filters", f"at most {NUMBERS:,} widths, and {SIZES:,} filters in all")
    widest = max(width for width, _ in filters)
    if columns < max(SHORTEST, widest):
        node.refuse("max_characters_per_token", f"at least {max(SHORTEST, widest)}, for a word and the widest filter")
    if str(node.get("activation")) not in ACTIVATIONS:
        node.refuse("activation", " or ".join(ACTIVATIONS))
    if str(node.values.get("n_characters", CHARACTERS[0])) not in map(str, CHARACTERS):
        node.refuse("n_characters", " or ".join(map(str, CHARACTERS)))
    return CharCnn(
        dim=node.node("embedding").count("dim"),
        filters=tuple((width, number) for width, number in filters),
        columns=columns,
        highways=node.count("n_highway", 0, NUMBERS) if node.values.get("n_highway") is not None else 0,
        activation=str(node.get("activation")),
    )


@dataclass(frozen=True)
class _Node:
    """A part of the options; what it refuses, it names with its file and key."""

    path: Path
    key: str
    values: Any  # Any: JSON

    def __post_init__(self):
        if not isinstance(self.values, Mapping):
            raise InputError(f"{self.path}: {self.key or 'the options'} must be an object with keys")

    def get(self, key: str) -> Any:  # Any: JSON
        if key not in self.values:
            raise InputError(f"{self.path}: the key {self.key}{key} is missing")
        return self.values[key]

    def refuse(self, key: str, wanted: str) -> None:
        shown = json.dumps(self.values[key])
        shown = shown if len(shown) <= 80 else f"{shown[:80]}..."
        raise InputError(f"{self.path}: {self.key}{key}={shown}: must be {wanted}")

    def node(self, key: str) -> "_Node":
        return _Node(self.path, f"{self.key}{key}.", self.get(key))

    def count(self, key: str, least: int = 1, most: int = SIZES) -> int:
        if not _is_count(self.get(key), least) or self.get(key) > most:
            self.refuse(key, f"a whole number from {least} to {most:,}")
        return self.values[key]

    def clip(self, key: str) -> float | None:
        value = self.values.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < float("inf"):
            self.refuse(key, "a number above 0, or null for none")
        return float(value)

    def flag(self, key: str) -> bool:
        if not isinstance(self.values.get(key, False), bool):
            self.refuse(key, "true or false")
        return self.values.get(key, False)


def _is_count(value: object, least: int = 1) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= least
