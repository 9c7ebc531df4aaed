"""Tables of text that fit a width without breaking a word: with fewer columns, or long words cut in the middle."""

from collections.abc import Sequence
from dataclasses import dataclass

NAME = 16
"""A column with a longer cell may wrap at blanks; others are kept on one line."""
LEAST = 12
"""Columns of text that a name has at least, where others can be left out for it."""
BETWEEN, EDGES = 2, 2
"""Blanks between two columns, and at the two ends of a line."""
ELLIPSIS = "..."


@dataclass(frozen=True)
class Fit:
    """Which columns are shown, by position, and the ``width`` of those that may wrap."""

    shown: tuple[int, ...]
    width: dict[int, int]

    def text(self, position: int, cell: str) -> str:
        """Return a cell with no word longer than its column."""
        width = self.width.get(position)
        return cell if width is None else " ".join(cut_word(word, width) for word in cell.split(" "))


def fit(header: Sequence[str], rows: Sequence[Sequence[str]], width: int, optional: Sequence[str]) -> Fit:
    """Return how a table fits ``width`` columns of text. ``optional``: headers of columns to leave out first."""
    shown = list(range(len(header)))
    longest = [max(len(text) for text in (header[n], *(row[n] for row in rows))) for n in shown]
    words = [
        max((len(word) for text in (header[n], *(row[n] for row in rows)) for word in text.split(" ")), default=0)
        for n in shown
    ]
    names = [n for n in shown if longest[n] > NAME]
    left_out = [header.index(name) for name in optional if name in header]

    def available() -> int:
        fixed = sum(longest[n] for n in shown if n not in names)
        return width - EDGES - BETWEEN * (len(shown) - 1) - fixed

    while left_out and available() < sum(max(LEAST, words[n]) for n in names):
        shown.remove(left_out.pop(0))
    return Fit(tuple(shown), _shares({n: longest[n] for n in names}, available()))


def _shares(needed: dict[int, int], available: int) -> dict[int, int]:
    """Return the widths of columns that together have ``available``: what they need, or an equal part of the rest."""
    shares = {}
    for left, (n, need) in zip(
        range(len(needed), 0, -1), sorted(needed.items(), key=lambda item: item[1]), strict=True
    ):
        shares[n] = max(min(need, available // left), len(ELLIPSIS) + 2)
        available -= shares[n]
    return shares


def cut_word(word: str, width: int) -> str:
    """Return a word of at most ``width`` characters: beginning and end of a longer one."""
    if len(word) <= width:
        return word
    kept = width - len(ELLIPSIS)
    end = kept // 2
    return f"{word[: kept - end]}{ELLIPSIS}{word[len(word) - end :]}"
