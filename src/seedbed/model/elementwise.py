"""Elementwise settings: those in which the members of one group may differ.

A class of settings names them in ``ELEMENTWISE_FIELDS``. They are arrays beside the batch, or numbers that only the
host reads, so other values compile nothing anew. All other fields change shapes or the compiled graph.
"""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import TypeVar

from seedbed.errors import InputError

T = TypeVar("T")

NOT_COMPARED = ("group_size", "checkpoint_minutes")
"""Fields that neither a program nor a member reads."""


def elementwise_fields(settings: object) -> tuple[str, ...]:
    """Return the names of the fields in which members may differ; none unless the class names them."""
    return tuple(getattr(settings, "ELEMENTWISE_FIELDS", ()))


def elementwise_keys(stages: Mapping[str, object]) -> frozenset[str]:
    """Return the keys of an arm in which members may differ, such as ``encoder.dropout``.

    ``stages``: the objects of its config groups, by group. Nested settings count: ``embedding.parts.elmo.mix_l2``.
    """
    return frozenset(key for path, stage in stages.items() for key in _keys(path, stage))


def _keys(path: str, value: object) -> Iterator[str]:
    if dataclasses.is_dataclass(value):
        yield from (f"{path}.{name}" for name in elementwise_fields(value))
        for field in dataclasses.fields(value):
            yield from _keys(f"{path}.{field.name}", getattr(value, field.name))
    elif isinstance(value, Mapping):
        for name, item in value.items():
            yield from _keys(f"{path}.{name}", item)


@cache
def _fields_of_shape(settings: type) -> list[str]:
    skipped = {*elementwise_fields(settings), *NOT_COMPARED}
    return [field.name for field in dataclasses.fields(settings) if field.name not in skipped]


def require_same_shape(path: str, settings: Sequence[object]) -> None:
    """Raise InputError that names the first field that differs and is not elementwise."""
    first = settings[0]
    for other in settings[1:]:
        if other is not first and (difference := next(_differences(path, first, other), None)):
            raise InputError(f"{difference}: members of one group must be equal in it; train them in two groups")


def _differences(path: str, first: object, other: object) -> Iterator[str]:
    """Yield fields that are not elementwise and differ, with both values."""
    if type(first) is type(other) and dataclasses.is_dataclass(first):
        kind: type = type(first)
        for field in _fields_of_shape(kind):
            name = f"{path}.{field}" if path else field
            yield from _differences(name, getattr(first, field), getattr(other, field))
    elif isinstance(first, Mapping) and isinstance(other, Mapping) and first.keys() == other.keys():
        for key in first:
            yield from _differences(f"{path}.{key}", first[key], other[key])
    elif first != other:
        yield f"{path}={first} and {path}={other}"


def shape(value: object) -> object:
    """Return settings, nested ones too, without the fields in which members may differ.

    They are equal where members can train together.
    """
    if dataclasses.is_dataclass(value):
        kind: type = type(value)
        return kind.__qualname__, [(name, shape(getattr(value, name))) for name in _fields_of_shape(kind)]
    return [(name, shape(item)) for name, item in value.items()] if isinstance(value, Mapping) else value


def neutral(settings: T) -> T:
    """Return the settings with each elementwise field zero, as far as the class has any: what a program depends on."""
    zeros = {name: type(getattr(settings, name))() for name in elementwise_fields(settings)}
    return dataclasses.replace(settings, **zeros) if zeros else settings  # type: ignore[type-var]
