"""Overrides of mappings whose keys the user chooses: arms, labels, files and the like.

Hydra takes a new key only behind a ``+``, and reads some as numbers and none in quotes: here they are set after it.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from seedbed.config.splitting import QUOTED, is_within, split_at_commas, unquoted
from seedbed.errors import InputError


def _overrides(raw: str) -> Any:
    """A list of overrides, which need no quotes; of whatever else the schema says what is wrong."""
    return [unquoted(one) for one in split_at_commas(raw[1:-1])] if is_within(raw, "[") else _text(raw, by_hydra=False)


def _names(raw: str) -> Any:
    return [_text(one) for one in split_at_commas(raw[1:-1])] if is_within(raw, "[") else _text(raw)


def _text(raw: str, by_hydra: bool = True) -> Any:
    """A text as it is written, be it like a number; null is none."""
    if raw.lower() == "null":
        return None
    if not raw.isascii() and not set(raw) & {"\\", "'", '"'}:  # letters that Hydra would have in quotes
        _parsed("".join("x" if not char.isascii() and char.isalnum() else char for char in raw))
        return raw
    value = _parsed(raw) if by_hydra else raw
    if isinstance(value, bool | int | float):
        return str(value) if raw.endswith(")") else raw
    return value


def _parsed(raw: str) -> Any:
    """A value as Hydra reads it."""
    override = _parser().parse_override(f"key={raw}")
    if override.is_sweep_override():
        raise InputError(f"{raw}: several values")
    return override.value()


def _tag_names(raw: str) -> Any:
    """Names of numbers: a list, a file, or of a mapping a name or, the other way round, a number."""
    return int(raw) if raw.isdecimal() and raw.isascii() else _names(raw)


def _part(raw: str) -> Any:
    value = _parsed(raw)
    if not isinstance(value, dict):
        raise ValueError("a part is a mapping; one of another choice is +embedding@embedding.parts.NAME=CHOICE")
    return value


def _modules(raw: str) -> Any:
    names = _names(raw)
    return [] if names is None else names if isinstance(names, list) else [names]


FREE: Mapping[str, Callable[[str], Any]] = {
    "arms": _overrides,
    "protocols": _overrides,
    "plugins": _modules,
    "dataset.files": _names,
    "dataset.sha256": _text,
    "dataset.held_out": _parsed,
    "dataset.labels": _text,
    "dataset.reader.where": _text,
    "dataset.reader.tag_names": _tag_names,
    "embedding.parts": _part,
}
"""By the mapping's place in a config, how a value in it is read."""

REPLACED = ("arms", "protocols")
"""Given whole, these take the place of what was there; in the others it is added."""


@dataclass(frozen=True)
class Free:
    """An override of such a mapping: of the key ``name``, or of all of it; ``value`` is None where it is taken away."""

    override: str
    path: str
    name: str | None
    value: str | None

    @property
    def key(self) -> str:
        """The key as it is shown."""
        return self.path if self.name is None else f"{self.path}.{self.name}"


def free_of(override: str) -> Free | None:
    """An override of a free mapping; None where it is of something else. InputError where it cannot be read."""
    away = override.startswith("~")
    text = override.lstrip("+~")
    path = next((one for one in FREE if re.match(rf"{re.escape(one)}(?:[.=]|$)", text)), None)
    if path is None or (path == "embedding.parts" and (away or "." in text.partition("=")[0][len(path) + 1 :])):
        return None
    name, value = None, text[len(path) :]
    if value.startswith("."):
        found = re.fullmatch(rf"\.(?P<name>{QUOTED}|[^='\"](?:[^=\\]|\\.)*)(?P<value>=.*)?", value, re.DOTALL)
        if not found:
            raise InputError(f"command line: cannot read {override!r}: write {path}.NAME=VALUE, NAME in quotes where "
                             "it has quotes or = itself")  # fmt: skip
        name, value = unescaped(found["name"]), found["value"] or ""
    if not value and not away:
        raise InputError(f"command line: cannot read {override!r}: write key=value")
    return Free(override, path, name, value[1:] if value else None)


def key_of(override: str) -> str:
    """The key that an override sets."""
    free = free_of(override)
    return free.key if free else override.lstrip("+~").partition("=")[0]


def steps(key: str) -> list[str]:
    """The keys on the way to a key; the user's own may have dots."""
    path = next((one for one in FREE if key.startswith(f"{one}.") and one != "embedding.parts"), None)
    return [*path.split("."), key[len(path) + 1 :]] if path else key.split(".")


def unescaped(text: str) -> str:
    """The name that is meant: without quotes, or without the backslashes of Hydra's grammar."""
    text = text.strip()
    return unquoted(text) if text[:1] in ("'", '"') else re.sub(r"\\([\\()\[\]{}:=, \t])", r"\1", text)


def is_swept(free: Free) -> bool:
    """Whether the value is several, for a sweep."""
    from hydra.errors import HydraException

    if free.value is None or free.path in REPLACED:
        return False
    try:
        return _parser().parse_override(f"key={free.value}").is_sweep_override()
    except (HydraException, RecursionError):
        return False


@cache
def _parser() -> Any:
    from hydra.core.override_parser.overrides_parser import OverridesParser

    return OverridesParser.create()
