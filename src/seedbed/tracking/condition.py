"""A condition as people write it, such as ``dataset='imdb' and n_train=200``, as an expression of SQL.

Read sign by sign: what is no name, text, number or operator is refused before the database sees it. Names may have dots
and slashes (``encoder.units``, ``test/accuracy``) without quotes where a column is named so.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from seedbed.errors import InputError, nearest

WORDS = {
    "and", "or", "not", "in", "is", "null", "isnull", "notnull", "like", "glob", "between", "escape", "case", "when",
    "then", "else", "end", "true", "false", "collate", "nocase", "cast", "as", "text", "integer", "real", "numeric",
    "distinct", "from",
}  # fmt: skip
"""Words of SQL that an expression without subqueries may have."""
FUNCTIONS = {
    "abs", "coalesce", "ifnull", "iif", "instr", "length", "like", "glob", "lower", "ltrim", "max", "min", "nullif",
    "replace", "round", "rtrim", "substr", "trim", "typeof", "upper",
}  # fmt: skip
"""Functions without side effects, and that make nothing large of something small."""
_TOKEN = re.compile(
    r"""(?P<blank>\s+)
    |(?P<text>'(?:[^']|'')*')
    |(?P<quoted>"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\])
    |(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![\w.]))
    |(?P<word>[^\W\d]\w*)
    |(?P<operator>==|<>|!=|<=|>=|<<|>>|\|\||[=<>+\-*/%(),&|~])""",
    re.VERBOSE,
)
_IN_A_NAME = re.compile(r"[\w.:]")
_GOES_ON = re.compile(r"[\w:]|\.\w|\s*\(")
_CALLED = re.compile(r"\s*\(")
_WHOLE = re.compile(r"[\w./:-]+")


@dataclass(frozen=True)
class Condition:
    """The expression in SQL, and the columns that it names."""

    sql: str
    names: tuple[str, ...]


def condition(text: str, columns: Collection[str]) -> Condition:
    """Read ``text``, in which ``columns`` may be named; InputError in one line that says what is wrong and where."""
    columns = sorted(columns, key=len, reverse=True)
    parts, names, depth = [], {}, 0
    for kind, token in _tokens(text, columns):
        if kind == "name":
            names[token] = None
            parts.append('"' + token.replace('"', '""') + '"')
            continue
        depth += {"(": 1, ")": -1}.get(token, 0)
        if depth < 0:
            raise InputError(f"where={shown(text)}: a bracket closes that was not opened")
        parts.append(token)
    if depth:
        raise InputError(f"where={shown(text)}: a bracket is not closed")
    if not parts:
        raise InputError("where= is empty: write a condition such as where=\"dataset='imdb' and n_train=200\"")
    if not names:
        raise InputError(f"where={shown(text)}: names no column; such as {', '.join(sorted(columns)[:8])}")
    return Condition(" ".join(parts), tuple(names))


def shown(text: str) -> str:
    """``text`` in one line, cut where it is long."""
    line = " ".join(text.split())
    return line if len(line) <= 200 else line[:199] + "…"


def _tokens(text: str, columns: list[str]) -> Iterator[tuple[str, str]]:
    """(kind, token) one after the other; kind is ``name`` for a column, without quotes."""
    at = 0
    while at < len(text):
        named = _column_at(text, at, columns)
        if named:
            yield "name", named
            at += len(named)
            continue
        if text.startswith(("--", "/*", ";"), at):
            raise InputError(f"where={shown(text)}: one condition, without comments and semicolons")
        found = _TOKEN.match(text, at)
        if found is None:
            what = "a quote is not closed:" if text[at] in "'\"`" else "cannot read"
            raise InputError(f"where={shown(text)}: {what} {text[at : at + 20]!r}")
        at = found.end()
        kind, token = found.lastgroup, found[0]
        if kind == "quoted":
            inside = token[1:-1].replace(token[-1] * 2, token[-1])
            yield "name", _known(inside, columns, text, "; texts stand in single quotes")
        elif kind == "word":
            yield "word", _word(text, found, columns)
        elif kind != "blank":
            yield kind, token


def _column_at(text: str, at: int, columns: list[str]) -> str | None:
    """The longest column whose name stands at ``at`` as a whole; not a word of SQL, nor a function."""
    if text[at] in "'\"`[" or (at and _IN_A_NAME.match(text[at - 1])):
        return None
    for name in columns:
        if text.startswith(name, at) and not _goes_on(text, at + len(name), columns) and name.lower() not in WORDS:
            return name
    return None


def _goes_on(text: str, end: int, columns: list[str]) -> bool:
    """Whether what stands at ``end`` belongs to a longer name. A slash does, unless a number or a column follows."""
    if text.startswith("/", end) and end + 1 < len(text) and (text[end + 1].isalpha() or text[end + 1] == "_"):
        return _column_at(text, end + 1, columns) is None
    return bool(_GOES_ON.match(text, end))


def _word(text: str, found: re.Match, columns: list[str]) -> str:
    token = found[0]
    if token.lower() in WORDS or (token.lower() in FUNCTIONS and _CALLED.match(text, found.end())):
        return token
    if _CALLED.match(text, found.end()):
        raise InputError(f"where={shown(text)}: no function {token}; there are {', '.join(sorted(FUNCTIONS))}")
    whole = _WHOLE.match(text, found.start())[0].rstrip(".:-/")
    raise InputError(f"{_no_column(whole, columns, text)}; a text is quoted: '{whole}'")


def _known(name: str, columns: list[str], text: str, hint: str) -> str:
    if name not in columns:
        raise InputError(_no_column(name, columns, text) + hint)
    return name


def _no_column(name: str, columns: list[str], text: str) -> str:
    """What is said of an unknown name, with the nearest column, also by its last part: ``units``, ``encoder.units``."""
    return f"where={shown(text)}: no column {shown(name)} in the store{nearest(name, columns)}"
