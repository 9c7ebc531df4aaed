"""Translate a condition such as ``dataset='imdb' and n_train=200`` into an SQL expression.

It is tokenized first: only names, texts, numbers and operators reach the database. Column names with dots and slashes
(``encoder.units``, ``test/accuracy``) need no quotes.
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
"""SQL keywords allowed in an expression without subqueries."""
FUNCTIONS = {
    "abs", "coalesce", "ifnull", "iif", "instr", "length", "like", "glob", "lower", "ltrim", "max", "min", "nullif",
    "replace", "round", "rtrim", "substr", "trim", "typeof", "upper",
}  # fmt: skip
"""Functions without side effects whose results are not much larger than their arguments."""
_TOKEN = re.compile(
    r"""(?P<blank>\s+)
    |(?P<text>'(?:[^']|'')*')
    |(?P<quoted>"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\])
    |(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![\w.]))
    |(?P<word>[^\W\d]\w*)
    |(?P<operator>==|<>|!=|<=|>=|<<|>>|\|\||[=<>+\-*/%(),&|~])""",
    re.VERBOSE,
)
_NAME_CHARACTER = re.compile(r"[\w.:]")
_CONTINUATION = re.compile(r"[\w:]|\.\w|\s*\(")
_CALL = re.compile(r"\s*\(")
_WHOLE_NAME = re.compile(r"[\w./:-]+")


@dataclass(frozen=True)
class Condition:
    """An SQL expression, and the columns that it names."""

    sql: str
    names: tuple[str, ...]


def parse_condition(text: str, columns: Collection[str]) -> Condition:
    """Parse a condition on these columns. InputError, one line, says what is wrong and where."""
    columns = sorted(columns, key=len, reverse=True)
    parts: list[str] = []
    names: dict[str, None] = {}
    depth = 0
    for kind, token in _tokens(text, columns):
        if kind == "name":
            names[token] = None
            parts.append('"' + token.replace('"', '""') + '"')
            continue
        depth += {"(": 1, ")": -1}.get(token, 0)
        if depth < 0:
            raise InputError(f"where={abbreviated(text)}: a bracket closes that was not opened")
        parts.append(token)
    if depth:
        raise InputError(f"where={abbreviated(text)}: a bracket is not closed")
    if not parts:
        raise InputError("where= is empty: write a condition such as where=\"dataset='imdb' and n_train=200\"")
    if not names:
        raise InputError(f"where={abbreviated(text)}: names no column; such as {', '.join(sorted(columns)[:8])}")
    return Condition(" ".join(parts), tuple(names))


def abbreviated(text: str) -> str:
    """Return the text in one line, cut where it is long."""
    line = " ".join(text.split())
    return line if len(line) <= 200 else line[:199] + "…"


def _tokens(text: str, columns: list[str]) -> Iterator[tuple[str, str]]:
    """Yield (kind, token); kind is ``name`` for a column, whose token has no quotes."""
    index = 0
    while index < len(text):
        column = _column_at(text, index, columns)
        if column:
            yield "name", column
            index += len(column)
            continue
        if text.startswith(("--", "/*", ";"), index):
            raise InputError(f"where={abbreviated(text)}: one condition, without comments and semicolons")
        match = _TOKEN.match(text, index)
        if match is None:
            problem = "a quote is not closed:" if text[index] in "'\"`" else "cannot read"
            raise InputError(f"where={abbreviated(text)}: {problem} {text[index : index + 20]!r}")
        index = match.end()
        kind, token = str(match.lastgroup), match[0]
        if kind == "quoted":
            name = token[1:-1].replace(token[-1] * 2, token[-1])
            if name not in columns:
                raise InputError(f"{_no_column(name, columns, text)}; texts are in single quotes")
            yield "name", name
        elif kind == "word":
            yield "word", _word(text, match, columns)
        elif kind != "blank":
            yield kind, token


def _column_at(text: str, index: int, columns: list[str]) -> str | None:
    """Return the longest column name at ``index`` that is not part of a longer name, a keyword or a function."""
    if text[index] in "'\"`[" or (index and _NAME_CHARACTER.match(text[index - 1])):
        return None
    for name in columns:
        end = index + len(name)
        if text.startswith(name, index) and not _continues(text, end, columns) and name.lower() not in WORDS:
            return name
    return None


def _continues(text: str, end: int, columns: list[str]) -> bool:
    """Return whether a longer name continues at ``end``. A slash continues it, unless a number or a column follows."""
    if text.startswith("/", end) and end + 1 < len(text) and (text[end + 1].isalpha() or text[end + 1] == "_"):
        return _column_at(text, end + 1, columns) is None
    return bool(_CONTINUATION.match(text, end))


def _word(text: str, match: re.Match[str], columns: list[str]) -> str:
    token = match[0]
    if token.lower() in WORDS or (token.lower() in FUNCTIONS and _CALL.match(text, match.end())):
        return token
    if _CALL.match(text, match.end()):
        raise InputError(f"where={abbreviated(text)}: no function {token}; there are {', '.join(sorted(FUNCTIONS))}")
    longest = _WHOLE_NAME.match(text, match.start())
    name = (longest[0] if longest else token).rstrip(".:-/")
    raise InputError(f"{_no_column(name, columns, text)}; a text is quoted: '{name}'")


def _no_column(name: str, columns: list[str], text: str) -> str:
    """Return the message about an unknown name, with the nearest column."""
    return f"where={abbreviated(text)}: no column {abbreviated(name)} in the store{nearest(name, columns)}"
