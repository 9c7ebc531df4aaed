"""Raw text as documents and sentences, one after the other: memory does not grow with the corpus."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from seedbed.data.compressed_files import unpacked
from seedbed.errors import InputError
from seedbed.limits import LINE_CHARACTERS
from seedbed.readable import exists, regular, unreadable

SUFFIXES = (".txt", ".txt.gz")

DOCUMENTS = ("blank", "file", "line")
"""A document is: the text between blank lines, a file, or a line."""

SENTENCES = ("split", "line", "document")
"""A sentence is: what ends with a full stop and the like; a line; or the whole document."""

END_MARKS = frozenset((".", "!", "?", "...", "…", "。", "！", "？"))
CLOSING_MARKS = frozenset(('"', "''", "'", ")", "]", "”", "’", "»"))
ABBREVIATIONS = frozenset(("mr", "mrs", "ms", "dr", "prof", "st", "jr", "sr", "vs"))
"""A full stop after one of these does not end a sentence."""

DOCUMENT_LINES = 20_000
"""A longer document is divided, so that no document fills the memory."""


def text_files(path: Path) -> list[Path]:
    """Return the file, or the ``.txt`` and ``.txt.gz`` files below a folder, in order. Raises InputError."""
    if not exists(path) or not path.is_dir():
        try:
            regular(path, "there is no such file or folder")
        except InputError as error:
            raise InputError(f"corpus={error}") from error
        return [path]
    files = sorted(file for file in path.rglob("*") if file.name.endswith(SUFFIXES) and file.is_file())
    if not files:
        raise InputError(f"corpus={path}: the folder has no file that ends in {' or '.join(SUFFIXES)}")
    return files


def read_documents(files: Sequence[Path], documents: str, encoding: str = "utf-8") -> Iterator[list[str]]:
    """The lines of each document, without blank ones. Raises InputError that names file and line."""
    for file in files:
        lines: list[str] = []
        for line in _lines(file, encoding):
            blank = not line.strip()
            if not blank:
                lines.append(line)
            if lines and (documents == "line" or (blank and documents == "blank") or len(lines) == DOCUMENT_LINES):
                yield lines
                lines = []
        if lines:
            yield lines


def _lines(path: Path, encoding: str) -> Iterator[str]:
    try:
        with unpacked(path, "raw text is needed") as stream:
            number = 0
            while content := stream.readline(LINE_CHARACTERS + 1):
                number += 1
                if b"\0" in content:
                    raise InputError(f"{path}:{number}: a byte of zero: this is no text file")
                if len(content) > LINE_CHARACTERS:
                    raise InputError(
                        f"{path}:{number}: a line of more than {LINE_CHARACTERS:,} bytes; break it into lines"
                    )
                yield _decode(content, path, number, encoding)
    except OSError as error:  # also a .gz file that is truncated or is none
        raise unreadable(path, error) from error


def _decode(content: bytes, path: Path, number: int, encoding: str) -> str:
    try:
        line = content.decode(encoding)
    except UnicodeDecodeError as error:
        wrong = f"byte 0x{content[error.start]:02x} (number {error.start} of the line) is not {encoding}"
        raise InputError(f"{path}:{number}: {wrong}; name the encoding with encoding=") from error
    except LookupError as error:
        raise InputError(f"encoding={encoding}: no such encoding; such as utf-8, latin-1, cp1252") from error
    return line.removeprefix("\ufeff") if number == 1 else line


def split_sentences(tokens: Sequence[str]) -> list[list[str]]:
    """Return the sentences of a text; closing quotes and brackets belong to the sentence before them."""
    sentences: list[list[str]] = []
    sentence: list[str] = []
    ended = False
    for token in tokens:
        if ended and token not in END_MARKS and token not in CLOSING_MARKS:
            sentences.append(sentence)
            sentence, ended = [], False
        if token in END_MARKS:
            ended = ended or not (token == "." and sentence and sentence[-1].lower() in ABBREVIATIONS)
        sentence.append(token)
    return [*sentences, sentence] if sentence else sentences


def to_sentences(lines: Sequence[Sequence[str]], sentences: str) -> list[list[str]]:
    """Return the sentences of a document given as lines of tokens, by one of ``SENTENCES``; none is empty."""
    if sentences == "line":
        return [list(line) for line in lines if line]
    tokens = [token for line in lines for token in line]
    if sentences == "document":
        return [tokens] if tokens else []
    return split_sentences(tokens)
