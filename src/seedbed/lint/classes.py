"""Classes, or types of entities, without an example in a draw."""

from collections import Counter
from collections.abc import Iterable, Iterator

from seedbed.data.corpus import Example
from seedbed.label_sets import tags_of
from seedbed.lint.plan_data import DrawnDataset

MOST = 3
"""Number of classes in a message."""


def class_missing_in_draw(data: DrawnDataset) -> Iterator[str]:
    """Yield draws whose training or test examples lack a class of the data set."""
    by_id, tagging = data.corpus.by_id, data.corpus.task == "tagging"
    expected = _class_names(data.corpus.labels, tagging)
    classes = {example_id: _classes(by_id[example_id], tagging) for example_id in data.texts}
    for split in ("train", "test"):
        lacking: Counter = Counter()
        sizes, n_lacking, draws = set(), 0, [draw for draw in data.draws if getattr(draw, split)]
        for draw in draws:
            wanted = frozenset(draw.types) or expected
            if missing := wanted.difference(*(classes[example_id] for example_id in getattr(draw, split))):
                lacking.update(missing)
                n_lacking += 1
                sizes.add(draw.size)
        if n_lacking:
            size_text = (
                f" (size {', '.join(f'{size:,}' for size in sorted(size for size in sizes if size is not None))})"
                if sizes != {None}
                else ""
            )
            yield _message(data, f"{split} examples{size_text * (split == 'train')}", n_lacking, len(draws), lacking)


def _class_names(targets: Iterable[str], tagging: bool) -> frozenset[str]:
    """Return the classes; of IOB2 tags the entity types."""
    return frozenset(target[2:] for target in targets if target != "O") if tagging else frozenset(targets)


def _classes(example: Example, tagging: bool) -> frozenset[str]:
    """Return the class or labels of an example, or the types of its tags."""
    return _class_names(tags_of(example.target), True) if tagging else frozenset(example.classes)


def _message(data: DrawnDataset, subject: str, n_lacking: int, n_draws: int, lacking: Counter) -> str:
    ranked = sorted(lacking.items(), key=lambda item: (-item[1], item[0]))
    named = ", ".join(f"{kind} ({number})" if n_draws > 1 else kind for kind, number in ranked[:MOST])
    more = f" and {len(ranked) - MOST} more" if len(ranked) > MOST else ""
    kind = {"tagging": "type of entity", "multilabel": "label"}.get(data.corpus.task, "class")
    where = f"{n_lacking} of {n_draws} draws have" if n_draws > 1 else "the draw has"
    return f"{data.corpus.name}: {where} {subject} without some {kind}: {named}{more}"
