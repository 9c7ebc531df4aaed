"""Texts, lists and mappings in the grammar of Hydra's overrides: split, unquoted and quoted."""

import re
import shlex
from collections.abc import Iterator

from seedbed.errors import InputError

QUOTED = r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\""
"""A text in quotes, as a regular expression."""
_CLOSED_BY = {"[": "]", "{": "}", "(": ")"}
_TOKEN = re.compile(rf"(?P<quoted>{QUOTED})|\\.|.", re.DOTALL)
_UNQUOTED = re.compile(r"[A-Za-z0-9_ \t/\-\\+.$%*@?|:]")
"""Characters that need no quotes: a comma separates values, brackets are for lists and mappings."""
_KEY = re.compile(r"[A-Za-z_][\w.+-]*", re.ASCII)
"""What Hydra reads as the key of a mapping. It accepts no quoted keys."""


def split_at_commas(text: str) -> Iterator[str]:
    """Yield the parts of ``a=1,b=[2,3]`` between commas outside brackets and quotes, stripped, without empty ones."""
    part, depth = "", 0
    for token in _tokens(text):
        depth += (token in _CLOSED_BY) - (token in _CLOSED_BY.values())
        if token == "," and not depth:
            if part.strip():
                yield part.strip()
            part = ""
        else:
            part += token
    if part.strip():
        yield part.strip()


def is_within(text: str, bracket: str) -> bool:
    """Return whether the text is one list (``[``) or mapping (``{``): its last bracket closes its first."""
    expected: list[str] = []
    for index, token in enumerate(tokens := list(_tokens(text))):
        if token in _CLOSED_BY:
            expected.append(_CLOSED_BY[token])
        elif token in _CLOSED_BY.values() and (not expected or expected.pop() != token):
            return False
        if not expected and index < len(tokens) - 1:
            return False
    return text.startswith(bracket) and not expected


def bracket_depth(text: str) -> int:
    """Return how deep brackets are nested."""
    depth = deepest = 0
    for token in _tokens(text):
        depth += (token in _CLOSED_BY) - (token in _CLOSED_BY.values())
        deepest = max(depth, deepest)
    return deepest


def unquote(text: str) -> str:
    """Return the content of a quoted text; any other text unchanged."""
    if not re.fullmatch(QUOTED, text, re.DOTALL):
        return text
    # A backslash escapes only a quote, and backslashes before one.
    return re.sub(rf"(\\+)({text[0]}|$)", lambda match: "\\" * (len(match[1]) // 2) + match[2], text[1:-1])


def quote(value: object) -> str:
    """Return a nested value in Hydra's grammar, with every string in quotes."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{_mapping_key(key)}:{quote(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(quote(item) for item in value) + "]"
    if isinstance(value, bool | int | float):
        return str(value).lower()
    # Within quotes a backslash escapes only a quote, and backslashes before one.
    return "null" if value is None else '"' + re.sub(r'(\\*)("|$)', _escape, str(value)) + '"'


def shell_word(key: str, text: str) -> str:
    """Return ``key="text"`` as typed in a shell, for a text that Hydra or the shell would misread."""
    word = f"{key}={quote(text)}"
    if "'" in word and re.search(r"[$`]", word):
        return shlex.quote(word)
    return f"'{word}'" if "'" not in word else '"' + re.sub(r'(["\\])', r"\\\1", word) + '"'


def with_quoted_sign(override: str) -> str:
    """Return an override with quotes around a value that is one sign, such as ``dataset.reader.separator=;``."""
    key, equals, value = override.partition("=")
    return f"{key}={quote(value)}" if equals and value in (",", ";", "|", "\t") else override


def quoting_hint(key: str, text: str) -> str:
    """Return a hint to quote a value that cannot be read; empty where quotes would not help."""
    special = dict.fromkeys(_UNQUOTED.sub("", text))
    if not special or not text.strip() or text.strip()[0] in "'\"":
        return ""
    return f"; a text with {' '.join(special)} goes in quotes: type {shell_word(key, text)}"


def _mapping_key(key: object) -> str:
    if not _KEY.fullmatch(str(key)):
        raise InputError(f"command line: {key}: a name has letters, digits and _ . + -, and begins with a letter")
    return str(key)


def _escape(match: re.Match[str]) -> str:
    slashes, quote_mark = match[1], match[2]
    return slashes * 2 + ("\\" + quote_mark if quote_mark else "")


def _tokens(text: str) -> Iterator[str]:
    """Yield each character, an escaped one with its backslash, and each quoted text as one."""
    return (match[0] for match in _TOKEN.finditer(text))
