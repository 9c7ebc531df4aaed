"""Words and punctuation of raw text, split as GloVe 6B splits English; the same tokens for every arm."""

import re
import unicodedata
from sys import intern
from typing import NamedTuple

from seedbed.data import icu_segmentation
from seedbed.data.unicode_words import patterns
from seedbed.errors import InputError

TOKENIZERS = ("spaces", "reviews", "icu")
"""``spaces``: the set is tokenized already; ``reviews``: raw text; ``icu``: raw text of a script without spaces."""
NORMALISATIONS = ("none", "twitter")

HALF = re.compile("[\ud800-\udfff]")
"""Half of a surrogate pair, as JSON may hold it: no character, and in no encoding."""

Words = str | tuple[str, ...]

_BLANK = re.compile(r"[ \t\r\n]+")
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_TYPEWRITTEN = str.maketrans(
    {
        "‘": "'", "’": "'", "“": '"', "”": '"', "…": "...", "´": "'",
        # What Windows wrote, read as latin-1.
        "\x85": "...", "\x91": "'", "\x92": "'", "\x93": '"', "\x94": '"', "\x96": "–", "\x97": "—",
    }
)  # fmt: skip


def tokenize(text: str, tokenizer: str, lowercase: bool = False) -> list[str]:
    """The tokens of a text; an empty list for a text without any.

    ``reviews`` takes ``<br />`` for a space, curly quotes for straight ones, and parts punctuation and clitics from
    words as GloVe 6B does: ``do n't``, ``it 's``. Hyphens inside words stay, and so do marks and joiners, in NFC.
    ``icu`` goes on to part what is written without spaces between words, such as Thai, Chinese or Japanese.
    """
    if lowercase:
        text = text.lower()
    if tokenizer == "spaces":
        return [token for token in _BLANK.split(text) if token]
    if not text.isascii():
        text = unicodedata.normalize("NFC", text).translate(_TYPEWRITTEN)
    if "<" in text:
        text = _BREAK.sub(" ", text)
    words = patterns(text)
    if "'" in text:
        text = words.clitic.sub(r" \g<0>", words.negation.sub(r" \g<0>", text))
    tokens = words.token.findall(text)
    return icu_segmentation.parted(tokens) if tokenizer == "icu" else tokens


def check_tokenizer(key: str, tokenizer: str, given: bool = False) -> None:
    """Raises InputError where ``icu`` is not installed, or has nothing to split as the tokens are ``given``."""
    if tokenizer != "icu":
        return
    if not icu_segmentation.installed():
        raise InputError(f'{key}=icu: its library is not installed: pip install "seedbed[icu]"')
    if given:
        raise InputError(f"{key}=icu: the tokens of this set are given, and no text is left to split")


def identity(tokenizer: str) -> str:
    """The identity of a tokenizer for digests, with the version of its dictionaries."""
    return f"icu {icu_segmentation.version()}" if tokenizer == "icu" else tokenizer


def normalise(token: str, normalisation: str) -> str:
    """``twitter``: a user's name becomes ``<USR>``, a web address ``<URL>``."""
    if normalisation == "twitter":
        if token.startswith("@"):
            return "<USR>"
        if token.startswith(("http://", "https://")):
            return "<URL>"
    return token


class Tokenization(NamedTuple):
    """How words are made: see ``tokens``, and ``Dataset`` for the rest."""

    tokenizer: str
    lowercase: bool
    normalisation: str

    def tokens(self, words: str | tuple[str, ...]) -> tuple[str, ...]:
        """The tokens of a text, or of a sentence that was tokens already; equal ones are one object in memory."""
        found: list[str] | tuple[str, ...]
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
