"""What a reader does with a file: a result, or one line."""

import contextlib
import io
import logging
import tempfile
import warnings
from pathlib import Path

from tests.fence.reader import Reader
from tests.fence.valid import READERS

from seedbed.errors import InputError

LONGEST = 1000


def outcome(reader: Reader, content: bytes) -> str:
    """Return ``result``, or the line that refuses the content in the place of the reader's file.

    Raises whatever else the reader raises, and AssertionError for a message that is no line.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        reader.write(folder).write_bytes(content)
        return read(reader, folder)


def read(reader: Reader, folder: Path) -> str:
    """As `outcome`, of a folder with its files."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stderr(io.StringIO()):
            warnings.simplefilter("ignore")
            reader.read(folder)
    except InputError as error:
        message = str(error).replace(str(folder), "")
        assert message, "an empty message"
        assert "\n" not in message, f"not one line: {message!r}"
        assert len(message) < LONGEST, f"{len(message)} characters: {message[:200]!r}"
        return message
    finally:
        logging.disable(before)
    return "result"


__all__ = ["READERS", "outcome", "read"]
