"""Vectors as text or in word2vec's binary format: GloVe, word2vec and fastText, plain or packed."""

from collections.abc import Iterator, Sequence
from io import BufferedReader
from itertools import chain
from pathlib import Path

from seedbed.data.compressed_files import unpacked
from seedbed.data.file_formats import HEAD
from seedbed.embeddings.vector_binary import binary_blocks, header_of, is_binary
from seedbed.embeddings.vector_lines import BadLines, Block, parse, refuse_other_signs, width
from seedbed.errors import InputError, one_line
from seedbed.limits import LINE_CHARACTERS

BLOCK_BYTES = 1 << 22
PIECE_BYTES = 1 << 17
NUMBER_BYTES = 64
"""Of a number, with the space before it, in the longest line that is read."""
ADVICE = "vectors are read as text (a word and its numbers a line), in word2vec's binary format and as .npy"


def stream_blocks(path: Path, dim: int, form: str, bad: BadLines) -> Iterator[Block]:
    """The good lines, in order; ``glove`` has no header, ``word2vec`` has one, ``auto`` looks. Raises InputError."""
    with unpacked(path, ADVICE, member=lambda names: _member(names, dim)) as stream:
        if form != "glove" and is_binary(_peek(stream, dim)):
            yield from binary_blocks(stream, path, dim, bad)
        else:
            yield from _text_blocks(stream, path, dim, form, bad)


def _peek(stream: BufferedReader, dim: int) -> bytes:
    try:
        return stream.peek(HEAD)[: HEAD + 4 * dim]
    except OSError:  # raised again when it is read
        return b""


def _text_blocks(stream: BufferedReader, path: Path, dim: int, form: str, bad: BadLines) -> Iterator[Block]:
    cut: list[str] = []
    texts = _complete_lines(stream, path, LINE_CHARACTERS + NUMBER_BYTES * dim, cut)
    head = next(texts, b"").removeprefix(b"\xef\xbb\xbf")
    if not head:
        raise InputError(f"{path}: {f'damaged from its start: {cut[0]}' if cut else 'the file is empty'}")
    start, promised = _header(path, head, dim, form)
    line, n_words = 1 + (start > 0), 0
    for text in chain([head[start:]], texts):
        yield parse(text, dim, line, bad)
        line += text.count(b"\n") + (not text.endswith(b"\n") and text != b"")
        n_words += sum(1 for piece in text.split(b"\n") if piece.strip()) if promised is not None else 0
    if cut:
        bad.add(line, "cut", f"the file is cut or damaged here: {cut[0]}")
    elif promised is not None and n_words < promised:
        bad.add(
            line, "cut", f"the file ends here with {n_words} words, its header promises {promised}", promised - n_words
        )
    elif promised is not None and n_words > promised:
        bad.add(1, "header", f"the header promises {promised} words, the file has {n_words}")


def _header(path: Path, head: bytes, dim: int, form: str) -> tuple[int, int | None]:
    """Where the vectors start, and how many the header promises; refuses a file of another width."""
    first, _, _ = head.partition(b"\n")
    header = header_of(first) if form != "glove" else None
    if form == "word2vec" and not header:
        raise InputError(f"{path}:1: a word2vec file starts with two whole numbers, words and width")
    start = min(len(first) + 1, len(head)) if header else 0
    lines = [line for line in head[start:].split(b"\n")[:20] if line.strip()][:10]
    refuse_other_signs(path, lines, 2 if header else 1)
    n_numbers = header[1] if header else width(lines, dim)
    if not n_numbers:
        raise InputError(f"{path}:1: no word with numbers after it, so this is no file of vectors")
    if n_numbers != dim:
        raise InputError(f"{path}: its vectors have {n_numbers:,} numbers, embedding.dim is {dim}")
    return start, header[0] if header else None


def _complete_lines(stream: BufferedReader, path: Path, longest: int, cut: list[str]) -> Iterator[bytes]:
    """Blocks that end in a line feed (the last one may not); ``cut`` says how it is damaged, if so.

    Raises InputError for a line of more than ``longest`` bytes, or ``BLOCK_BYTES`` where that is more.
    """
    pieces: list[bytes] = []
    size = 0
    try:
        while piece := stream.read1(PIECE_BYTES):  # read(n) would lose what came before the damage
            pieces.append(piece)
            size += len(piece)
            if size >= BLOCK_BYTES and b"\n" in piece:
                lines, _, rest = b"".join(pieces).rpartition(b"\n")
                yield lines + b"\n"
                pieces, size = [rest], len(rest)
            elif size > max(longest, BLOCK_BYTES):
                raise InputError(f"{path}: a line of more than {size >> 20} MB, so this is no file of vectors")
    except OSError as error:
        cut.append(one_line(error))
    text = b"".join(pieces)
    if cut:
        text = text[: text.rfind(b"\n") + 1]
    if text:
        yield text


def _member(names: Sequence[str], dim: int) -> str:
    """The one file of a zip, or the one named after the width, such as ``glove.6B.50d.txt``; raises InputError."""
    fitting = [name for name in names if f".{dim}d." in f".{name.rpartition('/')[2]}"] if len(names) > 1 else names
    if len(fitting) != 1:
        raise InputError(f"one member named after embedding.dim={dim} is needed, this has {', '.join(names)}")
    return fitting[0]
