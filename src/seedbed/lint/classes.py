"""Classes, or types of entities, that a draw has no example of."""

from collections import Counter
from collections.abc import Iterable, Iterator

from seedbed.lint.plan_data import DrawnDataset

MOST = 3
"""How many classes are named."""


def class_missing_in_draw(data: DrawnDataset) -> Iterator[str]:
    """Draws whose training or test examples lack a class that the data set has."""
    by_id, tagging = data.corpus.by_id, data.corpus.task == "tagging"
    wanted = _kinds(data.corpus.labels, tagging)
    own = {one: _kinds(by_id[one].target if tagging else (str(by_id[one].target),), tagging) for one in data.texts}
    for split in ("train", "test"):
        lacking: Counter = Counter()
        sizes, found, draws = set(), 0, [draw for draw in data.draws if getattr(draw, split)]
        for draw in draws:
            if missing := wanted.difference(*(own[one] for one in getattr(draw, split))):
                lacking.update(missing)
                found += 1
                sizes.add(draw.size)
        if found:
            at = (
                f" (size {', '.join(f'{size:,}' for size in sorted(size for size in sizes if size is not None))})"
                if sizes != {None}
                else ""
            )
            yield _said(data, f"{split} examples{at * (split == 'train')}", found, len(draws), lacking)


def _kinds(targets: Iterable[str], tagging: bool) -> frozenset[str]:
    """Classes as they are; of IOB2 tags the types."""
    return frozenset(target[2:] for target in targets if target != "O") if tagging else frozenset(targets)


def _said(data: DrawnDataset, what: str, found: int, whole: int, lacking: Counter) -> str:
    ranked = sorted(lacking.items(), key=lambda item: (-item[1], item[0]))
    named = ", ".join(f"{kind} ({number})" if whole > 1 else kind for kind, number in ranked[:MOST])
    more = f" and {len(ranked) - MOST} more" if len(ranked) > MOST else ""
    kind = "type of entity" if data.corpus.task == "tagging" else "class"
    where = f"{found} of {whole} draws have" if whole > 1 else "the draw has"
    return f"{data.corpus.name}: {where} {what} without some {kind}: {named}{more}"
