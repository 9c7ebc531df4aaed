"""From a node of a composed config to the object that it describes."""

import dataclasses
import importlib
import math
import re
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from seedbed.class_names import class_name, is_builtin
from seedbed.config.plugins import plugin_class
from seedbed.config.provenance import Where
from seedbed.errors import InputError, nearest, one_line

T = TypeVar("T")

TARGETS = "seedbed."
"""What is in this package can be built from any config; for classes from outside see ``plugins``."""


def build(node: Any, path: str, where: Where) -> Any:
    """The object that a node describes: an instance of the dataclass named by its ``_target_``.

    ``path`` is the node's key, ``where`` tells of a key where it was set, for the message of an InputError: an unknown
    key, a value of the wrong type, or one that the class refuses.
    """
    from omegaconf import DictConfig

    cls = _target(node, path, where)
    fields = {f.name: f for f in dataclasses.fields(cls) if f.init}
    types = _types(cls)
    values = {}
    for key in node:
        if key == "_target_":
            continue
        if key not in fields:
            raise InputError(
                f"{path}.{key} ({where(f'{path}.{key}')}): no such key{nearest(str(key), fields, path, '.')}"
            )
        value = node._get_node(key)
        given = node[key]
        if isinstance(value, DictConfig) and not value._is_none() and _is_open(types[key]):
            given = _nested(value, f"{path}.{key}", where)
            if get_args(types[key])[1:] in ((str,), (float,)):
                given = _of_one_type(cls, key, given, f"{path}.{key}", where)
            values[key] = given
        else:
            values[key] = typed(cls, key, given, f"{path}.{key}", where)
    for field in fields.values():
        if field.name not in values and field.default is field.default_factory is dataclasses.MISSING:
            file = where(f"{path}._target_")
            raise InputError(f"{path}.{field.name} ({file}): not set, and {cls.__name__} has no default for it")
    return _instance(cls, values, where, path)


def build_from_keys(cls: type[T], config: Any, where: Where, keys: Mapping[str, str] = MappingProxyType({})) -> T:
    """Return an instance of a dataclass whose fields are top-level keys of a config.

    ``keys``: by field, a key of another name. Raises InputError as ``build``.
    """
    named = {field.name: keys.get(field.name, field.name) for field in dataclasses.fields(cls)}  # type: ignore[arg-type]
    return _instance(cls, {field: typed(cls, field, config[key], key, where) for field, key in named.items()}, where)


def _instance(cls: type[T], values: Mapping[str, Any], where: Where, path: str = "") -> T:
    try:
        return cls(**values)
    except InputError as error:
        refused = str(error).partition("=")[0].partition(":")[0]
        raise InputError(f"{error} ({where(refused)})") from error
    except Exception as error:
        if is_builtin(cls):
            raise
        raise InputError(f"{path} ({where(f'{path}._target_')}): {type(error).__name__}: {one_line(error)}") from error


def described(stage: Any) -> Any:
    """The settings of a built object that bear on its result, as JSON-ready values: what ``build`` was given.

    Fields in the ``NON_FINGERPRINT_FIELDS`` of its class are left out: they do not change the result.
    """
    if dataclasses.is_dataclass(stage):
        left_out = getattr(stage, "NON_FINGERPRINT_FIELDS", ())
        kept = {f.name: described(getattr(stage, f.name)) for f in dataclasses.fields(stage) if f.name not in left_out}
        cls: type = type(stage)
        return {"class": class_name(cls)} | kept
    if isinstance(stage, dict):
        return {str(key): described(value) for key, value in stage.items()}
    if isinstance(stage, list | tuple):
        return [described(value) for value in stage]
    return stage


def _target(node: Any, path: str, where: Where) -> type:
    file = where(f"{path}._target_")
    name = str(node.get("_target_", ""))
    if not name.startswith(TARGETS):
        cls = plugin_class(name, path, file, getattr(where, "plugins", ()))
        _refuse_fields(cls, f"{path}._target_={name} ({file})")
        return cls
    module, _, attribute = name.rpartition(".")
    try:
        cls = getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError) as error:
        raise InputError(f"{path}._target_={name} ({file}): there is no such class") from error
    if not dataclasses.is_dataclass(cls):
        raise InputError(f"{path}._target_={name} ({file}): must name a dataclass")
    return cls


def _refuse_fields(cls: type, label: str) -> None:
    """Refuse a plugin's class with a field of a type that no value of a config can have."""
    try:
        _types(cls)
        _schema(cls)
    except Exception as error:  # of OmegaConf, and whatever an annotation raises that is a text
        raise InputError(f"{label}: its fields cannot be read from a config: {one_line(error)}") from error


def _nested(node: Any, path: str, where: Where) -> Any:
    """An object where the node has a ``_target_``; else a dict of whatever is below it."""
    from omegaconf import DictConfig, OmegaConf

    if "_target_" in node:
        return build(node, path, where)
    below = {}
    for key in node:
        value = node._get_node(key)
        nested = isinstance(value, DictConfig) and not value._is_none()
        below[str(key)] = _nested(value, f"{path}.{key}", where) if nested else node[key]
    return {key: OmegaConf.to_container(v) if OmegaConf.is_config(v) else v for key, v in below.items()}


def _is_open(kind: Any) -> bool:
    """Whether a field takes a mapping."""
    return kind is Any or get_origin(kind) is dict


def _of_one_type(cls: type, key: str, mapping: dict[str, Any], path: str, where: Where) -> dict[str, Any]:
    """The mapping with its values converted to the type that the field has for them."""
    try:
        converted: dict[str, Any] = typed(cls, key, mapping, path, where)
        return converted
    except InputError:
        for name, value in mapping.items():
            try:
                typed(cls, key, {name: value}, path, where)
            except InputError as error:
                wanted = get_args(_types(cls)[key])[1].__name__
                below = f"{path}.{name}"
                raise InputError(f"{below}={_shown(value)} ({where(below)}): must be of type {wanted}") from error
        raise


def _shown(value: Any) -> Any:
    return "null" if value is None else value


def typed(cls: type, key: str, value: Any, path: str, where: Where) -> Any:
    """The value converted to the field's type by OmegaConf; InputError where it has another."""
    from omegaconf import OmegaConf
    from omegaconf.errors import OmegaConfBaseException

    schema = _schema(cls)
    try:
        schema[key] = _literal(value)
    except OmegaConfBaseException as error:
        wanted = _types(cls)[key]
        wanted = wanted.__name__ if type(wanted) is type else str(wanted).replace(" | None", " or null")
        wanted = wanted.replace("typing.", "")
        raise InputError(f"{path}={_shown(value)} ({where(path)}): must be of type {wanted}") from error
    value = schema[key]
    if isinstance(value, float) and not math.isfinite(value):
        raise InputError(f"{path}={value} ({where(path)}): must be a finite number")
    return OmegaConf.to_container(value, resolve=True) if OmegaConf.is_config(value) else value


def _literal(value: Any) -> Any:
    """The value with its texts as they are: what has been resolved once refers to nothing any more."""
    from omegaconf import OmegaConf

    value = OmegaConf.to_container(value, resolve=True) if OmegaConf.is_config(value) else value
    if isinstance(value, dict):
        return {key: _literal(below) for key, below in value.items()}
    if isinstance(value, list):
        return [_literal(below) for below in value]
    return re.sub(r"(\\*)\$\{", r"\1\1\\${", value) if isinstance(value, str) else value


@cache
def _types(cls: type) -> Mapping[str, Any]:
    """The types of a class's fields, also where they are annotated as texts."""
    return get_type_hints(cls)


@cache
def _schema(cls: type) -> Any:
    """What converts and checks values of the class, one after the other; it costs milliseconds to make."""
    from omegaconf import OmegaConf

    schema = OmegaConf.structured(cls)
    OmegaConf.set_readonly(schema, False)
    return schema
