"""What the commands have in common: help that is worth reading, and settings as key=value."""

import argparse
import re
from collections.abc import Sequence

from seedbed.errors import InputError

_SWEEP = "a sweep is `seedbed run -m`"
_SHOW = "`seedbed show` prints the config"
_FOLDER = "configs of your own are in the folder of --config-dir"
OF_HYDRA = {
    "-m": _SWEEP, "--multirun": _SWEEP, "-c": _SHOW, "--cfg": _SHOW, "-i": _SHOW, "--info": _SHOW, "-p": _SHOW,
    "--package": _SHOW, "--resolve": _SHOW, "-cd": _FOLDER, "-cp": _FOLDER, "--config-path": _FOLDER, "-cn": _FOLDER,
    "--config-name": f"{_FOLDER}, and experiment=NAME chooses one", "--hydra-help": "`seedbed COMMAND --help`",
}  # fmt: skip
"""Options of programs that are Hydra's alone, and what stands for them here."""


class Parser(argparse.ArgumentParser):
    """A parser that says in one line what it cannot read."""

    def error(self, message: str):
        """Raise InputError instead of printing the usage."""
        raise InputError(f"{' '.join(message.split())}{self._hint(message)} (`{self.prog} --help`)")

    def _hint(self, message: str) -> str:
        option = message.partition("unrecognized arguments: ")[2].partition(" ")[0].partition("=")[0]
        if option in OF_HYDRA:
            return f"; {OF_HYDRA[option]}"
        return "; settings are key=value, without dashes" if option.startswith("-") else ""


def command(name: str, description: str, examples: str) -> argparse.ArgumentParser:
    """A parser for one command with its description, examples, and what every command takes."""
    made = Parser(
        prog=f"seedbed {name}",
        description=description,
        epilog=f"examples:\n{examples}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    made.add_argument("--debug", action="store_true", help="show the traceback of an error")
    return made


def takes_settings(made: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """Add the settings of a config to a parser."""
    made.add_argument("--config-dir", metavar="DIR", help="a folder with configs of your own, laid out like conf/")
    made.add_argument("settings", nargs="*", metavar="KEY=VALUE", help="settings, as `seedbed show` prints them")
    return made


def key_values(given: Sequence[str], valid: Sequence[str]) -> dict[str, str]:
    """``key=value`` words as a dict; InputError for another word or an unknown key."""
    from seedbed.errors import nearest

    found = {}
    for word in given:
        key, equals, value = word.partition("=")
        if not equals:
            raise InputError(f"command line: cannot read {word!r}: write key=value")
        if key not in valid:
            raise InputError(f"command line: no key {key}{nearest(key, valid)}")
        found[key] = value
    return found


def refuse_others(words: Sequence[str], taken: Sequence[str], name: str) -> None:
    """Raises InputError for a setting that a command would not look at, by the first part of its key."""
    for word in words:
        if re.split(r"[.@=]", word.lstrip("+~"))[0] not in taken:
            raise InputError(f"command line: {word}: `seedbed {name}` takes keys of {', '.join(taken)}")
