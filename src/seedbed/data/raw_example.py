"""Raw examples, as readers return them."""

from typing import NamedTuple

from seedbed.label_sets import Target

SEVERAL_LABELS = (
    "several labels for one text: dataset.task=multilabel learns all of them; for dataset.task=classification write "
    "the one that counts most into a column of its own"
)
"""Why a set of labels is refused where an example has one class."""


class RawExample(NamedTuple):
    """An example as read: its text or its tokens, its label, labels or tags in the file's own scheme.

    ``id``: its id in the data set, or None; ``line``: its first line, from 1. With one token per line, token ``n`` is
    on line ``line + n``, or on ``lines[n]`` where ``lines`` is set. ``left_out``: the kind of each skipped line before
    it or in it. An unlabelled example has an empty ``target``; with an empty `LabelSet`, it has none of the labels.
    """

    words: str | tuple[str, ...]
    target: Target
    line: int
    id: str | None = None
    left_out: tuple[str, ...] = ()
    lines: tuple[int, ...] = ()

    @property
    def is_labelled(self) -> bool:
        """Whether the example has a label or tags; one without words needs none, as it is dropped."""
        return bool(self.target) or not self.words
