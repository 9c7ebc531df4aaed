"""Numbers and names as text, the same in the page, report.md and the terminal."""

import math
import unicodedata
from collections.abc import Sequence

_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


def count(number: int, noun: str) -> str:
    """``ten pairs``, ``one pair``, ``40 pairs``."""
    return f"{number_word(number)} {plural(number, noun)}"


def plural(number: int, noun: str) -> str:
    """``pair`` of one, ``pairs`` of any other number."""
    return noun if number == 1 else f"{noun}s"


def share_text(shown: int, total: int, noun: str) -> str:
    """``two arms``, or ``one of two arms`` where some are left out."""
    return count(total, noun) if shown == total else f"{number_word(shown)} of {count(total, noun)}"


def number_word(number: int) -> str:
    """``ten``, ``40``, ``1,000``."""
    return _WORDS[number] if number < len(_WORDS) else f"{number:,}"


def between_text(low: int, high: int) -> str:
    """``3 to 32``, or ``32`` where both are equal."""
    return f"{low:,} to {high:,}" if low != high else f"{high:,}"


def mean_count_text(mean: float) -> str:
    """``18.5``, ``20``: a mean of counts, with a decimal unless it is whole or 100 and more; a dash for NaN."""
    if not math.isfinite(mean):
        return "–"
    return f"{mean:,.0f}" if mean >= 100 or abs(mean - round(mean)) < 1e-9 else f"{mean:.1f}"


def p_text(p_value: float) -> str:
    """Return a p-value without its letter: at most four decimals, ``< 0.0001`` below, a dash for NaN."""
    if not math.isfinite(p_value):
        return "–"
    return f"{p_value:.4f}".rstrip("0").rstrip(".") if p_value >= 0.00005 else "< 0.0001"


def p_clause(p_value: float) -> str:
    """``p = 0.0039`` or ``p < 0.0001``."""
    text = p_text(p_value)
    return f"p {text}" if text.startswith("<") else f"p = {text}"


def level_text(level: float) -> str:
    """``93.75 %``: a confidence level with up to four digits."""
    return f"{100 * level:.4g} %"


def sanitize(name: object, limit: int = 200) -> str:
    """Return a name from data on one line, without control and direction marks, cut at ``limit`` characters."""
    printable = str(name)
    if not printable.isprintable():
        unprintable = ("Cc", "Cf", "Cs", "Zl", "Zp")
        printable = "".join(" " if unicodedata.category(char) in unprintable else char for char in printable)
    text = " ".join(printable.split()) or "(no name)"
    return text if len(text) <= limit else text[: limit - 1] + "…"


def join_limited(items: Sequence[object], limit: int = 12) -> str:
    """``1, 2, 3``, or with more than ``limit`` items ``1, 2 and 40 more``."""
    shown = ", ".join(str(item) for item in items[:limit])
    return shown if len(items) <= limit else f"{shown} and {len(items) - limit:,} more"


def join_and(items: Sequence[str]) -> str:
    """``a, b and c``."""
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"


def sentence(text: str) -> str:
    """Return ``text`` with its first letter capitalized."""
    return text[:1].upper() + text[1:]
