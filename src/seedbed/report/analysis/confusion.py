"""Confusion: what the test examples of each class, or the entities of each type, were taken for."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from seedbed.cells import Prediction
from seedbed.report.analysis.predictions import spans_of

if TYPE_CHECKING:
    from seedbed.report.analysis.analysis import Analysis

MISSED, SPURIOUS = "missed", "spurious"
MOST_TABLES = 24
"""Pairs of an arm and a size that are shown; the largest sizes come first."""

Confused = Counter[tuple[str | None, str | None]]
"""(gold, predicted) to how often; None for no entity: missed where predicted is None, spurious where gold is."""


@dataclass(frozen=True)
class Confusion:
    """Sums over the replicates of an arm at a size; ``entities`` for spans, else for classes."""

    n_train: int
    arm: str
    replicates: int
    entities: bool
    counts: Confused


def confusions(analysis: "Analysis") -> list[Confusion]:
    """Of each arm and size whose predictions were kept: the largest size first, there the best arm first."""
    found: list[Confusion] = []
    groups = list(analysis.groups) if analysis.reader.runs else []
    means = {} if analysis.metric is None else _gains(analysis)
    groups.sort(key=lambda group: (-group[0], -means.get(group[:2], 0.0)))
    for size, arm, cells in groups:
        if len(found) == MOST_TABLES:
            break
        said = [own for own in map(analysis.reader.predictions, map(str, cells["run"])) if own]
        counts: Confused = Counter()
        for own in said:
            counts.update(confused(own))
        if counts:
            entities = any(not isinstance(one.gold, str) for own in said for one in own[:1])
            found.append(Confusion(size, arm, len(said), entities, counts))
    return found


def confused(predictions: Iterable[Prediction]) -> Confused:
    """Of one cell. Entities are matched by their exact bounds: gold type against the type predicted there.

    What has no entity of the same bounds on the other side is missed, or spurious; two of the same bounds cannot be.
    """
    counts: Confused = Counter()
    for (gold, said), number in Counter((one.gold, one.predicted) for one in predictions).items():
        if isinstance(gold, str) or isinstance(said, str):
            counts[str(gold), str(said)] += number
            continue
        spans, found = _by_bounds(gold), _by_bounds(said)
        for bounds in spans.keys() | found.keys():
            counts[spans.get(bounds), found.get(bounds)] += number
    return counts


def names_of(counts: Confused, most: int) -> tuple[list[str], bool]:
    """Classes or types by name, the ``most`` frequent of them in gold and predictions; whether some are left out."""
    often: Counter[str] = Counter()
    for pair, number in counts.items():
        for name in {name for name in pair if name is not None}:
            often[name] += number
    kept = sorted(often, key=lambda name: (-often[name], name))[:most]
    return sorted(kept), len(kept) < len(often)


def merge_rare(counts: Confused, names: Sequence[str], rest: str) -> Confused:
    """The counts with all but ``names`` as one, ``rest``."""
    known = set(names)
    made: Confused = Counter()
    for (gold, found), number in counts.items():
        shown = [name if name is None or name in known else rest for name in (gold, found)]
        made[shown[0], shown[1]] += number
    return made


def _by_bounds(tags: tuple[str, ...]) -> dict[tuple[int, int], str]:
    return {(start, end): kind for start, end, kind in spans_of(tuple(tags))}


def _gains(analysis: "Analysis") -> dict[tuple[int, str], float]:
    rows = analysis.summaries[analysis.metrics[0]].itertuples()
    return {(row.n_train, row.arm): analysis.scale.gain(row.mean) for row in rows if row.mean == row.mean}
