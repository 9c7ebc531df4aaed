"""Vectors as text: GloVe, word2vec and fastText, plain, gzipped or in a zip."""

import gzip
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from seedbed.embeddings.vector_lines import BadLines, Block, parse, width
from seedbed.errors import InputError, one_line

BLOCK_BYTES = 1 << 22
PIECE_BYTES = 1 << 17
DAMAGED = (EOFError, OSError, zlib.error, zipfile.BadZipFile)


def text_blocks(path: Path, dim: int, form: str, bad: BadLines) -> Iterator[Block]:
    """The good lines, in order; ``glove`` has no header, ``word2vec`` has one, ``auto`` looks. Raises InputError."""
    with _open(path, dim) as stream:
        cut: list[str] = []
        texts = _whole_lines(stream, cut)
        head = next(texts, b"").removeprefix(b"\xef\xbb\xbf")
        if not head:
            raise InputError(f"{path}: {f'damaged from its start: {cut[0]}' if cut else 'the file is empty'}")
        start, promised = _header(path, head, dim, form)
        line, seen = 1 + (start > 0), 0
        for text in chain([head[start:]], texts):
            yield parse(text, dim, line, bad)
            line += text.count(b"\n") + (not text.endswith(b"\n") and text != b"")
            seen += sum(1 for piece in text.split(b"\n") if piece.strip()) if promised is not None else 0
    if cut:
        bad.add(line, "cut", f"the file is cut or damaged here: {cut[0]}")
    elif promised is not None and seen < promised:
        bad.add(line, "cut", f"the file ends here with {seen} words, its header promises {promised}", promised - seen)
    elif promised is not None and seen > promised:
        bad.add(1, "header", f"the header promises {promised} words, the file has {seen}")


def _header(path: Path, head: bytes, dim: int, form: str) -> tuple[int, int | None]:
    """Where the vectors start, and how many the header promises; refuses a file of another width."""
    first, _, _ = head.partition(b"\n")
    pieces = first.split()
    is_header = len(pieces) == 2 and all(piece.isdigit() for piece in pieces) and form != "glove"
    if form == "word2vec" and not is_header:
        raise InputError(f"{path}:1: a word2vec file starts with two whole numbers, words and width")
    start = min(len(first) + 1, len(head)) if is_header else 0
    lines = [line for line in head[start:].split(b"\n")[:20] if line.strip()][:10]
    found = int(pieces[1]) if is_header else width(lines, dim)
    if not found:
        raise InputError(f"{path}:1: no word with numbers after it, so this is no file of vectors")
    if found != dim:
        raise InputError(f"{path}: its vectors have {found} numbers, embedding.dim is {dim}")
    return start, int(pieces[0]) if is_header else None


def _whole_lines(stream: BinaryIO, cut: list[str]) -> Iterator[bytes]:
    """Blocks that end in a line feed (the last one may not); ``cut`` says how it is damaged, if so."""
    pieces: list[bytes] = []
    size = 0
    try:
        while piece := stream.read1(PIECE_BYTES):  # read(n) would lose what came before the damage
            pieces.append(piece)
            size += len(piece)
            if size >= BLOCK_BYTES and b"\n" in piece:
                whole, _, rest = b"".join(pieces).rpartition(b"\n")
                yield whole + b"\n"
                pieces, size = [rest], len(rest)
    except DAMAGED as error:
        cut.append(one_line(error))
    text = b"".join(pieces)
    if cut:
        text = text[: text.rfind(b"\n") + 1]
    if text:
        yield text


@contextmanager
def _open(path: Path, dim: int) -> Iterator[BinaryIO]:
    magic = first_bytes(path)
    if magic.startswith(b"\x1f\x8b"):
        with gzip.open(path) as stream:
            yield stream
    elif magic.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        with ExitStack() as stack:
            try:
                archive = stack.enter_context(zipfile.ZipFile(path))
                stream = stack.enter_context(archive.open(_member(path, archive, dim)))
            except (OSError, zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:  # the last: a password
                raise InputError(f"{path}: unreadable zip: {error}") from error
            yield stream
    else:
        with path.open("rb") as stream:
            yield stream


def _member(path: Path, archive: zipfile.ZipFile, dim: int) -> str:
    names = [name for name in archive.namelist() if not name.endswith("/") and not name.startswith("__MACOSX")]
    fitting = [name for name in names if f".{dim}d." in f".{name.rpartition('/')[2]}"] if len(names) > 1 else names
    if len(fitting) != 1:
        raise InputError(f"{path}: one member named after embedding.dim={dim} is needed, this has {', '.join(names)}")
    return fitting[0]


def first_bytes(path: Path) -> bytes:
    """What tells the kind of a file; raises InputError where it cannot be read."""
    try:
        with path.open("rb") as stream:
            return stream.read(6)
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from error
