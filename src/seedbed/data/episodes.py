"""Episodes of few-shot NER: N entity types, and sentences with K to 2K mentions of each.

The rule of Few-NERD (Ding et al. 2021, algorithm 1) as its published sampler applies it: the types of an episode are
drawn first, and only sentences are used whose entities are all of these types.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence, Set

import numpy as np

from seedbed.data.corpus import Example

MOST_TYPES, MOST_ORDERS = 200, 10
"""How many sets of types are tried for an episode, and orders of the sentences for each."""


def types_tried(kinds: Sequence[str], ways: int, seed: Sequence[int]) -> Iterator[tuple[str, ...]]:
    """Yield sets of ``ways`` types at random, sorted, in the order in which they are tried."""
    for attempt in range(MOST_TYPES):
        order = np.random.default_rng([*seed, attempt]).permutation(len(kinds))
        yield tuple(sorted(kinds[index] for index in order[:ways]))


def without_other_types(examples: Sequence[Example], kinds: Collection[str]) -> list[Example]:
    """Return the sentences without an entity of another type; those without any entity too."""
    allowed = set(kinds)
    return [example for example in examples if allowed.issuperset(example.classes)]


def k_to_2k(
    examples: Sequence[Example],
    kinds: Sequence[str],
    k: int,
    rng: np.random.Generator,
    left_out: Set[str] = frozenset(),
) -> list[Example] | None:
    """Return sentences with at least ``k`` and at most ``2 k`` mentions of each type, and of no other type.

    Sentences are drawn at random without replacement. One is kept if it has a mention of a type that has fewer than
    ``k``, and brings no type above ``2 k``. None where no such set was found; ``left_out``: ids that are not used.
    """
    candidates = [
        example
        for example in without_other_types(examples, kinds)
        if example.classes and example.id not in left_out
    ]  # fmt: skip
    mentions = [Counter(example.classes) for example in candidates]
    for _ in range(MOST_ORDERS):
        have: Counter[str] = Counter()
        chosen = []
        # A sentence that is rejected once would be at any later time, as counts only grow.
        for index in rng.permutation(len(candidates)).tolist():
            own = mentions[index]
            if any(have[kind] < k for kind in own) and all(have[kind] + own[kind] <= 2 * k for kind in own):
                have.update(own)
                chosen.append(candidates[index])
                if all(have[kind] >= k for kind in kinds):
                    return chosen
    return None
