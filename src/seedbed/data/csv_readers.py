"""Readers of quoted tables: texts with labels, and the GMB corpus with its sentence column filled forward."""

import csv
import io
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import ClassVar

from seedbed.data.readers import Raw, choose
from seedbed.data.tags import SCHEMES
from seedbed.data.text_files import check_encoding, read_text, streamed
from seedbed.errors import InputError

SEPARATORS = {"comma": ",", "tab": "\t", "semicolon": ";"}


@dataclass(frozen=True)
class Table:
    """A CSV or TSV file with a text and a label a row.

    Columns are named as in the first line, or with ``header=false`` by their number from 0. ``where``: only rows with
    this value in that column, such as ``{source: imdb}``; an empty value means any. With ``quotes=false`` a quote
    character is a character like others.
    """

    text_column: str = "text"
    label_column: str = "label"
    id_column: str = ""
    where: dict[str, str] = field(default_factory=dict)
    separator: str = "comma"
    header: bool = True
    quotes: bool = True
    encoding: str = "utf-8"
    task: ClassVar[str] = "classification"

    def __post_init__(self):
        choose("separator", self.separator, tuple(SEPARATORS))
        check_encoding(self.encoding)

    def read(self, path: Path) -> Iterator[Raw]:
        """The rows of a file; raises InputError."""
        where = {str(column): str(value) for column, value in self.where.items() if value}
        wanted = [self.text_column, self.label_column, *where, *([self.id_column] if self.id_column else [])]
        table = rows(path, self.encoding, SEPARATORS[self.separator], self.quotes)
        at = _columns(path, wanted, table, self.header)
        width = 0
        own = at[-1] if self.id_column else None
        for number, row in table:
            _enough(path, number, row, at)
            width = width or len(row)
            if len(row) > width:
                raise InputError(f"{path}:{number}: {len(row)} columns, where there are {width} above")
            if all(row[column] == value for column, value in zip(at[2:], where.values(), strict=False)):
                label = row[at[1]].strip()
                if not label:
                    raise InputError(f"{path}:{number}: the label in column {self.label_column!r} is empty")
                yield Raw(row[at[0]], label, number, None if own is None else row[own])

    def words(self, path: Path) -> Iterator[str]:
        """The texts of a file without labels, one at a time; ``where`` as far as it has those columns."""
        separator = SEPARATORS[self.separator]
        table = _parsed(path, (f"{line}\n" for line in streamed(path, self.encoding)), separator, self.quotes)
        wanted, values = [self.text_column], []
        if self.header:
            first = next(table, (0, []))[1]
            if not first:
                return
            for column, value in self.where.items():
                if value and str(column) in first:
                    wanted.append(str(column))
                    values.append(str(value))
            table = chain([(1, first)], table)
        at = _columns(path, wanted, table, self.header)
        for number, row in table:
            _enough(path, number, row, at)
            if all(row[column] == value for column, value in zip(at[1:], values, strict=True)):
                yield row[at[0]]


@dataclass(frozen=True)
class Gmb:
    """A token a row; ``sentence_column`` has the sentence's name in its first row only and is filled forward."""

    sentence_column: str = "Sentence #"
    token_column: str = "Word"
    tag_column: str = "Tag"
    scheme: str = "auto"
    encoding: str = "latin-1"
    task: ClassVar[str] = "tagging"
    line_per_token: ClassVar[bool] = True

    def __post_init__(self):
        choose("scheme", self.scheme, SCHEMES)
        check_encoding(self.encoding)

    def read(self, path: Path) -> Iterator[Raw]:
        """The sentences of a file; raises InputError."""
        table = rows(path, self.encoding, ",", True)
        at = _columns(path, [self.sentence_column, self.token_column, self.tag_column], table, True)
        name, first = "", 0
        tokens: list[str] = []
        tags: list[str] = []
        for number, row in table:
            _enough(path, number, row, at)
            sentence, token, tag = (row[column] for column in at)
            if sentence and sentence != name:
                if tokens:
                    yield Raw(tuple(tokens), tuple(tags), first, name)
                name, first, tokens, tags = sentence, number, [], []
            if not name:
                raise InputError(
                    f"{path}:{number}: a token before the first sentence, in column {self.sentence_column!r}"
                )
            if not token or not tag:
                raise InputError(f"{path}:{number}: an empty token or tag")
            tokens.append(token)
            tags.append(tag)
        if tokens:
            yield Raw(tuple(tokens), tuple(tags), first, name)


def rows(path: Path, encoding: str, separator: str, quotes: bool) -> Iterator[tuple[int, list[str]]]:
    """The rows of a table with the line where each ends; blank lines are left out. Raises InputError."""
    yield from _parsed(path, io.StringIO(read_text(path, encoding), newline=""), separator, quotes)


def _parsed(path: Path, lines: Iterable[str], separator: str, quotes: bool) -> Iterator[tuple[int, list[str]]]:
    quoting = csv.QUOTE_MINIMAL if quotes else csv.QUOTE_NONE
    table = csv.reader(lines, delimiter=separator, quoting=quoting, strict=True)
    with _any_length():
        try:
            for row in table:
                if row:
                    yield table.line_num, row
        except csv.Error as error:
            raise InputError(f"{path}:{table.line_num}: not a table: {error}") from error


@contextmanager
def _any_length() -> Iterator[None]:
    """A review may be longer than the 128 KiB that Python allows a field."""
    before = csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _columns(path: Path, names: list[str], table: Iterator[tuple[int, list[str]]], header: bool) -> list[int]:
    if not header:
        for name in names:
            if not name.isdecimal():
                raise InputError(f"dataset.reader: column {name!r} must be a number from 0, as header=false")
        return [int(name) for name in names]
    first = next(table)[1]
    for name in names:
        if name not in first:
            raise InputError(f"{path}:1: no column {name!r}; there are {', '.join(first)[:200]}")
    return [first.index(name) for name in names]


def _enough(path: Path, number: int, row: list[str], at: list[int]) -> None:
    if len(row) <= max(at):
        raise InputError(f"{path}:{number}: too few columns: {len(row)}, at least {max(at) + 1} are needed")
