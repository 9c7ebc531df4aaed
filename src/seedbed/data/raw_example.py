"""Raw examples, as readers return them."""

from typing import NamedTuple


class RawExample(NamedTuple):
    """An example as read: its text or its tokens, its label or its tags in the file's own scheme.

    ``id``: its id in the data set, or None; ``line``: its first line, from 1. With one token per line, token ``n`` is
    on line ``line + n``, or on ``lines[n]`` where ``lines`` is set. ``left_out``: the kind of each skipped line before
    it or in it. An example without a label has an empty ``target``.
    """

    words: str | tuple[str, ...]
    target: str | tuple[str, ...]
    line: int
    id: str | None = None
    left_out: tuple[str, ...] = ()
    lines: tuple[int, ...] = ()

    @property
    def is_labelled(self) -> bool:
        """Whether the example has a label or tags; one without words needs none, as it is dropped."""
        return bool(self.target) or not self.words
