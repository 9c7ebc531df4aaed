"""Word segmentation of scripts without spaces, by the dictionaries of ICU (the extra ``icu``)."""

import importlib.util
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import re

    from icu4py.breakers import WordBreaker

SCRIPTS = ("Thai", "Lao", "Khmer", "Myanmar", "Han", "Hiragana", "Katakana")
"""Scripts with a dictionary in ICU."""


def is_installed() -> bool:
    """Return whether ICU is installed."""
    return importlib.util.find_spec("icu4py") is not None


def version() -> str:
    """Return the version of ICU and its dictionaries."""
    import icu4py

    return icu4py.icu_version


def segment(tokens: Iterable[str]) -> list[str]:
    """Return the tokens, with those in such a script split into words."""
    words: list[str] = []
    for token in tokens:
        if token.isascii() or not _without_spaces().search(token):
            words.append(token)
        else:
            words += _breaker()(token, "root")
    return words


@cache
def _without_spaces() -> "re.Pattern[str]":  # the pattern of regex has the same methods
    import regex

    return regex.compile("[" + "".join(rf"\p{{{script}}}" for script in SCRIPTS) + "]")


@cache
def _breaker() -> "type[WordBreaker]":
    from icu4py.breakers import WordBreaker

    return WordBreaker
