"""Words as sequences of characters, and as prefixes and suffixes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seedbed.embeddings.features import TokenIndex

START, END = "\x02", "\x03"
"""Characters that stand before and after each word."""


@dataclass(frozen=True)
class Spelling:
    """The keys of the words of an index: ``keys`` in sorted order, ``of_words`` int32 ``[words, N]`` by number.

    -1 stands after the last key of a word.
    """

    keys: tuple[str, ...]
    of_words: NDArray[np.int32]


def characters_of(index: TokenIndex, most: int) -> Spelling:
    """Return the characters of each word between `START` and `END`.

    Of a word with more than ``most`` characters, the first and the last half of as many.
    """
    return index.derived(
        ("characters", most), lambda: _spelling([[START, *_shortened(word, most), END] for word in index.words])
    )


def affixes_of(index: TokenIndex, lengths: Sequence[int]) -> Spelling:
    """Return for each word, in lower case, its prefix and its suffix of each length; a shorter word is its own affix.

    ``<`` stands before a prefix, ``>`` before a suffix.
    """

    def make() -> Spelling:
        words = [word.lower() for word in index.words]
        return _spelling([[key for n in lengths for key in (f"<{word[:n]}", f">{word[-n:]}")] for word in words])

    return index.derived(("affixes", tuple(lengths)), make)


def _shortened(word: str, most: int) -> str:
    return word if len(word) <= most else word[: most - most // 2] + word[len(word) - most // 2 :]


def _spelling(words: Sequence[Sequence[str]]) -> Spelling:
    keys = tuple(sorted({key for word in words for key in word}))
    number = {key: n for n, key in enumerate(keys)}
    of_words = np.full((len(words), max(map(len, words), default=0)), -1, np.int32)
    for row, word in zip(of_words, words, strict=True):
        row[: len(word)] = [number[key] for key in word]
    return Spelling(keys, of_words)
