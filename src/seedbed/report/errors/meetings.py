"""Two arms on the same test items, over the replicates that both finished: what each of them said of every item."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from seedbed.report.answers import best_arm
from seedbed.report.spans import spans_of
from seedbed.results import Prediction

if TYPE_CHECKING:
    from seedbed.report.study import Study

MOST_PAIRS = 12
"""Pairs of arms, each at one size, that are looked at."""

Answer = str | tuple[str, ...]
Said = Sequence[Prediction]


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
class Meeting:
    """A test item of two arms: in how many replicates each was right, and alone right; their answers with counts.

    Right means the right class, or exactly the gold spans. ``answers``: the most common first.
    """

    id: str
    gold: Answer
    met: int
    right: tuple[int, int]
    alone: tuple[int, int]
    answers: tuple[tuple[tuple[Answer, int], ...], tuple[tuple[Answer, int], ...]]
    draws: tuple[str, ...]
    """The draws that have it, one for each replicate that met it."""


def pairs_of(study: "Study") -> list[Pair]:
    """The best arm of each size against its rivals, the closest first, then all against the first arm; a dozen at most.

    Where there are more, each size has its closest pairs.
    """
    ranked: list[tuple[int, int, Pair]] = []
    for place, n_train in enumerate(study.sizes if study.metric is not None else ()):
        best = best_arm(study, n_train)
        rows = [row for row in study.main_comparisons().itertuples() if row.n_train == n_train and row.pairs]
        rows.sort(key=lambda row: abs(row.mean_difference))
        rivals = [row for row in rows if best in (row.arm, row.baseline)]
        others = [row for row in rows if row not in rivals and study.arms[0] in (row.arm, row.baseline)]
        ranked += [(rank, place, _ordered(row, study)) for rank, row in enumerate([*rivals, *others])]
    ranked.sort(key=lambda entry: entry[:2])
    kept = sorted(ranked[:MOST_PAIRS], key=lambda entry: (entry[1], entry[0]))
    return [pair for *_, pair in kept]


def shared_cells(study: "Study", pair: Pair) -> list[SharedCell]:
    """The replicates of a pair that predictions may be read of, in order."""
    if any(name not in study.table.columns for name in ("run", "draw", "dataset")):
        return []
    cells: dict[str, dict[int, tuple[str, str, str, int]]] = {pair.first: {}, pair.second: {}}
    allowed = study.said.allowed
    here = study.pairable
    here = here[(here["n_train"] == pair.n_train) & here["arm"].isin(list(cells))]
    unit = "data_seed" if study.crossing else "replicate"
    columns = ("arm", "replicate", "dataset", "draw", "run", unit)
    for arm, replicate, dataset, draw, run, own in zip(*(here[name] for name in columns), strict=True):
        if run in allowed and isinstance(draw, str) and draw:
            cells[arm][int(replicate)] = (str(dataset), draw, str(run), int(own))
    return [
        SharedCell(replicate, dataset, draw, run, cells[pair.second][replicate][2], own)
        for replicate, (dataset, draw, run, own) in sorted(cells[pair.first].items())
        if replicate in cells[pair.second] and cells[pair.second][replicate][:2] == (dataset, draw)
    ]


def meetings(replicates: Iterable[tuple[str, Said, Said]]) -> list[Meeting]:
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


def only_right(met: Sequence[Meeting], side: int) -> list[Meeting]:
    """Items that the arm on this side alone gets right in most replicates; those that most agree on first.

    ``side``: 0 for the first arm, 1 for the second.
    """
    chosen = [one for one in met if 2 * one.alone[side] > one.met]
    return sorted(chosen, key=lambda one: (-one.alone[side], -one.alone[side] / one.met, natural(one.id)))


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


def _meeting(name: str, gold: Answer, draws: Sequence[str], both: Mapping[tuple[Answer, Answer], int]) -> Meeting:
    """``both``: how often the two gave these answers at once."""
    said: tuple[Counter, Counter] = Counter(), Counter()
    right, alone = [0, 0], [0, 0]
    for answers, number in both.items():
        are = [is_right(gold, answer) for answer in answers]
        for side in (0, 1):
            said[side][answers[side]] += number
            right[side] += number * are[side]
            alone[side] += number * (are[side] and not are[1 - side])
    return Meeting(
        id=name,
        gold=gold,
        met=len(draws),
        right=(right[0], right[1]),
        alone=(alone[0], alone[1]),
        answers=(tuple(said[0].most_common()), tuple(said[1].most_common())),
        draws=tuple(draws),
    )


def _ordered(row: tuple, study: "Study") -> Pair:
    gain = row.mean_difference if study.scales[study.metric].higher_is_better else -row.mean_difference
    return Pair(int(row.n_train), *((row.arm, row.baseline) if gain > 0 else (row.baseline, row.arm)))


def replicates_of(study: "Study", cells: Iterable[SharedCell]) -> Iterator[tuple[str, Said, Said]]:
    """What `meetings` takes: the predictions of both arms in each replicate that has any."""
    for cell in cells:
        first, second = study.said.predictions(cell.first), study.said.predictions(cell.second)
        if first and second:
            yield cell.draw, first, second
