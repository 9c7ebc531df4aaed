"""Numbers and names as words: one way to say a p, an interval, a count, for page, report.md and terminal."""

import math
import unicodedata
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    pass

_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


def count(number: int, noun: str) -> str:
    """``ten pairs``, ``one pair``, ``40 pairs``."""
    return f"{number_word(number)} {noun if number == 1 else noun + 's'}"


def number_word(number: int) -> str:
    """``ten``, ``40``, ``1,000``."""
    return _WORDS[number] if number < len(_WORDS) else f"{number:,}"


def p_text(p_value: float) -> str:
    """A p without its letter: four decimals at most, ``< 0.0001`` below, a dash for none."""
    if not math.isfinite(p_value):
        return "–"
    return f"{p_value:.4f}".rstrip("0").rstrip(".") if p_value >= 0.00005 else "< 0.0001"


def p_clause(p_value: float) -> str:
    """``p = 0.0039`` or ``p < 0.0001``."""
    text = p_text(p_value)
    return f"p {text}" if text.startswith("<") else f"p = {text}"


def level_text(level: float) -> str:
    """``93.75 %``: a level exactly, as few pairs allow no other."""
    return f"{100 * level:.4g} %"


def sanitize(name: object, limit: int = 200) -> str:
    """A name from data on one line: control and direction marks out, blanks single, cut at ``limit`` characters."""
    kept = str(name)
    if not kept.isprintable():
        kept = "".join(" " if unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Zl", "Zp") else sign for sign in kept)
    text = " ".join(kept.split()) or "(no name)"
    return text if len(text) <= limit else text[: limit - 1] + "…"


def join_limited(numbers: Sequence[object], limit: int = 12) -> str:
    """``1, 2, 3`` with the end left out where there are many."""
    shown = ", ".join(str(number) for number in numbers[:limit])
    return shown if len(numbers) <= limit else f"{shown} and {len(numbers) - limit:,} more"


def sentence(text: str) -> str:
    """``text`` with a capital first letter."""
    return text[:1].upper() + text[1:]


def count_examples(n_train: int) -> str:
    """``200 examples``; sizes stay figures."""
    return f"{n_train:,} example{'' if n_train == 1 else 's'}"
