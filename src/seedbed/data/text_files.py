"""Text out of files: packed or not, in a named encoding, with errors that say which line is wrong."""

import codecs
import gzip
import io
import zlib
from collections.abc import Iterator
from pathlib import Path

from seedbed.errors import InputError

LONGEST = 1 << 20
"""Characters of a line that is read one at a time: a longer one is no text that people wrote."""


def read_text(path: Path, encoding: str) -> str:
    """The whole text of a file, unpacked where its name ends in ``.gz``; raises InputError with file and line."""
    try:
        content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    except FileNotFoundError as error:
        raise InputError(f"{path}: there is no such file") from error
    except (OSError, EOFError, zlib.error) as error:  # also a .gz file that is cut or is none
        raise InputError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}") from error
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InputError(
            f"{path}:{line}: byte 0x{content[error.start]:02x} (number {error.start}) is not {encoding}; "
            "name the file's encoding with dataset.reader.encoding"
        ) from error
    text = text.removeprefix("\ufeff")
    if not text.strip():
        raise InputError(f"{path}: the file is empty")
    return text


def lines(path: Path, encoding: str) -> list[str]:
    """The lines of a file, split at ``\\n`` alone: other characters that Unicode calls line ends are text."""
    text = read_text(path, encoding)
    return [line.removesuffix("\r") for line in text.removesuffix("\n").split("\n")]


def streamed(path: Path, encoding: str) -> Iterator[str]:
    """The lines of a file as ``lines`` has them, one at a time; raises InputError with file and line."""
    number = 0
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as content:
            stream = io.TextIOWrapper(content, encoding=encoding, newline="\n")
            while line := stream.readline(LONGEST + 1):
                number += 1
                if "\0" in line:
                    raise InputError(f"{path}:{number}: a byte of zero: this is no text file")
                if len(line) > LONGEST:
                    raise InputError(f"{path}:{number}: a line of more than {LONGEST:,} characters")
                line = line.removeprefix("\ufeff") if number == 1 else line
                yield line.removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path}: after line {number}: byte 0x{error.object[error.start]:02x} is not {encoding}; "
            "name the file's encoding with dataset.reader.encoding"
        ) from error
    except FileNotFoundError as error:
        raise InputError(f"{path}: there is no such file") from error
    except (OSError, EOFError, zlib.error) as error:  # also a .gz file that is cut or is none
        raise InputError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}") from error


def check_encoding(encoding: str) -> None:
    """Raises InputError where Python knows no text encoding of this name."""
    try:
        "".encode(encoding)
        codecs.lookup(encoding)
    except LookupError as error:
        raise InputError(
            f"dataset.reader.encoding={encoding}: no such encoding; such as utf-8, latin-1, cp1252"
        ) from error
