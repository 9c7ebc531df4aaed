"""Read text files, packed or not, in a given encoding; errors name the line."""

import codecs
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from seedbed.data.compressed_files import PIECE, unpacked
from seedbed.data.file_formats import WIDE, FileFormat
from seedbed.errors import InputError
from seedbed.limits import LINE_BYTES, LINE_CHARACTERS
from seedbed.readable import unreadable


@contextmanager
def opened(path: Path, encoding: str) -> Iterator[io.BufferedReader]:
    """Return a stream of the content of a text in this encoding, unpacked if it is packed; raises InputError.

    An OSError that reading the stream raises becomes an InputError too.
    """
    try:
        with unpacked(path, accepted=_wide(encoding)) as stream:
            yield stream
    except OSError as error:  # also a .gz file that is cut or is none
        raise unreadable(path, error) from error


def decoded(content: bytes | bytearray, encoding: str, path: Path) -> str:
    """Return the text of a file's content, as it is; raises InputError with file and line."""
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InputError(
            f"{path}:{line}: byte 0x{content[error.start]:02x} (number {error.start}) is not {encoding}; "
            "name the file's encoding with dataset.reader.encoding"
        ) from error


def read_text(path: Path, encoding: str) -> str:
    """Return the text of a file, unpacked if it is packed; raises InputError with file and line."""
    text = decoded(_content(path, encoding), encoding, path).removeprefix("\ufeff")
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise InputError(f"{path}:{line}: a NUL character: this is no text file, or its encoding is another one")
    if not text or text.isspace():
        raise InputError(f"{path}: the file is empty")
    return text


def _content(path: Path, encoding: str) -> bytearray:
    content, length = bytearray(), 0
    with opened(path, encoding) as stream:
        while piece := stream.read1(PIECE):
            last = max(piece.rfind(b"\n"), piece.rfind(b"\r"))
            length = length + len(piece) if last < 0 else len(piece) - last - 1
            if length > LINE_BYTES:
                line = content.count(b"\n") + 1
                raise InputError(f"{path}:{line}: a line of more than {LINE_BYTES >> 20} MB; break it into lines")
            content += piece
    return content


def lines(path: Path, encoding: str) -> list[str]:
    """Return the lines of a file, split at ``\\n`` only: other line ends of Unicode are text."""
    text = read_text(path, encoding)
    return [line.removesuffix("\r") for line in text.removesuffix("\n").split("\n")]


def ended_lines(path: Path, encoding: str) -> Iterator[str]:
    """Return the lines of a file one at a time, with their line ends, for a parser that needs them."""
    return io.StringIO(read_text(path, encoding), newline="")


def streamed(path: Path, encoding: str) -> Iterator[str]:
    """Yield the lines of a file as ``lines`` returns them; raises InputError with file and line."""
    number = 0
    try:
        with opened(path, encoding) as content:
            stream = io.TextIOWrapper(content, encoding=encoding, newline="\n")
            while line := stream.readline(LINE_CHARACTERS + 1):
                number += 1
                if "\0" in line:
                    raise InputError(f"{path}:{number}: a byte of zero: this is no text file")
                if len(line) > LINE_CHARACTERS:
                    raise InputError(f"{path}:{number}: a line of more than {LINE_CHARACTERS:,} characters")
                line = line.removeprefix("\ufeff") if number == 1 else line
                yield line.removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path}: after line {number}: byte 0x{error.object[error.start]:02x} is not {encoding}; "
            "name the file's encoding with dataset.reader.encoding"
        ) from error


def of_no_data_set(error: InputError) -> InputError:
    """Return the error without its hint on dataset settings, for a file outside a data set."""
    return InputError(re.split(r"; [^;]*\bdataset\b", str(error))[0])


def check_encoding(encoding: str) -> None:
    """Raise InputError where Python has no text encoding of this name."""
    try:
        "".encode(encoding)
        codecs.lookup(encoding)
    except LookupError as error:
        raise InputError(
            f"dataset.reader.encoding={encoding}: no such encoding; such as utf-8, latin-1, cp1252"
        ) from error


def _wide(encoding: str) -> tuple[FileFormat, ...]:
    """Return the formats that are text in this encoding."""
    return tuple(WIDE.values()) if codecs.lookup(encoding).name.startswith(("utf-16", "utf-32")) else ()
