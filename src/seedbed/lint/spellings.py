"""Other spellings of a word: case, marks, signs for numbers, encodings, prefixes and suffixes."""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

AFFIX = 0.02
"""Least share of sampled words with a prefix or suffix."""
AS_LATIN = (("utf-8", "latin-1"), ("utf-8", "cp1252"))
AS_UTF8 = tuple((read, written) for written, read in AS_LATIN)


def turkish(word: str) -> list[str]:
    """Return a word in Turkish lower and upper case."""
    return [word.replace("İ", "i").replace("I", "ı").lower(), word.replace("i", "İ").replace("ı", "I").upper()]


def normal_forms(word: str) -> list[str]:
    """Return a word in the normal forms of Unicode."""
    return [unicodedata.normalize(form, word) for form in ("NFC", "NFD", "NFKC")]


def unmarked(word: str) -> str:
    """Return a word in lower case, without accents and marks."""
    if word.isascii():
        return word.lower()
    letters = unicodedata.normalize("NFD", word.casefold())
    return "".join(letter for letter in letters if unicodedata.category(letter)[0] != "M")


def visible(word: str) -> str:
    """Return a word without invisible characters, such as soft hyphens and joiners."""
    return "".join(letter for letter in word if unicodedata.category(letter) != "Cf")


def quotes(word: str) -> list[str]:
    """Return a word with straight and with curly apostrophes and quotes."""
    return [word.translate(str.maketrans("’‘“”", "''\"\"")), word.replace("'", "’"), word.replace('"', "“")]


def numbers(word: str) -> list[str]:
    """Return a word with a sign for each digit, and signs for the number."""
    if not any(letter.isdecimal() for letter in word):
        return []
    return [*(re.sub(r"\d", sign, word) for sign in "#0"), "#", "0", "<num>", "<number>", "<NUM>", "NUM", "number"]


def misread(word: str, encodings: Sequence[tuple[str, str]]) -> list[str]:
    """Return a word encoded with the first and decoded with the second of each pair, where possible."""
    spellings = []
    for encoding, decoding in encodings:
        try:
            spellings.append(word.encode(encoding).decode(decoding))
        except UnicodeError:
            continue
    return spellings


def affixes(sample: Sequence[str]) -> list[tuple[str, str]]:
    """Return frequent pairs of prefix and suffix: ``/c/en/``, ``en:``, ``_NOUN``, ``b'`` and ``'``; also
    GPT's ``Ġ``."""
    import regex

    counts: Counter[tuple[str, str]] = Counter()
    for word in sample:
        cores = regex.finditer(r"(?!Ġ)\p{L}[\p{L}\p{M}]*", word)
        counts.update((word[: core.start()], word[core.end() :]) for core in cores if core[0] != word)
    return [pair for pair, number in counts.most_common(20) if number >= max(2, AFFIX * len(sample))]


def within(pairs: Sequence[tuple[str, str]], word: str) -> list[str]:
    """Return the word in several cases, with each pair of prefix and suffix."""
    cases = dict.fromkeys((word, word.lower(), word.capitalize()))
    return [f"{before}{cased}{behind}" for before, behind in pairs for cased in cases]
