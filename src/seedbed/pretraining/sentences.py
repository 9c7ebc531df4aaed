"""Tokens of a document as sentences."""

from collections.abc import Sequence

SENTENCES = ("split", "line", "document")
"""A sentence is: what ends with a full stop and the like; a line; or the whole document."""

ENDS = frozenset((".", "!", "?", "...", "…", "。", "！", "？"))
CLOSING = frozenset(('"', "''", "'", ")", "]", "”", "’", "»"))
ABBREVIATED = frozenset(("mr", "mrs", "ms", "dr", "prof", "st", "jr", "sr", "vs"))
"""A full stop after one of these does not end a sentence."""


def split(tokens: Sequence[str]) -> list[list[str]]:
    """Sentences of tokens; closing quotes and brackets belong to the sentence before them."""
    found: list[list[str]] = []
    sentence: list[str] = []
    over = False
    for token in tokens:
        if over and token not in ENDS and token not in CLOSING:
            found.append(sentence)
            sentence, over = [], False
        if token in ENDS:
            over = over or not (token == "." and sentence and sentence[-1].lower() in ABBREVIATED)
        sentence.append(token)
    return [*found, sentence] if sentence else found


def arranged(lines: Sequence[Sequence[str]], way: str) -> list[list[str]]:
    """The sentences of a document whose lines are these tokens, in one of ``SENTENCES``; none is empty."""
    if way == "line":
        return [list(line) for line in lines if line]
    whole = [token for line in lines for token in line]
    if way == "document":
        return [whole] if whole else []
    return split(whole)
