"""Settings of an arm as JSON, and back: all fields of its dataclasses, without running code that a file names."""

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from seedbed.class_names import builtin_class
from seedbed.config.build import typed
from seedbed.config.plugins import AllowedModule, plugin_class
from seedbed.config.schema import Stage
from seedbed.errors import InputError, nearest, one_line
from seedbed.masking import without_secrets
from seedbed.readable import exists

CLASS = "class"
"""The key of the name of a class, such as ``seedbed.embeddings.static.Static``."""

BUILTIN = ("seedbed.embeddings.", "seedbed.model.", "seedbed.data.", "seedbed.training.", "seedbed.word_forms.")
"""Parts of this package whose dataclasses may be named; other classes are those of plugins."""

FILES = ("path", "ids", "handle", "options", "weights", "token_embeddings", "vocabulary")
"""Fields that name a file; a path within the working directory is written as an absolute one."""


def to_json(stage: Stage) -> Any:  # Any: JSON
    """Return a built object with all its fields, JSON-ready, without secrets of addresses."""
    if dataclasses.is_dataclass(stage) and not isinstance(stage, type):
        fields = {f.name: getattr(stage, f.name) for f in dataclasses.fields(stage) if f.init}
        named = FILES if "weights" not in fields or "options" in fields else ("path",)  # files within a folder
        absolute = {name: _absolute(value) for name, value in fields.items() if name in named}
        cls = type(stage)
        return {CLASS: f"{cls.__module__}.{cls.__qualname__}"} | {
            name: to_json(value) for name, value in {**fields, **absolute}.items()
        }
    if isinstance(stage, Mapping):
        return {str(key): to_json(value) for key, value in stage.items()}
    if isinstance(stage, list | tuple):
        return [to_json(value) for value in stage]
    return without_secrets(stage)


def _absolute(value: object) -> object:
    if not isinstance(value, str) or not value or ":" in value:
        return value
    path = Path(value).expanduser()
    return str(path.absolute()) if exists(path) else value


def from_json(content: object, key: str, where: str, allowed: Sequence[AllowedModule] = ()) -> Any:  # the object
    """Return the object that `to_json` described; ``allowed``: modules of plugins that may be imported.

    ``key``: its place, such as ``embedding``; ``where``: the file, for messages. Raises InputError.
    """
    if not isinstance(content, dict) or not isinstance(content.get(CLASS), str):
        raise InputError(f"{where}: {key} names no class")
    cls = _class(content[CLASS], key, where, allowed)
    fields = {f.name: f for f in dataclasses.fields(cls) if f.init}
    values: dict[str, object] = {}
    for name, value in content.items():
        if name == CLASS:
            continue
        if name not in fields:
            raise InputError(f"{where}: {key}.{name}: no such key{nearest(name, fields)}")
        if _has_objects(value):
            values[name] = _nested(value, f"{key}.{name}", where, allowed)
        else:
            values[name] = typed(cls, name, value, f"{key}.{name}", lambda _: where)
    try:
        return cls(**values)
    except InputError as error:
        raise InputError(f"{where}: {error}") from error
    except TypeError as error:
        raise InputError(f"{where}: {key}: {one_line(error)}") from error


def _has_objects(value: object) -> bool:
    return isinstance(value, dict) and (CLASS in value or any(_has_objects(inner) for inner in value.values()))


def _nested(value: Any, key: str, where: str, allowed: Sequence[AllowedModule]) -> object:  # Any: JSON
    if CLASS in value:
        return from_json(value, key, where, allowed)
    return {
        name: _nested(inner, f"{key}.{name}", where, allowed) if _has_objects(inner) else inner
        for name, inner in value.items()
    }


def _class(name: str, key: str, where: str, allowed: Sequence[AllowedModule]) -> type:
    """Return the dataclass of a name. Raises InputError for one of another package that is not allowed."""
    if not name.startswith("seedbed."):
        return plugin_class(name, key, where, allowed)
    cls = builtin_class(name) if name.startswith(BUILTIN) else None
    if cls is None:
        raise InputError(f"{where}: {key}: there is no class {name[:80]} in this version of seedbed")
    return cls
