"""Spans of a text as tags of its tokens; everything that is changed or left out is said."""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from seedbed.data.annotations.document import Span
from seedbed.data.tags import from_spans
from seedbed.data.token_offsets import Token

MISALIGNED = ("split", "grow", "drop")
"""What becomes of a span that begins or ends inside a token: it splits the token, grows to its edges, or is dropped."""

OVERLAPPING = ("longest", "shortest")
"""Which of overlapping spans is kept; of equally long ones the first."""

DISCONTINUOUS = ("cover", "parts", "drop")
"""What becomes of a span of several parts: one span from its first to its last, a span for each, or nothing."""


class Rules(NamedTuple):
    """The settings of `Alignment`: see ``MISALIGNED``, ``OVERLAPPING`` and ``DISCONTINUOUS``."""

    misaligned: str = "split"
    overlapping: str = "longest"
    discontinuous: str = "cover"


@dataclass
class Alignment:
    """Aligns the spans of one text to its tokens, which are in order and do not overlap.

    ``cut`` returns a part of the text as a token. ``changes``: kind and description of each change.
    """

    text: str
    tokens: Sequence[Token]
    rules: Rules
    cut: Callable[[str], str] = str
    changes: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._starts = [token.start for token in self.tokens]
        self._ends = [token.end for token in self.tokens]

    def align(self, spans: Sequence[Span]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the tokens and their IOB2 tags."""
        if not spans:
            return tuple(token.text for token in self.tokens), ("O",) * len(self.tokens)
        kept = self.without_overlaps([span for whole in spans for one in self._parts(whole) for span in self._fit(one)])
        pieces = self._split(kept) if self.rules.misaligned == "split" else self.tokens
        starts = [token.start for token in pieces]
        entities = [(span.label, bisect_left(starts, span.start), bisect_left(starts, span.end)) for span in kept]
        return tuple(token.text for token in pieces), from_spans(entities, len(pieces))

    def _parts(self, span: Span) -> Iterator[Span]:
        """Yield a span without parts: itself, or what the rules make of a discontinuous one."""
        if not span.parts:
            yield span
            return
        rule = self.rules.discontinuous
        done = {"cover": "covered from its first part to its last", "parts": "made a span for each part"}
        self._change("discontinuous_spans", span, done.get(rule, "dropped"))
        if rule == "cover":
            yield span._replace(parts=())
        elif rule == "parts":
            yield from (Span(start, end, span.label) for start, end in span.parts)

    def _fit(self, span: Span) -> Iterator[Span]:
        """Yield the span within the tokens that it has characters of; nothing where it is dropped."""
        first, last = bisect_right(self._ends, span.start), bisect_left(self._starts, span.end)
        if first >= last:
            self._change("spans_without_a_token_dropped", span, "holds no token, dropped")
            return
        start, end = self._starts[first], self._ends[last - 1]
        if start == span.start and end == span.end:
            yield span
            return
        inside = [self.tokens[first]] * (start < span.start) + [self.tokens[last - 1]] * (span.end < end)
        if span.start < start or end < span.end:
            self._change("spans_moved_to_token_edges", span, "begins or ends between tokens, moved to their edges")
        if inside and self.rules.misaligned == "drop":
            self._change("misaligned_spans_dropped", span, f"begins or ends inside {inside[0].text!r}, dropped")
        elif inside and self.rules.misaligned == "grow":
            self._change("spans_grown_to_tokens", span, f"begins or ends inside {inside[0].text!r}, grown to it")
            yield Span(start, end, span.label)
        else:
            yield Span(max(start, span.start), min(end, span.end), span.label)

    def without_overlaps(self, spans: Sequence[Span]) -> list[Span]:
        """Return the spans that are kept, in order; the others are said."""
        ordered = sorted(spans)
        if all(one.end <= other.start for one, other in pairwise(ordered)):
            return ordered
        sign = -1 if self.rules.overlapping == "longest" else 1
        order = sorted(range(len(spans)), key=lambda n: (sign * (spans[n].end - spans[n].start), spans[n].start, n))
        kept: list[Span] = []
        for number in order:
            span = spans[number]
            at = bisect_left(kept, span.end, key=lambda other: other.start)
            other = kept[at - 1] if at else None
            if other is None or other.end <= span.start:
                insort(kept, span, key=lambda other: other.start)
            elif other == span:
                self._change("spans_repeated", span, "is there twice, taken once")
            else:
                self._change(_overlap(span, other), span, f"is dropped for {described(other, self.text)}")
        return kept

    def _split(self, spans: Sequence[Span]) -> Sequence[Token]:
        """Return the tokens, those split in which a span begins or ends."""
        cuts: dict[int, set[int]] = {}
        for span in spans:
            inside = {}
            for offset in (span.start, span.end):
                number = bisect_right(self._starts, offset) - 1
                if number >= 0 and self._starts[number] < offset < self._ends[number]:
                    inside[offset] = number
            for offset, number in inside.items():
                cuts.setdefault(number, set()).add(offset)
            if inside:
                word = self.tokens[min(inside.values())].text
                self._change("spans_that_split_a_token", span, f"begins or ends inside {word!r}, which is split")
        if not cuts:
            return self.tokens
        pieces: list[Token] = []
        for number, token in enumerate(self.tokens):
            edges = [token.start, *sorted(cuts.get(number, ())), token.end]
            if len(edges) == 2:
                pieces.append(token)
            else:
                pieces += [Token(self.cut(self.text[start:end]), start, end) for start, end in pairwise(edges)]
        return pieces

    def _change(self, kind: str, span: Span, what: str) -> None:
        self.changes.append((kind, f"{described(span, self.text)} {what}"))


def _overlap(span: Span, other: Span) -> str:
    """Return the kind of a span that is dropped for another."""
    if other[:2] == span[:2]:
        return "spans_of_another_type_at_the_same_place_dropped"
    if other.start <= span.start and span.end <= other.end:
        return "nested_spans_dropped"
    if span.start <= other.start and other.end <= span.end:
        return "spans_around_another_dropped"
    return "overlapping_spans_dropped"


def described(span: Span, text: str) -> str:
    """Return a span as it is shown: label, offsets and text."""
    found = text[span.start : span.end]
    return f"{span.label} {span.start}-{span.end} {found if len(found) <= 40 else f'{found[:40]}...'!r}"
