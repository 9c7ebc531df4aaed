"""CsvTable tables (CSV, TSV): rows as wide as their header, and no quote that swallows the rows behind it."""

import csv
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import accumulate, chain, islice
from operator import itemgetter
from pathlib import Path
from typing import NoReturn

from seedbed.data.csv_dialect import ESCAPES, SEPARATORS, CsvDialect, any_length
from seedbed.data.text_files import LINE_BYTES
from seedbed.data.unclosed_quotes import SuspectRow, confirmed, looks_swallowed, quoted_fields
from seedbed.errors import InputError

NULL = r"\N"
"""Where a backslash escapes, what MySQL and Postgres write for no value."""


class CsvTable:
    """A quoted table; ``lines`` gives its lines, ended, from the first one. ``names``: of its columns.

    Without a header the names are numbers from 0; an empty file has none. Raises InputError.
    """

    def __init__(self, path: Path, lines: Callable[[], Iterable[str]], form: CsvDialect):
        self.path, self.lines, self.form = path, lines, form
        self._doubts: list[SuspectRow] = []
        self._rows = self._parsed()
        first = next(self._rows, (0, []))
        self.width = len(first[1])
        self.names = first[1] if form.header else [str(number) for number in range(self.width)]
        if not form.header and first[1]:
            self._rows = chain([first], self._rows)

    def columns(self, names: Sequence[str], labelled: bool = True) -> Iterator[tuple[int, tuple[str, ...]]]:
        """These columns of each row, and the line where it begins: first the text, then its label if it has one."""
        at = [self._at(name) for name in names]
        pick = itemgetter(*at) if len(at) > 1 else lambda row: (row[at[0]],)
        for number, row in self._rows:
            found = pick(row)
            if self.form.escape and NULL in found:
                raise InputError(
                    f"{self.path}:{number}: column {names[found.index(NULL)]!r} is {NULL} (null) in this row"
                )
            yield number, found
        sign = SEPARATORS[self.form.separator]
        label = at[1] if labelled else None
        doubt = confirmed(self._doubts, self._again(), at[0], label, sign) if self._doubts else None
        if doubt:
            raise InputError(
                f"{self.path}:{doubt.line}: the quote that opens here takes in lines that look like rows, up to line "
                f"{doubt.end}; dataset.reader.quotes=false takes quotes for characters like others"
            )

    def _at(self, name: str) -> int:
        if not self.form.header and not name.isdecimal():
            raise InputError(f"dataset.reader: column {name!r} must be a number from 0, as header=false")
        if name not in self.names:
            there = ", ".join(self.names)[:200]
            raise InputError(f"{self.path}:1: no column {name!r}; there are {there}{self._other_separator()}")
        if self.names.count(name) > 1:
            raise InputError(f"{self.path}:1: the column {name!r} is there {self.names.count(name)} times; rename one")
        return self.names.index(name)

    def _other_separator(self) -> str:
        """What to set where the only column holds another separator."""
        other = [key for key, sign in SEPARATORS.items() if self.width == 1 and sign in self.names[0]]
        return f"; did you mean dataset.reader.separator={other[0]}?" if other else ""

    def _parsed(self) -> Iterator[tuple[int, list[str]]]:
        """The rows, all of one width, and the line where each begins; blank lines are left out."""
        held: list[str] = []

        def kept() -> Iterator[str]:
            for line in self.lines():
                held.append(line)
                yield line

        table = self.form.parsed(kept())
        width, separator = 0, SEPARATORS[self.form.separator]
        with any_length():
            try:
                for row in table:
                    if len(row) != width and row:
                        if width:
                            self._refuse_width(table.line_num - len(held) + 1, row, held)
                        width = len(row)
                    if len(held) > 1:
                        begin = table.line_num - len(held) + 1
                        if self.form.quotes and width > 1 and looks_swallowed(held, separator, width):
                            self._doubts.append(
                                SuspectRow(begin + self._opening(held, first=True), table.line_num, tuple(held))
                            )
                        yield begin, row
                    elif row:
                        yield table.line_num, row
                    held.clear()
            except csv.Error as error:
                self._refuse_quotes(error, table.line_num - len(held) + 1, held)

    def _refuse_width(self, line: int, row: list[str], held: list[str]) -> NoReturn:
        above = f"under a header of {self.width}" if self.form.header else f"where the first row has {self.width}"
        raise InputError(f"{self.path}:{line}: {_counted(len(row))} {above}; {self._why(row, held)}")

    def _why(self, row: list[str], held: list[str]) -> str:
        """Why a row may have another width, and what to do."""
        sign, text = self.form.separator, "".join(held)
        if not self.form.escape and text.rstrip("\r\n").endswith("\\"):
            return "where \\ stands before a line end of the text: dataset.reader.escape=backslash"
        if len(row) < self.width:
            return f"a row cut short, a line end without quotes around its text, or not dataset.reader.separator={sign}"
        if not self.form.escape and f"\\{SEPARATORS[sign]}" in text:
            return f"where \\ stands before a {sign} of the text: dataset.reader.escape=backslash"
        if not self.form.quotes and '"' in text:
            return f"where quotes stand around a text with a {sign}: dataset.reader.quotes=true"
        quotes = f"a text with a {sign} in it needs quotes around it"
        return self._why_all(quotes) or f"{quotes}, or the file another dataset.reader.separator"

    def _why_all(self, quotes: str) -> str:
        """Why every row may have one column more than the header; empty where not every one has."""
        if not self.form.header or any(len(own) != self.width + 1 for own in self._again()):
            return ""
        if not any(own[-1] for own in self._again()):
            return f"every row ends in a {self.form.separator}, and the header does not: add one to the header"
        names = [own[0] for own in self._again()]
        if len(set(names)) < len(names):
            return ""
        return (
            "every row has one more, so its first column seems to be row names without a name: write the table without "
            "them (R: row.names=FALSE, pandas: index=False), or name that column in the header"
        ) + f"; or {quotes}" * any(" " in name for name in names)

    def _again(self) -> Iterator[list[str]]:
        """All rows once more, of whatever width, without the header; they end before one that cannot be parsed."""
        with any_length(), suppress(csv.Error):
            yield from islice(filter(None, self.form.parsed(self.lines())), int(self.form.header), None)

    def _opening(self, held: list[str], first: bool = False) -> int:
        """In which of these lines the last quoted field opens, or the first that has a line end."""
        text = "".join(held)
        found = [
            begin
            for begin, end in quoted_fields(text, SEPARATORS[self.form.separator], ESCAPES[self.form.escape])
            if not first or "\n" in text[begin:end] or "\r" in text[begin:end]
        ]
        return bisect_right(list(accumulate(map(len, held))), found[0 if first else -1]) if found else 0

    def _refuse_quotes(self, error: csv.Error, begin: int, held: list[str]) -> NoReturn:
        text, line = "".join(held), begin + self._opening(held)
        if "field limit" in str(error):
            raise InputError(f"{self.path}:{line}: a field of more than {LINE_BYTES >> 20} MB") from error
        if '"' not in text or not self.form.quotes:
            raise InputError(f"{self.path}:{line}: not a table: {error}") from error
        ends = (
            "is never closed"
            if "end of data" in str(error)
            else f"closes inside a text, in line {begin + len(held) - 1}"
        )
        escaped = not self.form.escape and '\\"' in text
        what = 'where \\" stands for a quote: dataset.reader.escape=backslash' if escaped else (
            "dataset.reader.quotes=false takes quotes for characters like others")  # fmt: skip
        raise InputError(f"{self.path}:{line}: the quote that opens here {ends}; {what}") from error


def _counted(number: int) -> str:
    return f"{number} column{'s' * (number != 1)}"
