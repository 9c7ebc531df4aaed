"""What the commands have in common: help that is worth reading, and settings as key=value."""

import argparse
from collections.abc import Sequence

from seedbed.errors import InputError


class Parser(argparse.ArgumentParser):
    """A parser that says in one line what it cannot read."""

    def error(self, message: str):
        """Raise InputError instead of printing the usage."""
        hint = "; settings are key=value, without dashes" if "unrecognized arguments: --" in message else ""
        raise InputError(f"{message}{hint} (`{self.prog} --help`)")


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
