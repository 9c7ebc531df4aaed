"""Set the mappings whose keys the user chooses in a config that Hydra has composed."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from seedbed.config.hydra_grammar import QUOTED, is_within, quoting_hint, split_at_commas
from seedbed.config.override_syntax import (
    REPLACED_MAPPINGS,
    MappingOverride,
    parse_mapping_override,
    unescape,
)
from seedbed.errors import InputError, nearest

if TYPE_CHECKING:
    from omegaconf import DictConfig


def split_overrides(overrides: Iterable[str]) -> tuple[list[str], list[MappingOverride]]:
    """Return the overrides for Hydra, and those to apply to the config that it composes."""
    parsed = [(override, parse_mapping_override(override)) for override in overrides]
    return [override for override, mapping in parsed if not mapping], [mapping for _, mapping in parsed if mapping]


def apply_overrides(config: "DictConfig", overrides: Sequence[MappingOverride]) -> None:
    """Apply the overrides to a composed config, in order. Raises InputError."""
    from omegaconf import DictConfig, OmegaConf, open_dict

    for override in overrides:
        above, _, last = override.path.rpartition(".")
        parent = OmegaConf.select(config, above) if above else config
        if not isinstance(parent, DictConfig):
            raise InputError(f"command line: no key {override.key}")
        node = parent.get(last)
        content = OmegaConf.to_container(node, resolve=False) if isinstance(node, DictConfig) else {}
        current = {str(key): value for key, value in content.items()} if isinstance(content, dict) else {}
        with open_dict(config):
            parent[last] = _changed(current, override)


def _changed(current: dict[str, object], override: MappingOverride) -> object:
    """Return the mapping after one override."""
    if override.name is None:
        if override.value is None:
            return {}
        new = _parse_whole(override, override.value.strip())
        return new if override.path in REPLACED_MAPPINGS or not isinstance(new, dict) else _merged(current, new)
    if override.override.startswith("~"):
        if override.name not in current:
            raise InputError(
                f"command line: {override.override}: there is no {override.key}{nearest(override.name, current)}"
            )
        if override.value is not None and _parse_value(override, override.value) != current[override.name]:
            raise InputError(f"command line: {override.override}: {override.key} is {current[override.name]}")
        return {key: value for key, value in current.items() if key != override.name}
    return _merged(current, {override.name: _parse_value(override, override.value or "")})


def _merged(old: dict[str, object], new: dict[str, object]) -> dict[str, object]:
    """Merge nested mappings; any other value replaces the old one."""
    merged = dict(old)
    for key, value in new.items():
        before = old.get(key)
        merged[key] = _merged(before, value) if isinstance(value, dict) and isinstance(before, dict) else value
    return merged


def _parse_whole(override: MappingOverride, text: str) -> object:
    """Parse ``{NAME: VALUE, ...}``, or another value for the whole mapping."""
    if text.lower() == "null" and override.path in REPLACED_MAPPINGS:
        return {}
    if text.startswith("${"):
        return text
    if not text.startswith("{"):
        return _parse_value(override, text)
    if not is_within(text, "{"):
        raise _unreadable(override)
    pairs = [(unescape(key), value) for key, value in _pairs(text[1:-1], override)]
    for key, count in Counter(key for key, _ in pairs).items():
        if count > 1:
            raise InputError(f"command line: {override.override}: the key {key} appears twice")
    return {key: _parse_value(override, value) for key, value in pairs}


def _pairs(text: str, override: MappingOverride) -> Iterator[tuple[str, str]]:
    for part in split_at_commas(text):
        match = re.fullmatch(rf"({QUOTED}|(?:[^:\\]|\\.)*?)\s*:(.*)", part, re.DOTALL)
        if not match:
            raise _unreadable(override)
        yield match[1], match[2].strip()


def _parse_value(override: MappingOverride, raw: str) -> object:
    from hydra.errors import HydraException

    try:
        return override.parse(raw.strip())
    except InputError as error:
        message = f"command line: {override.override}: several values; `seedbed run -m` sweeps over them"
        raise InputError(message + _quoting_hint(override)) from error
    except ValueError as error:
        raise InputError(f"command line: {override.override}: {error}") from error
    except (HydraException, RecursionError) as error:
        raise _unreadable(override) from error


def _unreadable(override: MappingOverride) -> InputError:
    if override.path in REPLACED_MAPPINGS:
        name = "" if override.name else ".NAME"
        hint = (f"write {override.key}{name}=[embedding=glove,encoder=cnn], and in a mapping quotes "
                "around an override that has brackets or commas itself")  # fmt: skip
    elif override.name is None:
        hint = (f"write {override.path}={{NAME: VALUE, NAME: VALUE}}, with quotes around a text that has , : or "
                "quotes itself")  # fmt: skip
    else:
        hint = "write key=value" + _quoting_hint(override)
    return InputError(f"command line: cannot read {override.override!r}: {hint}")


def _quoting_hint(override: MappingOverride) -> str:
    """Return a hint to quote a single value; the key is shown as it was typed."""
    if override.name is None:
        return ""
    return quoting_hint(override.override.removesuffix(f"={override.value}"), override.value or "")
