"""Names of metrics as MLflow allows them: any name, escaped so that it comes back as it was."""

import posixpath
import re
from functools import lru_cache

LONGEST_NAME = 250
"""Characters of a name, as stored."""
_FORBIDDEN = re.compile(r"[^\w\-. :/]|:(?=u)")
_ESCAPED = re.compile(r":u([0-9a-f]+):")


def stored_name(name: str) -> str:
    """``name`` with what MLflow refuses written as ``:uHEX:``; ordinary names stay as they are.

    MLflow allows word characters, ``-. :/``, and no name that is not a plain relative path. A colon before a ``u`` is
    escaped too, so that no two names meet.
    """
    escaped = _FORBIDDEN.sub(_escape, name)
    if posixpath.normpath(escaped) != escaped or escaped.startswith(("/", "..")) or escaped == ".":
        escaped = re.sub(r"[./]", _escape, escaped)
    return escaped


@lru_cache(maxsize=10_000)
def name_of_stored(stored: str) -> str:
    """The name that ``stored_name`` was given."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), stored)


def _escape(found: re.Match) -> str:
    return f":u{ord(found[0]):x}:"
