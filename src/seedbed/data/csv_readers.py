"""Readers of tables: labelled texts, and the GMB corpus with its sentence column filled forward."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from seedbed.data.compressed_files import read_head
from seedbed.data.csv_dialect import ESCAPES, LABEL_SEPARATORS, SEPARATORS, SIGNS, CsvDialect
from seedbed.data.csv_table import CsvTable
from seedbed.data.file_formats import PARQUET, detect_format
from seedbed.data.parquet_rows import ParquetTable
from seedbed.data.raw_example import RawExample
from seedbed.data.readers import choose
from seedbed.data.tag_settings import TagSettings
from seedbed.data.text_files import check_encoding, ended_lines, streamed
from seedbed.errors import InputError
from seedbed.label_sets import LabelSet, Target

_QUOTED = re.compile(r"""("[^"]*"|'[^']*')""")
_LIST = re.compile(r"""\s*\[\s*(?:(?:"[^"]*"|'[^']*')(?:\s*,?\s*(?:"[^"]*"|'[^']*'))*)?\s*\]\s*""")
"""A list of texts, as Python or NumPy print it."""


def _listed(cell: str) -> list[str] | None:
    """Return the texts of a list that JSON, Python or NumPy printed, or None."""
    if not cell.lstrip().startswith("["):
        return None
    try:
        names = json.loads(cell)
    except (ValueError, RecursionError):
        return [quoted[1:-1] for quoted in _QUOTED.findall(cell)] if _LIST.fullmatch(cell) else None
    return names if all(isinstance(name, str) for name in names) else None


@dataclass(frozen=True)
class Table:
    """A CSV, TSV or Parquet file with a text and a label per row. ``separator``: by its name, or the sign itself.

    Columns are named as in the first line, or with ``header=false`` by their number from 0. ``where``: only rows with
    this value in that column, such as ``{source: imdb}``; an empty value means any. With ``quotes=false`` a quote
    character is a character like others; with ``escape=backslash`` so is a quote or separator after a backslash.

    Sets of labels, for ``dataset.task=multilabel``: ``label_separator`` stands between the labels of a cell (by name,
    or the sign itself); lists that JSON, Python or NumPy printed are read without it. An empty cell is unlabelled, a
    cell of separators alone, or an empty list, has no label. Instead of ``label_column``, ``label_columns`` are named
    after labels, with 1 (true, yes) where a text has the label and 0 (false, no) where not; a row of empty cells is
    unlabelled.
    """

    text_column: str = "text"
    label_column: str = "label"
    id_column: str = ""
    where: dict[str, str] = field(default_factory=dict)
    separator: str = "comma"
    header: bool = True
    quotes: bool = True
    escape: str = ""
    encoding: str = "utf-8"
    label_separator: str = ""
    label_columns: list[str] = field(default_factory=list)
    task: ClassVar[str] = "classification"
    LATER: ClassVar[tuple[str, ...]] = ("escape", "label_separator", "label_columns")

    def __post_init__(self):
        object.__setattr__(self, "separator", SIGNS.get(self.separator, self.separator))
        object.__setattr__(self, "label_separator", LABEL_SEPARATORS.get(self.label_separator, self.label_separator))
        choose("separator", self.separator, tuple(SEPARATORS))
        choose("escape", self.escape, tuple(ESCAPES))
        check_encoding(self.encoding)

    def read(self, path: Path) -> Iterator[RawExample]:
        """Return the rows of a file; raises InputError."""
        where = {str(column): str(value) for column, value in self.where.items() if value}
        values = tuple(where.values())
        id_columns = [self.id_column] if self.id_column else []
        table = self._table(path, lambda: ended_lines(path, self.encoding))
        labels = self.label_columns or [self.label_column]
        label_keys = ["label_columns" if self.label_columns else "label_column"] * len(labels)
        names = [self.text_column, *labels, *where, *id_columns]
        keys = ["text_column", *label_keys, *(f"where.{column}" for column in where), "id_column"]
        for number, (text, *cells) in table.columns(names, keys=keys):
            own, others = cells[: len(labels)], cells[len(labels) :]
            if all(cell == value for cell, value in zip(others, values, strict=False)):
                target = _marked(labels, own, path, number) if self.label_columns else self._target(own[0])
                yield RawExample(text, target, number, others[-1] if id_columns else None)

    def _target(self, label: str | LabelSet) -> Target:
        if isinstance(label, LabelSet):
            return label
        if self.label_separator and label.strip():
            return LabelSet.of(filter(None, map(str.strip, label.split(self.label_separator))))
        names = _listed(label)
        return label.strip() if names is None else LabelSet.of(filter(None, map(str.strip, names)))

    def words(self, path: Path) -> Iterator[str]:
        """Yield the texts of an unlabelled file; ``where`` applies to the columns that it has."""
        table = self._table(path, lambda: (f"{line}\n" for line in streamed(path, self.encoding)))
        if not table.names:
            return
        where = {str(column): str(value) for column, value in self.where.items() if value}
        where = {column: value for column, value in where.items() if column in table.names}
        for _, (text, *cells) in table.columns([self.text_column, *where], labelled=False, keys=["text_column"]):
            if cells == list(where.values()):
                yield text

    def _table(self, path: Path, lines: Callable[[], Iterable[str]]) -> ParquetTable | CsvTable:
        if detect_format(read_head(path)) is PARQUET:
            return ParquetTable(path, self.header)
        return CsvTable(path, lines, CsvDialect(self.separator, self.quotes, self.escape, self.header))


_MARKS = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False, "": False}


def _marked(labels: Sequence[str], cells: Sequence[str], path: Path, number: int) -> Target:
    """Return the labels whose cells are marked; an empty target where all cells are empty. Raises InputError."""
    marks = [cell.strip().lower() for cell in cells]
    for label, cell, mark in zip(labels, cells, marks, strict=True):
        if mark not in _MARKS:
            raise InputError(
                f"{path}:{number}: column {label!r} has {cell[:40]!r}: 1 (true, yes) or 0 (false, no) is needed"
            )
    return LabelSet.of(label for label, mark in zip(labels, marks, strict=True) if _MARKS[mark]) if any(marks) else ""


@dataclass(frozen=True)
class Gmb(TagSettings):
    """One token per row; ``sentence_column`` has the sentence's name in its first row only and is filled forward.

    ``quotes`` and ``escape`` as those of ``Table``.
    """

    sentence_column: str = "Sentence #"
    token_column: str = "Word"
    tag_column: str = "Tag"
    quotes: bool = True
    escape: str = ""
    encoding: str = "latin-1"
    task: ClassVar[str] = "tagging"
    line_per_token: ClassVar[bool] = True
    LATER: ClassVar[tuple[str, ...]] = (*TagSettings.LATER, "quotes", "escape")

    def __post_init__(self):
        super().__post_init__()
        choose("escape", self.escape, tuple(ESCAPES))
        check_encoding(self.encoding)

    def read(self, path: Path) -> Iterator[RawExample]:
        """Return the sentences of a file; raises InputError."""
        return self.named(self._sentences(path), path)

    def _sentences(self, path: Path) -> Iterator[RawExample]:
        table = CsvTable(path, lambda: ended_lines(path, self.encoding), CsvDialect("comma", self.quotes, self.escape))
        name, first = "", 0
        tokens: list[str] = []
        tags: list[str] = []
        keys = ["token_column", "tag_column", "sentence_column"]
        for number, (token, tag, sentence) in table.columns([getattr(self, key) for key in keys], keys=keys):
            if sentence and sentence != name:
                if tokens:
                    yield RawExample(tuple(tokens), tuple(tags), first, name)
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
            yield RawExample(tuple(tokens), tuple(tags), first, name)
