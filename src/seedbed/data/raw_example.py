"""Raw examples, as readers return them."""

from typing import NamedTuple

SEVERAL_LABELS = (
    "several labels for one text (multi-label), and seedbed trains on one: write the label that counts most into a "
    "column of its own, or a yes/no column for each label and compare them one at a time"
)


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
