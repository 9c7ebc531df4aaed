"""Check, before training, whether the number of replicates allows a significant result."""

from collections.abc import Iterator, Sequence
from itertools import combinations

from seedbed.comparison.plan import Plan, PlannedCell
from seedbed.report.statistics.settling import enough_pairs, holm
from seedbed.report.statistics.sign_flips import LEVEL, smallest_p
from seedbed.report.wording import count, p_text


def too_few_replicates(plan: Plan) -> Iterator[str]:
    """Yield pairs of arms whose smallest possible p is above the level, alone or after Holm over all comparisons.

    Each of several data sets has a separate report and correction.
    """
    units = "draw" if _crossed(plan.planned) else "replicate"
    data = dict.fromkeys(planned.cell.data for planned in plan.planned)
    messages = [message for digest in data if (message := _message(comparisons(plan, digest), units))]
    yield from dict.fromkeys(messages)


def comparisons(plan: Plan, data: str) -> list[int]:
    """Return the number of pairs of each comparison on the data of this digest: two arms at a size on the same draws.

    Where every draw has several initializations, a pair is a draw.
    """
    draws_by_size: dict[int, dict[str, dict[int, str]]] = {}
    cells_of_data = [planned.cell for planned in plan.planned if planned.cell.data == data]
    crossed = _crossed(plan.planned)
    for cell in cells_of_data:
        number = cell.data_seed if crossed else cell.replicate
        draws_by_size.setdefault(cell.n_train, {}).setdefault(cell.arm, {})[number] = cell.draw
    shared = (
        len(arms[first].items() & arms[second].items())
        for arms in draws_by_size.values()
        for first, second in combinations(arms, 2)
        if plan.baseline in (None, first, second)
    )
    return [number for number in shared if number]


def _crossed(planned: Sequence[PlannedCell]) -> bool:
    """Return whether there are several draws, and several initializations of one of them."""
    seeds = {(cell_plan.cell.data_seed, cell_plan.cell.init_seed) for cell_plan in planned}
    return 1 < len({data_seed for data_seed, _ in seeds}) < len(seeds)


def _message(pairs: Sequence[int], unit: str) -> str:
    """Return the message about comparisons with these numbers of pairs; empty where they can be significant."""
    if not pairs:
        return ""
    fewest, n_comparisons = min(pairs), len(pairs)
    enough = enough_pairs(n_comparisons)
    fix = "fewer comparisons can do it" if enough is None else f"{count(enough, unit)} can do it"
    if fewest < 2:
        return f"one {unit} has no spread: no p and no interval; {fix}"
    uncorrected, corrected = smallest_p(fewest), float(max(holm([smallest_p(number) for number in pairs])))
    if corrected <= LEVEL:
        return ""
    correction = f" after Holm's correction for {count(n_comparisons, 'comparison')}" if uncorrected <= LEVEL else ""
    p = p_text(corrected if correction else uncorrected)
    return f"{count(fewest, unit)} cannot go below p = {p}{correction}, whatever the difference; {fix}"
