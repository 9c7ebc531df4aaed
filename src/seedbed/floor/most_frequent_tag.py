"""The most frequent tag of each known token: the floor of a tagging task."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from seedbed.data.corpus import Example
from seedbed.data.tags import to_iob2
from seedbed.label_sets import tags_of


def tags(train: Sequence[Example], test: Sequence[Example], labels: Sequence[str]) -> list[tuple[str, ...]]:
    """Return IOB2 tags of each test sentence; only its tokens are read.

    A token gets its most frequent tag in training: as it is written, else lower-cased; ``O`` if it is unknown. Of
    equally frequent tags the first of ``labels`` is used, which is ``O`` if it is one of them. An ``I-`` that continues
    no entity then becomes ``B-``, as in conlleval.
    """
    by_token, by_lowered = tables(train, labels)
    return [
        to_iob2([by_token.get(token) or by_lowered.get(token.lower(), "O") for token in example.tokens])
        for example in test
    ]


def tables(train: Sequence[Example], labels: Sequence[str]) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Return the most frequent tag of each token in training, and of each lower-cased one."""
    pairs = Counter(
        (token, tag) for example in train for token, tag in zip(example.tokens, tags_of(example.target), strict=True)
    )
    lowered: Counter[tuple[str, str]] = Counter()
    for (token, tag), count in pairs.items():
        lowered[token.lower(), tag] += count
    return _most_frequent(pairs.items(), labels), _most_frequent(lowered.items(), labels)


def _most_frequent(counts: Iterable[tuple[tuple[str, str], int]], labels: Sequence[str]) -> Mapping[str, str]:
    rank = {label: index for index, label in enumerate(labels)}
    best: dict[str, tuple[int, int, str]] = {}
    for (token, tag), count in counts:
        candidate = (-count, rank[tag], tag)
        if token not in best or candidate < best[token]:
            best[token] = candidate
    return {token: tag for token, (_, _, tag) in best.items()}
