"""Overrides that Hydra cannot read or does not support: what is wrong, and what to type."""

import re

from seedbed.config.hydra_grammar import bracket_depth, quoting_hint, shell_word
from seedbed.config.launchers import not_installed
from seedbed.config.override_syntax import parse_mapping_override
from seedbed.config.schema import GROUPS
from seedbed.config.yaml_tree import DEEPEST
from seedbed.errors import InputError

FILE_KEYS = (*GROUPS, "experiment")
"""Keys that choose a file, and are always set."""

TEXT_KEYS = ("arm", "baseline", "metric", "output", "protocol", "published")
"""Top-level keys that are a text, or null where they are not set."""

_FUNCTIONS = ("bool", "choice", "float", "glob", "int", "interval", "range", "shuffle", "sort", "str", "tag")
"""Functions of Hydra's grammar."""

LONGEST = 255
_LOOKS_LIKE_NUMBER = re.compile(r"[+-]?[\d_.]+|true|false", re.IGNORECASE)


def refuse_unsupported(override: str, config_dir: str | None = None, launching: bool = False) -> None:
    """Raise InputError for an override that Hydra reports badly. ``launching``: of a sweep, with settings of Hydra."""
    key, equals, value = override.partition("=")
    plain = key.lstrip("+~")
    if not plain:
        blank = ", with no blank before the =" if override.startswith("=") else ""
        raise InputError(f"command line: cannot read {override!r}: write key=value{blank}")
    if any("\ud800" <= char <= "\udfff" for char in override):
        raise InputError(f"command line: {plain}: has bytes that are not UTF-8")
    if bracket_depth(override) > DEEPEST:
        raise InputError(f"command line: {plain}: brackets nested too deep: more than {DEEPEST} levels")
    if plain in GROUPS and (key.startswith("~") or (equals and value in ("null", ""))):
        raise InputError(f"command line: {override}: a config needs one of conf/{plain}/")
    if plain in FILE_KEYS and key != plain:
        hint = "leave it out" if key.startswith("~") else f"write {plain}={value}, without the plus"
        raise InputError(f"command line: {override}: {hint}")
    if len(plain) > LONGEST and parse_mapping_override(override) is None:
        raise InputError(f"command line: {plain}: no key has {len(plain):,} characters")
    if plain == "experiment" and value.lower() in ("null", ""):
        raise InputError(f"command line: {override}: leave it out")
    if plain in (*FILE_KEYS, "sweeps"):
        _refuse_file_name(override, plain, value)
    if key == "sweeps":
        raise InputError(f"command line: {override}: write +{override}, with a plus")
    _refuse_hydra_setting(override, plain, config_dir, launching)


def _refuse_file_name(override: str, key: str, value: str) -> None:
    """Raise InputError for a value that cannot be the name of a config file."""
    if len(value) > LONGEST:
        raise InputError(f"command line: {key}: no file has a name of {len(value):,} characters")
    if key in FILE_KEYS and value.lstrip().startswith(("{", "[")):
        raise InputError(f"command line: {override}: {key}= takes one name; keys are set by {key}.KEY=VALUE")
    if _LOOKS_LIKE_NUMBER.fullmatch(value):
        raise InputError(
            f"command line: {override}: a name like a number goes in quotes: type {shell_word(key, value)}"
        )


def _refuse_hydra_setting(override: str, key: str, config_dir: str | None, launching: bool) -> None:
    """Raise InputError for a setting of Hydra that it cannot read, or that has no effect without a launcher."""
    value = override.partition("=")[2]
    if key == "hydra.searchpath":
        if config_dir:
            raise InputError(f"command line: {override}: does not go with --config-dir {config_dir}")
    elif re.match(r"hydra([./]|$)", key) and not launching:
        if key.startswith(("hydra/launcher", "hydra.launcher")):
            raise InputError(f"command line: {override}: applies to `seedbed compare` and `seedbed run` only")
        hint = "; results go into output=FOLDER" if key in ("hydra.run.dir", "hydra.sweep.dir") else ""
        raise InputError(f"command line: {override}: applies only to a sweep, `seedbed run -m`{hint}")
    elif key == "hydra.run.dir":
        raise InputError(
            f"command line: {override}: jobs of a sweep have hydra.sweep.dir; results go into output=FOLDER"
        )
    elif key == "hydra":
        raise InputError(f"command line: {override}: settings of the launcher are hydra.launcher.KEY=VALUE")
    elif key.startswith("hydra/") and (override.startswith("~") or value in ("", "null") or value.startswith("[")):
        raise InputError(f"command line: {override}: {key}= takes one name, such as hydra/launcher=joblib")
    elif override.startswith("+hydra/"):
        raise InputError(f"command line: {override}: write {override.lstrip('+')}, without the plus")
    elif key == "hydra/sweeper" and (message := not_installed(key, value)):
        raise InputError(message)


def unreadable(override: str, reason: str = "") -> str:
    """Return the message about an override outside Hydra's grammar; ``reason``: Hydra's own message."""
    shown = override.lstrip("+")
    key, equals, value = override.partition("=")
    call = re.search(r"\n\w+ while evaluating '(?P<name>\w+)\([^\n]*': (?P<reason>[^\n]*)", reason)
    if call and call["name"] in _FUNCTIONS:
        return f"command line: cannot read {shown!r}: {call['reason']}"
    if equals and re.search(r"\s", key):
        return f"command line: cannot read {shown!r}: write key=value, with no blank before the ="
    if re.match(r"\s*[\[{]", value):
        return (f"command line: cannot read {shown!r}: write key=value; each bracket is closed, and within them a text "
                f"with other signs than letters, digits and _ - . / is in quotes{_text_hint(key, value)}")  # fmt: skip
    hint = "" if key.lstrip("+~") in FILE_KEYS else quoting_hint(key, value)
    return f"command line: cannot read {shown!r}: write key=value{hint}"


def _text_hint(key: str, value: str) -> str:
    """Return a hint for a text that merely begins with a bracket."""
    is_text = key in ("name", "note", *TEXT_KEYS) and value.rstrip()[-1:] not in ("]", "}")
    return f"; one text is {shell_word(key, value)}" if is_text else ""
