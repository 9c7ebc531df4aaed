"""How a quoted table is written: separator, quotes, escapes."""

import csv
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from seedbed.data.text_files import LINE_BYTES

if TYPE_CHECKING:
    from _csv import Reader

SEPARATORS = {"comma": ",", "tab": "\t", "semicolon": ";"}
ESCAPES = {"": "", "backslash": "\\"}


@dataclass(frozen=True)
class CsvDialect:
    """How a table is written; ``separator`` and ``escape`` by their names."""

    separator: str = "comma"
    quotes: bool = True
    escape: str = ""
    header: bool = True

    def parsed(self, lines: Iterable[str]) -> "Reader":
        """The rows of these lines."""
        escape = ESCAPES[self.escape]
        if escape:  # before other characters it is one itself, as in Spark; Python's csv would drop it
            special = re.escape(f'{escape}"{SEPARATORS[self.separator]}\r\n')
            alone = re.compile(rf"{re.escape(escape)}(?:([{special}])|)")
            lines = (alone.sub(lambda found: found[0] if found[1] else escape * 2, line) for line in lines)
        return csv.reader(
            lines, delimiter=SEPARATORS[self.separator], escapechar=escape or None, strict=True,
            quoting=csv.QUOTE_MINIMAL if self.quotes else csv.QUOTE_NONE,
        )  # fmt: skip


_LIMITS: list[int] = []
"""Field limits before each reader that is open now: the limit is one for the process, and readers may overlap."""


@contextmanager
def any_length() -> Iterator[None]:
    """A review may be longer than the 128 KiB that Python allows a field."""
    _LIMITS.append(csv.field_size_limit(min(sys.maxsize, LINE_BYTES)))
    try:
        yield
    finally:
        first = _LIMITS[0]
        _LIMITS.pop()
        if not _LIMITS:
            csv.field_size_limit(first)
