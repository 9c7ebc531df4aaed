"""The texts that ``seedbed predict`` reads, line by line."""

import csv
import sys
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import IO

from seedbed.data.csv_dialect import unlimited_fields
from seedbed.errors import InputError, one_line
from seedbed.limits import LINE_BYTES
from seedbed.readable import open_regular, parse_json

Row = str | list[str]
Rows = Iterator[Row]

INPUTS = ("lines", "csv", "jsonl", "conll")
_SUFFIXES = {
    ".csv": "csv", ".tsv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".conll": "conll", ".iob2": "conll",
    ".bio": "conll",
}  # fmt: skip
COLUMN = "text"
SEPARATORS = ",;\t|"
LONGEST_LINE = 10_000_000
"""Most characters of a line: a file without line breaks is not read into memory."""


def read_rows(name: str, reading: str, column: str | None = None) -> Rows:
    """Yield the texts of a file, or of standard input (``-``): strings, or lists of tokens.

    ``reading``: one of `INPUTS`; by default what the name of the file says. ``column``: of the texts in a table, by
    default `COLUMN`. Raises InputError with the line, or for a column of what is no table.
    """
    how = reading or _SUFFIXES.get(Path(name).suffix.lower(), "lines")
    where = "standard input" if name == "-" else name
    if column is not None and how != "csv":
        raise InputError(f"column={column}: {where} is read as {how}; reading=csv reads a table")
    if how == "csv":
        return _in_column(_lines(name), where, COLUMN if column is None else column)
    return _READERS[how](_lines(name), where)


def _lines(name: str) -> Iterator[str]:
    where = "standard input" if name == "-" else name
    stream: IO[bytes] = sys.stdin.buffer if name == "-" else open_regular(Path(name).expanduser())
    with stream:
        number = 0
        while line := stream.readline(LONGEST_LINE):
            number += 1
            if len(line) == LONGEST_LINE and not line.endswith(b"\n"):
                raise InputError(f"{where}:{number}: a line of more than {LONGEST_LINE:,} bytes")
            try:
                text = line.decode("utf-8-sig" if number == 1 else "utf-8")
            except UnicodeDecodeError as error:
                raise InputError(f"{where}:{number}: not UTF-8: byte 0x{line[error.start]:02x}") from error
            yield text.rstrip("\r\n")


def _as_texts(lines: Iterator[str], where: str) -> Rows:
    yield from lines


def _in_column(lines: Iterator[str], where: str, column: str) -> Rows:
    """Yield the texts of a column of a table whose header tells the separator: the first one that makes a column so."""
    ended = (f"{line}\n" for line in lines)
    begun: list[str] = []  # lines of the header: several where a name has a line end
    line = 1
    with unlimited_fields():
        try:
            names = {sign: _header(ended, begun, sign) for sign in SEPARATORS}
            separator, header = next(
                ((sign, own) for sign, own in names.items() if column in own), ("", max(names.values(), key=len))
            )
            _check_column(header, column, where)
            table = csv.reader(chain(begun, ended), delimiter=separator, strict=True)
            next(table)
            line = table.line_num + 1
            for row in table:
                if row and len(row) != len(header):
                    raise InputError(f"{where}:{line}: {len(row)} columns, and the header has {len(header)}")
                if row:
                    yield row[header.index(column)]
                line = table.line_num + 1
        except csv.Error as error:
            raise InputError(f"{where}:{line}: {_cause(error)}") from error


def _header(ended: Iterator[str], begun: list[str], separator: str) -> list[str]:
    """Return the names that a separator makes of the first lines, which are added to ``begun``.

    Raises `csv.Error` where the lines are no table with any separator, such as a quote that is not closed.
    """

    def lines() -> Iterator[str]:
        yield from begun
        for line in ended:
            begun.append(line)
            yield line

    return next(csv.reader(lines(), delimiter=separator), [])


def _check_column(header: Sequence[str], column: str, where: str) -> None:
    if not header:
        raise InputError(f"{where}:1: the first line is empty: a table begins with the names of its columns")
    if column not in header:
        raise InputError(
            f"{where}:1: no column {column!r}; there are {', '.join(header)[:200]}: choose one by column=NAME, or "
            "reading=lines, where each line is a text"
        )
    if header.count(column) > 1:
        raise InputError(f"{where}:1: the column {column!r} is there {header.count(column)} times; rename one")


def _cause(error: csv.Error) -> str:
    """Return what is wrong in a row, and what to do."""
    if "field limit" in str(error):
        return f"a field of more than {LINE_BYTES >> 20} MB: is a quote not closed?"
    if "new-line character" in str(error):
        return "a carriage return outside of quotes: write line ends as \\n or \\r\\n"
    return f"{one_line(error)}: is a quote not closed?"


def _as_objects(lines: Iterator[str], where: str) -> Rows:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        value = parse_json(line, f"{where}:{number}")
        if isinstance(value, str):
            yield value
            continue
        found = value if isinstance(value, dict) else {}
        tokens, text = found.get("tokens"), found.get("text")
        if isinstance(tokens, list) and all(isinstance(token, str) for token in tokens):
            yield tokens
        elif isinstance(text, str):
            yield text
        else:
            raise InputError(f"{where}:{number}: no key 'text' with a string, nor 'tokens' with a list of strings")


def _as_columns(lines: Iterator[str], where: str) -> Rows:
    tokens: list[str] = []
    for line in lines:
        if line.strip():
            if not line.startswith("-DOCSTART-"):
                tokens.append(line.split()[0])
        elif tokens:
            yield tokens
            tokens = []
    if tokens:
        yield tokens


_READERS: dict[str, Callable[[Iterator[str], str], Rows]] = {
    "lines": _as_texts,
    "jsonl": _as_objects,
    "conll": _as_columns,
}
