"""How the words of a text, or of a sentence that was tokens already, become the tokens of an example."""

import re
from sys import intern
from typing import NamedTuple

from seedbed.data.tokens import normalise, tokenize

HALF = re.compile("[\ud800-\udfff]")
"""Half of a surrogate pair, as JSON may hold it: no character, and in no encoding."""

Words = str | tuple[str, ...]


class Wording(NamedTuple):
    """How words are made: see ``tokens``, and ``Dataset`` for the rest."""

    tokenizer: str
    lowercase: bool
    normalisation: str

    def tokens(self, words: str | tuple[str, ...]) -> tuple[str, ...]:
        """The tokens of a text, or of a sentence that was tokens already; equal ones are one object in memory."""
        if isinstance(words, str):
            found = tokenize(words, self.tokenizer, self.lowercase and self.normalisation == "none")
        else:
            found = [word.lower() for word in words] if self.lowercase and self.normalisation == "none" else words
        if self.normalisation != "none":
            found = [self._normal(word) for word in found]
        return tuple(map(intern, found))

    def _normal(self, word: str) -> str:
        new = normalise(word, self.normalisation)
        return word.lower() if self.lowercase and new == word else new


def without_halves(words: Words) -> tuple[Words, int]:
    """The words with U+FFFD for each half of a surrogate pair, and how many there were."""
    text = words if isinstance(words, str) else "".join(words)
    halves = 0 if text.isascii() else len(HALF.findall(text))
    if not halves:
        return words, 0
    if isinstance(words, str):
        return HALF.sub("\ufffd", words), halves
    return tuple(HALF.sub("\ufffd", word) for word in words), halves
