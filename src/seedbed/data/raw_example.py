"""Raw examples, as readers return them."""

from typing import NamedTuple


class RawExample(NamedTuple):
    """An example as read: its text or its tokens, its label or its tags in the file's own scheme.

    ``id``: its id in the data set, or None; ``line``: its first line, from 1. With one token per line, token ``n`` is
    on line ``line + n``, or on ``lines[n]`` where ``lines`` is set. ``left_out``: the kind of each skipped line before
    it or in it.
    """

    words: str | tuple[str, ...]
    target: str | tuple[str, ...]
    line: int
    id: str | None = None
    left_out: tuple[str, ...] = ()
    lines: tuple[int, ...] = ()
