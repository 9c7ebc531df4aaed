"""Detect a quote character in a text that was parsed as an opening quote and merged the rows after it.

A quoted field may well have line ends, as reviews do. Merged rows are recognized so: without quotes each of its lines
would be a row of the table, with as many columns, and with the label of another, or values like others'.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

MOST_VALUES = 1000
"""Different values of a column that are kept: one with more has no set of them."""


@dataclass(frozen=True)
class SuspectRow:
    """A row of several ``lines``; the quote opens in line ``line`` of the file, and the row ends in line ``end``."""

    line: int
    end: int
    lines: tuple[str, ...]


def quoted_fields(text: str, separator: str, escape: str) -> Iterator[tuple[int, int]]:
    """Where each quoted field of a row begins and ends; one that is never closed ends with the text."""
    escaped = rf"|{re.escape(escape)}." if escape else ""
    quoted = re.compile(rf'"(?:[^"{re.escape(escape)}]+|""{escaped})*(?:"|\Z)', re.DOTALL)
    rest = re.compile(rf"[^{re.escape(separator)}\r\n]*[{re.escape(separator)}\r\n]*")
    at = 0
    while at < len(text):
        field = quoted.match(text, at)
        if field:
            yield field.span()
            at = field.end()
        following = rest.match(text, at)
        at = max(following.end() if following else at, at + 1)


def looks_swallowed(lines: Sequence[str], separator: str, width: int) -> bool:
    """Whether all lines of one row have the separators of a whole one, or at least two of those inside it."""
    whole = [line.count(separator) == width - 1 for line in lines]
    return all(whole) or sum(whole[1:-1]) > 1


def confirmed(
    doubts: Sequence[SuspectRow], rows: Iterable[Sequence[str]], text: int, label: int | None, separator: str
) -> SuspectRow | None:
    """The first of the doubts whose lines are like ``rows``, all of the table: in the label, or in all but the text."""
    columns: dict[int, _Values] = {}
    for row in rows:
        for at in range(len(row)) if label is None else (label,):
            if at != text:
                columns.setdefault(at, _Values()).add(row[at])
    return next((doubt for doubt in doubts if _is_swallowed(doubt, columns, label is not None, separator)), None)


class _Values:
    """The values of a column."""

    def __init__(self):
        self.rows, self.different, self.numbers = 0, set(), True

    def add(self, value: str) -> None:
        self.rows += 1
        self.numbers = self.numbers and _is_number(value)
        if len(self.different) <= MOST_VALUES:
            self.different.add(value)

    def like(self, value: str, labels: bool) -> bool | None:
        """Whether another value would be like these; None where they are too different to say."""
        if value in self.different:
            return True
        if labels or len(self.different) <= min(MOST_VALUES, self.rows / 2):
            return False
        return _is_number(value) if self.numbers else None


def _is_swallowed(doubt: SuspectRow, columns: dict[int, _Values], labels: bool, separator: str) -> bool:
    """More than half of the lines, as one of a text may be like a row by chance, at its beginning or end.

    Texts have few tabs: three lines with all of a row are three rows.
    """
    like = [_is_row(line, columns, labels, separator) for line in doubt.lines]
    every = all(line.count(separator) == doubt.lines[0].count(separator) for line in doubt.lines)
    return sum(like[1:-1]) > 1 or (every and (2 * sum(like) > len(like) or (separator == "\t" and len(like) > 2)))


def _is_row(line: str, columns: dict[int, _Values], labels: bool, separator: str) -> bool:
    values = line.rstrip("\r\n").split(separator)
    if len(values) <= max(columns, default=0):
        return False
    said = [column.like(values[at], labels) for at, column in columns.items()]
    return False not in said and (True in said or separator == "\t")


def _is_number(value: str) -> bool:
    try:
        float(value)
    except ValueError:
        return False
    return True
