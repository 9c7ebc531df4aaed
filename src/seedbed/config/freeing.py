"""Overrides that set arms and protocols: mappings from names that the user chooses to lists of overrides."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from seedbed.errors import InputError

FREE_KEYS = ("arms", "protocols")
"""Mappings whose keys the user chooses, from a name to a list of overrides."""


def freed(overrides: Iterable[str]) -> list[str]:
    """Overrides as Hydra reads them: an arm or a protocol may be new, and its list holds overrides without quotes.

    A whole mapping, ``arms={...}``, takes the place of the one there was; Hydra alone would merge the two.
    """
    return [plain for override in overrides for plain in _freed(override)]


def _freed(override: str) -> list[str]:
    given, equals, value = override.partition("=")
    key = given.lstrip("+")
    if not equals or key.split(".")[0] not in FREE_KEYS:
        return [override]
    free = f"++{key}={quoted(_read(override, key, value.strip()))}"
    return [f"~{key}", free] if given in FREE_KEYS else [free]


def _read(override: str, key: str, value: str) -> Any:
    import yaml

    if value.startswith("[") and value.endswith("]"):
        return [_bare(one) for one in split_at_commas(value[1:-1])]
    try:
        return yaml.safe_load(value)
    except yaml.YAMLError as error:
        raise InputError(
            f"command line: cannot read {override!r}: write {key}=[embedding=glove,encoder=cnn], and in a mapping "
            "quotes around an override that has brackets or commas itself"
        ) from error


def split_at_commas(text: str) -> Iterator[str]:
    """The parts of ``a=1,b=[2,3]`` between commas that are in no brackets and no quotes, stripped; none is empty."""
    part, depth, quote = "", 0, ""
    for char in text:
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        elif char == "," and not depth:
            if part.strip():
                yield part.strip()
            part = ""
            continue
        else:
            depth += (char in "[{(") - (char in "]})")
        part += char
    if part.strip():
        yield part.strip()


def _bare(text: str) -> str:
    """Without the quotes around the whole."""
    quoted = re.fullmatch(r"'[^']*'|\"[^\"]*\"", text)
    return text[1:-1] if quoted else text


def _name(key: Any) -> str:
    """A key of a mapping: Hydra reads none in quotes."""
    if not re.fullmatch(r"[A-Za-z_][\w.+-]*", str(key), re.ASCII):
        raise InputError(f"command line: {key}: a name has letters, digits and _ . + -, and begins with a letter")
    return str(key)


def quoted(value: Any) -> str:
    """A nested value in Hydra's grammar, every string in quotes."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{_name(key)}:{quoted(below)}" for key, below in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(quoted(below) for below in value) + "]"
    if isinstance(value, bool | int | float):
        return str(value).lower()
    # In its quotes a backslash escapes only a quote, and backslashes before one.
    return "null" if value is None else '"' + re.sub(r'(\\*)("|$)', _escape, str(value)) + '"'


def _escape(found: re.Match) -> str:
    slashes, quote = found[1], found[2]
    return slashes * 2 + ("\\" + quote if quote else "")
