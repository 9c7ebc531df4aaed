"""The one exception that stands for bad input."""


class InputError(Exception):
    """Something the user gave is wrong; the message is one line that says what and where.

    The command line prints it as ``seedbed: MESSAGE`` and exits with code 2.
    """


def one_line(error: Exception) -> str:
    """What an exception of somebody else's says, without its line breaks."""
    return " ".join(str(error).split())
