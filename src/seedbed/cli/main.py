"""``seedbed``: reads the command, imports only what it needs, and says errors in one line."""

import argparse
import errno
import importlib
import re
import sys
from collections.abc import Sequence
from typing import NoReturn

from seedbed import __version__
from seedbed.cli.arguments import Parser
from seedbed.cli.console import StreamError, refuse_undecoded, sturdy
from seedbed.errors import InputError, nearest

COMMANDS = {
    "run": "train one arm; -m sweeps over settings",
    "compare": "arms x sizes x replicates: train what is missing, then report",
    "report": "pictures, tables and one page, from a store or from a table",
    "reproduce": "the published experiments: list them, run one, and the verdict on its published scores",
    "data": "list, fetch, verify and show data sets",
    "embed": "fill the cache of contextual vectors, or write those of one's own sentences",
    "explore": "one word in many sentences: whether its senses lie apart in each layer",
    "pretrain": "train a bidirectional language model on raw text, for embedding=elmo_own",
    "export": "a model of contextual vectors as a TensorFlow SavedModel, as Google's ELMo modules are",
    "cache": "stats, clear and verify the cache of contextual vectors",
    "show": "print a composed config",
    "lint": "flaws of protocol in a study, before it is trained",
    "doctor": "versions, devices, store and caches; what is missing, and the command that mends it",
}

EPILOG = """\
Settings are key=value, as in conf/: `seedbed show` prints them all.
  seedbed compare experiment=quickstart        a whole study from conf/experiment
  seedbed compare experiment=quickstart replicates=20 output=out
  seedbed run dataset=trec task=classification embedding=glove encoder=cnn
`seedbed COMMAND --help` says more of each. Exit codes: 0 done, 1 some cells failed, 2 bad input, 130 Ctrl-C."""


def parser() -> argparse.ArgumentParser:
    """The parser of the first word; the commands read the rest themselves."""
    whole = Parser(
        prog="seedbed",
        description="Which text representation is better, by how much, and how sure may one be?",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    whole.add_argument("--version", action="version", version=f"seedbed {__version__}")
    commands = whole.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, line in COMMANDS.items():
        commands.add_parser(name, help=line, add_help=False)
    return whole


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns its exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        with sturdy():
            return _command(given)
    except StreamError as error:  # what was printed last
        print(f"seedbed: {short(str(error))}", file=sys.stderr)
        return 2


def _command(given: list[str]) -> int:
    first, rest = given[:1], given[1:]
    debug = "--debug" in rest
    try:
        refuse_undecoded(given)
        if not first or first[0] not in COMMANDS:
            _other(first)
        module = importlib.import_module(f"seedbed.cli.{first[0]}")
        return module.main([argument for argument in rest if argument != "--debug"])
    except InputError as error:
        if debug:
            raise
        print(f"seedbed: {short(str(error))}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        if debug:
            raise
        print("seedbed: interrupted; what was finished is kept", file=sys.stderr)
        return 130
    except OSError as error:
        if debug or error.errno != errno.ENAMETOOLONG:
            raise
        print(f"seedbed: {short(f'{error.filename}: {error.strerror}')}", file=sys.stderr)
        return 2
    except UnicodeEncodeError as error:
        if debug or error.encoding != sys.getfilesystemencoding():
            raise
        print(f"seedbed: {error.object}: no file can have this name in {error.encoding}: export PYTHONUTF8=1",
              file=sys.stderr)  # fmt: skip
        return 2


def _other(words: Sequence[str]) -> NoReturn:
    """Help, the version, or what is no command. Raises InputError, or SystemExit where something was printed."""
    if not words:
        raise InputError("give a command (`seedbed --help`)")
    if not words[0].startswith("-"):
        raise InputError(f"no command {words[0]}{nearest(words[0], COMMANDS)}")
    if words[0] not in ("-h", "--help", "--version"):
        raise InputError(f"{words[0]}: the command comes first: seedbed COMMAND {words[0]} (`seedbed --help`)")
    parser().parse_args(words)
    raise SystemExit(0)


def short(line: str, longest: int = 200) -> str:
    """A message on one line, and a word that nobody would read to its end without its middle."""
    words = (re.sub(rf"\S{{{longest},}}", lambda found: f"{found[0][:80]}...{found[0][-20:]}", one)
             for one in line.split("\n"))  # fmt: skip
    return " ".join(words)


if __name__ == "__main__":
    sys.exit(main())
