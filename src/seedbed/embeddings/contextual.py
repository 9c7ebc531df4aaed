"""Features of contextual embeddings: the mixed layers of the tokens of each example."""

import copy
import math
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from seedbed.data.corpus import Example
from seedbed.embeddings.feature_table import (
    MemoryTable,
    ReadRows,
    TableShape,
    default_budget,
    make_table,
    row_numbers,
)
from seedbed.embeddings.features import Arrays, Embed, Embedded, Slice
from seedbed.embeddings.layer_cache.cached_layers import ModelSettings
from seedbed.embeddings.layers import Layout
from seedbed.embeddings.lookup import SharedRows
from seedbed.embeddings.mix import Fixed, Learned, MixedRows, mix_of
from seedbed.stages import stage
from seedbed.types import Tensors

Reports = Sequence[Mapping[str, float]]


class ContextualFeatures:
    """The rows of a table in memory, gathered in the compiled step; or rows that a batch brings.

    ``reports``: what was counted in each replicate.
    """

    def __init__(self, mix: Fixed | Learned, reports: Reports, lengths: Sequence[int], rows: MemoryTable | ReadRows):
        self.mix, self.reports, self.lengths, self.rows = mix, reports, lengths, rows
        self.width = mix.layout.dim
        self.embed: Embed = mix
        shared = {}
        if isinstance(rows, MemoryTable):
            self.embed = MixedRows(mix) if isinstance(mix, Learned) else SharedRows()
            shared = {"table": rows.tensor}
            self.first = rows.shape.first
        self.arrays = Arrays(mix.trained(len(reports)), mix.frozen(len(reports)), shared)

    @property
    def reads_files(self) -> bool:
        """Whether a batch is read from a file or from the cache, so that it pays to read the next one in advance."""
        return not isinstance(self.rows, MemoryTable)

    def size(self, replicate: int) -> tuple[float, float]:
        """Return the weights of the mix; NaN for the frozen model behind the vectors, which may not even be open."""
        return sum(array[replicate].size for array in self.arrays.trained.values()), math.nan

    def saved(self, replicate: int) -> Mapping[str, np.ndarray]:
        """Return nothing: the vectors are the model's."""
        return {}

    def learned(self, trained: Tensors) -> Mapping[str, np.ndarray]:
        """Return the shares and the scale of the mix."""
        return self.mix.learned(trained)

    def inputs(self, replicates: Sequence[int], positions: Sequence[Sequence[int]], shape: tuple[int, int]) -> dict:
        """Return ``ids`` int32 ``[R, T, B]``, or without a table in memory ``layers`` float32 ``[R, T, B, width]``."""
        if isinstance(self.rows, MemoryTable):
            return {"ids": row_numbers(self.first, self.lengths, positions, shape)}
        layers = np.zeros((len(replicates), *shape, self.mix.width), np.float32)
        for page, chosen in zip(layers, positions, strict=True):
            for column, position in enumerate(chosen):
                page[: self.lengths[position], column] = self.rows(position)
        return {"layers": layers}

    def sliced(self, slices: Sequence[Slice]) -> "ContextualFeatures":
        """Return the features of slices of the examples; their vectors are those of the whole examples."""
        features, rows = copy.copy(self), self.rows
        features.lengths = [end - first for _, first, end in slices]
        if isinstance(rows, MemoryTable):
            features.first = np.array([self.first[position] + first for position, first, _ in slices])
            return features

        def read(n: int) -> np.ndarray:
            position, first, end = slices[n]
            return rows(position)[first:end]

        features.rows = read
        return features


class ContextualSettings(ModelSettings, Protocol):
    """The settings of a contextual embedding: its model and cache, its mix, and the limit of its tables."""

    @property
    def mix(self) -> str:
        """Name of the mix, as `mix_of` has it."""

    @property
    def layer_norm(self) -> bool:
        """Whether each layer of a token is normalized."""

    @property
    def mix_l2(self) -> float:
        """Penalty of a learned mix."""

    @property
    def table_gb(self) -> float | None:
        """Most memory of tables; None: `default_budget`."""

    @property
    def max_tokens(self) -> int | None:
        """Most tokens of a sentence; None: no limit."""

    @property
    def state(self) -> str:
        """``fresh`` or ``carried``: whether a sentence starts from the state that the one before it left."""

    def content(self) -> Mapping[str, str]:
        """Return digests of what determines the vectors; raises InputError for missing files."""


@dataclass(frozen=True)
class ContextualTable:
    """The rows of a list of examples."""

    layout: Layout
    rows: MemoryTable | ReadRows

    @property
    def gigabytes(self) -> float:
        """Memory of the rows."""
        return self.rows.shape.gigabytes if isinstance(self.rows, MemoryTable) else 0.0


class TableCache:
    """Tables by key, the one that was used last at the end."""

    def __init__(self) -> None:
        self._tables: OrderedDict[Hashable, ContextualTable] = OrderedDict()

    @property
    def gigabytes(self) -> float:
        """Memory of all tables."""
        return sum(table.gigabytes for table in self._tables.values())

    def find(self, key: Hashable) -> ContextualTable | None:
        """Return the table of ``key``, if it is there."""
        if key in self._tables:
            self._tables.move_to_end(key)
        return self._tables.get(key)

    def add(self, key: Hashable, table: ContextualTable) -> None:
        """Keep a table."""
        self._tables[key] = table

    def make_room(self, gigabytes: float, budget: float) -> None:
        """Drop the tables that were not used for longest, until so much more is within the budget."""
        while self._tables and self.gigabytes + gigabytes > budget:
            self._tables.popitem(last=False)

    def clear(self) -> None:
        """Drop all tables, as in a new process."""
        self._tables.clear()


tables = TableCache()
"""The tables of this process, shared by groups and arms."""


def contextual_features(
    settings: ContextualSettings,
    examples: Sequence[Example],
    reports: Reports,
    watch: Callable[[Embedded], None],
) -> ContextualFeatures:
    """Return the features of all ``examples``. Groups and arms with the same vectors share one table.

    ``reports``: what was counted in each replicate. Raises InputError.
    """
    texts = tuple(example.tokens for example in examples)
    learned = settings.mix == "learned"
    key = (settings.digest(), learned or (settings.mix, settings.layer_norm), texts)
    table, report = tables.find(key), {"embedding/cache_hit_rate": 1.0}
    if table is None:
        table, report = _make_table(settings, texts, watch)
        tables.add(key, table)
    else:
        number = len(set(texts))
        watch(Embedded(number, number))
    mix = mix_of(settings.mix, table.layout, settings.layer_norm, settings.mix_l2)
    reports = [{**report, **of_replicate} for of_replicate in reports]
    return ContextualFeatures(mix, reports, [len(text) for text in texts], table.rows)


def _make_table(
    settings: ContextualSettings, texts: Sequence[Sequence[str]], watch: Callable[[Embedded], None]
) -> tuple[ContextualTable, dict[str, float]]:
    """Return the table, and what was counted while the cache was filled."""
    from seedbed.embeddings.layer_cache.cached_layers import cached_layers

    layers = cached_layers(texts, settings, watch)
    filled = layers.filled
    report = {"embedding/cache_hit_rate": filled.hits / max(filled.sentences, 1)}
    report |= {f"embedding/{name}": count for name, count in filled.counts.items() if count}
    mix = mix_of(settings.mix, layers.layout, settings.layer_norm, settings.mix_l2)

    def read(n: int) -> np.ndarray:
        return mix.read(layers.rows(n))

    def note(text: str) -> None:
        watch(Embedded(filled.sentences, filled.hits, note=text))

    shape = TableShape(tuple(len(text) for text in texts), mix.width)
    return ContextualTable(layers.layout, table_rows(shape, read, settings.table_gb, note)), report


def table_rows(
    shape: TableShape, read: ReadRows, table_gb: float | None, note: Callable[[str], None]
) -> MemoryTable | ReadRows:
    """Return the rows of all examples from a table in memory or in a file; without room for one, ``read`` itself.

    ``table_gb``: the most memory of all tables of this process, older ones make room; None: `default_budget`.
    """
    from seedbed.embeddings.layer_cache.environment import home

    budget = default_budget(tables.gigabytes) if table_gb is None else table_gb
    if shape.gigabytes <= budget:
        tables.make_room(shape.gigabytes, budget)
    with stage("table"):
        table = make_table(shape, read, budget, home(), note)
    if table is None:
        return read
    return table if isinstance(table, MemoryTable) else table.rows
