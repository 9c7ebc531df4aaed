"""Secrets in addresses: show an address without them, and clean the texts of others of them.

An address that can be read in several ways (a password with ``/``, ``?`` or ``@`` that is not encoded) is masked in the
widest of them: rather a host that is not shown than a password that is.
"""

import base64
import html
import json
import os
import re
from collections.abc import Iterable, Iterator
from urllib.parse import parse_qsl, quote, quote_plus, unquote, unquote_plus

MASK = "***"
SECRET_VARIABLES = ("MLFLOW_TRACKING_PASSWORD", "MLFLOW_TRACKING_TOKEN")
"""Environment variables with a secret; those with a whole address are remembered where it is read."""
_NAME = r"[\w.-]*(?:pass|pwd|secret|token|key|sig|cred|auth|odbc_connect)[\w.-]*"
_PARAMETER = re.compile(rf"(?P<start>(?:^|[?&;#\s]){_NAME}=)(?P<value>[^&]+)", re.IGNORECASE)
_ASSIGNMENT = re.compile(rf"(?P<start>\b{_NAME}=)(?P<value>'[^']*'|\"[^\"]*\"|[^\s&;,'\")\]]+)", re.IGNORECASE)
_QUERY = re.compile(r"[\w.%+-]+=[^&]*(?:&[\w.%+-]+=[^&]*)*")
_URI = re.compile(r"[A-Za-z][\w+.-]*://[^\s'\"<>`]+")
_NAMES_USER = re.compile(rf"[^:]+://(?:[^/?#]*@|[^/?#@\[\]]*:(?!\d*(?:[/?#]|$))|.*[?&;#]{_NAME}=)", re.IGNORECASE)
_SCHEME = re.compile(r"(?P<scheme>[A-Za-z][\w+.-]*):(?P<slashes>/*)")
_LOCAL = re.compile(r"(?:sqlite(?:\+\w+)?:///|file:|[/.~])")
_NAME_ALONE = {"r2", "wasbs", "abfss", "b2", "sftp", "ftp", "hdfs", "s3"}
"""Schemes of files whose part before the ``@`` names a bucket or a user where it has no colon."""
_PUNCTUATION = ".,:;)]}"
"""What follows an address in a text."""
_SHORT = 5
"""Secrets below this many characters are only masked as whole words: the letter ``a`` is in every message."""

_remembered: set[str] = set()


def masked(address: str) -> str:
    """Return an address without passwords, tokens and secret parameters; a path of this machine as it is."""
    if _LOCAL.match(address):
        return address
    head, parameters = _split_query(address)
    start, user, end = _split_user(head)
    if user:
        user = user if _is_name(start, user) else MASK
        head = f"{start}{user}@{end}"
    else:
        head = re.sub(r"^(\w[\w+.-]*://[^/:@\[\]]*):(?!\d*(?:/|$))[^/]*", rf"\1:{MASK}", head)
    return head + parameters


def remember(address: str) -> None:
    """Let `cleaned` also remove the secrets of this address, in this process."""
    _remembered.update(secrets_of(address))


def secrets_of(address: str) -> frozenset[str]:
    """Return the secrets of an address, each as it is written and decoded."""
    if _LOCAL.match(address):
        return frozenset()
    found: set[str] = set()
    head, _ = _split_query(address)
    start, user, _ = _split_user(head)
    if user and not _is_name(start, user):
        name, colon, password = user.partition(":")
        password = password if colon else name
        found |= {user, password, *re.split(r"[/?#@:]", password)}
        found |= {base64.b64encode(unquote(user).encode()).decode(), base64.b64encode(user.encode()).decode()}
    elif port := re.match(r"\w[\w+.-]*://[^/:@\[\]]*:(?!\d*(?:/|$))([^/]+)", head):
        found.add(port[1])
    for part in re.findall(r"[?&;#].*", address)[:1]:
        found |= {match["value"] for match in _PARAMETER.finditer(part)}
        found |= {value for key, value in parse_qsl(part[1:]) if re.fullmatch(_NAME, key, re.IGNORECASE)}
    found |= {unquote(secret) for secret in found}
    within = [match[1] for secret in found for match in re.finditer(rf";{_NAME}=(.*)", secret, re.IGNORECASE)]
    found |= {part.strip("{}") for text in within for part in (text, text.partition(";")[0])}  # of an ODBC string
    return frozenset(found - {"", MASK})


def cleaned(text: str, addresses: Iterable[str] = ()) -> str:
    """Return a text without the secrets of these addresses and of those remembered; other addresses are masked too."""
    secrets = _remembered.union(*map(secrets_of, addresses), filter(None, map(os.environ.get, SECRET_VARIABLES)))
    for form in sorted({form for secret in secrets for form in _forms(secret)}, key=len, reverse=True):
        pattern = re.escape(form) if len(form) >= _SHORT else rf"(?<!\w){re.escape(form)}(?!\w)"
        text = re.sub(pattern, MASK, text, flags=re.IGNORECASE)
    return without_addresses(text)


def foreign_cleaned(text: str, addresses: Iterable[str] = ()) -> str:
    """Return a text of somebody else's as `cleaned` does, also without values such as ``password=...``."""
    return _ASSIGNMENT.sub(rf"\g<start>{MASK}", cleaned(text, addresses))


def without_addresses(text: str) -> str:
    """Return a text in which each address that is written in full is masked; an ``@`` in its path is none of a user."""
    return _URI.sub(_masked_in_text, text)


def _masked_in_text(match: re.Match[str]) -> str:
    address = match[0].rstrip(_PUNCTUATION)
    return (masked(address) if _NAMES_USER.match(address) else address) + match[0][len(address) :]


def without_secrets(value: object) -> object:
    """Return nested settings in which the addresses within each text are masked."""
    if isinstance(value, dict):
        return {key: without_secrets(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(without_secrets(item) for item in value)
    return without_addresses(value) if isinstance(value, str) else value


def _split_query(address: str) -> tuple[str, str]:
    """Return an address without its parameters, and these masked; a ``?`` within a password begins none."""
    head, mark, parameters = address.partition("?")
    shown = _PARAMETER.sub(rf"\g<start>{MASK}", mark + parameters)
    if "@" in shown:
        return address, ""
    return head, shown if not parameters or _QUERY.fullmatch(parameters) else f"?{MASK}"


def _split_user(head: str) -> tuple[str, str, str]:
    """Return what stands before the user and the password, these, and what follows their ``@``."""
    scheme = _SCHEME.match(head)
    start = scheme[0] if scheme else ""
    user, at, end = head[len(start) :].rpartition("@")
    return (start, user, end) if at else (head, "", "")


def _is_name(start: str, user: str) -> bool:
    return start.partition(":")[0].lower() in _NAME_ALONE and not set(":/?#@") & set(user)


def _forms(secret: str) -> Iterator[str]:
    """Yield the ways in which a text may have a secret."""
    yield from (secret, unquote(secret), unquote_plus(secret))
    yield from (quote(secret), quote(secret, safe=""), quote_plus(secret))
    yield from (repr(secret)[1:-1], json.dumps(secret)[1:-1], html.escape(secret))
