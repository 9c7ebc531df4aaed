"""Two arms on the same test items, over the replicates that both finished: the predictions of each on every item."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from seedbed.cells import Prediction
from seedbed.label_sets import Target
from seedbed.report.analysis.analysis import best_arm
from seedbed.report.analysis.predictions import spans_of

if TYPE_CHECKING:
    from seedbed.report.analysis.analysis import Analysis

MOST_PAIRS = 12
"""Most pairs of arms, each at one size."""

Answer = Target
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
    """The independent unit: the replicate, or the data seed if seeds are crossed."""


@dataclass(frozen=True)
class ItemAgreement:
    """A test item of two arms: in how many replicates each is right, and is the only one right; answers with counts.

    Right means the right class, all labels right, or exactly the gold spans. ``answers``: the most common first.
    """

    id: str
    gold: Answer
    n_shared: int
    right: tuple[int, int]
    n_only_correct: tuple[int, int]
    answers: tuple[tuple[tuple[Answer, int], ...], tuple[tuple[Answer, int], ...]]
    draws: tuple[str, ...]
    """The draw of each replicate whose test set has the item."""


def pairs_of(analysis: "Analysis") -> list[Pair]:
    """Return at most MOST_PAIRS pairs: of each size those with the best arm, closest first, then with the first arm.

    If there are more, each size has its closest pairs.
    """
    ranked: list[tuple[int, int, Pair]] = []
    for index, n_train in enumerate(analysis.sizes if analysis.metric is not None else ()):
        best = best_arm(analysis, n_train)
        rows = [row for row in analysis.main_comparisons().itertuples() if row.n_train == n_train and row.pairs]
        rows.sort(key=lambda row: abs(row.mean_difference))
        rivals = [row for row in rows if best in (row.arm, row.baseline)]
        others = [row for row in rows if row not in rivals and analysis.arms[0] in (row.arm, row.baseline)]
        ranked += [(rank, index, _ordered(row, analysis)) for rank, row in enumerate([*rivals, *others])]
    ranked.sort(key=lambda entry: entry[:2])
    chosen = sorted(ranked[:MOST_PAIRS], key=lambda entry: (entry[1], entry[0]))
    return [pair for *_, pair in chosen]


def shared_cells(analysis: "Analysis", pair: Pair) -> list[SharedCell]:
    """Return the replicates of a pair whose predictions can be read, in order."""
    if any(name not in analysis.table.columns for name in ("run", "draw", "dataset")):
        return []
    cells: dict[str, dict[int, tuple[str, str, str, int]]] = {pair.first: {}, pair.second: {}}
    allowed = analysis.reader.allowed
    table = analysis.pairable
    table = table[(table["n_train"] == pair.n_train) & table["arm"].isin(list(cells))]
    unit = "data_seed" if analysis.crossed else "replicate"
    columns = ("arm", "replicate", "dataset", "draw", "run", unit)
    for arm, replicate, dataset, draw, run, unit_value in zip(*(table[name] for name in columns), strict=True):
        if run in allowed and isinstance(draw, str) and draw:
            cells[arm][int(replicate)] = (str(dataset), draw, str(run), int(unit_value))
    return [
        SharedCell(replicate, dataset, draw, run, cells[pair.second][replicate][2], unit_value)
        for replicate, (dataset, draw, run, unit_value) in sorted(cells[pair.first].items())
        if replicate in cells[pair.second] and cells[pair.second][replicate][:2] == (dataset, draw)
    ]


def item_agreements(replicates: Iterable[tuple[str, Predictions, Predictions]]) -> list[ItemAgreement]:
    """Return the items that both arms predicted, from (draw, predictions of both arms) of each replicate.

    An item whose gold differs between the arms is not shared.
    """
    by_item: dict[tuple[str, Answer], tuple[list[str], list[tuple[Answer, Answer]]]] = {}
    for draw, first, second in replicates:
        second_by_id = {prediction.id: prediction for prediction in second}
        for name, gold, predicted, _ in first:
            counterpart = second_by_id.get(name)
            if counterpart is not None and counterpart.gold == gold:
                draws, answers = by_item.setdefault((name, gold), ([], []))
                draws.append(draw)
                answers.append((predicted, counterpart.predicted))
    return [_agreement(name, gold, draws, Counter(answers)) for (name, gold), (draws, answers) in by_item.items()]


def only_one_correct(agreements: Sequence[ItemAgreement], side: int) -> list[ItemAgreement]:
    """Return the items that only the arm on this side gets right in most replicates, most replicates first.

    ``side``: 0 for the first arm, 1 for the second.
    """
    chosen = [item for item in agreements if 2 * item.n_only_correct[side] > item.n_shared]
    return sorted(
        chosen,
        key=lambda item: (-item.n_only_correct[side], -item.n_only_correct[side] / item.n_shared, natural(item.id)),
    )


def is_right(gold: Answer, predicted: Answer) -> bool:
    """Return whether class, labels or spans are the same; strict, see `seedbed.metrics.entity_spans`."""
    if gold == predicted or not isinstance(gold, tuple) or not isinstance(predicted, tuple):
        return gold == predicted
    return spans_of(gold) == spans_of(predicted)


def natural(name: str) -> tuple[tuple[bool, int, str], ...]:
    """Return a sort key that puts ``test/9`` before ``test/10``."""
    import re

    parts = re.split(r"(\d{1,18})", name)
    return tuple((part.isdecimal(), int(part) if part.isdecimal() else 0, part) for part in parts)


def _agreement(
    name: str, gold: Answer, draws: Sequence[str], answer_counts: Mapping[tuple[Answer, Answer], int]
) -> ItemAgreement:
    """Return the agreement on one item; ``answer_counts``: the number of replicates by pair of answers."""
    answers_of: tuple[Counter, Counter] = Counter(), Counter()
    right, n_only_correct = [0, 0], [0, 0]
    for answer_pair, number in answer_counts.items():
        is_correct = [is_right(gold, answer) for answer in answer_pair]
        for side in (0, 1):
            answers_of[side][answer_pair[side]] += number
            right[side] += number * is_correct[side]
            n_only_correct[side] += number * (is_correct[side] and not is_correct[1 - side])
    return ItemAgreement(
        id=name,
        gold=gold,
        n_shared=len(draws),
        right=(right[0], right[1]),
        n_only_correct=(n_only_correct[0], n_only_correct[1]),
        answers=(tuple(answers_of[0].most_common()), tuple(answers_of[1].most_common())),
        draws=tuple(draws),
    )


class _ComparisonRow(Protocol):
    """A row of the table of comparisons, from ``itertuples``."""

    n_train: int
    arm: str
    baseline: str
    mean_difference: float


def _ordered(row: _ComparisonRow, analysis: "Analysis") -> Pair:
    arms = (row.arm, row.baseline) if analysis.scale.gain(row.mean_difference) > 0 else (row.baseline, row.arm)
    return Pair(int(row.n_train), *arms)


def replicates_of(analysis: "Analysis", cells: Iterable[SharedCell]) -> Iterator[tuple[str, Predictions, Predictions]]:
    """Yield draw and predictions of both arms for each replicate with predictions, for `item_agreements`."""
    for cell in cells:
        first, second = analysis.reader.predictions(cell.first), analysis.reader.predictions(cell.second)
        if first and second:
            yield cell.draw, first, second
