"""Two arms on the same test items, over the replicates that both finished: what each of them said of every item."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from seedbed.cells import Prediction
from seedbed.report.analysis.analysis import best_arm
from seedbed.report.analysis.predictions import spans_of

if TYPE_CHECKING:
    from seedbed.report.analysis.analysis import Analysis

MOST_PAIRS = 12
"""Pairs of arms, each at one size, that are looked at."""

Answer = str | tuple[str, ...]
Predictions = Sequence[Prediction]


@dataclass(frozen=True)
class Pair:
    """Two arms at a size; ``first`` is the one with the better mean."""

    n_train: int
    first: str
    second: str


@dataclass(frozen=True)
class SharedCell:
    """A replicate that two arms finished on the same draw of the same data, with their runs."""

    replicate: int
    dataset: str
    draw: str
    first: str
    second: str
    unit: int
    """What is independent of the others: the replicate, or the data seed where seeds are crossed."""


@dataclass(frozen=True)
class ItemAgreement:
    """A test item of two arms: in how many replicates each was right, and alone right; their answers with counts.

    Right means the right class, or exactly the gold spans. ``answers``: the most common first.
    """

    id: str
    gold: Answer
    n_shared: int
    right: tuple[int, int]
    n_only_correct: tuple[int, int]
    answers: tuple[tuple[tuple[Answer, int], ...], tuple[tuple[Answer, int], ...]]
    draws: tuple[str, ...]
    """The draws that have it, one for each replicate that met it."""


def pairs_of(analysis: "Analysis") -> list[Pair]:
    """The best arm of each size against its rivals, the closest first, then all against the first arm; a dozen at most.

    Where there are more, each size has its closest pairs.
    """
    ranked: list[tuple[int, int, Pair]] = []
    for place, n_train in enumerate(analysis.sizes if analysis.metric is not None else ()):
        best = best_arm(analysis, n_train)
        rows = [row for row in analysis.main_comparisons().itertuples() if row.n_train == n_train and row.pairs]
        rows.sort(key=lambda row: abs(row.mean_difference))
        rivals = [row for row in rows if best in (row.arm, row.baseline)]
        others = [row for row in rows if row not in rivals and analysis.arms[0] in (row.arm, row.baseline)]
        ranked += [(rank, place, _ordered(row, analysis)) for rank, row in enumerate([*rivals, *others])]
    ranked.sort(key=lambda entry: entry[:2])
    kept = sorted(ranked[:MOST_PAIRS], key=lambda entry: (entry[1], entry[0]))
    return [pair for *_, pair in kept]


def shared_cells(analysis: "Analysis", pair: Pair) -> list[SharedCell]:
    """The replicates of a pair that predictions may be read of, in order."""
    if any(name not in analysis.table.columns for name in ("run", "draw", "dataset")):
        return []
    cells: dict[str, dict[int, tuple[str, str, str, int]]] = {pair.first: {}, pair.second: {}}
    allowed = analysis.reader.allowed
    here = analysis.pairable
    here = here[(here["n_train"] == pair.n_train) & here["arm"].isin(list(cells))]
    unit = "data_seed" if analysis.crossed else "replicate"
    columns = ("arm", "replicate", "dataset", "draw", "run", unit)
    for arm, replicate, dataset, draw, run, own in zip(*(here[name] for name in columns), strict=True):
        if run in allowed and isinstance(draw, str) and draw:
            cells[arm][int(replicate)] = (str(dataset), draw, str(run), int(own))
    return [
        SharedCell(replicate, dataset, draw, run, cells[pair.second][replicate][2], own)
        for replicate, (dataset, draw, run, own) in sorted(cells[pair.first].items())
        if replicate in cells[pair.second] and cells[pair.second][replicate][:2] == (dataset, draw)
    ]


def item_agreements(replicates: Iterable[tuple[str, Predictions, Predictions]]) -> list[ItemAgreement]:
    """Each item that both arms answered, from (draw, what the first said, what the second said) of each replicate.

    An item whose gold is not the same for both is no shared item.
    """
    found: dict[tuple[str, Answer], tuple[list[str], list[tuple[Answer, Answer]]]] = {}
    for draw, first, second in replicates:
        others = {one.id: one for one in second}
        for name, gold, said, _ in first:
            other = others.get(name)
            if other is not None and other.gold == gold:
                draws, answers = found.setdefault((name, gold), ([], []))
                draws.append(draw)
                answers.append((said, other.predicted))
    return [_meeting(name, gold, draws, Counter(answers)) for (name, gold), (draws, answers) in found.items()]


def only_one_correct(n_shared: Sequence[ItemAgreement], side: int) -> list[ItemAgreement]:
    """Items that the arm on this side alone gets right in most replicates; those that most agree on first.

    ``side``: 0 for the first arm, 1 for the second.
    """
    chosen = [one for one in n_shared if 2 * one.n_only_correct[side] > one.n_shared]
    return sorted(
        chosen, key=lambda one: (-one.n_only_correct[side], -one.n_only_correct[side] / one.n_shared, natural(one.id))
    )


def is_right(gold: Answer, predicted: Answer) -> bool:
    """The same class, or the same spans; strict, see `seedbed.metrics.entity_spans`."""
    if gold == predicted or isinstance(gold, str) or isinstance(predicted, str):
        return gold == predicted
    return spans_of(gold) == spans_of(predicted)


def natural(name: str) -> tuple[tuple[bool, int, str], ...]:
    """A key by which ``test/9`` comes before ``test/10``."""
    import re

    parts = re.split(r"(\d{1,18})", name)
    return tuple((part.isdecimal(), int(part) if part.isdecimal() else 0, part) for part in parts)


def _meeting(name: str, gold: Answer, draws: Sequence[str], both: Mapping[tuple[Answer, Answer], int]) -> ItemAgreement:
    """``both``: how often the two gave these answers at once."""
    said: tuple[Counter, Counter] = Counter(), Counter()
    right, n_only_correct = [0, 0], [0, 0]
    for answers, number in both.items():
        are = [is_right(gold, answer) for answer in answers]
        for side in (0, 1):
            said[side][answers[side]] += number
            right[side] += number * are[side]
            n_only_correct[side] += number * (are[side] and not are[1 - side])
    return ItemAgreement(
        id=name,
        gold=gold,
        n_shared=len(draws),
        right=(right[0], right[1]),
        n_only_correct=(n_only_correct[0], n_only_correct[1]),
        answers=(tuple(said[0].most_common()), tuple(said[1].most_common())),
        draws=tuple(draws),
    )


def _ordered(row: Any, analysis: "Analysis") -> Pair:  # a row of DataFrame.itertuples
    arms = (row.arm, row.baseline) if analysis.scale.gain(row.mean_difference) > 0 else (row.baseline, row.arm)
    return Pair(int(row.n_train), *arms)


def replicates_of(analysis: "Analysis", cells: Iterable[SharedCell]) -> Iterator[tuple[str, Predictions, Predictions]]:
    """What `item_agreements` takes: the predictions of both arms in each replicate that has any."""
    for cell in cells:
        first, second = analysis.reader.predictions(cell.first), analysis.reader.predictions(cell.second)
        if first and second:
            yield cell.draw, first, second
