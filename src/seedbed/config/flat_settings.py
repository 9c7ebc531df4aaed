"""The settings of an arm as one mapping of names such as ``encoder.units`` to texts."""

import dataclasses
from collections.abc import Callable, Mapping

from seedbed.class_names import class_name
from seedbed.config.build import described
from seedbed.config.schema import Stage
from seedbed.masking import without_secrets

EMPTY: tuple[object, ...] = (None, "", [], {})
_FETCHING = ("url", "unpack", "names", "cache", "cache_gb", "table_gb", "max_file_gb", "trust")
"""Fields that say how files are fetched and kept, not what is read; digests of files are left out too."""


def flat_settings(built: Mapping[str, Stage]) -> dict[str, str]:
    """Return the settings of these stages that change a result, to be read and filtered by; empty ones are left out."""
    return {key: str(value) for key, value in _flat(built, described).items() if value not in EMPTY}


def all_settings(built: Mapping[str, Stage]) -> dict[str, str]:
    """Return all settings of these stages, also defaults, with ``null`` for None; without secrets of addresses."""
    texts = {key: "null" if value is None else str(value) for key, value in _flat(built, _fields).items()}
    return {key: str(without_secrets(text)) for key, text in texts.items()}


def _fields(stage: object) -> object:
    """Return all fields of a built object as `described`, also those that no fingerprint has."""
    if dataclasses.is_dataclass(stage):
        cls: type = type(stage)
        names = [field.name for field in dataclasses.fields(stage) if field.name not in _FETCHING]
        shown = {name: _fields(getattr(stage, name)) for name in names if not name.endswith("sha256")}
        return {"class": class_name(cls)} | shown
    if isinstance(stage, Mapping):
        return {str(key): _fields(value) for key, value in stage.items()}
    return [_fields(value) for value in stage] if isinstance(stage, list | tuple) else stage


def _flat(built: Mapping[str, Stage], content_of: Callable[[object], object]) -> dict[str, object]:
    flat: dict[str, object] = {}

    def walk(prefix: str, value: object) -> None:
        if isinstance(value, dict) and value:
            for key, item in value.items():
                walk(f"{prefix}.{key}", item)
        else:
            flat[prefix] = value

    for group, stage in built.items():
        walk(group, content_of(stage))
    return flat
