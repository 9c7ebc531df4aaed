"""Build the splits and labels of a corpus; count examples that are cut, dropped or duplicated."""

from collections import Counter

from seedbed.data.corpus import SPLITS, Example
from seedbed.errors import InputError

Splits = dict[str, tuple[Example, ...]]


def cut(splits: Splits, longest: int | None, end: str, counts: Counter) -> Splits:
    """Examples cut to ``longest`` tokens, keeping the ``first`` or the ``last``; counted in all and by split."""
    if longest is None:
        return splits
    counts["cut"] += 0
    done = {}
    for split, examples in splits.items():
        done[split] = tuple(_cut_one(example, longest, end) for example in examples)
        number = sum(len(example.tokens) > longest for example in examples)
        if number:
            counts["cut"] += number
            counts[f"cut/{split}"] += number
    return done


def _cut_one(example: Example, longest: int, end: str) -> Example:
    if len(example.tokens) <= longest:
        return example
    kept = slice(longest) if end == "first" else slice(-longest, None)
    target = example.target
    if not isinstance(target, str):
        target = target[kept]
        if target[0].startswith("I-"):  # the rest of an entity whose beginning was cut off is an entity
            target = (f"B-{target[0][2:]}", *target[1:])
    return Example(example.id, example.tokens[kept], target)


def without_repeats(splits: Splits, drop: bool, counts: Counter) -> Splits:
    """Count validation and test examples whose tokens are also those of one in an earlier split.

    Where ``drop``, it is the earlier split that loses them, so that test sets stay what they are.
    """
    order = [split for split in SPLITS if split in splits]
    words = {split: {example.tokens for example in splits[split]} for split in order}
    counts["duplicates"] += 0
    done = dict(splits)
    for at, split in enumerate(order):
        earlier = set().union(*(words[other] for other in order[:at]))
        repeated = sum(example.tokens in earlier for example in splits[split])
        if repeated:
            counts["duplicates"] += repeated
            counts[f"duplicates/{split}"] += repeated
        if drop:
            later = set().union(*(words[other] for other in order[at + 1 :]))
            done[split] = tuple(example for example in splits[split] if example.tokens not in later)
            counts["dropped"] += len(splits[split]) - len(done[split])
    return done


def labels_of(splits: Splits, tagging: bool, name: str) -> tuple[str, ...]:
    """The labels in the order that a corpus has them; InputError where there is nothing to tell apart."""
    if tagging:
        found = {tag for examples in splits.values() for example in examples for tag in example.target}
        labels = ("O", *sorted(found - {"O"}))
        if len(labels) < 2:
            raise InputError(f"{name}: every tag is O: there is no entity to learn")
        return labels
    labels = tuple(sorted({str(example.target) for examples in splits.values() for example in examples}))
    if len(labels) < 2:
        raise InputError(f"{name}: the set has one class ({', '.join(labels)}): there is nothing to tell apart")
    return labels
