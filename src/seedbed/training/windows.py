"""Windows over the tokens of a sentence that is longer than ``task.window``."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

MARGIN = 8
"""A window has this part of its tokens on each side for context alone: its encoder knows little of its edges."""


class Window(NamedTuple):
    """Tokens ``[first, end)`` of a sentence, of which those of ``[kept, kept_end)`` are kept."""

    first: int
    end: int
    kept: int
    kept_end: int


def overlapping(tokens: int, most: int) -> Iterator[Window]:
    """Yield windows of ``most`` tokens over a sentence; each of its tokens is kept of one, with a margin around it."""
    margin, kept = most // MARGIN, 0
    while kept < tokens:
        first = max(0, min(kept - margin, tokens - most))
        end = min(first + most, tokens)
        kept_end = tokens if end == tokens else end - margin
        yield Window(first, end, kept, kept_end)
        kept = kept_end


def consecutive(tags: Sequence[str], most: int) -> Iterator[tuple[int, int]]:
    """Yield first tokens and ends of about equal windows of at most ``most`` tokens over a sentence.

    A window ends between entities; within one only where it has more tokens than half of a window.
    """
    first = 0
    while first < len(tags):
        left = len(tags) - first
        size = -(-left // -(-left // most))
        ends = [*range(first + size, first + size // 2, -1), *range(first + size + 1, first + most + 1)]
        end = next((end for end in ends if not cuts_entity(tags, end)), first + size)
        yield first, end
        first = end


def cuts_entity(tags: Sequence[str], end: int) -> bool:
    """Return whether an entity of IOB2 tags goes on after so many tokens."""
    return 0 < end < len(tags) and tags[end].startswith("I-")
