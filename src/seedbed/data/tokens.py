"""Words and punctuation of raw text, split as GloVe 6B splits English; the same tokens for every arm."""

import re
import unicodedata

from seedbed.data import dictionary_words
from seedbed.data.unicode_words import patterns
from seedbed.errors import InputError

TOKENIZERS = ("spaces", "reviews", "icu")
"""``spaces``: the set is tokenized already; ``reviews``: raw text; ``icu``: raw text of a script without spaces."""
NORMALISATIONS = ("none", "twitter")

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
    return dictionary_words.parted(tokens) if tokenizer == "icu" else tokens


def check_tokenizer(key: str, tokenizer: str, given: bool = False) -> None:
    """Raises InputError where ``icu`` is not installed, or has nothing to split as the tokens are ``given``."""
    if tokenizer != "icu":
        return
    if not dictionary_words.installed():
        raise InputError(f'{key}=icu: its library is not installed: pip install "seedbed[icu]"')
    if given:
        raise InputError(f"{key}=icu: the tokens of this set are given, and no text is left to split")


def identity(tokenizer: str) -> str:
    """What a tokenizer is, for digests: with the version of its dictionaries, as others may give other words."""
    return f"icu {dictionary_words.version()}" if tokenizer == "icu" else tokenizer


def normalise(token: str, normalisation: str) -> str:
    """``twitter``: a user's name becomes ``<USR>``, a web address ``<URL>``."""
    if normalisation == "twitter":
        if token.startswith("@"):
            return "<USR>"
        if token.startswith(("http://", "https://")):
            return "<URL>"
    return token
