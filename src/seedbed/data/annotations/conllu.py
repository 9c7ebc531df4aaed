"""CoNLL-U: tags in any column, or in an attribute of the last one (MISC)."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from seedbed.data.conll_files import EMPTY_NODES, RANGES
from seedbed.data.raw_example import RawExample
from seedbed.data.readers import choose
from seedbed.data.tag_settings import TagSettings
from seedbed.data.text_files import check_encoding, streamed
from seedbed.errors import InputError

COLUMNS = ("id", "form", "lemma", "upos", "xpos", "feats", "head", "deprel", "deps", "misc")


@dataclass(frozen=True)
class ConllU(TagSettings):
    """CoNLL-U (Universal Dependencies v2): the tags of one column, or of one attribute of ``misc`` or ``feats``.

    ``column``: one of ``COLUMNS``. ``attribute``: such as ``NER`` of ``NER=B-PER|SpaceAfter=No``; a word without it is
    outside. Ids are those of ``# sent_id``. Words are the syntactic ones: ranges (``1-2``) and empty nodes (``8.1``)
    are left out and counted. Columns such as ``upos`` are tags of single words: set ``scheme=bare``.
    """

    column: str = "misc"
    attribute: str = "NER"
    encoding: str = "utf-8"
    task: ClassVar[str] = "tagging"
    line_per_token: ClassVar[bool] = True

    def __post_init__(self) -> None:
        super().__post_init__()
        choose("column", self.column, COLUMNS)
        check_encoding(self.encoding)
        if self.attribute and self.column not in ("misc", "feats"):
            object.__setattr__(self, "attribute", "")

    def read(self, path: Path) -> Iterator[RawExample]:
        """Return the sentences of a file; raises InputError."""
        return self.named(self._sentences(path), path)

    def _sentences(self, path: Path) -> Iterator[RawExample]:
        sentence, has_attribute, some = _Sentence(), False, False
        for number, line in enumerate(streamed(path, self.encoding), 1):
            if not line.strip():
                if sentence.words:
                    some = True
                    yield sentence.example()
                sentence = _Sentence()
            elif line[0] == "#":
                sentence.comment(line)
            else:
                columns = line.split("\t")
                if len(columns) != len(COLUMNS):
                    raise InputError(
                        f"{path}:{number}: {len(columns)} columns, and CoNLL-U has {len(COLUMNS)}, between tabs"
                    )
                kind = RANGES if "-" in columns[0] else EMPTY_NODES if "." in columns[0] else ""
                if kind:
                    sentence.left_out.append(kind)
                    continue
                tag, has = self._tag(columns)
                has_attribute = has_attribute or has
                if not columns[1] or not tag or not columns[0].isdecimal():
                    raise InputError(f"{path}:{number}: a word without a number, a form or a tag")
                sentence.add(columns[1], tag, number)
        if sentence.words:
            some = True
            yield sentence.example()
        if not some:
            raise InputError(f"{path}: has no words")
        if self.attribute and not has_attribute:
            raise InputError(
                f"{path}: no word has {self.attribute}= in the column {self.column}; dataset.reader.attribute names "
                f"another, dataset.reader.column another column, one of {', '.join(COLUMNS)}"
            )

    def _tag(self, columns: list[str]) -> tuple[str, bool]:
        """Return the tag of a word, and whether it has one."""
        value = columns[COLUMNS.index(self.column)]
        if not self.attribute:
            return value, True
        for item in value.split("|"):
            key, equals, tag = item.partition("=")
            if key == self.attribute and equals:
                return tag, True
        return self.outside or "O", False


class _Sentence:
    """What has been read of a sentence."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self.tags: list[str] = []
        self.lines: list[int] = []
        self.left_out: list[str] = []
        self.id: str | None = None

    def comment(self, line: str) -> None:
        key, equals, value = line[1:].partition("=")
        if key.strip() == "sent_id" and equals and value.strip():
            self.id = value.strip()

    def add(self, word: str, tag: str, line: int) -> None:
        self.words.append(word)
        self.tags.append(tag)
        self.lines.append(line)

    def example(self) -> RawExample:
        words, tags, lines = tuple(self.words), tuple(self.tags), tuple(self.lines)
        return RawExample(words, tags, lines[0], self.id, tuple(self.left_out), lines)
