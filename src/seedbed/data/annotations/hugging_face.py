"""Data sets of Hugging Face ``datasets``: Arrow files of ``save_to_disk``, and Parquet."""

import json
from collections.abc import Iterator, Mapping
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
from seedbed.limits import COLUMNS, refuse_expansion
from seedbed.readable import regular

if TYPE_CHECKING:
    from pyarrow import DataType, RecordBatch, Schema

METADATA = b"huggingface"
"""The key of the features in the metadata of a schema."""


@dataclass(frozen=True)
class HuggingFace(TagSettings):
    """A file of ``datasets`` (2 to 5): a text with a ``ClassLabel``, or tokens with a sequence of tags.

    ``text``, ``label``, ``tokens`` and ``tags`` are columns; where they are empty, the only one that fits: strings,
    ``ClassLabel``, a list of strings, a list of ``ClassLabel``. Numbers get the names of their feature, from the file
    or a file of features next to it. A label that is null or -1, and tags that are null, are unlabelled.
    """

    text: str = ""
    label: str = ""
    column_of_tokens: str = ""
    tags: str = ""
    id: str = "id"
    task: ClassVar[str] = AUTO
    pattern: ClassVar[str] = "*.arrow"

    def detect(self, path: Path) -> str:
        """Return ``tagging`` where a column has tags, else ``classification``; raises InputError."""
        with _opened(path) as (schema, _):
            return "tagging" if self.tags or (not self.label and _tag_columns(schema)) else "classification"

    def read(self, path: Path) -> Iterator[RawExample]:
        """Yield the rows of a file; raises InputError."""
        tagging = self.detect(path) == "tagging"
        with _opened(path) as (schema, batches):
            words = self._column(path, schema, tagging, is_target=False)
            target = self._column(path, schema, tagging, is_target=True)
            given = self.tag_names or _class_names(schema, target)
            are_named = tagging or given or feature_files(path)
            names = TagNames(given or "", path, target) if are_named else None
            number = 0
            for batch in batches([words, target, *([self.id] if self.id in schema.names else [])]):
                for row in batch.to_pylist():
                    number += 1
                    yield _example(row, words, target, number, names, f"{path}:{number}", tagging)

    def words(self, path: Path) -> Iterator[str | tuple[str, ...]]:
        """Yield the texts of a file, whatever their labels; raises InputError."""
        return (raw.words for raw in self.read(path))

    def extra_files(self, path: Path) -> list[Path]:
        """Return the files next to a data file that name its tags."""
        return [*super().extra_files(path), *(feature_files(path) if not self.tag_names else [])]

    def _column(self, path: Path, schema: "Schema", tagging: bool, is_target: bool) -> str:
        """Return the column of the words or of the target; raises InputError where it is not named and not clear."""
        setting = (("column_of_tokens", "tags") if tagging else ("text", "label"))[is_target]
        name = getattr(self, setting)
        if name:
            if name not in schema.names:
                raise InputError(f"{path}: no column {name!r}; there are {', '.join(schema.names)[:200]}")
            return str(name)
        found = [name for name in schema.names if _fits(schema, name, tagging, is_target) and name != self.id]
        usual = [name for name in ("text", "label", "tokens", "ner_tags") if name in found]
        if len(found) != 1 and len(usual) != 1:
            raise InputError(
                f"{path}: {len(found)} columns could be it: dataset.reader.{setting}=NAME names one of "
                f"{', '.join(found or schema.names)[:200]}"
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
        label = "" if found is None or found == -1 else str(found) if names is None else names.of([found], where)[0]
        return RawExample(value, label.strip(), number, name)
    if not isinstance(value, list) or not all(isinstance(token, str) and token for token in value):
        raise InputError(f"{where}: the column {words!r} must have a list of tokens, none of them empty")
    assert names is not None
    if found is not None and (len(found) != len(value) or None in found):
        raise InputError(f"{where}: {len(value)} tokens but {len(found)} tags, or a tag that is null")
    return RawExample(tuple(value), names.of(found, where) if found else (), number, name)


def _fits(schema: "Schema", name: str, tagging: bool, is_target: bool) -> bool:
    from pyarrow import types

    kind = schema.field(name).type
    if tagging:
        return name in _tag_columns(schema) if is_target else _is_list(kind) and _is_text(kind.value_type)
    if is_target:
        return bool(_class_names(schema, name)) and types.is_integer(kind)
    return _is_text(kind)


def _tag_columns(schema: "Schema") -> list[str]:
    """Return the columns with a list of numbers that have names, or of texts called tags."""
    found = []
    for name in schema.names:
        kind = schema.field(name).type
        if _is_list(kind) and (_class_names(schema, name) or (_is_text(kind.value_type) and "tag" in name)):
            found.append(name)
    return found


def _is_list(kind: "DataType") -> bool:
    from pyarrow import types

    return types.is_list(kind) or types.is_large_list(kind)


def _is_text(kind: "DataType") -> bool:
    from pyarrow import types

    return types.is_string(kind) or types.is_large_string(kind)


def _class_names(schema: "Schema", column: str) -> list[str]:
    """Return the names of a column's numbers by the features in the schema; empty where it has none."""
    try:
        tree = json.loads((schema.metadata or {}).get(METADATA, b"{}"))
        lists = class_names(tree["info"]["features"][column], "") or class_names(
            {"": tree["info"]["features"][column]}, ""
        )
    except (ValueError, KeyError, TypeError, RecursionError):
        return []
    return [str(name) for name in lists[0]] if lists and isinstance(lists[0], list) else []


@contextmanager
def _opened(path: Path) -> Iterator[tuple["Schema", Any]]:
    """Open a file: its schema, and a function that yields the batches of some columns. Raises InputError."""
    if detect_format(read_head(path)) is PARQUET:
        with open_parquet(path) as file:
            yield file.schema_arrow, lambda columns: read_batches(file, path, columns)
        return
    import pyarrow

    size = regular(path).st_size
    try:
        with pyarrow.memory_map(str(path)) as source:
            reader = _reader(source)
            if len(reader.schema.names) > COLUMNS:
                raise InputError(f"{path}: {len(reader.schema.names):,} columns; at most {COLUMNS:,} are read")
            yield reader.schema, lambda columns: _batches(reader, path, size, columns)
    except (OSError, ValueError, KeyError, OverflowError, MemoryError, pyarrow.ArrowException) as error:
        raise InputError(f"{path}: no Arrow file of datasets, and no Parquet: {one_line(error)}") from error


def _reader(source: Any) -> Any:  # Any: pyarrow has no types
    """Return an iterable of batches of a stream, as ``datasets`` writes it, or of a file of Arrow."""
    from pyarrow import ipc

    if source.read(6) == b"ARROW1":
        file = ipc.open_file(source)
        return _File(file)
    source.seek(0)
    return ipc.open_stream(source)


class _File:
    """The batches of a file of Arrow."""

    def __init__(self, file: Any):  # Any: see above
        self.schema, self._file = file.schema, file

    def __iter__(self) -> Iterator["RecordBatch"]:
        return (self._file.get_batch(number) for number in range(self._file.num_record_batches))


def _batches(reader: Any, path: Path, size: int, columns: list[str]) -> Iterator["RecordBatch"]:
    unpacked = 0
    for whole in reader:
        batch = whole.select(list(dict.fromkeys(columns)))
        batch.validate(full=True)
        unpacked += batch.nbytes
        refuse_expansion(path, unpacked, size)
        for start in range(0, len(batch), ROWS):
            yield batch.slice(start, ROWS)
