"""Causes of missing vectors: other spellings, encodings or settings under which words would have one."""

import string
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial

import numpy as np

from seedbed.config.schema import Stage
from seedbed.embeddings.static import Static
from seedbed.embeddings.vector_table import Table
from seedbed.lint import spellings

MOST_WORDS = 2_000
"""Number of the most frequent words without a vector that are tried in other spellings."""
SAMPLE = 2_000
FOLDED = 200_000
"""Number of words of the file that are compared without marks."""


@dataclass(frozen=True)
class Missing:
    """Counts of words without a vector, most frequent first, and the file without them.

    ``key``: that of the embedding's settings, such as ``embedding.parts.glove``; ``dataset``: where the words are from.
    """

    words: Mapping[str, int]
    static: Static
    table: Table
    key: str
    dataset: Stage
    are_many: bool

    @property
    def is_tokenized(self) -> bool:
        """Whether the data set is tokenized, so that no setting splits its tokens."""
        return not self.dataset.reads_texts

    @cached_property
    def frequent(self) -> list[str]:
        """The words that are checked."""
        return list(self.words)[:MOST_WORDS]

    def some(self, number: int) -> list[str]:
        """Return this number of words of the file, evenly spaced, or all if it has fewer."""
        n_words = len(self.table.matrix)
        return self.table.words(np.unique(np.linspace(0, n_words - 1, min(number, n_words)).astype(np.int64)))

    @cached_property
    def sample(self) -> list[str]:
        """A sample of the words of the file."""
        return self.some(SAMPLE)

    @cached_property
    def unmarked(self) -> dict[str, str]:
        """Words of the file by their form without accents and marks."""
        return {spellings.unmarked(word): word for word in self.some(FOLDED)}


@dataclass(frozen=True)
class Cause:
    """``text``: the cause, as a predicate; ``setting``: its fix, if any; ``spellings``: forms of a word to try."""

    text: str
    spellings: Callable[[str], Iterable[str]]
    setting: str = ""


SPELLING_CAUSES = (
    Cause("are in the file in Turkish lower or upper case", spellings.turkish),
    Cause("are in the file in another normal form of Unicode", spellings.normal_forms),
    Cause("have invisible characters inside", lambda word: [spellings.visible(word)]),
    Cause("are in the file with other apostrophes or quotes", spellings.quotes),
    Cause("are in the file with one sign for digits or numbers", spellings.numbers),
    Cause(
        "are in the file in another encoding",
        lambda word: spellings.misread(word, spellings.AS_LATIN),
    ),
    Cause(
        "were written with another encoding than they are read with",
        lambda word: spellings.misread(word, spellings.AS_UTF8), "set dataset.reader.encoding",
    ),
)  # fmt: skip
TOGETHER = dict.fromkeys(("CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA"), "Chinese or Japanese")
"""Scripts that are used together, by the Unicode names of their letters."""
SPLIT = "set dataset.tokenizer=reviews"
PUNCTUATION = string.punctuation + "“”‘’«»…"


def cause(missing: Missing, least: float) -> str:
    """Return the cause that explains most tokens, at least ``least``; empty if there is none."""
    gains = [(_gained(missing, candidate.spellings), candidate) for candidate in _causes(missing)]
    causes = [(tokens, candidate) for tokens, candidate in gains if tokens >= least]
    if causes:
        tokens, best = max(causes, key=lambda pair: pair[0])
        share = 100 * tokens / sum(missing.words.values())
        setting = f": {best.setting}" if best.setting else ""
        return f"{share:.0f} % of them {best.text}{setting}"
    if _limit_gains(missing) >= least:
        return f"they are in the file after the first {missing.static.limit:,} words ({missing.key}.limit)"
    return _other_script(missing, least)


def _causes(missing: Missing) -> Iterator[Cause]:
    key, case = missing.key, missing.static.case
    if case == "exact":
        yield Cause("are in the file in lower case", lambda word: [word.lower()], f"set {key}.case=back_off")
    if case != "any":
        setting = f"set {key}.case=any"
        yield Cause("are in the file in capitals", lambda word: [word.upper()], setting)
        yield Cause("are in the file with a capital letter", lambda word: [word.capitalize()], setting)
    is_raw = not missing.is_tokenized and missing.dataset.tokenizer == "spaces"
    yield Cause("have punctuation attached", lambda word: [word.strip(PUNCTUATION)], SPLIT if is_raw else "")
    yield from SPELLING_CAUSES
    if missing.are_many:  # takes seconds
        yield Cause(
            "are in the file with other accents or marks, or none",
            lambda word: [missing.unmarked.get(spellings.unmarked(word), "")],
        )
    if pairs := spellings.affixes(missing.sample):
        shown = ", ".join(f"{before}word{behind}" for before, behind in pairs[:3])
        around = partial(spellings.within, pairs)
        yield Cause(f"are in the file as {shown}", around, "write the words of the file without it")


def _gained(missing: Missing, spelled: Callable[[str], Iterable[str]]) -> int:
    """Return the number of tokens with a vector in one of these spellings."""
    tried = [(word, text) for word in missing.frequent for text in spelled(word) if text and text != word]
    has_vector = missing.static.rows(missing.table, [text for _, text in tried])[0] >= 0
    return sum(missing.words[word] for word in {word for (word, _), has in zip(tried, has_vector, strict=True) if has})


def _limit_gains(missing: Missing) -> int:
    if missing.static.limit is None:
        return 0
    has_vector = replace(missing.static, limit=None).rows(missing.table, missing.frequent)[0] >= 0
    return sum(missing.words[word] for word, has in zip(missing.frequent, has_vector, strict=True) if has)


def _other_script(missing: Missing, least: float) -> str:
    """Return a text if most words are in a script that the file hardly has; else an empty string."""
    file_scripts = _scripts((word, 1) for word in missing.sample)
    text_scripts = _scripts(missing.words.items())
    if not (text_scripts and file_scripts):
        return ""
    (script, number), (main_script, _) = text_scripts.most_common(1)[0], file_scripts.most_common(1)[0]
    if number < max(least, text_scripts.total() / 2) or file_scripts[script] >= 0.05 * file_scripts.total():
        return ""
    return f"they are in {script} letters, and the words of the file in {main_script} letters"


def _scripts(words: Iterable[tuple[str, int]]) -> Counter[str]:
    """Return the number of words by script of their first letter: ``Latin``, ``Cyrillic``."""
    counts: Counter[str] = Counter()
    for word, number in words:
        letter = next((letter for letter in word if letter.isalpha()), "")
        if letter:
            script = unicodedata.name(letter, "?").partition(" ")[0]
            counts[TOGETHER.get(script, script.title())] += number
    return counts
