"""Checks of a class as settings: a frozen dataclass whose fingerprint changes with its fields, and only with them."""

import dataclasses
import json
from collections.abc import Iterator

from seedbed.config.build import described, non_fingerprint_fields
from seedbed.errors import InputError
from seedbed.testing.checks import Check, require


def settings_checks(settings: object) -> Iterator[Check]:
    """Yield the checks of an object's fields and fingerprint."""
    yield Check("settings are a frozen dataclass", lambda: _frozen(settings))
    yield Check("same settings, same fingerprint", lambda: _same(settings))
    yield Check("other settings, other fingerprint", lambda: _other(settings))


def _frozen(settings: object) -> None:
    require(dataclasses.is_dataclass(settings), "must be an instance of a dataclass")
    frozen = type(settings).__dataclass_params__.frozen  # type: ignore[attr-defined]
    require(frozen, "must be frozen: write @dataclass(frozen=True)")


def _same(settings: object) -> None:
    copy = dataclasses.replace(settings)  # type: ignore[type-var]
    require(_fingerprint(copy) == _fingerprint(settings), "a copy with the same settings has another fingerprint")
    require(repr(copy) == repr(settings), "a copy with the same settings has another repr, by which code is compiled")


def _other(settings: object) -> None:
    ignored = non_fingerprint_fields(settings)
    for name, other in _variants(settings):
        if name not in ignored:
            require(_fingerprint(other) != _fingerprint(settings), f"{name}: another value has the same fingerprint")
            require(repr(other) != repr(settings), f"{name}: is missing in the repr, by which code is compiled")


def _fingerprint(settings: object) -> str:
    try:
        return json.dumps(described(settings), sort_keys=True)
    except TypeError as error:
        raise AssertionError(f"its fields must be values that JSON can hold: {error}") from error


def _variants(settings: object) -> Iterator[tuple[str, object]]:
    """Each field with other numbers, as far as the class takes them."""
    for field in dataclasses.fields(settings):  # type: ignore[arg-type]
        value = getattr(settings, field.name)
        for other in _others(value) if field.init else ():
            try:
                yield field.name, dataclasses.replace(settings, **{field.name: other})  # type: ignore[type-var]
            except (InputError, TypeError, ValueError):
                continue


def _others(value: object) -> list[object]:
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int):
        return [value + 1, value - 1]
    if isinstance(value, float):
        return [value + 0.0625, value / 2 - 0.0625]
    if isinstance(value, list | tuple) and value and all(type(item) is int for item in value):
        return [[*value, max(value) + 1]]
    return []
