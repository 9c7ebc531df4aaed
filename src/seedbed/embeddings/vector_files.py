"""Vector files of every kind as one stream of blocks: GloVe, word2vec and fastText text, word2vec's binary, .npy.

Formats are detected by content, not by suffix; all but .npy may be packed. In a zip with several members, the one named
after the width is read, such as ``glove.6B.50d.txt``. The words of ``NAME.npy`` are in ``NAME.parquet``, or the only
parquet file of the folder.
"""

from collections.abc import Iterator
from pathlib import Path

from seedbed.data.compressed_files import read_head
from seedbed.data.file_formats import NPY, detect_format
from seedbed.embeddings.vector_arrays import array_blocks, words_file
from seedbed.embeddings.vector_lines import BadLines, Block
from seedbed.embeddings.vector_text import stream_blocks
from seedbed.errors import InputError

FORMATS = ("auto", "glove", "word2vec", "npy")


def parts(path: Path, form: str = "auto") -> tuple[Path, ...]:
    """The files that make up the vectors at ``path``: itself, and the words' parquet of a .npy; raises InputError."""
    return (path, words_file(path)) if _is_npy(path, form) else (path,)


def blocks(path: Path, dim: int, form: str, bad: BadLines) -> Iterator[Block]:
    """Every good line of the file, in order, each word once (its first); raises InputError.

    A blank line is passed over, a row of zeros is a vector like any other, and a line without a word is a bad one.
    """
    first_lines: dict[str, int] = {}
    for block in array_blocks(path, dim, bad) if _is_npy(path, form) else stream_blocks(path, dim, form, bad):
        yield _without_repeats(block, first_lines, bad)
    if not first_lines:
        raise InputError(f"{path}: no vectors in it")


def _without_repeats(block: Block, first_lines: dict[str, int], bad: BadLines) -> Block:
    keep = []
    for n, (word, line) in enumerate(zip(block.words, block.lines, strict=True)):
        first = first_lines.setdefault(word, line)
        if first == line:
            keep.append(n)
        else:
            bad.add(line, "repeated", f"the word {word!r} again, first in line {first}")
    if len(keep) == len(block.words):
        return block
    return Block([block.words[n] for n in keep], [block.lines[n] for n in keep], block.rows[keep])


def _is_npy(path: Path, form: str) -> bool:
    kind = detect_format(read_head(path))
    return form == "npy" or (form == "auto" and kind is NPY)
