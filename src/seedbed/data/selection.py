"""Choosing training examples: balanced over classes, or with enough mentions of each entity type."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from seedbed.data.corpus import Example
from seedbed.errors import InputError
from seedbed.label_sets import LabelSet


def balanced_order(examples: Sequence[Example], rng: np.random.Generator) -> list[Example]:
    """Return examples in an order in which every prefix has equally many of each class, or one more of some.

    Classes alternate, in an order drawn once, until the next class has no more examples. Examples with sets of labels
    are in `covering_order`.
    """
    if any(isinstance(example.target, LabelSet) for example in examples):
        return covering_order(examples, rng)
    turns = _shuffled_classes(examples, rng)
    order: list[Example] = []
    for number in range(max(map(len, turns))):
        for class_examples in turns:
            if number == len(class_examples):
                return order
            order.append(class_examples[number])
    return order


def covering_order(examples: Sequence[Example], rng: np.random.Generator) -> list[Example]:
    """Return examples with sets of labels in an order that begins with one of each label, the rest at random.

    The rarest label first: of each label that no chosen example has, the next example in the random order that has it.
    """
    order = [examples[index] for index in rng.permutation(len(examples))]
    counts = Counter(label for example in order for label in example.classes)
    chosen: dict[str, Example] = {}
    covered: set[str] = set()
    for label in sorted(counts, key=lambda label: (counts[label], label)):
        if label not in covered:
            example = next(example for example in order if label in example.classes)
            chosen[example.id] = example
            covered.update(example.classes)
    return [*chosen.values(), *(example for example in order if example.id not in chosen)]


def at_most_k_per_class(examples: Sequence[Example], k: int, rng: np.random.Generator) -> list[Example]:
    """Return ``k`` examples of each class, or all of a class that has fewer; nested over ``k``.

    Where all classes have as many, they are those of `balanced_order`.
    """
    turns = _shuffled_classes(examples, rng)
    return [class_examples[number] for number in range(k) for class_examples in turns if number < len(class_examples)]


def _shuffled_classes(examples: Sequence[Example], rng: np.random.Generator) -> list[list[Example]]:
    """Return the examples of each class in a random order, and the classes too."""
    by_class: dict[str, list[Example]] = {}
    for example in examples:
        by_class.setdefault(str(example.target), []).append(example)
    shuffled = [
        [by_class[label][index] for index in rng.permutation(len(by_class[label]))] for label in sorted(by_class)
    ]
    return [shuffled[index] for index in rng.permutation(len(shuffled))]


def at_least_k_per_type(examples: Sequence[Example], k: int, rng: np.random.Generator, where: str) -> list[Example]:
    """Return sentences with at least ``k`` mentions of each entity type, few more than needed, nested over ``k``.

    Greedy, after Yang and Katiyar (2020): the rarest type first, the next sentence in a random order that mentions it,
    until it has enough. Here all types get to 1 mention before any gets to 2, and so on, so that the sentences for k
    are the first of those for k + 1. Raises InputError, naming ``where``, if a type has fewer than ``k`` mentions.
    """
    mentions, rarest_first = _counted_mentions(examples, k, where)
    order = rng.permutation(len(examples)).tolist()
    candidates = {kind: iter([index for index in order if mentions[index][kind]]) for kind in rarest_first}
    have: Counter = Counter()
    chosen: dict[int, None] = {}
    for target in range(1, k + 1):
        for kind in rarest_first:
            while have[kind] < target:
                index = next(candidates[kind])
                if index not in chosen:
                    chosen[index] = None
                    have.update(mentions[index])
    return [examples[index] for index in chosen]


def greedily_k_per_type(examples: Sequence[Example], k: int, rng: np.random.Generator, where: str) -> list[Example]:
    """Return sentences with at least ``k`` mentions of each entity type, by algorithm 1 of Yang and Katiyar (2020).

    Types from the rarest to the most frequent one in ``examples``; for each, sentences that mention it are sampled
    without replacement until the sentences chosen so far have ``k`` mentions of it. Not nested over ``k``. Raises
    InputError as `at_least_k_per_type`.
    """
    mentions, rarest_first = _counted_mentions(examples, k, where)
    have: Counter = Counter()
    chosen: dict[int, None] = {}
    for kind in rarest_first:
        candidates = [index for index, own in enumerate(mentions) if own[kind] and index not in chosen]
        for index in rng.permutation(candidates).tolist():
            if have[kind] >= k:
                break
            chosen[index] = None
            have.update(mentions[index])
    return [examples[index] for index in chosen]


def _counted_mentions(examples: Sequence[Example], k: int, where: str) -> tuple[list[Counter], list[str]]:
    """The mentions of each sentence by type, and the types from the rarest on. InputError for one with too few."""
    mentions = [Counter(example.classes) for example in examples]
    total: Counter = Counter()
    for sentence_mentions in mentions:
        total.update(sentence_mentions)
    if not total:
        raise InputError(f"{where}: no entity in its training split")
    rarest_first = sorted(total, key=lambda kind: (total[kind], kind))
    if total[rarest_first[0]] < k:
        missing = ", ".join(f"{total[kind]} of {kind}" for kind in rarest_first if total[kind] < k)
        raise InputError(f"sizes={k}: {where} has fewer mentions than that in its training split: {missing}")
    return mentions, rarest_first
