"""Detect a quote character in a text that was parsed as an opening quote and merged the rows after it.

A quoted field may contain line ends, as in reviews. Merged rows are recognized because, without quotes, each of their
lines is a row of the table: it has as many columns, and the label of another row, or similar values.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

MOST_VALUES = 1000
"""Limit of different values stored per column; a column with more has no set of values."""


@dataclass(frozen=True)
class SuspectRow:
    """A row of several ``lines``; the quote opens in line ``line`` of the file, and the row ends in line ``end``."""

    line: int
    end: int
    lines: tuple[str, ...]


def quoted_fields(text: str, separator: str, escape: str) -> Iterator[tuple[int, int]]:
    """Yield start and end of each quoted field of a row; a field that is never closed ends with the text."""
    escaped = rf"|{re.escape(escape)}." if escape else ""
    quoted = re.compile(rf'"(?:[^"{re.escape(escape)}]+|""{escaped})*(?:"|\Z)', re.DOTALL)
    unquoted = re.compile(rf"[^{re.escape(separator)}\r\n]*[{re.escape(separator)}\r\n]*")
    position = 0
    while position < len(text):
        field = quoted.match(text, position)
        if field:
            yield field.span()
            position = field.end()
        following = unquoted.match(text, position)
        position = max(following.end() if following else position, position + 1)


def looks_merged(lines: Sequence[str], separator: str, width: int) -> bool:
    """Return whether all lines of a row have the separators of a complete row, or at least two inner lines have."""
    complete = [line.count(separator) == width - 1 for line in lines]
    return all(complete) or sum(complete[1:-1]) > 1


def find_merged_row(
    suspects: Sequence[SuspectRow], rows: Iterable[Sequence[str]], text: int, label: int | None, separator: str
) -> SuspectRow | None:
    """Return the first suspect whose lines are like ``rows``, in the label, or in all columns but the text."""
    columns: dict[int, _Values] = {}
    for row in rows:
        for column in range(len(row)) if label is None else (label,):
            if column != text:
                columns.setdefault(column, _Values()).add(row[column])
    return next((suspect for suspect in suspects if _is_merged(suspect, columns, label is not None, separator)), None)


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
        """Return whether a value is like these; None where these are too different to decide."""
        if value in self.different:
            return True
        if labels or len(self.different) <= min(MOST_VALUES, self.rows / 2):
            return False
        return _is_number(value) if self.numbers else None


def _is_merged(suspect: SuspectRow, columns: dict[int, _Values], labels: bool, separator: str) -> bool:
    """Return whether more than half of the lines are rows: the first or last may look like one by chance.

    Texts have few tabs: three lines with all tabs of a row are three rows.
    """
    like = [_is_row(line, columns, labels, separator) for line in suspect.lines]
    same_width = all(line.count(separator) == suspect.lines[0].count(separator) for line in suspect.lines)
    return sum(like[1:-1]) > 1 or (same_width and (2 * sum(like) > len(like) or (separator == "\t" and len(like) > 2)))


def _is_row(line: str, columns: dict[int, _Values], labels: bool, separator: str) -> bool:
    values = line.rstrip("\r\n").split(separator)
    if len(values) <= max(columns, default=0):
        return False
    verdicts = [column.like(values[index], labels) for index, column in columns.items()]
    return False not in verdicts and (True in verdicts or separator == "\t")


def _is_number(value: str) -> bool:
    try:
        float(value)
    except ValueError:
        return False
    return True
