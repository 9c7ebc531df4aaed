"""The most frequent tag of each known token: the floor of a tagging."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from seedbed.data.corpus import Example
from seedbed.data.tags import to_iob2


def tags(train: Sequence[Example], test: Sequence[Example], labels: Sequence[str]) -> list[tuple[str, ...]]:
    """IOB2 tags of each test sentence, of which only the tokens are read.

    A token has the tag that it most often has in training: as it is written, or else lower-cased; ``O`` where it was
    never seen. Of equally frequent tags the first of ``labels`` is taken, which is ``O`` where it is among them. An
    ``I-`` that continues nothing then becomes a ``B-``, as conlleval reads it: otherwise it would count for nothing.
    """
    pairs = Counter(
        (token, tag) for example in train for token, tag in zip(example.tokens, example.target, strict=True)
    )
    written = _most_frequent(pairs.items(), labels)
    lowered: Counter = Counter()
    for (token, tag), number in pairs.items():
        lowered[token.lower(), tag] += number
    lower = _most_frequent(lowered.items(), labels)
    return [
        to_iob2([written.get(token) or lower.get(token.lower(), "O") for token in example.tokens]) for example in test
    ]


def _most_frequent(counted: Iterable[tuple[tuple[str, str], int]], labels: Sequence[str]) -> Mapping[str, str]:
    rank = {label: place for place, label in enumerate(labels)}
    best: dict[str, tuple[int, int, str]] = {}
    for (token, tag), number in counted:
        one = (-number, rank[tag], tag)
        if token not in best or one < best[token]:
            best[token] = one
    return {token: tag for token, (_, _, tag) in best.items()}
