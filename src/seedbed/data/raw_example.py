"""Raw examples, as readers return them."""

from typing import NamedTuple


class RawExample(NamedTuple):
    """An example as read: its text or its tokens, its label or its tags in the file's own scheme.

    ``id``: the set's own name for it, or None; ``line``: where it begins, from 1. Token ``n`` of a sentence that was
    read a token a line stands on line ``line + n``, or on ``lines[n]`` where that is given. ``left_out``: what lines
    that are no tokens were, before it or in it, one word a line.
    """

    words: str | tuple[str, ...]
    target: str | tuple[str, ...]
    line: int
    id: str | None = None
    left_out: tuple[str, ...] = ()
    lines: tuple[int, ...] = ()
