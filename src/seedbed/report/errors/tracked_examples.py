"""Test examples whose probabilities were recorded after each epoch, with a heat strip of each arm."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from seedbed.errors import InputError
from seedbed.label_sets import LabelSet
from seedbed.report.analysis.item_agreement import natural
from seedbed.report.analysis.probabilities import TRACKED, Probabilities, read_probabilities
from seedbed.report.errors.heat_strips import Strip, tracked_strip
from seedbed.report.wording import count, sanitize

if TYPE_CHECKING:
    from seedbed.report.analysis.analysis import Analysis

MOST_CHARACTERS = 1_500_000
"""Of the page, for all strips with their epochs. Further examples are left out."""
_CELL_MARKUP, _HEAD_MARKUP = 30, 60
"""Most characters of markup around a table cell, and around a token with its gold tag."""
_COLUMNS = ("n_train", "arm", "replicate", "dataset", "draw", "run")
_MOST_TRIED = 3
"""The first replicates of an arm and size that are searched for recorded epochs."""


@dataclass(frozen=True)
class TrackedExample:
    """An example with the strips of all arms at one size."""

    id: str
    text: str
    strips: tuple[Strip, ...]


@dataclass(frozen=True)
class TrackedSize:
    """The tracked examples at one size; ``epochs``: the most of any strip."""

    title: str
    items: tuple[TrackedExample, ...]
    left_out: int

    @property
    def epochs(self) -> int:
        """The epochs of the arm that trained longest."""
        return max(strip.epochs for item in self.items for strip in item.strips)


@dataclass(frozen=True)
class _Tracked:
    """The recorded probabilities of one cell."""

    arm: str
    replicate: int
    dataset: str
    draw: str
    run: str
    class_probabilities: Probabilities


def tracked_examples(analysis: "Analysis", damaged: list[str]) -> list[TrackedSize]:
    """Return the tracked examples at each size, of the first replicate of each arm that has any.

    Messages on damaged files are appended to ``damaged``.
    """
    if any(name not in analysis.table.columns for name in ("run", "draw", "dataset")):
        return []
    sizes, remaining, cells = [], MOST_CHARACTERS, _readable(analysis)
    for n_train in analysis.sizes:
        first = (_first_tracked(analysis, arm, cells.get((n_train, arm), []), damaged) for arm in analysis.arms)
        tracked = [cell for cell in first if cell is not None]
        items, left_out = [], 0
        for name in sorted({name for cell in tracked for name in cell.class_probabilities.values}, key=natural):
            strips = [strip for cell in tracked for strip in _strips(analysis, cell, name)]
            size = sum(map(_size, strips))
            left_out += size > remaining
            if strips and size <= remaining:
                remaining -= size
                items.append(TrackedExample(sanitize(name, 80), " ".join(strips[0].header), tuple(strips)))
        if items:
            sizes.append(TrackedSize(f"At {analysis.sized(n_train)}", tuple(items), left_out))
    return sizes


def _size(strip: Strip) -> int:
    """Estimate the number of characters of a strip in the page."""
    heads = (word for words in (strip.header, strip.header, strip.gold) for word in words)
    header = sum(len(escape(word)) + _HEAD_MARKUP for word in heads)
    rows = sum(len(escape(row.label)) + _CELL_MARKUP * (len(row.cells) + 2) for row in strip.rows)
    return len(strip.steps) + header + rows


def _readable(analysis: "Analysis") -> dict[tuple[int, str], list[tuple[int, str, str, str]]]:
    """Return the readable cells by size and arm, ordered by replicate: (replicate, dataset, draw, run)."""
    cells: dict[tuple[int, str], list[tuple[int, str, str, str]]] = {}
    table = analysis.table.sort_values("replicate", kind="stable")
    for n_train, arm, replicate, dataset, draw, run in zip(*(table[name] for name in _COLUMNS), strict=True):
        if run in analysis.reader.allowed:
            cells.setdefault((n_train, arm), []).append((int(replicate), str(dataset), str(draw), str(run)))
    return cells


def _first_tracked(
    analysis: "Analysis", arm: str, cells: Sequence[tuple[int, str, str, str]], damaged: list[str]
) -> _Tracked | None:
    artifacts = analysis.inputs.artifacts
    if artifacts is None:
        return None
    for replicate, dataset, draw, run in cells[:_MOST_TRIED]:
        try:
            class_probabilities = read_probabilities(artifacts, run, TRACKED)
        except InputError as error:
            damaged.append(str(error))
            continue
        if class_probabilities is not None:
            return _Tracked(arm, replicate, dataset, draw, run, class_probabilities)
    return None


def _strips(analysis: "Analysis", cell: _Tracked, name: str) -> Iterator[Strip]:
    values = cell.class_probabilities.values.get(name)
    predictions = analysis.reader.predictions(cell.run)
    gold = next((prediction.gold for prediction in predictions if prediction.id == name), None)
    if values is None or values.ndim != 3 or not values.size or gold is None:
        return
    stored = analysis.inputs.items
    text = None if stored is None else stored.text(cell.dataset, cell.draw, name)
    title = f"{analysis.labels[cell.arm]}, replicate {cell.replicate}, {count(len(values), 'epoch')}"
    targets: Sequence[str | LabelSet]
    if not isinstance(gold, tuple):
        header: tuple[str, ...] = ("whole text",)
        targets = (gold,)
    else:
        targets = gold
        words = () if text is None else text.tokens
        header = tuple(sanitize(words[n], 80) if n < len(words) else f"token {n + 1}" for n in range(len(gold)))
    if len(targets) == values.shape[1]:
        yield tracked_strip(title, header, targets, cell.class_probabilities.labels, values)
