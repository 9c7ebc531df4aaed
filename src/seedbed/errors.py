"""The exception for invalid input, and helpers for its messages."""

import re
from collections.abc import Iterable

UNAVAILABLE = 75
"""Exit code where the store does not answer; EX_TEMPFAIL of sysexits.h, after which schedulers try again."""
MOST_LISTED = 40
"""Valid names that a message lists; of more it gives only the nearest."""


class InputError(Exception):
    """Something the user gave is wrong; the message is one line that says what and where.

    The command line prints it as ``seedbed: MESSAGE`` and exits with code 2. Control characters and halves of surrogate
    pairs, which names in a file may have, are spaces or escapes in it.
    """

    def __init__(self, message: object = "") -> None:
        super().__init__(_UNPRINTABLE.sub(_escaped, str(message)))


_UNPRINTABLE = re.compile("[\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029\\ud800-\\udfff]")
LONGEST_FOREIGN = 300
"""Most characters of the text of a foreign exception in a message: some quote the content of a file."""


def _escaped(match: re.Match[str]) -> str:
    return " " if match[0].isspace() else match[0].encode("unicode_escape").decode()


def one_line(error: BaseException) -> str:
    """What an exception of somebody else's says, without its line breaks, and cut after LONGEST_FOREIGN characters."""
    text = " ".join(str(error).split())
    return text if len(text) <= LONGEST_FOREIGN else f"{text[:LONGEST_FOREIGN]}…"


class StoreUnavailableError(InputError):
    """The store does not answer: nothing is wrong with what was asked, and it may be answered later."""


def nearest(name: str, valid: Iterable[str], parent: str = "", joint: str = "=") -> str:
    """``; did you mean PARENT.NAME?`` where a valid name is near, and the valid ones where there are few.

    Near is also one that ends in the name: ``encoder.units`` for ``units``.
    """
    import difflib

    valid = sorted({" ".join(str(one).split()) for one in valid})
    folded = {one.casefold(): one for one in reversed(valid)}
    near = [one for one in valid if re.split(r"[./]", one)[-1] == name]
    near = near or [folded[one] for one in difflib.get_close_matches(name.casefold(), folded, n=1, cutoff=0.5)]
    said = f"; did you mean {parent}{joint if parent else ''}{near[0]}?" if near else ""
    return f"{said} (valid: {', '.join(valid)})" if 0 < len(valid) <= MOST_LISTED else said
