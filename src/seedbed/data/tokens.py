"""Words and punctuation of raw reviews, split as GloVe 6B splits them; the same tokens for every arm."""

import re
import unicodedata

TOKENIZERS = ("spaces", "reviews")
"""``spaces``: the set is tokenised already; ``reviews``: raw text."""
NORMALISATIONS = ("none", "twitter")

_BLANK = re.compile(r"[ \t\r\n]+")
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_NOT = re.compile(r"n't\b", re.IGNORECASE)
_CLITIC = re.compile(r"'(?:s|re|ve|ll|d|m)\b", re.IGNORECASE)
_TOKEN = re.compile(
    r"\d+(?:[.,:/]\d+)+"  # 1,000  3.5  7/10
    r"|(?:[^\W\d_]\.){2,}"  # U.S.
    r"|[^\W_]+(?:[-'][^\W_]+)*"  # words; well-known, o'clock, n't
    r"|'(?:s|re|ve|ll|d|m)\b"
    r"|\.{2,}|-{2,}"  # ... and dashes
    r"|\S",
    re.IGNORECASE,
)
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
    words as GloVe 6B does: ``do n't``, ``it 's``. Hyphens inside words stay.
    """
    if lowercase:
        text = text.lower()
    if tokenizer == "spaces":
        return [token for token in _BLANK.split(text) if token]
    if not text.isascii():
        text = unicodedata.normalize("NFC", text).translate(_TYPEWRITTEN)
    if "<" in text:
        text = _BREAK.sub(" ", text)
    if "'" in text:
        text = _CLITIC.sub(r" \g<0>", _NOT.sub(r" \g<0>", text))
    return _TOKEN.findall(text)


def normalise(token: str, normalisation: str) -> str:
    """``twitter``: a user's name becomes ``<USR>``, a web address ``<URL>``."""
    if normalisation == "twitter":
        if token.startswith("@"):
            return "<USR>"
        if token.startswith(("http://", "https://")):
            return "<URL>"
    return token
