"""Vectors in word2vec's binary format: a line of two whole numbers, words and width; then each word, a space, float32.

As the C tool writes them, with a line feed after each vector, and as gensim does, without.
"""

from collections.abc import Iterator
from io import BufferedReader
from pathlib import Path

import numpy as np

from seedbed.embeddings.vector_lines import NUMBER_LIKE, BadLines, Block
from seedbed.errors import InputError, one_line

PIECE_BYTES = 1 << 22
WORD_BYTES = 1 << 16
"""Longer words mean that the file is damaged, or its numbers have another size."""


def header_of(first: bytes) -> tuple[int, int] | None:
    """Words and width, where a first line is a header."""
    pieces = first.split()
    if len(pieces) == 2 and all(piece.isdigit() and len(piece) < 19 for piece in pieces):
        return int(pieces[0]), int(pieces[1])
    return None


def is_binary(head: bytes) -> bool:
    """Whether a file that begins like this has a header, then no line of a word and numbers, and what is no text."""
    first, _, rest = head.partition(b"\n")
    lines = [line.split() for line in rest.split(b"\n")]
    header = header_of(first)
    if not header or any(_is_text_line(line, header[1]) for line in lines):
        return False
    try:
        text = rest.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.end < len(rest) or error.reason != "unexpected end of data"
    return any(ord(sign) < 32 and sign not in "\t\n\r" for sign in text)


def _is_text_line(pieces: list[bytes], width: int) -> bool:
    """Whether a line ends with as many numbers as the header says; binary files may have a few such bytes."""
    return len(pieces) > max(width, 1) and all(map(NUMBER_LIKE.fullmatch, pieces[-max(width, 1) :]))


def binary_blocks(stream: BufferedReader, path: Path, dim: int, bad: BadLines) -> Iterator[Block]:
    """The good vectors, in order; a vector counts as a line. Raises InputError."""
    header = header_of(stream.readline())
    assert header is not None  # see `is_binary`
    promised, width = header
    if width != dim:
        raise InputError(f"{path}: its vectors have {width:,} numbers, embedding.dim is {dim}")
    buffer, done, cut = b"", 0, ""
    while done < promised:
        try:
            piece = stream.read1(PIECE_BYTES)
        except OSError as error:
            piece, cut = b"", one_line(error)
        buffer += piece
        words, rows, used = _complete(buffer, dim, promised - done, path, done)
        if words:
            yield _valid(words, rows, done, bad)
        buffer, done = buffer[used:], done + len(words)
        if not piece:
            break
    if cut:
        bad.add(done + 1, "cut", f"the file is cut or damaged here: {cut}")
    elif done < promised:
        what = f"the file ends here with {done} words, its header promises {promised}"
        bad.add(done + 1, "cut", what, promised - done)
    elif (buffer or stream.read1(PIECE_BYTES)).strip():
        bad.add(1, "header", f"the header promises {promised} words, the file goes on")


def _complete(data: bytes, dim: int, most: int, path: Path, before: int) -> tuple[list[bytes], np.ndarray, int]:
    """Return the words and rows that are complete in ``data``, and the number of bytes used."""
    words: list[bytes] = []
    numbers: list[bytes] = []
    at, size = 0, 4 * dim
    while len(words) < most:
        space = data.find(b" ", at, at + WORD_BYTES)
        word = data[at:space].lstrip(b"\n") if space >= 0 else data[at : at + WORD_BYTES]
        if len(word) == WORD_BYTES or b"\0" in word or b"\n" in word.lstrip(b"\n"):
            raise InputError(
                f"{path}: no word where vector {before + len(words) + 1} begins: the file is damaged, or has other "
                f"numbers than {dim} of float32"
            )
        if space < 0 or space + 1 + size > len(data):
            break
        words.append(word)
        at = space + 1 + size
        numbers.append(data[space + 1 : at])
    return words, np.frombuffer(b"".join(numbers), "<f4").astype(np.float32).reshape(-1, dim), at


def _valid(codes: list[bytes], rows: np.ndarray, before: int, bad: BadLines) -> Block:
    finite = np.isfinite(rows).all(axis=1)
    words, keep = [], []
    for at, code in enumerate(codes):
        try:
            word = code.decode("utf-8")
        except UnicodeDecodeError:
            bad.add(before + at + 1, "encoding", "the word is not UTF-8")
            continue
        if not word:
            bad.add(before + at + 1, "word", "no word before the numbers")
        elif not finite[at]:
            bad.add(before + at + 1, "finite", "a number is not finite")
        else:
            words.append(word)
            keep.append(at)
    return Block(words, [before + at + 1 for at in keep], rows[keep])
