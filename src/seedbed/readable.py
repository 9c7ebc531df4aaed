"""Open files for reading, the one way that readers have: regular files only, of a limited size, never waiting.

Reading a pipe or a device may never end, and opening one may wait; so a file is looked at before it is opened, and once
more when it is open, as another may have taken its place.
"""

import json
import os
import re
import stat
from pathlib import Path
from typing import IO, Any

from seedbed.errors import InputError, one_line
from seedbed.limits import JSON_BYTES, JSON_DEPTH, refuse_large

OTHERS = {
    stat.S_IFDIR: "a folder, not a file",
    stat.S_IFIFO: "a pipe, which need not end; write it into a file first",
    stat.S_IFSOCK: "a socket, not a file",
    stat.S_IFCHR: "a device, not a file",
    stat.S_IFBLK: "a device, not a file",
}


SURROGATE = re.compile("[\ud800-\udfff]")


def regular(path: Path, what: str = "there is no such file") -> os.stat_result:
    """The state of a regular file, unopened; raises InputError for anything else (``what``: where there is nothing).

    Also for one that is larger than `seedbed.limits.max_file_gb`.
    """
    try:
        state = path.stat()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise InputError(f"{path}: {what}") from error
    except (OSError, ValueError) as error:  # such as a name that is too long, a folder closed to us, a loop of links
        raise unreadable(path, error) from error
    _refuse_other(path, state)
    refuse_large(path, state.st_size)
    return state


def open_regular(path: Path) -> IO[bytes]:
    """Open a regular file; raises InputError as `regular`, and where it cannot be opened."""
    regular(path)
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except OSError as error:
        raise unreadable(path, error) from error
    try:
        _refuse_other(path, os.fstat(descriptor))
        return os.fdopen(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise


def read_bytes(path: Path, most: int | None = None) -> bytes:
    """Return the content of a file of up to ``most`` bytes; raises InputError."""
    with open_regular(path) as stream:
        if most is not None and os.fstat(stream.fileno()).st_size > most:
            raise InputError(f"{path}: more than {most / 1e6:,.1f} MB, too much for what it should be")
        try:
            return stream.read()
        except (OSError, MemoryError) as error:
            raise unreadable(path, error) from error


def read_utf8(path: Path, most: int | None = None) -> str:
    """Return the text of a file in UTF-8, without a byte order mark; raises InputError with the line."""
    content = read_bytes(path, most)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InputError(f"{path}:{line}: not UTF-8: byte 0x{content[error.start]:02x}") from error


def read_json(path: Path, most: int = JSON_BYTES) -> Any:  # Any: JSON
    """Return the value in a JSON file; raises InputError."""
    return parse_json(read_bytes(path, most), path)


def parse_json(content: str | bytes, where: object) -> Any:  # Any: JSON
    """Return the value of a JSON text of a limited depth; InputError names ``where`` it is from."""
    try:
        text = content if isinstance(content, str) else content.decode("utf-8-sig")
        value = json.loads(text)
    except UnicodeDecodeError as error:
        raise InputError(f"{where}: not JSON: byte {error.start} is not UTF-8") from error
    except RecursionError as error:
        raise InputError(f"{where}: not read: JSON that is nested too deep") from error
    except ValueError as error:
        if "int_max_str_digits" in str(error):
            raise InputError(f"{where}: a number of more than 4,300 digits; write it in quotes") from error
        what = "it is empty" if not text.strip() else one_line(error)
        raise InputError(f"{where}: not JSON: {what}") from error
    if text.count("[") + text.count("{") > JSON_DEPTH and _is_deep(value):
        raise InputError(f"{where}: not read: JSON that is nested too deep: more than {JSON_DEPTH} levels")
    return value


def shaped(value: object, shape: object, where: object, key: str = "") -> Any:  # Any: JSON
    """Return a JSON value that has a shape; raises InputError with ``where`` and the key of what has not.

    A shape is a type or a tuple of several, ``None`` for null, ``[shape]``, ``{str: shape}``, or a dict of shapes by
    key, where a key with ``?`` before it may be missing, and others may be there.
    """
    if isinstance(shape, dict):
        _refuse_unless(isinstance(value, dict), "an object", value, where, key)
        assert isinstance(value, dict)
        by_key = dict.fromkeys(value, shape[str]) if str in shape else shape
        for marked, inner in by_key.items():
            optional = marked.startswith("?") and str not in shape
            name = marked.removeprefix("?") if optional else marked
            if name not in value and not optional:
                raise InputError(f"{where}: damaged: the key {key}{name} is missing")
            if name in value:
                shaped(value[name], inner, where, f"{key}{name}.")
    elif isinstance(shape, list):
        _refuse_unless(isinstance(value, list), "a list", value, where, key)
        assert isinstance(value, list)
        for number, item in enumerate(value):
            shaped(item, shape[0], where, f"{key}{number}.")
    else:
        kinds = shape if isinstance(shape, tuple) else (shape,)
        nested = [kind for kind in kinds if isinstance(kind, dict | list)]
        if nested and value is not None:
            return shaped(value, nested[0], where, key)
        kinds = tuple(kind for kind in kinds if kind not in nested)
        names = " or ".join("null" if kind is None else kind.__name__ for kind in kinds)
        fits = any(value is None if kind is None else isinstance(value, kind) for kind in kinds)
        _refuse_unless(fits and not (isinstance(value, bool) and bool not in kinds), names, value, where, key)
        if isinstance(value, int):
            _refuse_unless(abs(value) < 1 << 63, "a number of 64 bits", value, where, key)
        if isinstance(value, str):
            _refuse_unless(not SURROGATE.search(value), "a text of whole characters", value, where, key)
    return value


def _refuse_unless(fits: bool, expected: str, value: object, where: object, key: str) -> None:
    if not fits:
        text = json.dumps(value)
        text = text if len(text) <= 40 else f"{text[:40]}..."
        raise InputError(f"{where}: damaged: {key.removesuffix('.') or 'it'} must be {expected}, not {text}")


def exists(path: Path) -> bool:
    """Whether there is anything of this name; False too for a name that no file can have."""
    try:
        path.stat()
    except (OSError, ValueError):
        return False
    return True


def unreadable(path: Path, error: Exception) -> InputError:
    """Return the error for a file that is damaged or cannot be read."""
    return InputError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or one_line(error)}")


def _refuse_other(path: Path, state: os.stat_result) -> None:
    if not stat.S_ISREG(state.st_mode):
        raise InputError(f"{path}: cannot be read: it is {OTHERS.get(stat.S_IFMT(state.st_mode), 'no file')}")


def _is_deep(value: object) -> bool:
    """Return whether a JSON value has more than ``JSON_DEPTH`` levels; level by level, so that nothing recurses."""
    level = [value]
    for _ in range(JSON_DEPTH):
        level = [
            item
            for node in level
            if isinstance(node, dict | list)
            for item in (node.values() if isinstance(node, dict) else node)
        ]
    return any(isinstance(node, dict | list) for node in level)
