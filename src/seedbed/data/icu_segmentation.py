"""Words of scripts that put no spaces between them, by the dictionaries of ICU (the extra ``icu``)."""

import importlib.util
from collections.abc import Iterable
from functools import cache
from typing import Any

SCRIPTS = ("Thai", "Lao", "Khmer", "Myanmar", "Han", "Hiragana", "Katakana")
"""Those that ICU has a dictionary for."""


def installed() -> bool:
    """Whether ICU is installed."""
    return importlib.util.find_spec("icu4py") is not None


def version() -> str:
    """The version of ICU, and so of its dictionaries."""
    import icu4py

    return icu4py.icu_version


def parted(tokens: Iterable[str]) -> list[str]:
    """The tokens, with those of such a script parted into words; all others as they are."""
    found: list[str] = []
    for token in tokens:
        if token.isascii() or not _without_spaces().search(token):
            found.append(token)
        else:
            found += _breaker()(token, "root")
    return found


@cache
def _without_spaces() -> Any:
    import regex

    return regex.compile("[" + "".join(rf"\p{{{script}}}" for script in SCRIPTS) + "]")


@cache
def _breaker() -> Any:
    from icu4py.breakers import WordBreaker

    return WordBreaker
