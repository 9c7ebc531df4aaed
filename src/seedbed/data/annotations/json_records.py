"""Records of JSON exports: lines of objects, or one array of them, with what a record must have."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from seedbed.data.compressed_files import PIECE
from seedbed.data.file_formats import HEAD
from seedbed.data.text_files import decoded, opened, streamed
from seedbed.errors import InputError
from seedbed.limits import JSON_BYTES
from seedbed.readable import parse_json, shaped


class Record(NamedTuple):
    """An object of a file, its line or number from 1, and where it is, for messages."""

    row: dict[str, Any]
    line: int
    where: str

    def text(self, key: str) -> str:
        """Return the text under a key; raises InputError."""
        value = self.row.get(key)
        if not isinstance(value, str):
            there = ", ".join(self.row) or "none"
            raise InputError(f"{self.where}: no text under the key {key!r}; there are {there[:200]}")
        return value

    def id(self, key: str) -> str | None:
        """Return the id under a key as text, or None."""
        value = self.row.get(key)
        return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else None

    def list(self, key: str) -> list[Any]:
        """Return the list under a key; raises InputError."""
        value = self.row.get(key)
        return value if isinstance(value, list) else self.shaped(key, [])  # which refuses it

    def shaped(self, key: str, shape: object) -> Any:  # Any: JSON
        """Return the value under a key, which has a shape (see `seedbed.readable.shaped`); raises InputError."""
        return shaped(self.row.get(key), shape, self.where, f"{key}.")


def json_lines(path: Path, encoding: str) -> Iterator[Record]:
    """Yield the objects of a file with one a line; raises InputError."""
    empty = True
    for number, line in enumerate(streamed(path, encoding), 1):
        if line.strip():
            empty = False
            where = f"{path}:{number}"
            yield Record(_object(parse_json(line, where), where), number, where)
    if empty:
        raise InputError(f"{path}: the file is empty")


def json_array(path: Path, encoding: str) -> Iterator[Record]:
    """Yield the objects of a file that is one array of them; raises InputError."""
    rows = json_value(path, encoding)
    if not isinstance(rows, list):
        raise InputError(f"{path}: a JSON array of objects is needed, and this is {_kind(rows)}")
    if not rows:
        raise InputError(f"{path}: the array is empty")
    for number, row in enumerate(rows, 1):
        where = f"{path}:{number}"
        yield Record(_object(row, where), number, where)


def json_value(path: Path, encoding: str) -> Any:  # Any: JSON
    """Return the value of a JSON file, unpacked if it is packed; raises InputError."""
    content = bytearray()
    with opened(path, encoding) as stream:
        while piece := stream.read1(PIECE):
            content += piece
            if len(content) > JSON_BYTES:
                raise InputError(f"{path}: more than {JSON_BYTES >> 20} MB of JSON; export it in parts")
    return parse_json(decoded(content, encoding, path).removeprefix("\ufeff"), path)


def records(path: Path, encoding: str) -> Iterator[Record]:
    """Yield the objects of a file that is an array of them, or has one a line; raises InputError."""
    return json_array(path, encoding) if _first_sign(path, encoding) == "[" else json_lines(path, encoding)


def _first_sign(path: Path, encoding: str) -> str:
    """Return the first character that is no blank; an array may be one line, which is too long to be read as one."""
    with opened(path, encoding) as stream:
        head = stream.read1(HEAD)
    return head.decode(encoding, "ignore").removeprefix("\ufeff").lstrip()[:1]


def _object(row: object, where: str) -> dict[str, Any]:
    if not isinstance(row, dict):
        hint = "; is it the other layout of the export?" if isinstance(row, list) else ""
        raise InputError(f"{where}: {_kind(row)}, where an object is needed{hint}")
    return row


def _kind(value: object) -> str:
    kinds = {dict: "an object", list: "an array", str: "a text", bool: "true or false", type(None): "null"}
    return kinds.get(type(value), "a number")
