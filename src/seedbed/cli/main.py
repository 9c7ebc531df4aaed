"""``seedbed``: run a command, import only what it needs, and print errors in one line."""

import argparse
import errno
import importlib
import os
import re
import sys
import traceback
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import NoReturn

from seedbed import __version__
from seedbed.cli import completion, signals
from seedbed.cli.arguments import Parser
from seedbed.cli.console import StreamError, refuse_undecoded, safe_streams
from seedbed.errors import UNAVAILABLE, InputError, StoreUnavailableError, nearest
from seedbed.masking import cleaned, remember

COMMANDS = {
    "run": "train one arm, or with -m a sweep over settings",
    "compare": "compare arms: train the missing cells and write the report",
    "labels": "forecast the score with more labels, from learning curves on your own data",
    "status": "show which cells of a study are finished, running, failed or missing",
    "report": "write a report with tables and pictures, from the store or from a table",
    "sweep": "pick the best setting of a sweep by validation scores",
    "reproduce": "list and run published experiments, and compare with the published scores",
    "data": "list, download, verify, show and convert data sets",
    "embed": "fill the cache of contextual vectors, or write the vectors of your own sentences",
    "explore": "plot the vectors of one word in many sentences, and how well layers separate its senses",
    "pretrain": "train a bidirectional language model on raw text, for embedding=elmo_own",
    "export": "write a model of contextual vectors as a TensorFlow SavedModel, like Google's ELMo modules",
    "ship": "write the winner of a comparison as a model in a folder, with a card",
    "predict": "predict the labels or tags of texts with a saved model",
    "cache": "show, verify or clear the cache of contextual vectors",
    "show": "print all settings of a study",
    "sync": "deliver results that were kept while the store did not answer",
    "lint": "check the protocol of a study before it is trained",
    "doctor": "check the installation: versions, devices, store and caches",
}

EPILOG = """\
Settings are key=value, as in conf/: `seedbed show` prints them all.
  seedbed compare experiment=quickstart        a whole study from conf/experiment
  seedbed compare experiment=quickstart replicates=20 output=out
  seedbed run dataset=trec task=classification embedding=glove encoder=cnn
`eval "$(seedbed -sc install=bash)"` completes settings (or fish, zsh).
`seedbed COMMAND --help` describes each command. Exit codes: 0 done, 1 some cells failed, 2 bad input,
75 the store does not answer: try again later, 130 Ctrl-C, 143 SIGTERM, 129 SIGHUP."""


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the command; each command parses its own arguments."""
    parser = Parser(
        prog="seedbed",
        description="Which text representation is better, by how much, and how certain is it?",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"seedbed {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, line in COMMANDS.items():
        commands.add_parser(name, help=line, add_help=False)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    clean_tracebacks(words)
    try:
        with safe_streams(), signals.raised():
            return _run_command(words)
    except StreamError as error:  # while the streams were flushed
        print(f"seedbed: {short(str(error))}", file=sys.stderr)
        return 2


def _run_command(words: list[str]) -> int:
    first, rest = words[:1], words[1:]

    def run() -> int:
        refuse_undecoded(words)
        _refuse_lost_folder()
        if first and first[0] in completion.OPTIONS:
            return completion.main(rest, tuple(COMMANDS))
        if not first or first[0] not in COMMANDS:
            _no_command(first)
        module = importlib.import_module(f"seedbed.cli.{first[0]}")
        code: int = module.main([argument for argument in rest if argument != "--debug"])
        return code

    return guarded(run, debug="--debug" in rest)


def guarded(run: Callable[[], int], debug: bool = False) -> int:
    """Return the exit code of a command; what it refuses is printed in one line, with ``debug`` it is raised."""
    try:
        return run()
    except InputError as error:
        if debug:
            raise
        print(f"seedbed: {short(cleaned(str(error)))}", file=sys.stderr)
        return UNAVAILABLE if isinstance(error, StoreUnavailableError) else 2
    except KeyboardInterrupt as error:
        if debug:
            raise
        print("seedbed: interrupted; finished results are kept", file=sys.stderr)
        return signals.exit_code(error)
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


def _refuse_lost_folder() -> None:
    """Raise InputError where the working directory was removed: every path and every config depends on it."""
    try:
        os.getcwd()
    except OSError as error:
        raise InputError(
            f"the working directory cannot be used: {error.strerror}; cd into one that is there"
        ) from error


def clean_tracebacks(words: Sequence[str]) -> None:
    """Leave the secrets of addresses on the command line out of messages, and out of tracebacks in this process."""
    for word in words:
        if "://" in word or word.startswith("tracking."):
            remember(word.partition("=")[2].strip("'\""))

    def show(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        sys.stderr.write(cleaned("".join(traceback.format_exception(kind, error, trace))))

    if sys.excepthook is sys.__excepthook__:
        sys.excepthook = show


def _no_command(words: Sequence[str]) -> NoReturn:
    """Print help or the version and raise SystemExit. Raises InputError for any other word."""
    if not words:
        raise InputError("give a command (`seedbed --help`)")
    if not words[0].startswith("-"):
        raise InputError(f"no command {words[0]}{nearest(words[0], COMMANDS)}")
    if words[0] not in ("-h", "--help", "--version"):
        raise InputError(f"{words[0]}: the command comes first: seedbed COMMAND {words[0]} (`seedbed --help`)")
    build_parser().parse_args(words)
    raise SystemExit(0)


def short(line: str, longest: int = 200) -> str:
    """Return a message on one line, with the middle of very long words cut out."""
    parts = (re.sub(rf"\S{{{longest},}}", lambda match: f"{match[0][:80]}...{match[0][-20:]}", part)
             for part in line.split("\n"))  # fmt: skip
    return " ".join(parts)


if __name__ == "__main__":
    sys.exit(main())
