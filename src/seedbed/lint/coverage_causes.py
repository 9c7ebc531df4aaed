"""Causes of missing vectors: other spellings, encodings or settings under which words would have one."""

import string
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any

import numpy as np

from seedbed.embeddings.static import Static
from seedbed.embeddings.vector_table import Table
from seedbed.lint import spellings

MOST_WORDS = 2_000
"""The most frequent words without a vector, which are tried in other spellings."""
SAMPLE = 2_000
FOLDED = 200_000
"""Words of the file that are compared without their marks."""


@dataclass(frozen=True)
class Missing:
    """Words without a vector, each with how often it occurs, the most frequent first; where they were looked for.

    ``key``: that of the embedding's settings, such as ``embedding.parts.glove``; ``dataset``: where the words are from.
    """

    words: Mapping[str, int]
    static: Static
    table: Table
    key: str
    dataset: Any
    are_many: bool

    @property
    def is_given(self) -> bool:
        """Whether the tokens are those of the file, which no setting splits."""
        return self.dataset.task == "tagging" or bool(getattr(self.dataset.reader, "tokens", ""))

    @cached_property
    def frequent(self) -> list[str]:
        """Those that are looked at."""
        return list(self.words)[:MOST_WORDS]

    def some(self, number: int) -> list[str]:
        """So many words of the file, evenly spaced, or all where there are fewer."""
        whole = len(self.table.matrix)
        return self.table.words(np.unique(np.linspace(0, whole - 1, min(number, whole)).astype(np.int64)))

    @cached_property
    def sample(self) -> list[str]:
        """Words of the file."""
        return self.some(SAMPLE)

    @cached_property
    def unmarked(self) -> dict[str, str]:
        """Words of the file by how they are without accents and marks."""
        return {spellings.unmarked(word): word for word in self.some(FOLDED)}


@dataclass(frozen=True)
class Cause:
    """``text``: what is so of words; ``setting``: what does something about it, if anything does; ``spellings``: where
    the file has a word."""

    text: str
    spellings: Callable[[str], Iterable[str]]
    setting: str = ""


SPELLED = (
    Cause("are there in Turkish lower or upper case", spellings.turkish),
    Cause("are there in another normal form of Unicode", spellings.normal_forms),
    Cause("have invisible characters inside", lambda word: [spellings.visible(word)]),
    Cause("are there with other apostrophes or quotes", spellings.quotes),
    Cause("are there with one sign for digits or numbers", spellings.numbers),
    Cause(
        "are there in another encoding than that of the file",
        lambda word: spellings.misread(word, spellings.AS_LATIN),
    ),
    Cause(
        "were written with another encoding than they are read with",
        lambda word: spellings.misread(word, spellings.AS_UTF8), "set dataset.reader.encoding",
    ),
)  # fmt: skip
TOGETHER = dict.fromkeys(("CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA"), "Chinese or Japanese")
"""Scripts that are written together, as Unicode names their letters."""
SPLIT = "set dataset.tokenizer=reviews"
PUNCTUATION = string.punctuation + "“”‘’«»…"


def cause(missing: Missing, least: float) -> str:
    """What would give at least so many tokens a vector: the one that does it for most; empty where none shows."""
    found = [(tokens, one) for one in _causes(missing) if (tokens := _gained(missing, one.spellings)) >= least]
    if found:
        tokens, best = max(found, key=lambda pair: pair[0])
        share = 100 * tokens / sum(missing.words.values())
        setting = f": {best.setting}" if best.setting else ""
        return f"{share:.0f} % of those {best.text}{setting}"
    if _limit_gains(missing) >= least:
        return f"they are there behind the first {missing.static.limit:,} words ({missing.key}.limit)"
    return _other_letters(missing, least)


def _causes(missing: Missing) -> Iterator[Cause]:
    key, case = missing.key, missing.static.case
    if case == "exact":
        yield Cause("are there in lower case", lambda word: [word.lower()], f"set {key}.case=back_off")
    if case != "any":
        setting = f"set {key}.case=any"
        yield Cause("are there in capitals", lambda word: [word.upper()], setting)
        yield Cause("are there with a capital letter", lambda word: [word.capitalize()], setting)
    is_raw = not missing.is_given and missing.dataset.tokenizer == "spaces"
    yield Cause("have punctuation at them", lambda word: [word.strip(PUNCTUATION)], SPLIT if is_raw else "")
    yield from SPELLED
    if missing.are_many:  # takes seconds
        yield Cause(
            "are there with other accents or marks, or none",
            lambda word: [missing.unmarked.get(spellings.unmarked(word), "")],
        )
    if pairs := spellings.affixes(missing.sample):
        shown = ", ".join(f"{before}word{behind}" for before, behind in pairs[:3])
        around = partial(spellings.within, pairs)
        yield Cause(f"are there as {shown}", around, "write its words without that")


def _gained(missing: Missing, spelled: Callable[[str], Iterable[str]]) -> int:
    """How many tokens have a vector in one of these spellings."""
    tried = [(word, other) for word in missing.frequent for other in spelled(word) if other and other != word]
    there = missing.static.rows(missing.table, [other for _, other in tried])[0] >= 0
    return sum(missing.words[word] for word in {word for (word, _), has in zip(tried, there, strict=True) if has})


def _limit_gains(missing: Missing) -> int:
    if missing.static.limit is None:
        return 0
    there = replace(missing.static, limit=None).rows(missing.table, missing.frequent)[0] >= 0
    return sum(missing.words[word] for word, has in zip(missing.frequent, there, strict=True) if has)


def _other_letters(missing: Missing, least: float) -> str:
    """Words in letters that hardly any word of the file has."""
    theirs = _scripts((word, 1) for word in missing.sample)
    ours = _scripts(missing.words.items())
    if not (ours and theirs):
        return ""
    (script, number), (most, _) = ours.most_common(1)[0], theirs.most_common(1)[0]
    if number < max(least, ours.total() / 2) or theirs[script] >= 0.05 * theirs.total():
        return ""
    return f"they are in {script} letters, and the words of the file in {most} letters"


def _scripts(words: Iterable[tuple[str, int]]) -> Counter[str]:
    """How many of these words are in which script, by their first letter: ``Latin``, ``Cyrillic``."""
    found: Counter[str] = Counter()
    for word, number in words:
        letter = next((letter for letter in word if letter.isalpha()), "")
        if letter:
            script = unicodedata.name(letter, "?").partition(" ")[0]
            found[TOGETHER.get(script, script.title())] += number
    return found
