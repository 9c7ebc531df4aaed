"""Data sets of Hugging Face ``datasets``: Arrow files of ``save_to_disk``, and Parquet."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from seedbed.data.annotations.examples import AUTO
from seedbed.data.compressed_files import read_head
from seedbed.data.file_formats import PARQUET, detect_format
from seedbed.data.parquet_files import ROWS, open_parquet, read_batches
from seedbed.data.raw_example import RawExample
from seedbed.data.tag_names import TagNames, class_names, feature_files
from seedbed.data.tag_settings import TagSettings
from seedbed.errors import InputError, one_line
from seedbed.label_sets import LabelSet
from seedbed.limits import COLUMNS, current_limit, refuse_expansion
from seedbed.readable import regular

if TYPE_CHECKING:
    from pyarrow import DataType, RecordBatch, Schema

METADATA = b"huggingface"
"""The key of the features in the metadata of a schema."""


@dataclass(frozen=True)
class HuggingFace(TagSettings):
    """A file of ``datasets`` (2 to 5): a text with one or several ``ClassLabel``, or tokens with their tags.

    ``text``, ``label``, ``column_of_tokens`` and ``tags`` are columns; where they are empty, the only one that fits:
    strings, ``ClassLabel``, a list of strings, a list of ``ClassLabel``. Numbers get the names of their feature, from
    the file or a file of features next to it. A label that is null or -1, and tags that are null, are unlabelled.
    """

    text: str = ""
    label: str = ""
    column_of_tokens: str = ""
    tags: str = ""
    id: str = "id"
    task: ClassVar[str] = AUTO
    pattern: ClassVar[str] = "*.arrow"

    def detect(self, path: Path) -> str:
        """Return the task: ``tagging``, ``multilabel`` for texts with lists of labels, or ``classification``."""
        with _opened(path) as (columns, _):
            return self._task(columns)

    def read(self, path: Path) -> Iterator[RawExample]:
        """Yield the rows of a file; raises InputError."""
        with _opened(path) as (columns, batches):
            task = self._task(columns)
            tagging = task == "tagging"
            words = self._column(path, columns, task, is_target=False)
            target = self._column(path, columns, task, is_target=True)
            given = self.tag_names or columns.class_names(target)
            are_named = tagging or given or feature_files(path)
            names = TagNames(given or "", path, target) if are_named else None
            number = 0
            for batch in batches([words, target, *([self.id] if self.id in columns.names else [])]):
                for row in batch.to_pylist():
                    number += 1
                    yield _example(row, words, target, number, names, f"{path}:{number}", tagging)

    def words(self, path: Path) -> Iterator[str | tuple[str, ...]]:
        """Yield the texts of a file, whatever their labels; raises InputError."""
        return (raw.words for raw in self.read(path))

    def extra_files(self, path: Path) -> list[Path]:
        """Return the files next to a data file that name its tags."""
        return [*super().extra_files(path), *(feature_files(path) if not self.tag_names else [])]

    def _task(self, columns: "_Columns") -> str:
        if self.label and not self.tags:
            return "multilabel" if columns.is_list(self.label) else "classification"
        if not self.tags and not any(map(columns.has_tags, columns.names)):
            return "classification"
        has_tokens = self.tags or self.column_of_tokens or any(map(columns.has_tokens, columns.names))
        return "tagging" if has_tokens else "multilabel"

    def _column(self, path: Path, columns: "_Columns", task: str, is_target: bool) -> str:
        """Return the column of the words or of the target; raises InputError where it is not named and not clear."""
        setting = (("column_of_tokens", "tags") if task == "tagging" else ("text", "label"))[is_target]
        name = getattr(self, setting)
        if name:
            if name not in columns.names:
                raise InputError(f"{path}: no column {name!r}; there are {', '.join(columns.names)[:200]}")
            return str(name)
        found = [name for name in columns.names if name != self.id and columns.fits(name, task, is_target)]
        usual = [name for name in ("text", "label", "labels", "tokens", "ner_tags") if name in found]
        if len(found) != 1 and len(usual) != 1:
            raise InputError(
                f"{path}: {len(found)} columns could be it: dataset.reader.{setting}=NAME names one of "
                f"{', '.join(found or columns.names)[:200]}"
            )
        return found[0] if len(found) == 1 else usual[0]


def _example(
    row: Mapping[str, Any], words: str, target: str, number: int, names: TagNames | None, where: str, tagging: bool
) -> RawExample:
    keys = [key for key in row if key not in (words, target)]
    name = None if not keys or row[keys[0]] is None else str(row[keys[0]])
    value, found = row[words], row[target]
    if not tagging:
        if not isinstance(value, str):
            raise InputError(f"{where}: the column {words!r} has no text: {value!r:.40}")
        if isinstance(found, list):
            return RawExample(value, _label_set(found, target, names, where), number, name)
        label = "" if found is None or found == -1 else str(found) if names is None else names.of([found], where)[0]
        return RawExample(value, label.strip(), number, name)
    if not isinstance(value, list) or not all(isinstance(token, str) and token for token in value):
        raise InputError(f"{where}: the column {words!r} must have a list of tokens, none of them empty")
    assert names is not None
    if found is not None and (len(found) != len(value) or None in found):
        raise InputError(f"{where}: {len(value)} tokens but {len(found)} tags, or a tag that is null")
    return RawExample(tuple(value), names.of(found, where) if found else (), number, name)


def _label_set(found: list[Any], column: str, names: TagNames | None, where: str) -> LabelSet:
    """Return the set of a list of labels; raises InputError where one is null or empty."""
    named = [str(label) for label in found] if names is None else names.of(found, where) if None not in found else ()
    if None in found or not all(map(str.strip, named)):
        raise InputError(f"{where}: the column {column!r} has a label that is null or empty")
    return LabelSet.of(map(str.strip, named))


class _Columns:
    """The columns of a file: which are texts, lists or tags, and the names of their numbers by its features."""

    def __init__(self, schema: "Schema"):
        self.schema, self.names = schema, list(schema.names)
        self._features = _features(schema)

    def class_names(self, column: str) -> list[str]:
        """Return the names of a column's numbers; empty where it has none."""
        feature = self._features.get(column)
        try:
            lists = class_names(feature, "") or class_names({"": feature}, "")
        except RecursionError:
            return []
        return [str(name) for name in lists[0]] if lists and isinstance(lists[0], list) else []

    def has_tags(self, column: str) -> bool:
        """Whether a column has lists of numbers that have names, or of texts called tags."""
        kind = self.schema.field(column).type
        return _is_list(kind) and (bool(self.class_names(column)) or (_is_text(kind.value_type) and "tag" in column))

    def is_list(self, column: str) -> bool:
        """Whether a column has lists; not one that does not exist."""
        return column in self.names and _is_list(self.schema.field(column).type)

    def has_tokens(self, column: str) -> bool:
        """Whether a column has lists of texts that are no tags."""
        return (
            self.is_list(column) and _is_text(self.schema.field(column).type.value_type) and not self.has_tags(column)
        )

    def fits(self, column: str, task: str, is_target: bool) -> bool:
        """Whether a column can be that of the words, or of the target."""
        from pyarrow import types

        kind = self.schema.field(column).type
        if is_target and task != "classification":
            return self.has_tags(column)
        if task == "tagging":
            return _is_list(kind) and _is_text(kind.value_type)
        return types.is_integer(kind) and bool(self.class_names(column)) if is_target else _is_text(kind)


def _features(schema: "Schema") -> Mapping[str, object]:
    """Return the features in the metadata of a schema; empty where it has none."""
    try:
        features = json.loads((schema.metadata or {}).get(METADATA, b"{}"))["info"]["features"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return {}
    return features if isinstance(features, dict) else {}


def _is_list(kind: "DataType") -> bool:
    from pyarrow import types

    return types.is_list(kind) or types.is_large_list(kind)


def _is_text(kind: "DataType") -> bool:
    from pyarrow import types

    return types.is_string(kind) or types.is_large_string(kind)


@contextmanager
def _opened(path: Path) -> Iterator[tuple[_Columns, Callable[[list[str]], Iterator["RecordBatch"]]]]:
    """Open a file: its columns, and a function that yields the batches of some columns. Raises InputError."""
    if detect_format(read_head(path)) is PARQUET:
        with open_parquet(path) as file:
            yield _Columns(file.schema_arrow), lambda columns: read_batches(file, path, columns)
        return
    import pyarrow

    regular(path)
    try:
        with pyarrow.memory_map(str(path)) as source:
            schema, batches = _arrow(source)
            if len(schema.names) > COLUMNS:
                raise InputError(f"{path}: {len(schema.names):,} columns; at most {COLUMNS:,} are read")
            yield _Columns(schema), lambda columns: _selected(batches, path, columns)
    except (OSError, ValueError, KeyError, OverflowError, MemoryError, pyarrow.ArrowException) as error:
        raise InputError(f"{path}: no Arrow file of datasets, and no Parquet: {one_line(error)}") from error


def _arrow(source: Any) -> tuple["Schema", Iterator["RecordBatch"]]:  # Any: pyarrow has no types
    """Return schema and batches of a stream, as ``datasets`` writes it, or of a file of Arrow."""
    from pyarrow import ipc

    if source.read(6) == b"ARROW1":
        file = ipc.open_file(source)
        return file.schema, (file.get_batch(number) for number in range(file.num_record_batches))
    source.seek(0)
    stream = ipc.open_stream(source)
    return stream.schema, iter(stream)


def _selected(batches: Iterator["RecordBatch"], path: Path, columns: list[str]) -> Iterator["RecordBatch"]:
    """Yield some columns of batches, `ROWS` rows at a time; InputError where they are too much for the file's size."""
    size, unpacked, limit = regular(path).st_size, 0, current_limit()
    for whole in batches:
        batch = whole.select(list(dict.fromkeys(columns)))
        batch.validate(full=True)
        unpacked += batch.nbytes
        refuse_expansion(path, unpacked, size, limit)
        for start in range(0, len(batch), ROWS):
            yield batch.slice(start, ROWS)
