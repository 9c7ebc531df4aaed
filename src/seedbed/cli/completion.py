"""``seedbed -sc install=bash``: completion in the shell, asked for as in any program of Hydra."""

import os
import sys
from collections.abc import Sequence

from seedbed.errors import InputError

OPTIONS = ("-sc", "--shell-completion")


def main(arguments: Sequence[str], commands: Sequence[str]) -> int:
    """Print the script that installs completion, or what may end the line that the shell passes in ``COMP_LINE``."""
    from seedbed.config.completion import WITH_SETTINGS, complete, parse_request

    if len(arguments) != 1:
        raise InputError('-sc: write eval "$(seedbed -sc install=bash)"')
    action, shell = parse_request(arguments[0])
    line = os.environ.get("COMP_LINE", "")
    words = line.split()
    if action == "query" and (len(words) < 2 or (len(words) == 2 and not line.endswith(" "))):
        print(" ".join(name for name in commands if name.startswith(words[1] if len(words) > 1 else "")))
    elif action != "query" or words[1] in WITH_SETTINGS:
        sys.argv[0] = "seedbed"  # the name in the script, also of python -m seedbed
        complete(action, shell, line)
    return 0
