"""Texts that are in two splits of a draw: equal tokens, ignoring case."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from seedbed.lint.plan_data import DrawnDataset, in_draws, span


def overlap(of: str, within: str, data: DrawnDataset) -> Iterator[str]:
    """Yield examples of split ``of`` whose text is also in split ``within`` of the same draw."""
    overlaps = {}
    sets: dict[tuple[str, ...], frozenset[str]] = {}
    for draw in data.draws:
        ids, other_ids = getattr(draw, of), getattr(draw, within)
        if ids and other_ids:
            shared = _texts(data, ids, sets) & _texts(data, other_ids, sets)
            if shared:
                overlaps[draw] = shared
    if not overlaps:
        return
    counts = [sum(data.texts[key] in shared for key in getattr(draw, of)) for draw, shared in overlaps.items()]
    first, shared = next(iter(overlaps.items()))
    example = next(key for key in getattr(first, of) if data.texts[key] in shared)
    twin = next(key for key in getattr(first, within) if data.texts[key] == data.texts[example])
    where = in_draws(len(overlaps), len(data.draws))
    sizes = span(len(getattr(draw, of)) for draw in overlaps)
    verb = "is" if max(counts) == 1 else "are"
    yield (
        f"{data.corpus.name}: {where}{span(counts)} of {sizes} {of} texts {verb} also in {within}, "
        f"such as {example} (as {twin})"
    )


def _texts(data: DrawnDataset, ids: Sequence[str], known: dict) -> frozenset[str]:
    """Return the texts of these examples; cached in ``known``, as many draws share a split."""
    key = tuple(ids)
    if key not in known:
        known[key] = frozenset(data.texts[example_id] for example_id in key)
    return known[key]


Look = Callable[[DrawnDataset], Iterator[str]]
test_in_train: Look = partial(overlap, "test", "train")
validation_in_train: Look = partial(overlap, "validation", "train")
test_in_validation: Look = partial(overlap, "test", "validation")
