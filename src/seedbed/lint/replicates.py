"""Whether the number of replicates allows a significant result, checked before training."""

from collections.abc import Iterator, Sequence
from itertools import combinations

from seedbed.comparison.plan import Plan, PlannedCell
from seedbed.report.statistics.settling import enough_pairs, holm
from seedbed.report.statistics.sign_flips import LEVEL, smallest_p
from seedbed.report.wording import count, p_text


def too_few_replicates(plan: Plan) -> Iterator[str]:
    """Pairs of arms whose smallest possible p is above the level, alone or after Holm over all comparisons.

    Of several data sets each has a report, and a correction, of its own.
    """
    units = "draw" if _crossed(plan.planned) else "replicate"
    data = dict.fromkeys(planned.cell.data for planned in plan.planned)
    found = [said for digest in data if (said := _said(comparisons(plan, digest), units))]
    yield from dict.fromkeys(found)


def comparisons(plan: Plan, data: str) -> list[int]:
    """The pairs of each comparison of the report on the data of this digest: two arms at one size on the same draws.

    Where every draw has several initialisations, a pair is a draw.
    """
    cells: dict[int, dict[str, dict[int, str]]] = {}
    own = [planned.cell for planned in plan.planned if planned.cell.data == data]
    crossed = _crossed(plan.planned)
    for cell in own:
        number = cell.data_seed if crossed else cell.replicate
        cells.setdefault(cell.n_train, {}).setdefault(cell.arm, {})[number] = cell.draw
    shared = (
        len(arms[one].items() & arms[other].items())
        for arms in cells.values()
        for one, other in combinations(arms, 2)
        if plan.baseline in (None, one, other)
    )
    return [number for number in shared if number]


def _crossed(planned: Sequence[PlannedCell]) -> bool:
    """Whether there are several draws, and several initialisations of one of them."""
    seeds = {(one.cell.data_seed, one.cell.init_seed) for one in planned}
    return 1 < len({data_seed for data_seed, _ in seeds}) < len(seeds)


def _said(pairs: Sequence[int], unit: str) -> str:
    """What there is to say of comparisons with so many pairs each; empty where they can settle something."""
    if not pairs:
        return ""
    fewest, whole = min(pairs), len(pairs)
    least = enough_pairs(whole)
    fix = "fewer comparisons can do it" if least is None else f"{count(least, unit)} can do it"
    if fewest < 2:
        return f"one {unit} says nothing of spread: no p and no interval; {fix}"
    alone, corrected = smallest_p(fewest), float(max(holm([smallest_p(number) for number in pairs])))
    if corrected <= LEVEL:
        return ""
    after = f" after Holm's correction for {count(whole, 'comparison')}" if alone <= LEVEL else ""
    p = p_text(corrected if after else alone)
    return f"{count(fewest, unit)} cannot go below p = {p}{after}, whatever the difference; {fix}"
