"""Names of metrics as MLflow allows them, with a reversible escape for other characters."""

import posixpath
import re
from functools import lru_cache

STUDY_FILE = "study.json"
"""The artifact of a parent run that contains the record of its study."""
LONGEST_NAME = 250
"""Characters of a name, as stored."""
_FORBIDDEN = re.compile(r"[^\w\-. :/]|:(?=u)")
_ESCAPED = re.compile(r":u([0-9a-f]+):")


def stored_name(name: str) -> str:
    """Return the name with characters that MLflow refuses as ``:uHEX:``; ordinary names are unchanged.

    MLflow allows word characters and ``-. :/`` in a plain relative path. A colon before a ``u`` is escaped too, so that
    no two names are stored alike.
    """
    escaped = _FORBIDDEN.sub(_escape, name)
    if posixpath.normpath(escaped) != escaped or escaped.startswith(("/", "..")) or escaped == ".":
        escaped = re.sub(r"[./]", _escape, escaped)
    return escaped


@lru_cache(maxsize=10_000)
def name_of_stored(stored: str) -> str:
    """Return the original name of a stored one."""
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), stored)


def _escape(match: re.Match[str]) -> str:
    return f":u{ord(match[0]):x}:"
