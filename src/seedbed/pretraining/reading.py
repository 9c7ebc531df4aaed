"""Raw text as documents, one after the other: memory does not grow with the corpus."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from seedbed.data.compressed_files import unpacked, unreadable
from seedbed.errors import InputError
from seedbed.readable import exists, regular

SUFFIXES = (".txt", ".txt.gz")

PARTS = ("blank", "file", "line")
"""What is a document: what stands between blank lines, a file, or a line."""

LINE_BYTES = 1 << 20
"""A longer line is no text that people wrote, or all of a corpus on one line."""

DOCUMENT_LINES = 20_000
"""A longer document is divided, so that no document fills the memory."""


def text_files(path: Path) -> list[Path]:
    """The file, or the files of a folder whose names end in ``.txt`` and ``.txt.gz``, in order. Raises InputError."""
    if not exists(path) or not path.is_dir():
        try:
            regular(path, "there is no such file or folder")
        except InputError as error:
            raise InputError(f"corpus={error}") from error
        return [path]
    found = sorted(file for file in path.rglob("*") if file.name.endswith(SUFFIXES) and file.is_file())
    if not found:
        raise InputError(f"corpus={path}: the folder has no file that ends in {' or '.join(SUFFIXES)}")
    return found


def documents(files: Sequence[Path], parted: str, encoding: str = "utf-8") -> Iterator[list[str]]:
    """The lines of each document, without blank ones. Raises InputError that names file and line."""
    for file in files:
        lines: list[str] = []
        for line in _lines(file, encoding):
            blank = not line.strip()
            if not blank:
                lines.append(line)
            if lines and (parted == "line" or (blank and parted == "blank") or len(lines) == DOCUMENT_LINES):
                yield lines
                lines = []
        if lines:
            yield lines


def _lines(path: Path, encoding: str) -> Iterator[str]:
    try:
        with unpacked(path, "raw text is needed") as stream:
            number = 0
            while content := stream.readline(LINE_BYTES + 1):
                number += 1
                if b"\0" in content:
                    raise InputError(f"{path}:{number}: a byte of zero: this is no text file")
                if len(content) > LINE_BYTES:
                    raise InputError(f"{path}:{number}: a line of more than {LINE_BYTES:,} bytes; break it into lines")
                yield _decoded(content, path, number, encoding)
    except OSError as error:  # also a .gz file that is cut or is none
        raise unreadable(path, error) from error


def _decoded(content: bytes, path: Path, number: int, encoding: str) -> str:
    try:
        line = content.decode(encoding)
    except UnicodeDecodeError as error:
        wrong = f"byte 0x{content[error.start]:02x} (number {error.start} of the line) is not {encoding}"
        raise InputError(f"{path}:{number}: {wrong}; name the encoding with encoding=") from error
    except LookupError as error:
        raise InputError(f"encoding={encoding}: no such encoding; such as utf-8, latin-1, cp1252") from error
    return line.removeprefix("\ufeff") if number == 1 else line
