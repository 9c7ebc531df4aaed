"""Lists and mappings of the command line, taken apart at their commas."""

import re
from collections.abc import Iterator

QUOTED = r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\""
CLOSED_BY = {"[": "]", "{": "}", "(": ")"}
_TOKEN = re.compile(rf"(?P<quoted>{QUOTED})|\\.|.", re.DOTALL)


def split_at_commas(text: str) -> Iterator[str]:
    """The parts of ``a=1,b=[2,3]`` between commas that are in no brackets and no quotes, stripped; none is empty."""
    part, depth = "", 0
    for token in _tokens(text):
        depth += (token in CLOSED_BY) - (token in CLOSED_BY.values())
        if token == "," and not depth:
            if part.strip():
                yield part.strip()
            part = ""
        else:
            part += token
    if part.strip():
        yield part.strip()


def is_within(text: str, bracket: str) -> bool:
    """Whether the text is one list (``[``) or mapping (``{``): its last bracket closes its first, and none is open."""
    open_: list[str] = []
    for at, token in enumerate(tokens := list(_tokens(text))):
        if token in CLOSED_BY:
            open_.append(CLOSED_BY[token])
        elif token in CLOSED_BY.values() and (not open_ or open_.pop() != token):
            return False
        if not open_ and at < len(tokens) - 1:
            return False
    return text.startswith(bracket) and not open_


def depth_of(text: str) -> int:
    """How deep brackets are nested."""
    depth = deepest = 0
    for token in _tokens(text):
        depth += (token in CLOSED_BY) - (token in CLOSED_BY.values())
        deepest = max(depth, deepest)
    return deepest


def unquoted(text: str) -> str:
    """What a text in quotes stands for, and one without as it is."""
    if not re.fullmatch(QUOTED, text, re.DOTALL):
        return text
    # A backslash escapes only a quote, and backslashes before one.
    return re.sub(rf"(\\+)({text[0]}|$)", lambda found: "\\" * (len(found[1]) // 2) + found[2], text[1:-1])


def _tokens(text: str) -> Iterator[str]:
    """Each character, an escaped one with its backslash, and each text in quotes as one."""
    return (found[0] for found in _TOKEN.finditer(text))
