"""Build the splits and labels of a corpus; count examples that are cut, dropped or duplicated."""

from collections import Counter

from seedbed.data.corpus import SPLITS, Example, Task
from seedbed.errors import InputError
from seedbed.label_sets import tags_of

Splits = dict[str, tuple[Example, ...]]


def cut_examples(splits: Splits, longest: int | None, end: str, counts: Counter) -> Splits:
    """Return examples cut to the ``first`` or ``last`` ``longest`` tokens, and count the cut ones, also by split."""
    if longest is None:
        return splits
    counts["cut"] += 0
    cut_splits = {}
    for split, examples in splits.items():
        cut_splits[split] = tuple(_cut_example(example, longest, end) for example in examples)
        number = sum(len(example.tokens) > longest for example in examples)
        if number:
            counts["cut"] += number
            counts[f"cut/{split}"] += number
    return cut_splits


def _cut_example(example: Example, longest: int, end: str) -> Example:
    if len(example.tokens) <= longest:
        return example
    window = slice(longest) if end == "first" else slice(-longest, None)
    target = example.target
    if isinstance(target, tuple):
        target = target[window]
        if target[0].startswith("I-"):  # its beginning was cut off; the rest stays an entity
            target = (f"B-{target[0][2:]}", *target[1:])
    return Example(example.id, example.tokens[window], target)


def remove_duplicates(splits: Splits, drop: bool, counts: Counter) -> Splits:
    """Count validation and test examples whose tokens also occur as an example of an earlier split.

    With ``drop``, they are removed from the earlier split, so that test sets do not change. Those that repeat another
    of their own split are counted too, and stay: draws may put them into different parts.
    """
    order = [split for split in SPLITS if split in splits]
    words = {split: {example.tokens for example in splits[split]} for split in order}
    if len(order) > 1:
        counts["duplicates"] += 0
    if repeats := sum(len(splits[split]) - len(words[split]) for split in order):
        counts["repeated_texts"] = repeats
    result = dict(splits)
    for index, split in enumerate(order):
        earlier = set().union(*(words[split_name] for split_name in order[:index]))
        repeated = sum(example.tokens in earlier for example in splits[split])
        if repeated:
            counts["duplicates"] += repeated
            counts[f"duplicates/{split}"] += repeated
        if drop:
            later = set().union(*(words[split_name] for split_name in order[index + 1 :]))
            result[split] = tuple(example for example in splits[split] if example.tokens not in later)
            counts["dropped"] += len(splits[split]) - len(result[split])
    return result


def labels_of(splits: Splits, task: Task, name: str) -> tuple[str, ...]:
    """Return the labels in the order of a corpus. Raises InputError where there are fewer than two."""
    every = [example for examples in splits.values() for example in examples]
    if task == "tagging":
        tags = {tag for example in every for tag in tags_of(example.target)}
        labels = ("O", *sorted(tags - {"O"}))
        if len(labels) < 2:
            raise InputError(f"{name}: every tag is O: there is no entity to learn")
        return labels
    labels = tuple(sorted({label for example in every for label in example.classes}))
    if len(labels) < 2:
        kind = "label" if task == "multilabel" else "class"
        number = f"one {kind} ({labels[0]})" if labels else f"no {kind}"
        raise InputError(f"{name}: has {number}; at least two are needed")
    return labels
