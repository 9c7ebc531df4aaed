"""Overrides of open mappings: those whose keys the user chooses, such as arms, labels and files.

Hydra accepts a new key only with a ``+``, reads some keys as numbers and none in quotes. These overrides are therefore
parsed here, and applied after Hydra has composed the config (`seedbed.config.open_mappings`).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from seedbed.config.hydra_grammar import QUOTED, is_within, split_at_commas, unquote
from seedbed.errors import InputError

if TYPE_CHECKING:
    from hydra.core.override_parser.overrides_parser import OverridesParser


def _parse_overrides(raw: str) -> object:
    """Parse a list of overrides, which need no quotes. Any other value is left for the schema to refuse."""
    if is_within(raw, "["):
        return [unquote(item) for item in split_at_commas(raw[1:-1])]
    return _parse_text(raw, by_hydra=False)


def _parse_names(raw: str) -> object:
    return [_parse_text(item) for item in split_at_commas(raw[1:-1])] if is_within(raw, "[") else _parse_text(raw)


def _parse_text(raw: str, by_hydra: bool = True) -> object:
    """Parse a text as it is written, even where it looks like a number; null is None."""
    if raw.lower() == "null":
        return None
    if not raw.isascii() and not set(raw) & {"\\", "'", '"'}:  # letters that Hydra accepts only in quotes
        _parse_value("".join("x" if not char.isascii() and char.isalnum() else char for char in raw))
        return raw
    value = _parse_value(raw) if by_hydra else raw
    if isinstance(value, bool | int | float):
        return str(value) if raw.endswith(")") else raw
    return value


def _parse_value(raw: str) -> object:
    """Parse a value as Hydra does."""
    override = override_parser().parse_override(f"key={raw}")
    if override.is_sweep_override():
        raise InputError(f"{raw}: several values")
    return override.value()


def _parse_tag_names(raw: str) -> object:
    """Parse a list of names, a file, or in a mapping a name or a number."""
    return int(raw) if raw.isdecimal() and raw.isascii() else _parse_names(raw)


def _parse_part(raw: str) -> object:
    value = _parse_value(raw)
    if not isinstance(value, dict):
        raise ValueError("a part is a mapping; one of another choice is +embedding@embedding.parts.NAME=CHOICE")
    return value


def _parse_modules(raw: str) -> object:
    names = _parse_names(raw)
    return [] if names is None else names if isinstance(names, list) else [names]


OPEN_MAPPINGS: Mapping[str, Callable[[str], object]] = {
    "arms": _parse_overrides,
    "protocols": _parse_overrides,
    "plugins": _parse_modules,
    "dataset.files": _parse_names,
    "dataset.sha256": _parse_text,
    "dataset.held_out": _parse_value,
    "dataset.labels": _parse_text,
    "dataset.reader.where": _parse_text,
    "dataset.reader.tag_names": _parse_tag_names,
    "embedding.parts": _parse_part,
    "embedding.sha256": _parse_text,
    "tune.space": unquote,
    "tune.spaces.*": unquote,
}
"""Path of each open mapping in a config, and the parser of its values; ``*`` stands for any one name."""

REPLACED_MAPPINGS = ("arms", "protocols")
"""Set as a whole, these replace the previous mapping; the others are merged into it."""


@dataclass(frozen=True)
class MappingOverride:
    """An override of the key ``name`` of an open mapping, or of the whole mapping; ``value`` is None for a removal."""

    override: str
    path: str
    name: str | None
    value: str | None

    @property
    def key(self) -> str:
        """The full key, for messages."""
        return self.path if self.name is None else f"{self.path}.{self.name}"

    @property
    def parse(self) -> Callable[[str], object]:
        """The parser of the values of this mapping."""
        return OPEN_MAPPINGS[next(path for path in OPEN_MAPPINGS if re.fullmatch(_pattern(path), self.path))]


def parse_mapping_override(override: str) -> MappingOverride | None:
    """Return the override of an open mapping; None for any other override. InputError where it cannot be read."""
    removes = override.startswith("~")
    text = override.lstrip("+~")
    path = open_mapping(text)
    if path is None or (path == "embedding.parts" and (removes or "." in text.partition("=")[0][len(path) + 1 :])):
        return None
    name, value = None, text[len(path) :]
    if value.startswith("."):
        match = re.fullmatch(rf"\.(?P<name>{QUOTED}|[^='\"](?:[^=\\]|\\.)*)(?P<value>=.*)?", value, re.DOTALL)
        if not match:
            raise InputError(f"command line: cannot read {override!r}: write {path}.NAME=VALUE, NAME in quotes where "
                             "it has quotes or = itself")  # fmt: skip
        name, value = unescape(match["name"]), match["value"] or ""
    if not value and not removes:
        raise InputError(f"command line: cannot read {override!r}: write key=value")
    return MappingOverride(override, path, name, value[1:] if value else None)


def open_mapping(key: str) -> str | None:
    """Return the path of the open mapping that a key or an override is of, or None."""
    matches = (re.match(rf"{_pattern(path)}(?=[.=]|$)", key) for path in OPEN_MAPPINGS)
    return next((match[0] for match in matches if match), None)


def _pattern(path: str) -> str:
    return re.escape(path).replace(r"\*", r"[^.=]+")


def override_key(override: str) -> str:
    """Return the key that an override sets."""
    mapping_override = parse_mapping_override(override)
    return mapping_override.key if mapping_override else override.lstrip("+~").partition("=")[0]


def key_path(key: str) -> list[str]:
    """Split a key at its dots; the keys of open mappings may contain dots themselves."""
    path = open_mapping(key)
    path = None if path in (key, "embedding.parts") else path
    return [*path.split("."), key[len(path) + 1 :]] if path else key.split(".")


def unescape(text: str) -> str:
    """Return a name without its quotes, or without the backslashes of Hydra's grammar."""
    text = text.strip()
    return unquote(text) if text[:1] in ("'", '"') else re.sub(r"\\([\\()\[\]{}:=, \t])", r"\1", text)


def is_sweep(override: MappingOverride) -> bool:
    """Return whether the override has several values, for a sweep."""
    from hydra.errors import HydraException

    if override.value is None or override.path in REPLACED_MAPPINGS:
        return False
    try:
        return override_parser().parse_override(f"key={override.value}").is_sweep_override()
    except (HydraException, RecursionError):
        return False


@cache
def override_parser() -> "OverridesParser":
    """Return Hydra's parser of overrides, which takes milliseconds to create."""
    from hydra.core.override_parser.overrides_parser import OverridesParser

    return OverridesParser.create()
