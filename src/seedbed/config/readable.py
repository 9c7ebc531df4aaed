"""Overrides that Hydra cannot read, or has no words for: what is wrong, and what to type."""

import re

from seedbed.config.freeing import free_of
from seedbed.config.launchers import not_installed
from seedbed.config.quoting import advice, to_type
from seedbed.config.schema import GROUPS
from seedbed.config.splitting import depth_of
from seedbed.config.yaml_tree import DEEPEST
from seedbed.errors import InputError

FILES = (*GROUPS, "experiment")
"""Keys that choose a file, and are set at all times."""

TEXTS = ("arm", "baseline", "metric", "output", "protocol", "published")
"""Top-level keys that are null where they are not set, and else a text."""

_FUNCTIONS = ("bool", "choice", "float", "glob", "int", "interval", "range", "shuffle", "sort", "str", "tag")
"""Of Hydra's grammar."""

LONGEST = 255

_LIKE_A_NUMBER = re.compile(r"[+-]?[\d_.]+|true|false", re.IGNORECASE)


def refuse_unreadable(override: str, config_dir: str | None = None, launching: bool = False) -> None:
    """Refuse what Hydra has no words for, before it sees it; ``launching``: of a sweep, which has settings of Hydra."""
    key, equals, value = override.partition("=")
    plain = key.lstrip("+~")
    if not plain:
        blank = ", with no blank before the =" if override.startswith("=") else ""
        raise InputError(f"command line: cannot read {override!r}: write key=value{blank}")
    if any("\ud800" <= char <= "\udfff" for char in override):
        raise InputError(f"command line: {plain}: has bytes that are not UTF-8")
    if depth_of(override) > DEEPEST:
        raise InputError(f"command line: {plain}: brackets nested too deep: more than {DEEPEST} levels")
    if plain in GROUPS and (key.startswith("~") or (equals and value in ("null", ""))):
        raise InputError(f"command line: {override}: a config needs one of conf/{plain}/")
    if plain in FILES and key != plain:
        how = "leave it out" if key.startswith("~") else f"write {plain}={value}, without the plus"
        raise InputError(f"command line: {override}: {how}")
    if len(plain) > LONGEST and free_of(override) is None:
        raise InputError(f"command line: {plain}: no key has {len(plain):,} characters")
    if plain == "experiment" and value.lower() in ("null", ""):
        raise InputError(f"command line: {override}: leave it out")
    if plain in (*FILES, "sweeps") and len(value) > LONGEST:
        raise InputError(f"command line: {plain}: no file has a name of {len(value):,} characters")
    if plain in FILES and value.lstrip().startswith("{"):
        raise InputError(f"command line: {override}: {plain}= takes a name; keys are set by {plain}.KEY=VALUE")
    if plain in (*FILES, "sweeps") and _LIKE_A_NUMBER.fullmatch(value):
        raise InputError(f"command line: {override}: a name like a number goes in quotes: type {to_type(key, value)}")
    if key == "sweeps":
        raise InputError(f"command line: {override}: write +{override}, with a plus")
    _refuse_of_hydra(override, plain, config_dir, launching)


def _refuse_of_hydra(override: str, key: str, config_dir: str | None, launching: bool) -> None:
    """Hydra's own settings would have no effect where it launches nothing."""
    if key == "hydra.searchpath":
        if config_dir:
            raise InputError(f"command line: {override}: does not go with --config-dir {config_dir}")
    elif key.startswith(("hydra.", "hydra/")) and not launching:
        where = "; results go into output=FOLDER" if key in ("hydra.run.dir", "hydra.sweep.dir") else ""
        raise InputError(f"command line: {override}: of a sweep, `seedbed run -m`{where}")
    elif key == "hydra.run.dir":
        raise InputError(
            f"command line: {override}: jobs of a sweep have hydra.sweep.dir; results go into output=FOLDER"
        )
    elif override.startswith("+hydra/"):
        raise InputError(f"command line: {override}: write {override.lstrip('+')}, without the plus")
    elif key == "hydra/sweeper" and (line := not_installed(key, override.partition("=")[2])):
        raise InputError(line)


def unreadable(override: str, why: str = "") -> str:
    """The line about an override that is not in Hydra's grammar; ``why``: what Hydra says of it."""
    given = override.lstrip("+")
    key, equals, value = override.partition("=")
    call = re.search(r"\n\w+ while evaluating '(?P<name>\w+)\([^\n]*': (?P<why>[^\n]*)", why)
    if call and call["name"] in _FUNCTIONS:
        return f"command line: cannot read {given!r}: {call['why']}"
    if equals and re.search(r"\s", key):
        return f"command line: cannot read {given!r}: write key=value, with no blank before the ="
    if re.match(r"\s*[\[{]", value):
        return (f"command line: cannot read {given!r}: write key=value; each bracket is closed, and within them a text "
                f"with other signs than letters, digits and _ - . / is in quotes{_whole(key, value)}")  # fmt: skip
    hint = "" if key.lstrip("+~") in FILES else advice(key, value)
    return f"command line: cannot read {given!r}: write key=value{hint}"


def _whole(key: str, value: str) -> str:
    """For a text that merely begins with a bracket."""
    text = key in ("name", "note", *TEXTS) and value.rstrip()[-1:] not in ("]", "}")
    return f"; one text is {to_type(key, value)}" if text else ""
