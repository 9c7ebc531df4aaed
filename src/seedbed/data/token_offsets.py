"""Where the tokens of a text are in it: the tokens of ``tokenize``, each with its offsets."""

import re
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

from seedbed.data.tokenization import BREAK, tokenize, typewritten

_WORD = re.compile(r"[^ \t\r\n]+")
_PIECE = re.compile(r"\s*\S+|\s+")
"""Text that composes with nothing before it: no mark composes with a blank."""


class Token(NamedTuple):
    """A token, and the code points of the text that it stands for (``end`` exclusive)."""

    text: str
    start: int
    end: int


def tokens_with_offsets(text: str, tokenizer: str) -> list[Token]:
    """Return the tokens of ``tokenize(text, tokenizer)`` with their offsets; they do not overlap."""
    if tokenizer == "spaces":
        return [Token(match[0], *match.span()) for match in _WORD.finditer(text)]
    plain, origin = _as_tokenized(text)
    if "<" in plain:
        plain = BREAK.sub(lambda match: " " * len(match[0]), plain)
    # Tokens are pieces of the plain text in order, with only blanks and invisible signs between them.
    tokens, starts, position = tokenize(text, tokenizer), [], 0
    find = plain.index
    for token in tokens:
        start = find(token, position)
        starts.append(start)
        position = start + len(token)
    ends = [start + len(token) for start, token in zip(starts, tokens, strict=True)]
    if origin is not None:
        ends = [max(origin[end], origin[end - 1] + 1) for end in ends]
        starts = [origin[start] for start in starts]
    return list(map(Token, tokens, starts, ends))


def piece(text: str, tokenizer: str) -> str:
    """Return a part of a token as the tokenizer writes it."""
    return text if tokenizer == "spaces" else typewritten(text)


def _as_tokenized(text: str) -> tuple[str, Sequence[int] | None]:
    """Return the text in NFC with straight quotes, and the offset in ``text`` of each of its characters and its end.

    None in the place of the offsets where they are the same.
    """
    written = typewritten(text)
    if len(written) == len(text) and unicodedata.is_normalized("NFC", text):
        return written, None
    import regex

    pieces = regex.findall(r"\X", text)
    if "".join(map(typewritten, pieces)) != written:
        pieces = _PIECE.findall(text)
    origin, start = [], 0
    for part in pieces:
        for index, character in enumerate(unicodedata.normalize("NFC", part)):
            origin += [start + min(index, len(part) - 1)] * len(typewritten(character))
        start += len(part)
    return written, [*origin, start]
