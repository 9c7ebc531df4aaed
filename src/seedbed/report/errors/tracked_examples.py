"""Test examples whose probabilities were recorded after each epoch: a strip of each arm for each of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from seedbed.errors import InputError
from seedbed.report.analysis.item_agreement import natural
from seedbed.report.analysis.probabilities import TRACKED, Probabilities, read_probabilities
from seedbed.report.errors.strips import Strip, tracked_strip
from seedbed.report.wording import count, count_examples, sanitize

if TYPE_CHECKING:
    from seedbed.report.analysis.analysis import Analysis

MOST_CHARACTERS = 1_500_000
"""Of the page, for all strips with their epochs. Examples beyond are left out."""
_FIELD, _HEAD = 30, 60
"""Characters around a field of a table, and around a token with its gold tag, at most."""
_CELL = ("replicate", "dataset", "draw", "run")
_TRIED = 3
"""Cells of an arm and size that are asked whether they recorded epochs, the first replicates."""


@dataclass(frozen=True)
class TrackedExample:
    """An example with the strips of the arms at one size."""

    id: str
    text: str
    strips: tuple[Strip, ...]


@dataclass(frozen=True)
class TrackedSize:
    """The watched examples at one size; ``epochs`` is the longest of their strips."""

    title: str
    items: tuple[TrackedExample, ...]
    left_out: int

    @property
    def epochs(self) -> int:
        """The epochs of the arm that trained longest."""
        return max(strip.epochs for item in self.items for strip in item.strips)


@dataclass(frozen=True)
class _Tracked:
    """What one cell recorded: its arm, its replicate, and where its texts are."""

    arm: str
    replicate: int
    dataset: str
    draw: str
    run: str
    class_probabilities: Probabilities


def tracked_examples(analysis: "Analysis", damaged: list[str]) -> list[TrackedSize]:
    """What was recorded at each size, of the first replicate of each arm; what is damaged is added to ``damaged``."""
    if any(name not in analysis.table.columns for name in ("run", "draw", "dataset")):
        return []
    sizes, room, cells = [], MOST_CHARACTERS, _readable(analysis)
    for n_train in analysis.sizes:
        own = ((arm, cells.get((n_train, arm), [])) for arm in analysis.arms)
        found = [one for arm, tried in own if (one := _of_arm(analysis, arm, tried[:_TRIED], damaged)) is not None]
        items, left_out = [], 0
        for name in sorted({name for one in found for name in one.class_probabilities.values}, key=natural):
            strips = [strip for one in found for strip in _strips(analysis, one, name)]
            size = sum(map(_size, strips))
            left_out += size > room
            if strips and size <= room:
                room -= size
                items.append(TrackedExample(sanitize(name, 80), " ".join(strips[0].header), tuple(strips)))
        if items:
            sizes.append(TrackedSize(f"At {count_examples(n_train)}", tuple(items), left_out))
    return sizes


def _size(strip: Strip) -> int:
    """About how many characters a strip takes in the page."""
    header = sum(len(escape(word)) + _HEAD for words in (strip.header, strip.header, strip.gold) for word in words)
    return len(strip.steps) + header + sum(len(escape(row.label)) + _FIELD * (len(row.cells) + 2) for row in strip.rows)


def _readable(analysis: "Analysis") -> dict[tuple[int, str], list[tuple]]:
    """By size and arm the cells that may be asked, by replicate."""
    cells: dict[tuple[int, str], list[tuple]] = {}
    table = analysis.table.sort_values("replicate", kind="stable")
    for n_train, arm, *cell in zip(*(table[name] for name in ("n_train", "arm", *_CELL)), strict=True):
        if cell[-1] in analysis.reader.allowed:
            cells.setdefault((n_train, arm), []).append(tuple(cell))
    return cells


def _of_arm(analysis: "Analysis", arm: str, cells: Sequence[tuple], damaged: list[str]) -> _Tracked | None:
    for replicate, dataset, draw, run in cells:
        try:
            class_probabilities = read_probabilities(analysis.inputs.kept, run, TRACKED)
        except InputError as error:
            damaged.append(str(error))
            continue
        if class_probabilities is not None:
            return _Tracked(arm, int(replicate), str(dataset), str(draw), str(run), class_probabilities)
    return None


def _strips(analysis: "Analysis", one: _Tracked, name: str) -> Iterator[Strip]:
    values = one.class_probabilities.values.get(name)
    gold = next((said.gold for said in analysis.reader.predictions(one.run) if said.id == name), None)
    if values is None or values.ndim != 3 or not values.size or gold is None:
        return
    items = analysis.inputs.items
    text = None if items is None else items.text(one.dataset, one.draw, name)
    title = f"{sanitize(one.arm, 60)}, replicate {one.replicate}, {count(len(values), 'epoch')}"
    if isinstance(gold, str):
        header: tuple[str, ...] = ("whole text",)
        gold = (gold,)
    else:
        words = () if text is None else text.tokens
        header = tuple(sanitize(words[n], 80) if n < len(words) else f"token {n + 1}" for n in range(len(gold)))
    if len(gold) == values.shape[1]:
        yield tracked_strip(title, header, gold, one.class_probabilities.labels, values)
