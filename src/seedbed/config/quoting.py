"""Values in Hydra's grammar: quoted, and what to type where one must be."""

import re
from typing import Any

from seedbed.errors import InputError

UNQUOTED = re.compile(r"[A-Za-z0-9_ \t/\-\\+.$%*@?|:]")
"""What stands in a text without quotes; a comma parts several values, brackets are of lists and mappings."""
KEY = re.compile(r"[A-Za-z_][\w.+-]*", re.ASCII)
"""What Hydra reads as the key of a mapping, and as a text; it takes none in quotes."""


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


def to_type(key: str, text: str) -> str:
    """The word to type in a shell for a text that Hydra and the shell would each read otherwise."""
    word = f"{key}={quoted(text)}"
    return f"'{word}'" if "'" not in word else '"' + re.sub(r'(["\\$`])', r"\\\1", word) + '"'


def advice(key: str, text: str) -> str:
    """What to type for a value that cannot be read as it is; empty where quotes would not help."""
    strange = dict.fromkeys(UNQUOTED.sub("", text))
    if not strange or not text.strip() or text.strip()[0] in "'\"":
        return ""
    return f"; a text with {' '.join(strange)} goes in quotes: type {to_type(key, text)}"


def _name(key: Any) -> str:
    """A key of a mapping: Hydra reads none in quotes."""
    if not KEY.fullmatch(str(key)):
        raise InputError(f"command line: {key}: a name has letters, digits and _ . + -, and begins with a letter")
    return str(key)


def _escape(found: re.Match) -> str:
    slashes, quote = found[1], found[2]
    return slashes * 2 + ("\\" + quote if quote else "")
