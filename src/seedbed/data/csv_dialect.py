"""Dialect of a CSV table: separator, quotes, escapes."""

import csv
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from seedbed.limits import LINE_BYTES

if TYPE_CHECKING:
    from _csv import Reader

SEPARATORS = {"comma": ",", "tab": "\t", "semicolon": ";"}
SIGNS = {sign: name for name, sign in SEPARATORS.items()} | {r"\t": "tab"}
"""The name of a separator by the sign itself."""
LABEL_SEPARATORS = {**SEPARATORS, "pipe": "|", "space": " "}
"""What may stand between the labels of a cell, by name; any other text stands for itself."""
ESCAPES = {"": "", "backslash": "\\"}


@dataclass(frozen=True)
class CsvDialect:
    """Dialect of a table; ``separator`` and ``escape`` by name."""

    separator: str = "comma"
    quotes: bool = True
    escape: str = ""
    header: bool = True

    def parse(self, lines: Iterable[str]) -> "Reader":
        """Return a reader of the rows of these lines."""
        escape = ESCAPES[self.escape]
        if escape:  # before other characters it is a character itself, as in Spark; csv would drop it
            special = re.escape(f'{escape}"{SEPARATORS[self.separator]}\r\n')
            escaped = re.compile(rf"{re.escape(escape)}(?:([{special}])|)")
            lines = (escaped.sub(lambda match: match[0] if match[1] else escape * 2, line) for line in lines)
        return csv.reader(
            lines, delimiter=SEPARATORS[self.separator], escapechar=escape or None, strict=True,
            quoting=csv.QUOTE_MINIMAL if self.quotes else csv.QUOTE_NONE,
        )  # fmt: skip


_LIMITS: list[int] = []
"""Field limits before each reader that is open now: the limit is one for the process, and readers may overlap."""


@contextmanager
def unlimited_fields() -> Iterator[None]:
    """Allow fields above Python's limit of 128 KiB, as for long reviews."""
    _LIMITS.append(csv.field_size_limit(min(sys.maxsize, LINE_BYTES)))
    try:
        yield
    finally:
        first = _LIMITS[0]
        _LIMITS.pop()
        if not _LIMITS:
            csv.field_size_limit(first)
