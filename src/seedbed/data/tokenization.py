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
NORMALISATIONS = ("none", "twitter", "digits", "twitter_digits")
USER, ADDRESS = "<USR>", "<URL>"
"""What ``twitter`` makes of the name of a user, and of a web address."""

HALF = re.compile("[\ud800-\udfff]")
"""Half of a surrogate pair, as in some JSON: not a character, and not encodable."""

Words = str | tuple[str, ...]

_DIGIT = re.compile(r"\d")
_BLANK = re.compile(r"[ \t\r\n]+")
BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
TYPEWRITTEN = str.maketrans(
    {
        "‘": "'", "’": "'", "“": '"', "”": '"', "…": "...", "´": "'",
        # What Windows wrote, read as latin-1.
        "\x85": "...", "\x91": "'", "\x92": "'", "\x93": '"', "\x94": '"', "\x96": "–", "\x97": "—",
    }
)  # fmt: skip


def typewritten(text: str) -> str:
    """Return the text in NFC with straight quotes and three dots, as it is split."""
    return text if text.isascii() else unicodedata.normalize("NFC", text).translate(TYPEWRITTEN)


def tokenize(text: str, tokenizer: str, lowercase: bool = False) -> list[str]:
    """Return the tokens of a text; may be an empty list.

    ``reviews`` replaces ``<br />`` by a space and curly quotes by straight quotes, and splits punctuation and clitics
    from words as GloVe 6B does: ``do n't``, ``it 's``. Hyphens inside words stay, and so do marks and joiners, in NFC.
    ``icu`` also splits text written without spaces between words, such as Thai, Chinese or Japanese.
    """
    if lowercase:
        text = text.lower()
    if tokenizer == "spaces":
        return [token for token in _BLANK.split(text) if token]
    text = typewritten(text)
    if "<" in text:
        text = BREAK.sub(" ", text)
    words = patterns(text)
    if "'" in text:
        text = words.clitic.sub(r" \g<0>", words.negation.sub(r" \g<0>", text))
    tokens = words.token.findall(text)
    return icu_segmentation.segment(tokens) if tokenizer == "icu" else tokens


def check_tokenizer(key: str, tokenizer: str, is_tokenized: bool = False) -> None:
    """Raise InputError where ``icu`` is not installed, or the data set ``is_tokenized`` already."""
    if tokenizer != "icu":
        return
    if not icu_segmentation.is_installed():
        raise InputError(f'{key}=icu: its library is not installed: pip install "seedbed[icu]"')
    if is_tokenized:
        raise InputError(f"{key}=icu: the tokens of this set are given, and no text is left to split")


def identity(tokenizer: str) -> str:
    """Return the identity of a tokenizer for digests, with the version of its dictionaries."""
    return f"icu {icu_segmentation.version()}" if tokenizer == "icu" else tokenizer


def normalise(token: str, normalisation: str) -> str:
    """Return the token; with ``twitter``, ``<USR>`` for a user name and ``<URL>`` for a web address.

    With ``digits``, 0 for each decimal digit, of any script; with ``twitter_digits``, both.
    """
    if normalisation.startswith("twitter"):
        if token.startswith("@"):
            return USER
        if token.startswith(("http://", "https://")):
            return ADDRESS
    return _DIGIT.sub("0", token) if normalisation.endswith("digits") else token


class Tokenization(NamedTuple):
    """Settings of tokenization: see ``tokenize``, and ``Dataset``."""

    tokenizer: str
    lowercase: bool
    normalisation: str

    def tokens(self, words: str | tuple[str, ...]) -> tuple[str, ...]:
        """Return the tokens of a text, or of a tokenized sentence; equal tokens share one object."""
        tokens: list[str] | tuple[str, ...]
        if isinstance(words, str):
            tokens = tokenize(words, self.tokenizer, self.lowercase and self.normalisation == "none")
        else:
            tokens = [word.lower() for word in words] if self.lowercase and self.normalisation == "none" else words
        if self.normalisation != "none":
            tokens = [self._normal(word) for word in tokens]
        return tuple(map(intern, tokens))

    def _normal(self, word: str) -> str:
        new = normalise(word, self.normalisation)
        is_mask = new != word and new in (USER, ADDRESS)
        return new.lower() if self.lowercase and not is_mask else new


def without_halves(words: Words) -> tuple[Words, int]:
    """Return the words with U+FFFD for each half of a surrogate pair, and the number of replacements."""
    text = words if isinstance(words, str) else "".join(words)
    halves = 0 if text.isascii() else len(HALF.findall(text))
    if not halves:
        return words, 0
    if isinstance(words, str):
        return HALF.sub("\ufffd", words), halves
    return tuple(HALF.sub("\ufffd", word) for word in words), halves
