"""Readers of labelled files. Each class is a file format and its settings; ``read`` returns raw examples."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from seedbed.data.column_layout import Layout
from seedbed.data.compressed_files import SUFFIXES
from seedbed.data.conll_files import sentences
from seedbed.data.raw_example import RawExample
from seedbed.data.tag_names import TagNames, feature_files
from seedbed.data.tag_settings import TagSettings
from seedbed.data.text_files import check_encoding, lines, streamed
from seedbed.errors import InputError
from seedbed.label_sets import LabelSet, Target
from seedbed.readable import parse_json


def choose(key: str, value: object, valid: tuple[str, ...]) -> None:
    """Raise InputError where a reader's setting is not one of its valid values."""
    if value not in valid:
        raise InputError(f"dataset.reader.{key}={value}: choose {', '.join(valid)}")


@dataclass(frozen=True)
class Columns(TagSettings):
    """One token per line with its columns, a blank line between sentences (CoNLL); see ``conll_files`` for other lines.

    ``token_column`` and ``tag_column`` count from 0, or from the end with -1 for the last. ``separator``:
    ``whitespace`` (spaces and tabs; tabs alone where columns hold spaces and each row has a tab) or ``tab``. Rows of
    uneven width are refused unless ``uneven``.
    """

    token_column: int = 0
    tag_column: int = -1
    separator: str = "whitespace"
    uneven: bool = False
    encoding: str = "utf-8"
    task: ClassVar[str] = "tagging"
    line_per_token: ClassVar[bool] = True
    LATER: ClassVar[tuple[str, ...]] = (*TagSettings.LATER, "uneven")

    def __post_init__(self):
        super().__post_init__()
        choose("separator", self.separator, ("whitespace", "tab"))
        check_encoding(self.encoding)

    def read(self, path: Path) -> Iterator[RawExample]:
        """Return the sentences of a file; raises InputError."""
        layout = Layout(path, self.token_column, self.tag_column, self.separator, self.uneven)
        examples = sentences(lines(path, self.encoding), layout)
        return self.named(examples, path)


@dataclass(frozen=True)
class ClassFiles:
    """One text per line, all of one class: the name of the file (``rt-polarity.neg``)."""

    encoding: str = "utf-8"
    task: ClassVar[str] = "classification"

    def __post_init__(self):
        check_encoding(self.encoding)

    def read(self, path: Path) -> Iterator[RawExample]:
        """Return the texts of a file; raises InputError."""
        label = path.stem if path.suffix in SUFFIXES else path.name
        for number, line in enumerate(lines(path, self.encoding), 1):
            yield RawExample(line, label, number)


@dataclass(frozen=True)
class LabelLines:
    """``label text`` per line, separated by the first space or tab."""

    encoding: str = "utf-8"
    task: ClassVar[str] = "classification"

    def __post_init__(self):
        check_encoding(self.encoding)

    def read(self, path: Path) -> Iterator[RawExample]:
        """Return the texts of a file; raises InputError."""
        for number, line in enumerate(lines(path, self.encoding), 1):
            if not line.strip(" \t"):
                continue
            parts = re.split(r"[ \t]", line, maxsplit=1)
            if len(parts) < 2 or not parts[0]:
                raise InputError(f"{path}:{number}: too few columns: no text after the label in {line[:40]!r}")
            yield RawExample(parts[1], parts[0], number)


@dataclass(frozen=True)
class JsonLines(TagSettings):
    """One JSON object per line: keys ``text`` and ``label``, or, for tagging, lists under ``tokens`` and ``tags``.

    A list under ``label`` is a set of labels, for ``dataset.task=multilabel``; an empty one says that the text has none
    of them, and is no unlabelled text, which has null or no such key. ``id`` is used where a line has it. Empty
    ``tags`` means classification. Tags that are integers are named by ``tag_names``, or by the features that Hugging
    Face ``datasets`` wrote to the same folder.
    """

    text: str = "text"
    label: str = "label"
    id: str = "id"
    tokens: str = ""
    tags: str = ""
    encoding: str = "utf-8"

    def __post_init__(self):
        super().__post_init__()
        check_encoding(self.encoding)
        if self.tags and not self.tokens:
            raise InputError(f"dataset.reader.tokens: must be set with dataset.reader.tags={self.tags}")

    @property
    def task(self) -> str:
        """``tagging`` where ``tags`` is set, else ``classification``."""
        return "tagging" if self.tags else "classification"

    @property
    def tagging_hint(self) -> str:
        """What to set so that the reader reads tags."""
        return f" (it reads tags with {_READS_TAGS})"

    def read(self, path: Path) -> Iterator[RawExample]:
        """Return the examples of a file; raises InputError."""
        names = TagNames(self.tag_names, path, self.tags)
        key, without, some_have = self.tags or self.label, None, False
        for number, line in enumerate(lines(path, self.encoding), 1):
            if not line.strip():
                continue
            where = f"{path}:{number}"
            row = _object(line, where)
            words = self._words(row, where)
            target: Target
            if row.get(key) is None:  # no key, or null
                expected, setting = ("a list of tags", "tags") if self.tags else ("a label", "label")
                without = without or _wrong_value(row, key, None, where, expected, setting)
                target = ()
            elif self.tags:
                target = names.of(_list(row, self.tags, where, (str, int), "strings or whole numbers"), where)
            elif isinstance(row[key], list):
                target = _label_set(row, key, where)
            else:
                target = _string(row, self.label, where, "label").strip()
            some_have = some_have or bool(target)
            if isinstance(target, tuple) and target and len(words) != len(target):
                raise InputError(f"{where}: {len(words)} tokens but {len(target)} tags")
            row_id = row.get(self.id) if self.id else None
            yield RawExample(words, target, number, None if row_id is None else str(row_id))
        if without and not some_have:
            raise without

    def words(self, path: Path) -> Iterator[str | tuple[str, ...]]:
        """Yield the texts of an unlabelled file; raises InputError."""
        for number, line in enumerate(streamed(path, self.encoding), 1):
            if line.strip():
                where = f"{path}:{number}"
                yield self._words(_object(line, where), where)

    def _words(self, row: dict, where: str) -> str | tuple[str, ...]:
        return tuple(_list(row, self.tokens, where)) if self.tokens else _string(row, self.text, where, "text")

    def extra_files(self, path: Path) -> list[Path]:
        """Return the files next to a data file that name its tags."""
        return [*super().extra_files(path), *(feature_files(path) if self.tags and not self.tag_names else [])]


_READS_TAGS = "dataset.reader.tokens=KEY dataset.reader.tags=KEY dataset.task=tagging"
"""The settings by which `JsonLines` reads tags."""


def _object(line: str, where: str) -> dict:
    if line.strip() in ("[", "{"):
        what, program = ("array", ".[]") if line.strip() == "[" else ("object over several lines", ".")
        raise InputError(f"{where}: a JSON {what}, not JSON lines; {_one_a_line(program)}")
    row = parse_json(line, where)
    if not isinstance(row, dict):
        if line.startswith("["):
            raise InputError(f"{where}: a JSON array, not JSON lines; {_one_a_line('.[]')}")
        raise InputError(f"{where}: not a JSON object")
    return row


def _one_a_line(program: str) -> str:
    """Return how to make JSON lines of other JSON; ``program``: of the tool jq."""
    return f"write each object on a line of its own: jq -c '{program}' FILE > FILE.jsonl"


def _string(row: dict, key: str, where: str, setting: str) -> str:
    value = row.get(key)
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise _wrong_value(row, key, value, where, "a string or whole number", setting)
    return str(value)


def _list(row: dict, key: str, where: str, kinds: tuple[type, ...] = (str,), expected: str = "strings") -> list:
    value = row.get(key)
    if not isinstance(value, list):
        raise _wrong_value(row, key, value, where, f"a list of {expected}")
    if unfit := [item for item in value if type(item) not in kinds]:
        raise InputError(f"{where}: {key!r} holds {_shown(unfit[0])}, where {expected} are needed")
    if "" in value:
        raise InputError(f"{where}: number {value.index('') + 1} of {key!r} is empty")
    return value


def _label_set(row: dict, key: str, where: str) -> LabelSet:
    labels = [str(label).strip() for label in _list(row, key, where, (str, int), "strings or whole numbers")]
    if "" in labels:
        raise InputError(f"{where}: number {labels.index('') + 1} of {key!r} is empty")
    return LabelSet.of(labels)


def _wrong_value(row: dict, key: str, value: object, where: str, expected: str, setting: str = "") -> InputError:
    """Return the error of a row without the value; ``setting``: of the reader, which names the key."""
    if key in row:
        return InputError(f"{where}: no key {key!r} with {expected}: it is {_shown(value)}")
    choose = f": choose one by dataset.reader.{setting}=KEY" if setting and row else ""
    if setting == "text" and sum(isinstance(content, list) for content in row.values()) > 1:
        choose += f"; lists of words and of tags are read with {_READS_TAGS}"
    return InputError(f"{where}: no key {key!r} with {expected}; there are {', '.join(row) or 'none'}{choose}")


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 40 else f"{text[:40]}..."
