"""Scores of entity spans beside strict F1: partial and type matches, boundaries, tokens, and by length.

A *partial* match has a token in common with a gold entity, whatever its type, and counts half unless both ends are
right. A *type* match has a token in common and the same type. Both are those of SemEval-2013 task 9.1 as nervaluate
1.2.1 computes them: predicted spans are matched from left to right, each with one gold span at most, and a gold span is
matched once. ``boundary`` compares start and end without the type (nervaluate's ``exact``), ``token`` the type of each
token without its prefix and without ``O``. Spans are those of `seedbed.metrics.entity_spans`.
"""

import math
from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import dataclass

from seedbed.metrics import Span, entity_spans

LENGTHS = ("1", "2", "3", "4 or more")
"""The classes of entities by their number of tokens."""


@dataclass(frozen=True)
class Matches:
    """The numbers of gold and of predicted spans (or tokens), and of hits, where a partial match is half a hit."""

    gold: int = 0
    predicted: int = 0
    hits: float = 0.0

    def __add__(self, other: "Matches") -> "Matches":
        return Matches(self.gold + other.gold, self.predicted + other.predicted, self.hits + other.hits)

    @property
    def precision(self) -> float:
        """NaN if nothing was predicted."""
        return self.hits / self.predicted if self.predicted else math.nan

    @property
    def recall(self) -> float:
        """NaN if there is nothing to find."""
        return self.hits / self.gold if self.gold else math.nan

    @property
    def f1(self) -> float:
        """NaN if there is nothing to find and nothing was predicted."""
        return 2 * self.hits / (self.gold + self.predicted) if self.gold + self.predicted else math.nan


def partial_hits(gold: Sequence[Span], predicted: Sequence[Span]) -> float:
    """Return 1 for each predicted span with the boundaries of a gold one, and 1/2 for each other that shares a token.

    Both in order of position, without overlaps among themselves.
    """
    free, hits = list(gold), 0.0
    for start, end, _ in predicted:
        overlapping = [span for span in free if span[0] < end and start < span[1]]
        if not overlapping:
            continue
        exact = [span for span in overlapping if span[:2] == (start, end)]
        free.remove((exact or overlapping)[0])
        hits += 1.0 if exact else 0.5
    return hits


def type_hits(gold: Sequence[Span], predicted: Sequence[Span]) -> int:
    """Return how many predicted spans share a token with a gold one of the same type.

    Of several such gold spans the one with the nearest ends is taken. Without one, the first that shares a token is
    used up all the same. Both in order of position, without overlaps among themselves.
    """
    free, hits = list(gold), 0
    for start, end, kind in predicted:
        overlapping = [span for span in free if span[0] < end and start < span[1]]
        if not overlapping:
            continue
        same = [span for span in overlapping if span[2] == kind]
        hits += bool(same)
        free.remove(min(same, key=lambda span: abs(span[0] - start) + abs(span[1] - end)) if same else overlapping[0])
    return hits


def boundary_hits(gold: Sequence[Span], predicted: Sequence[Span]) -> int:
    """Return how many predicted spans have the start and end of a gold one, whatever its type."""
    return len({span[:2] for span in gold} & {span[:2] for span in predicted})


_HITS: dict[str, Callable[[Sequence[Span], Sequence[Span]], float]] = {
    "type": type_hits, "partial": partial_hits, "boundary": boundary_hits,
}  # fmt: skip
MATCHINGS = (*_HITS, "token")
"""The names of the matchings, from those that need the type to those that do not."""
RATES = ("precision", "recall", "f1")
SCORES = tuple(f"{matching}_{rate}" for matching in MATCHINGS for rate in RATES)
"""The scores of `matching_scores`."""


def matching_scores(gold: Sequence[Sequence[str]], predicted: Sequence[Sequence[str]]) -> dict[str, float]:
    """Return precision, recall and F1 of each matching of IOB2 tags, such as ``partial_f1``; a ratio over 0 is 0.

    Raises ValueError if lengths differ.
    """
    total = dict.fromkeys(MATCHINGS, Matches())
    for gold_tags, predicted_tags in zip(gold, predicted, strict=True):
        if len(gold_tags) != len(predicted_tags):
            raise ValueError(f"{len(predicted_tags)} predicted tags for a sentence of {len(gold_tags)} tokens")
        if gold_tags.count("O") == predicted_tags.count("O") == len(gold_tags):
            continue
        total["token"] += _token_matches(gold_tags, predicted_tags)
        gold_spans, predicted_spans = entity_spans(gold_tags), entity_spans(predicted_tags)
        for name, hits in _HITS.items():
            total[name] += Matches(len(gold_spans), len(predicted_spans), hits(gold_spans, predicted_spans))
    values = ((f"{name}_{rate}", getattr(own, rate)) for name, own in total.items() for rate in RATES)
    return {name: 0.0 if math.isnan(value) else value for name, value in values}


def _token_matches(gold: Sequence[str], predicted: Sequence[str]) -> Matches:
    """The tokens with a type in gold and in the prediction, and those with the same one, whatever the prefix."""
    types = [(one[2:], other[2:]) for one, other in zip(gold, predicted, strict=True) if one != "O" or other != "O"]
    in_gold, in_predicted = (sum(bool(pair[side]) for pair in types) for side in (0, 1))
    return Matches(in_gold, in_predicted, sum(one == other for one, other in types))


def add_strict(total: dict[str, Matches], gold: Set[Span], predicted: Set[Span], group: Callable[[Span], str]) -> None:
    """Add the strict matches of a sentence to ``total``, by the group of each span.

    A span is counted under its own group, whether gold or predicted, so that all groups together are the strict score.
    """
    for span in gold | predicted:
        found = span in gold, span in predicted
        total[group(span)] += Matches(*found, float(all(found)))


def length_matches(pairs: Iterable[tuple[Iterable[Span], Iterable[Span]]]) -> dict[str, Matches]:
    """Return strict matches by length of the span, see `add_strict`: of each sentence the gold and predicted spans."""
    total = dict.fromkeys(LENGTHS, Matches())
    for gold, predicted in pairs:
        add_strict(total, set(gold), set(predicted), _length)
    return total


def _length(span: Span) -> str:
    return LENGTHS[min(span[1] - span[0], len(LENGTHS)) - 1]
