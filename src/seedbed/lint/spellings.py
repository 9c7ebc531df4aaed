"""How a word may be written elsewhere: other case, marks, signs for numbers, encodings, and what stands around it."""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

AFFIX = 0.02
"""Of the sampled words: how many have what stands before or behind each word."""
AS_LATIN = (("utf-8", "latin-1"), ("utf-8", "cp1252"))
AS_UTF8 = tuple((taken, written) for written, taken in AS_LATIN)


def turkish(word: str) -> list[str]:
    """In lower and in upper case by the rules of Turkish."""
    return [word.replace("İ", "i").replace("I", "ı").lower(), word.replace("i", "İ").replace("ı", "I").upper()]


def normal_forms(word: str) -> list[str]:
    """In the normal forms of Unicode."""
    return [unicodedata.normalize(form, word) for form in ("NFC", "NFD", "NFKC")]


def unmarked(word: str) -> str:
    """Without accents and marks, whatever its case."""
    if word.isascii():
        return word.lower()
    letters = unicodedata.normalize("NFD", word.casefold())
    return "".join(letter for letter in letters if unicodedata.category(letter)[0] != "M")


def visible(word: str) -> str:
    """Without soft hyphens, joiners and the like."""
    return "".join(letter for letter in word if unicodedata.category(letter) != "Cf")


def quotes(word: str) -> list[str]:
    """With straight apostrophes and quotes, or with curly ones."""
    return [word.translate(str.maketrans("’‘“”", "''\"\"")), word.replace("'", "’"), word.replace('"', "“")]


def numbers(word: str) -> list[str]:
    """With a sign for each digit or for the number."""
    if not any(letter.isdecimal() for letter in word):
        return []
    return [*(re.sub(r"\d", sign, word) for sign in "#0"), "#", "0", "<num>", "<number>", "<NUM>", "NUM", "number"]


def misread(word: str, encodings: Sequence[tuple[str, str]]) -> list[str]:
    """Written with the first of two encodings and read with the second, as far as that can be."""
    found = []
    for written, taken in encodings:
        try:
            found.append(word.encode(written).decode(taken))
        except UnicodeError:
            continue
    return found


def affixes(sample: Sequence[str]) -> list[tuple[str, str]]:
    """What stands before and behind the letters of many words: ``/c/en/``, ``en:``, ``_NOUN``, ``b'`` and ``'``; also
    GPT's ``Ġ``."""
    import regex

    seen: Counter[tuple[str, str]] = Counter()
    for word in sample:
        cores = regex.finditer(r"(?!Ġ)\p{L}[\p{L}\p{M}]*", word)
        seen.update((word[: core.start()], word[core.end() :]) for core in cores if core[0] != word)
    return [pair for pair, number in seen.most_common(20) if number >= max(2, AFFIX * len(sample))]


def within(pairs: Sequence[tuple[str, str]], word: str) -> list[str]:
    """The word, as it is and in other cases, with each of these around it."""
    cases = dict.fromkeys((word, word.lower(), word.capitalize()))
    return [f"{before}{one}{behind}" for before, behind in pairs for one in cases]
