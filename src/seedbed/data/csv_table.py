"""CSV and TSV tables: rows must have the width of the header; unclosed quotes are detected."""

import csv
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import accumulate, chain, islice, zip_longest
from operator import itemgetter
from pathlib import Path
from typing import NoReturn

from seedbed.data.csv_dialect import ESCAPES, SEPARATORS, CsvDialect, unlimited_fields
from seedbed.data.unclosed_quotes import SuspectRow, find_merged_row, looks_merged, quoted_fields
from seedbed.errors import InputError
from seedbed.limits import COLUMNS, LINE_BYTES

ROW_LINES = 100_000
"""Of a row with line ends in its texts: all are in memory at once."""

TOO_MANY = f"more than {ROW_LINES:,} lines"

NULL = r"\N"
"""Null, as MySQL and Postgres write it where a backslash escapes."""


class CsvTable:
    """A CSV table; ``lines`` returns its lines with line ends, from the start. ``names``: its column names.

    Without a header the names are numbers from 0; an empty file has none. Raises InputError.
    """

    def __init__(self, path: Path, lines: Callable[[], Iterable[str]], dialect: CsvDialect):
        self.path, self.lines, self.dialect = path, lines, dialect
        self._suspects: list[SuspectRow] = []
        self._rows = self._parsed()
        first = next(self._rows, (0, []))
        self.width = len(first[1])
        if self.width > COLUMNS:
            raise InputError(f"{path}:1: {self.width:,} columns; at most {COLUMNS:,} are read")
        self.names = first[1] if dialect.header else [str(number) for number in range(self.width)]
        if not dialect.header and first[1]:
            self._rows = chain([first], self._rows)

    def columns(
        self, names: Sequence[str], labelled: bool = True, keys: Sequence[str] = ()
    ) -> Iterator[tuple[int, tuple[str, ...]]]:
        """Yield the first line and these columns of each row: the text column, then the label if ``labelled``.

        ``keys``: the settings of the reader that name the columns, for messages.
        """
        positions = [self._position(name, key) for name, key in zip_longest(names, keys[: len(names)], fillvalue="")]
        pick = itemgetter(*positions) if len(positions) > 1 else lambda row: (row[positions[0]],)
        for number, row in self._rows:
            cells = pick(row)
            if self.dialect.escape and NULL in cells:
                if labelled:  # a label may be null
                    cells = tuple("" if at == 1 and cell == NULL else cell for at, cell in enumerate(cells))
                if NULL in cells:
                    column = names[cells.index(NULL)]
                    raise InputError(f"{self.path}:{number}: column {column!r} is {NULL} (null) in this row")
            yield number, cells
        sign = SEPARATORS[self.dialect.separator]
        label = positions[1] if labelled else None
        suspect = find_merged_row(self._suspects, self._reread(), positions[0], label, sign) if self._suspects else None
        if suspect:
            raise InputError(
                f"{self.path}:{suspect.line}: the quote that opens here takes in lines that look like rows, up to line "
                f"{suspect.end}; dataset.reader.quotes=false takes quotes for characters like others"
            )

    def _position(self, name: str, key: str) -> int:
        setting = f"dataset.reader{key and f'.{key}'}"
        if not self.dialect.header and not name.isdecimal():
            raise InputError(f"{setting}: column {name!r} must be a number from 0, as header=false")
        if name not in self.names:
            separator = self._other_separator()
            raise InputError(no_column(f"{self.path}:1", name, self.names, "" if separator else key) + separator)
        if self.names.count(name) > 1:
            raise InputError(f"{self.path}:1: the column {name!r} is there {self.names.count(name)} times; rename one")
        return self.names.index(name)

    def _other_separator(self) -> str:
        """Return the setting to change where the only column contains another separator."""
        matches = [key for key, sign in SEPARATORS.items() if self.width == 1 and sign in self.names[0]]
        return f"; did you mean dataset.reader.separator={matches[0]}?" if matches else ""

    def _parsed(self) -> Iterator[tuple[int, list[str]]]:
        """Yield the rows, all of one width, with their first line; blank lines are skipped."""
        row_lines: list[str] = []

        def recorded_lines() -> Iterator[str]:
            for line in self.lines():
                row_lines.append(line)
                if len(row_lines) > ROW_LINES:
                    raise csv.Error(TOO_MANY)
                yield line

        table = self.dialect.parse(recorded_lines())
        width, separator = 0, SEPARATORS[self.dialect.separator]
        with unlimited_fields():
            try:
                for row in table:
                    if len(row) != width and row:
                        if width:
                            self._refuse_width(table.line_num - len(row_lines) + 1, row, row_lines)
                        width = len(row)
                    if len(row_lines) > 1:
                        begin = table.line_num - len(row_lines) + 1
                        if self.dialect.quotes and width > 1 and looks_merged(row_lines, separator, width):
                            self._suspects.append(
                                SuspectRow(
                                    begin + self._opening_line(row_lines, first=True), table.line_num, tuple(row_lines)
                                )
                            )
                        yield begin, row
                    elif row:
                        yield table.line_num, row
                    row_lines.clear()
            except csv.Error as error:
                self._refuse_quotes(error, table.line_num - len(row_lines) + 1, row_lines)

    def _refuse_width(self, line: int, row: list[str], row_lines: list[str]) -> NoReturn:
        expected = f"under a header of {self.width}" if self.dialect.header else f"where the first row has {self.width}"
        raise InputError(f"{self.path}:{line}: {_counted(len(row))} {expected}; {self._width_cause(row, row_lines)}")

    def _width_cause(self, row: list[str], row_lines: list[str]) -> str:
        """Return the likely cause of a row of another width, and what to do."""
        sign, text = self.dialect.separator, "".join(row_lines)
        if not self.dialect.escape and text.rstrip("\r\n").endswith("\\"):
            return "where \\ stands before a line end of the text: dataset.reader.escape=backslash"
        if len(row) < self.width:
            return f"a row cut short, a line end without quotes around its text, or not dataset.reader.separator={sign}"
        if not self.dialect.escape and f"\\{SEPARATORS[sign]}" in text:
            return f"where \\ stands before a {sign} of the text: dataset.reader.escape=backslash"
        if not self.dialect.quotes and '"' in text:
            return f"where quotes stand around a text with a {sign}: dataset.reader.quotes=true"
        quotes = f"a text with a {sign} in it needs quotes around it"
        return self._width_cause_of_all(quotes) or f"{quotes}, or the file another dataset.reader.separator"

    def _width_cause_of_all(self, quotes: str) -> str:
        """Return the likely cause if every row has one column more than the header; else an empty string."""
        if not self.dialect.header or any(len(row) != self.width + 1 for row in self._reread()):
            return ""
        if not any(row[-1] for row in self._reread()):
            return f"every row ends in a {self.dialect.separator}, and the header does not: add one to the header"
        names = [row[0] for row in self._reread()]
        if len(set(names)) < len(names):
            return ""
        return (
            "every row has one more, so its first column seems to be row names without a name: write the table without "
            "them (R: row.names=FALSE, pandas: index=False), or name that column in the header"
        ) + f"; or {quotes}" * any(" " in name for name in names)

    def _reread(self) -> Iterator[list[str]]:
        """Yield all rows again, of any width, without the header, up to a row that cannot be parsed."""
        with unlimited_fields(), suppress(csv.Error):
            yield from islice(filter(None, self.dialect.parse(self.lines())), int(self.dialect.header), None)

    def _opening_line(self, row_lines: list[str], first: bool = False) -> int:
        """Return the index of the line where the last quoted field opens, or the first one with a line end."""
        text = "".join(row_lines)
        openings = [
            begin
            for begin, end in quoted_fields(text, SEPARATORS[self.dialect.separator], ESCAPES[self.dialect.escape])
            if not first or "\n" in text[begin:end] or "\r" in text[begin:end]
        ]
        return bisect_right(list(accumulate(map(len, row_lines))), openings[0 if first else -1]) if openings else 0

    def _refuse_quotes(self, error: csv.Error, begin: int, row_lines: list[str]) -> NoReturn:
        text, line = "".join(row_lines), begin + self._opening_line(row_lines)
        if str(error) == TOO_MANY:
            raise InputError(
                f"{self.path}:{line}: the quote that opens here takes in {TOO_MANY}; dataset.reader.quotes=false takes "
                "quotes for characters like others"
            ) from error
        if "field limit" in str(error):
            raise InputError(f"{self.path}:{line}: a field of more than {LINE_BYTES >> 20} MB") from error
        if '"' not in text or not self.dialect.quotes:
            raise InputError(f"{self.path}:{line}: not a table: {error}") from error
        ends = (
            "is never closed"
            if "end of data" in str(error)
            else f"closes inside a text, in line {begin + len(row_lines) - 1}"
        )
        escaped = not self.dialect.escape and '\\"' in text
        advice = 'where \\" stands for a quote: dataset.reader.escape=backslash' if escaped else (
            "dataset.reader.quotes=false takes quotes for characters like others")  # fmt: skip
        raise InputError(f"{self.path}:{line}: the quote that opens here {ends}; {advice}") from error


def no_column(where: str, name: str, names: Sequence[str], key: str) -> str:
    """Return the message for a column that a table lacks; ``key``: the setting of the reader that names it."""
    choose = f": choose one by dataset.reader.{key}=COLUMN" if key else ""
    return f"{where}: no column {name!r}; there are {', '.join(names)[:200]}{choose}"


def _counted(number: int) -> str:
    return f"{number} column{'s' * (number != 1)}"
