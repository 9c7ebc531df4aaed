"""``seedbed``: reads the command, imports only what it needs, and says errors in one line."""

import argparse
import importlib
import os
import sys
from collections.abc import Sequence

from seedbed import __version__
from seedbed.errors import InputError

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
    whole = argparse.ArgumentParser(
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
    first, rest = given[:1], given[1:]
    if first and first[0] in COMMANDS:
        debug = "--debug" in rest
        try:
            module = importlib.import_module(f"seedbed.cli.{first[0]}")
            return module.main([argument for argument in rest if argument != "--debug"])
        except InputError as error:
            if debug:
                raise
            print(f"seedbed: {error}", file=sys.stderr)
            return 2
        except KeyboardInterrupt:
            if debug:
                raise
            print("seedbed: interrupted; what was finished is kept", file=sys.stderr)
            return 130
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 0
    parser().parse_args(given)
    return 0


if __name__ == "__main__":
    sys.exit(main())
