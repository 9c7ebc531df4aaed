"""Names of metrics and their parts: ``test/f1/person`` is the F1 of ``person`` on the test split."""

from typing import NamedTuple

SPLITS = ("test", "validation", "train")
RATES = ("f1", "accuracy", "precision", "recall")
"""In the names of scores that are fractions or percentages, such as ``macro_f1``."""
OF_LABELS = ("precision", "recall", "f1", "support")
"""The scores that there are of each class or entity type; ``support`` is its number in the gold labels."""


class MetricName(NamedTuple):
    """The parts of a metric's name; each is empty where the name has none.

    A label may have any name, also that of a score or one with slashes: a score is known by its place alone.
    """

    split: str
    score: str
    label: str

    @classmethod
    def of(cls, name: str) -> "MetricName":
        """Return the parts of ``SPLIT/SCORE/LABEL``, ``SPLIT/SCORE``, ``SCORE/LABEL`` or ``SCORE``.

        Tables of other programs may have other words instead of a split, such as ``eval/loss``: what is before the
        first slash is one unless it names a score.
        """
        first, slash, rest = name.partition("/")
        if not slash or (first not in SPLITS and (first in OF_LABELS or is_rate(first))):
            return cls("", first, rest)
        score, _, label = rest.partition("/")
        return cls(first, score, label)

    @property
    def overall(self) -> str:
        """The score if it is that of a whole split, and empty if it is that of a label."""
        return "" if self.label else self.score

    @property
    def without_split(self) -> str:
        """``f1/person``."""
        return f"{self.score}/{self.label}" if self.label else self.score


def is_rate(score: str) -> bool:
    """Whether a score is a rate by its name: it contains F1, accuracy, precision or recall."""
    return any(word in score for word in RATES)
