"""Readers: one file to its examples as they are written there. Each class is one file format and its settings."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

from seedbed.data.tags import SCHEMES
from seedbed.data.text_files import check_encoding, lines, streamed
from seedbed.errors import InputError


class Raw(NamedTuple):
    """An example as read: its text or its tokens, its label or its tags in the file's own scheme.

    ``id``: the set's own name for it, or None; ``line``: where it begins, from 1. Token ``n`` of a sentence that was
    read a token a line stands on line ``line + n``.
    """

    words: str | tuple[str, ...]
    target: str | tuple[str, ...]
    line: int
    id: str | None = None


def choose(key: str, value: Any, valid: tuple[str, ...]) -> None:
    """Raises InputError where a setting of a reader has none of its valid values."""
    if value not in valid:
        raise InputError(f"dataset.reader.{key}={value}: choose {', '.join(valid)}")


@dataclass(frozen=True)
class Columns:
    """A token a line with its columns, a blank line between sentences (CoNLL); lines of ``-DOCSTART-`` are skipped.

    ``token_column`` and ``tag_column`` count from 0, or from the end with -1 for the last. ``separator``:
    ``whitespace`` (spaces and tabs) or ``tab``.
    """

    token_column: int = 0
    tag_column: int = -1
    separator: str = "whitespace"
    scheme: str = "auto"
    encoding: str = "utf-8"
    task: ClassVar[str] = "tagging"
    line_per_token: ClassVar[bool] = True

    def __post_init__(self):
        choose("separator", self.separator, ("whitespace", "tab"))
        choose("scheme", self.scheme, SCHEMES)
        check_encoding(self.encoding)

    def read(self, path: Path) -> Iterator[Raw]:
        """The sentences of a file; raises InputError."""
        split = re.compile("\t" if self.separator == "tab" else r"[ \t]+").split
        edges = "" if self.separator == "tab" else " \t"
        sentence: list[tuple[str, str]] = []
        number = 0
        for number, line in enumerate(lines(path, self.encoding), 1):
            if not line.strip(" \t") or line.startswith("-DOCSTART-"):
                if sentence:
                    yield _sentence(sentence, number)
                    sentence = []
                continue
            columns = split(line.strip(edges) if edges else line)
            sentence.append(self._pick(columns, path, number))
        if sentence:
            yield _sentence(sentence, number + 1)

    def _pick(self, columns: list[str], path: Path, number: int) -> tuple[str, str]:
        have = len(columns)
        token, tag = (at if at >= 0 else have + at for at in (self.token_column, self.tag_column))
        if not (0 <= token < have and 0 <= tag < have) or token == tag:
            raise InputError(
                f"{path}:{number}: too few columns: {have}, for the token in column {self.token_column} "
                f"and the tag in column {self.tag_column}"
            )
        if not columns[token] or not columns[tag]:
            raise InputError(f"{path}:{number}: an empty token or tag")
        return columns[token], columns[tag]


def _sentence(rows: list[tuple[str, str]], end: int) -> Raw:
    tokens, tags = zip(*rows, strict=True)
    return Raw(tokens, tags, end - len(rows))


@dataclass(frozen=True)
class ClassFiles:
    """A text a line, all of one class, which is the name of the file (``rt-polarity.neg``)."""

    encoding: str = "utf-8"
    task: ClassVar[str] = "classification"

    def __post_init__(self):
        check_encoding(self.encoding)

    def read(self, path: Path) -> Iterator[Raw]:
        """The texts of a file; raises InputError."""
        label = path.name.removesuffix(".gz")
        for number, line in enumerate(lines(path, self.encoding), 1):
            yield Raw(line, label, number)


@dataclass(frozen=True)
class LabelLines:
    """``label text``, one a line, parted by the first space or tab."""

    encoding: str = "utf-8"
    task: ClassVar[str] = "classification"

    def __post_init__(self):
        check_encoding(self.encoding)

    def read(self, path: Path) -> Iterator[Raw]:
        """The texts of a file; raises InputError."""
        for number, line in enumerate(lines(path, self.encoding), 1):
            if not line.strip(" \t"):
                continue
            parts = re.split(r"[ \t]", line, maxsplit=1)
            if len(parts) < 2 or not parts[0]:
                raise InputError(f"{path}:{number}: too few columns: no text after the label in {line[:40]!r}")
            yield Raw(parts[1], parts[0], number)


@dataclass(frozen=True)
class JsonLines:
    """A JSON object a line: keys ``text`` and ``label``, or, for tagging, lists under ``tokens`` and ``tags``.

    ``id`` is used where a line has it. Empty ``tags`` means classification.
    """

    text: str = "text"
    label: str = "label"
    id: str = "id"
    tokens: str = ""
    tags: str = ""
    scheme: str = "auto"
    encoding: str = "utf-8"

    def __post_init__(self):
        choose("scheme", self.scheme, SCHEMES)
        check_encoding(self.encoding)
        if self.tags and not self.tokens:
            raise InputError(f"dataset.reader.tokens: must be set with dataset.reader.tags={self.tags}")

    @property
    def task(self) -> str:
        """What the keys are for."""
        return "tagging" if self.tags else "classification"

    def read(self, path: Path) -> Iterator[Raw]:
        """The examples of a file; raises InputError."""
        for number, line in enumerate(lines(path, self.encoding), 1):
            if not line.strip():
                continue
            where = f"{path}:{number}"
            row = _object(line, where)
            words = _strings(row, self.tokens, where) if self.tokens else _string(row, self.text, where)
            target = _strings(row, self.tags, where) if self.tags else _string(row, self.label, where).strip()
            if not target:
                raise InputError(f"{where}: the label {self.label!r} is empty")
            if self.tags and len(words) != len(target):
                raise InputError(f"{where}: {len(words)} tokens but {len(target)} tags")
            own = row.get(self.id) if self.id else None
            yield Raw(words, target, number, None if own is None else str(own))

    def words(self, path: Path) -> Iterator[str | tuple[str, ...]]:
        """The texts of a file without labels, one at a time; raises InputError."""
        for number, line in enumerate(streamed(path, self.encoding), 1):
            if line.strip():
                where = f"{path}:{number}"
                row = _object(line, where)
                yield _strings(row, self.tokens, where) if self.tokens else _string(row, self.text, where)


def _object(line: str, where: str) -> dict:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise InputError(f"{where}: not JSON: {error}") from error
    if not isinstance(row, dict):
        raise InputError(f"{where}: not a JSON object")
    return row


def _string(row: dict, key: str, where: str) -> str:
    value = row.get(key)
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise InputError(f"{where}: no key {key!r} with a string or whole number; there are {', '.join(row) or 'none'}")
    return str(value)


def _strings(row: dict, key: str, where: str) -> tuple[str, ...]:
    value = row.get(key)
    if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
        raise InputError(f"{where}: no key {key!r} with a list of strings; there are {', '.join(row) or 'none'}")
    return tuple(value)
