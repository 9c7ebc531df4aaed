"""Parsers of the commands: help with examples, and settings as key=value."""

import argparse
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NoReturn

from seedbed.errors import InputError, nearest

if TYPE_CHECKING:
    from seedbed.config.plugins import AllowedModule

_SWEEP = "a sweep is `seedbed run -m`"
_SHOW = "`seedbed show` prints the config"
_FOLDER = "configs of your own are in the folder of --config-dir"
HYDRA_OPTIONS = {
    "-m": _SWEEP, "--multirun": _SWEEP, "-c": _SHOW, "--cfg": _SHOW, "-i": _SHOW, "--info": _SHOW, "-p": _SHOW,
    "--package": _SHOW, "--resolve": _SHOW, "-cd": _FOLDER, "-cp": _FOLDER, "--config-path": _FOLDER, "-cn": _FOLDER,
    "--config-name": f"{_FOLDER}, and experiment=NAME chooses one", "--hydra-help": "`seedbed COMMAND --help`",
}  # fmt: skip
"""Options of Hydra's own programs, and what to use instead."""


class Parser(argparse.ArgumentParser):
    """A parser that reports an error in one line."""

    def error(self, message: str) -> NoReturn:
        """Raise InputError instead of printing the usage."""
        raise InputError(f"{' '.join(message.split())}{self._hint(message)} (`{self.prog} --help`)")

    def _hint(self, message: str) -> str:
        option = message.partition("unrecognized arguments: ")[2].partition(" ")[0].partition("=")[0]
        if option in HYDRA_OPTIONS:
            return f"; {HYDRA_OPTIONS[option]}"
        return "; settings are key=value, without dashes" if option.startswith("-") else ""


def command(name: str, description: str, examples: str) -> argparse.ArgumentParser:
    """Return a parser for one command with its description, examples and the options of every command."""
    parser = Parser(
        prog=f"seedbed {name}",
        description=description,
        epilog=f"examples:\n{examples}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--debug", action="store_true", help="show the traceback of an error")
    return parser


def prints_report(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """Add the option to print a whole report to a parser."""
    parser.add_argument("-v", "--verbose", action="store_true", help="print all tables, sentences and warnings")
    return parser


def takes_settings(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """Add the settings of a config to a parser."""
    parser.add_argument("--config-dir", metavar="DIR", help="a folder with configs of your own, laid out like conf/")
    parser.add_argument("settings", nargs="*", metavar="KEY=VALUE", help="settings, as `seedbed show` prints them")
    return parser


def key_values(words: Sequence[str], valid: Sequence[str]) -> dict[str, str]:
    """Return ``key=value`` words as a dict. InputError for another word or an unknown key."""
    values = {}
    for word in words:
        key, equals, value = word.partition("=")
        if not equals:
            raise InputError(f"command line: cannot read {word!r}: write key=value")
        if key not in valid:
            raise InputError(f"command line: no key {key}{nearest(key, valid)}")
        values[key] = value
    return values


def training_size(keys: Mapping[str, str]) -> int | None:
    """Return ``size=N``; None where it is not given. Raises InputError."""
    size = keys.get("size")
    if size is not None and not size.isdecimal():
        raise InputError(f"size={size}: a number of training examples")
    return None if size is None else int(size)


def yes_or_no(keys: Mapping[str, str], key: str) -> bool:
    """Return ``key=true`` or ``key=false``; False where it is not given. Raises InputError."""
    value = keys.get(key, "false")
    if value not in ("true", "false"):
        raise InputError(f"{key}={value}: choose true or false")
    return value == "true"


def allowed_plugins(keys: Mapping[str, str]) -> "tuple[AllowedModule, ...]":
    """Return the modules of ``plugins=[a, b]``, whose classes a saved model may have. Raises InputError."""
    from seedbed.config.plugins import allowed_modules

    names = keys.get("plugins", "").strip("[]")
    return allowed_modules([f"plugins=[{names}]"]) if names else ()


def refuse_others(words: Sequence[str], valid: Sequence[str], name: str) -> None:
    """Raise InputError for a setting that a command does not read, by the first part of its key."""
    for word in words:
        if re.split(r"[.@=]", word.lstrip("+~"))[0] not in valid:
            raise InputError(f"command line: {word}: `seedbed {name}` takes keys of {', '.join(valid)}")
