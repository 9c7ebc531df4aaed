"""The tags that a tagger scores, IOB2 or BILOU, what the scheme allows, and the IOB2 tags that they stand for.

BILOU (Ratinov & Roth 2009) tells the last token of an entity (L) and an entity of one token (U) from the others.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from seedbed.errors import InputError

IOB2, BILOU = "iob2", "bilou"
SCHEMES = (IOB2, BILOU)

OUTSIDE = "O"
_IOB2_ROLE = {"B": "B", "U": "B", "I": "I", "L": "I"}
_LAST = {"B": "U", "I": "L"}
"""The role of a tag of IOB2 in BILOU where its entity ends."""
_OPEN, _CONTINUES = "BI", "IL"
"""Roles after which an entity goes on in BILOU (in IOB2 it may), and roles that continue one."""


@dataclass(frozen=True)
class Allowed:
    """What a scheme allows, as booleans: ``start [K]``, ``pair [K, K]`` (from, to) and ``end [K]``."""

    start: NDArray[np.bool_]
    pair: NDArray[np.bool_]
    end: NDArray[np.bool_]


@dataclass(frozen=True)
class TagSet:
    """The tags of a network.

    ``labels``: the IOB2 tags of the data set; ``inside``: the tags that the network scores, those or BILOU tags.
    """

    scheme: str
    labels: tuple[str, ...]
    inside: tuple[str, ...]

    @classmethod
    def of(cls, labels: Sequence[str], scheme: str = IOB2) -> "TagSet":
        """Return the tags for the IOB2 tags of a data set; raises InputError for a type that never begins.

        In BILOU a type whose entities all have one token has the tag U only.
        """
        known = set(labels)
        for label in labels:
            if label != OUTSIDE and label[:2] not in ("B-", "I-"):
                raise InputError(f"tag {label!r}: is no IOB2 tag: O, B-TYPE or I-TYPE")
            if label.startswith("I-") and f"B-{label[2:]}" not in known:
                raise InputError(
                    f"tag {label!r}: no entity of type {label[2:]} begins, as there is no {'B-' + label[2:]!r}; "
                    "write IOB2 tags, or use task.decoder=softmax with task.scheme=iob2"
                )
        if scheme == IOB2:
            return cls(scheme, tuple(labels), tuple(labels))
        inside: list[str] = []
        for label in labels:
            kind = label[2:]
            if label == OUTSIDE:
                inside.append(label)
            elif label.startswith("B-"):
                inside += [f"B-{kind}", f"U-{kind}"] if f"I-{kind}" in known else [f"U-{kind}"]
            else:
                inside += [f"I-{kind}", f"L-{kind}"]
        return cls(scheme, tuple(labels), tuple(inside))

    @cached_property
    def label_of(self) -> NDArray[np.int32]:
        """``[K]``: the number of the IOB2 tag that each tag stands for."""
        index = {label: n for n, label in enumerate(self.labels)}
        return np.array([index[_iob2(tag)] for tag in self.inside], np.int32)

    @cached_property
    def sources(self) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float32]]:
        """Of each IOB2 tag the first and the last tag that stands for it, and 1 where these are two: ``[labels]``."""
        rows = [np.flatnonzero(self.label_of == n) for n in range(len(self.labels))]
        first, last = (np.array([row[end] for row in rows], np.int32) for end in (0, -1))
        return first, last, (first != last).astype(np.float32)

    @cached_property
    def allowed(self) -> Allowed:
        """The first tags, pairs of tags and last tags that the scheme allows."""
        start = [tag[0] not in _CONTINUES for tag in self.inside]
        pair = [[self._follows(before, after) for after in self.inside] for before in self.inside]
        end = [self.scheme == IOB2 or tag[0] not in _OPEN for tag in self.inside]
        return Allowed(np.array(start), np.array(pair), np.array(end))

    def _follows(self, before: str, after: str) -> bool:
        if after[0] in _CONTINUES:
            return before[0] in _OPEN and before[2:] == after[2:]
        return self.scheme == IOB2 or before[0] not in _OPEN

    def encode(self, tags: Sequence[str]) -> NDArray[np.int32]:
        """Return the numbers of the tags for IOB2 tags of a sentence; raises InputError where these break IOB2."""
        index = {tag: n for n, tag in enumerate(self.inside)}
        encoded = []
        for n, (before, tag, after) in enumerate(zip((OUTSIDE, *tags), tags, (*tags[1:], OUTSIDE), strict=False)):
            if tag.startswith("I-") and before not in (f"B-{tag[2:]}", tag):
                raise InputError(
                    f"token {n + 1}: {tag!r} continues no entity; write {'B-' + tag[2:]!r}, or use "
                    "task.decoder=softmax with task.scheme=iob2, which learn any tags"
                )
            is_last = tag != OUTSIDE and after != f"I-{tag[2:]}"
            encoded.append(index[_LAST[tag[0]] + tag[1:] if is_last and self.scheme == BILOU else tag])
        return np.array(encoded, np.int32)


def _iob2(tag: str) -> str:
    return tag if tag == OUTSIDE else _IOB2_ROLE[tag[0]] + tag[1:]


def best_sequence(scores: NDArray[np.floating], allowed: Allowed) -> NDArray[np.int64]:
    """Return the allowed sequence of tags with the highest sum of ``scores [T, K]``, by Viterbi in NumPy.

    The best tags of each token are the answer where they are allowed, which takes no search.
    """
    best: NDArray[np.int64] = scores.argmax(axis=-1)
    if allowed.start[best[0]] and allowed.end[best[-1]] and allowed.pair[best[:-1], best[1:]].all():
        return best
    pair = np.where(allowed.pair, 0.0, -np.inf)
    total = scores[0] + np.where(allowed.start, 0.0, -np.inf)
    pointers = []
    for row in scores[1:]:
        through = total[:, None] + pair
        pointers.append(through.argmax(axis=0))
        total = through.max(axis=0) + row
    best[-1] = (total + np.where(allowed.end, 0.0, -np.inf)).argmax()
    for n in range(len(pointers) - 1, -1, -1):
        best[n] = pointers[n][best[n + 1]]
    return best
