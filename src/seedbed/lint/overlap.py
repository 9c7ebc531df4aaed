"""The same text on both sides of a split, draw by draw: equal tokens, whatever their case."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from seedbed.lint.plan_data import DrawnDataset, in_draws, span


def overlap(of: str, within: str, data: DrawnDataset) -> Iterator[str]:
    """Examples of split ``of`` whose text an example of split ``within`` of the same draw has too."""
    found = {}
    sets: dict[tuple[str, ...], frozenset[str]] = {}
    for draw in data.draws:
        ids, others = getattr(draw, of), getattr(draw, within)
        if ids and others:
            both = _texts(data, ids, sets) & _texts(data, others, sets)
            if both:
                found[draw] = both
    if not found:
        return
    counts = [sum(data.texts[one] in both for one in getattr(draw, of)) for draw, both in found.items()]
    first, both = next(iter(found.items()))
    one = next(one for one in getattr(first, of) if data.texts[one] in both)
    other = next(other for other in getattr(first, within) if data.texts[other] == data.texts[one])
    where = in_draws(len(found), len(data.draws))
    wholes = span(len(getattr(draw, of)) for draw in found)
    yield (
        f"{data.corpus.name}: {where}{span(counts)} of {wholes} {of} texts stand{'s' * (max(counts) == 1)} in {within} "
        f"too, such as {one} (as {other})"
    )


def _texts(data: DrawnDataset, ids: Sequence[str], known: dict) -> frozenset[str]:
    """The texts of these examples; a whole split that many draws share is looked through once."""
    key = tuple(ids)
    if key not in known:
        known[key] = frozenset(data.texts[one] for one in key)
    return known[key]


Look = Callable[[DrawnDataset], Iterator[str]]
test_in_train: Look = partial(overlap, "test", "train")
validation_in_train: Look = partial(overlap, "validation", "train")
test_in_validation: Look = partial(overlap, "test", "validation")
