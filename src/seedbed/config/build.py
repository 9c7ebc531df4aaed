"""Build objects from nodes of a composed config."""

import dataclasses
import re
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType, UnionType
from typing import (
    TYPE_CHECKING,
    Any,
    ClassVar,
    Protocol,
    TypeVar,
    Union,
    get_args,
    get_origin,
    get_type_hints,
    runtime_checkable,
)

from seedbed.class_names import builtin_class, class_name, is_builtin
from seedbed.config.bounds import refuse_large_number
from seedbed.config.plugins import plugin_class
from seedbed.config.provenance import Where
from seedbed.config.schema import Stage
from seedbed.errors import InputError, nearest, one_line

if TYPE_CHECKING:
    from omegaconf import DictConfig

T = TypeVar("T")

TARGETS = "seedbed."
"""Classes of this package can be built from any config; for other classes see ``plugins``."""


def build(node: "DictConfig", path: str, where: Where) -> Stage:
    """Return an instance of the dataclass that the ``_target_`` of a node names.

    ``path``: the node's key; ``where`` returns the file of a key, for messages. Raises InputError for an unknown key, a
    value of the wrong type, or a value that the class refuses.
    """
    from omegaconf import DictConfig

    cls = _target_class(node, path, where)
    fields = {f.name: f for f in dataclasses.fields(cls) if f.init}
    types = _field_types(cls)
    values: dict[str, object] = {}
    for key in map(str, node):
        if key == "_target_":
            continue
        if key not in fields:
            raise InputError(f"{path}.{key} ({where(f'{path}.{key}')}): no such key{nearest(key, fields, path, '.')}")
        child = node._get_node(key)
        value = node[key]
        if isinstance(child, DictConfig) and not child._is_none() and _takes_mapping(types[key]):
            value = _build_nested(child, f"{path}.{key}", where)
            if get_args(types[key])[1:] in ((str,), (float,), (float | None,)):
                value = _convert_values(cls, key, value, f"{path}.{key}", where)
            values[key] = value
        else:
            values[key] = typed(cls, key, value, f"{path}.{key}", where)
    for field in fields.values():
        if field.name not in values and field.default is field.default_factory is dataclasses.MISSING:
            file = where(f"{path}._target_")
            raise InputError(f"{path}.{field.name} ({file}): not set, and {cls.__name__} has no default for it")
    return _instantiate(cls, values, where, path)


def build_from_keys(
    cls: type[T], config: "DictConfig", where: Where, keys: Mapping[str, str] = MappingProxyType({})
) -> T:
    """Return an instance of a dataclass whose fields are top-level keys of a config.

    ``keys``: by field, a key of another name. Raises InputError as ``build``.
    """
    named = {field.name: keys.get(field.name, field.name) for field in dataclasses.fields(cls)}  # type: ignore[arg-type]
    return _instantiate(cls, {field: typed(cls, field, config[key], key, where) for field, key in named.items()}, where)


def _instantiate(cls: type[T], values: Mapping[str, object], where: Where, path: str = "") -> T:
    """Return an instance of a class; what it raises becomes an InputError with the file of the key."""
    try:
        return cls(**values)
    except InputError as error:
        refused = str(error).partition("=")[0].partition(":")[0]
        raise InputError(f"{error} ({where(refused)})") from error
    except Exception as error:
        if is_builtin(cls):
            raise
        raise InputError(f"{path} ({where(f'{path}._target_')}): {type(error).__name__}: {one_line(error)}") from error


@runtime_checkable
class HasNonFingerprintFields(Protocol):
    """A dataclass with fields that do not change its result, such as where files are."""

    NON_FINGERPRINT_FIELDS: ClassVar[tuple[str, ...]]


def non_fingerprint_fields(stage: object) -> tuple[str, ...]:
    """Return the fields of a built object that fingerprints leave out: none unless its class declares some."""
    return stage.NON_FINGERPRINT_FIELDS if isinstance(stage, HasNonFingerprintFields) else ()


def described(stage: object) -> object:
    """Return the settings of a built object that change its result, as JSON-ready values.

    Its `non_fingerprint_fields` are left out, and its ``LATER_FIELDS`` at their neutral values: fields that were added
    later, and must not change the fingerprints of stored cells.
    """
    if dataclasses.is_dataclass(stage):
        excluded = non_fingerprint_fields(stage)
        later: Mapping[str, object] = getattr(stage, "LATER_FIELDS", {})
        settings = {
            name: described(value)
            for name, value in ((f.name, getattr(stage, f.name)) for f in dataclasses.fields(stage))
            if name not in excluded and not (name in later and later[name] == value)
        }
        cls: type = type(stage)
        return {"class": class_name(cls)} | settings
    if isinstance(stage, dict):
        return {str(key): described(value) for key, value in stage.items()}
    if isinstance(stage, list | tuple):
        return [described(value) for value in stage]
    return stage


def _target_class(node: "DictConfig", path: str, where: Where) -> type:
    """Return the dataclass that a node's ``_target_`` names, of seedbed or a plugin."""
    name = str(node.get("_target_", ""))
    if not name.startswith(TARGETS):
        file = where(f"{path}._target_")
        cls = plugin_class(name, path, file, getattr(where, "plugins", ()))
        _refuse_fields(cls, f"{path}._target_={name} ({file})")
        return cls
    builtin = builtin_class(name)
    if builtin is None:
        file = where(f"{path}._target_")
        raise InputError(f"{path}._target_={name[:80]} ({file}): there is no such class, or it is no dataclass")
    return builtin


def _refuse_fields(cls: type, label: str) -> None:
    """Raise InputError for a plugin's class with a field of a type that OmegaConf cannot read."""
    try:
        _field_types(cls)
        _value_schema(cls)
    except Exception as error:  # of OmegaConf, or raised by evaluating a string annotation
        raise InputError(f"{label}: its fields cannot be read from a config: {one_line(error)}") from error


def _build_nested(node: "DictConfig", path: str, where: Where) -> Stage:
    """Return the object of a node with a ``_target_``; of any other node a dict of its values."""
    from omegaconf import DictConfig, OmegaConf

    if "_target_" in node:
        return build(node, path, where)
    content: dict[str, object] = {}
    for key in node:
        child, name = node._get_node(key), str(key)
        if isinstance(child, DictConfig) and not child._is_none():
            content[name] = _build_nested(child, f"{path}.{name}", where)
        else:
            content[name] = node[key]
    return {key: OmegaConf.to_container(v) if OmegaConf.is_config(v) else v for key, v in content.items()}


def _takes_mapping(kind: object) -> bool:
    """Return whether a field of this type takes a mapping."""
    return kind is Any or get_origin(kind) is dict


def _convert_values(cls: type, key: str, mapping: dict[str, object], path: str, where: Where) -> dict[str, object]:
    """Return the mapping with its values converted to the value type of the field."""
    try:
        converted: dict[str, object] = typed(cls, key, mapping, path, where)
        return converted
    except InputError:
        for name, value in mapping.items():
            try:
                typed(cls, key, {name: value}, path, where)
            except InputError as error:
                kind = get_args(_field_types(cls)[key])[1]
                expected = getattr(kind, "__name__", "") or str(kind).replace(" | None", " or null")
                item_path = f"{path}.{name}"
                raise InputError(
                    f"{item_path}={_as_text(value)} ({where(item_path)}): must be of type {expected}"
                ) from error
        raise


def _as_text(value: object) -> str:
    """Return a value as it is written in a config."""
    return "null" if value is None else str(value)


def typed(cls: type, key: str, value: object, path: str, where: Where) -> Any:  # the type of the field
    """Return the value converted to the field's type by OmegaConf. Raises InputError where that is impossible."""
    from omegaconf import OmegaConf
    from omegaconf.errors import OmegaConfBaseException

    if _is_number_of(_field_types(cls).get(key), value):
        refuse_large_number(cls, key, value, path, where)
        return value
    schema = _value_schema(cls)
    try:
        schema[key] = _literal(value)
    except OmegaConfBaseException as error:
        kind = _field_types(cls)[key]
        expected = kind.__name__ if type(kind) is type else str(kind).replace(" | None", " or null")
        expected = expected.replace("typing.", "")
        raise InputError(f"{path}={_as_text(value)} ({where(path)}): must be of type {expected}") from error
    value = schema[key]
    value = OmegaConf.to_container(value, resolve=True) if OmegaConf.is_config(value) else value
    refuse_large_number(cls, key, value, path, where)
    return value


def _is_number_of(kind: object, value: object) -> bool:
    """Return whether a number, or a list of numbers, has the type of its field: OmegaConf would return the same."""
    if get_origin(kind) is list:
        return type(value) is list and all(_is_number_of(get_args(kind)[0], item) for item in value)
    kinds = get_args(kind) if get_origin(kind) in (Union, UnionType) else (kind,)
    return type(value) in (bool, int, float) and type(value) in kinds


def _literal(value: object) -> object:
    """Return the value with ``${`` in its texts escaped: a resolved value contains no more interpolations."""
    from omegaconf import OmegaConf

    value = OmegaConf.to_container(value, resolve=True) if OmegaConf.is_config(value) else value
    if isinstance(value, dict):
        return {key: _literal(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_literal(item) for item in value]
    return re.sub(r"(\\*)\$\{", r"\1\1\\${", value) if isinstance(value, str) else value


@cache
def _field_types(cls: type) -> Mapping[str, object]:
    """Return the types of a class's fields; string annotations are evaluated."""
    return get_type_hints(cls)


@cache
def _value_schema(cls: type) -> "DictConfig":
    """Return the structured config that converts and checks values of a class; cached, as it takes milliseconds."""
    from omegaconf import OmegaConf

    schema: DictConfig = OmegaConf.structured(cls)
    OmegaConf.set_readonly(schema, False)
    return schema
