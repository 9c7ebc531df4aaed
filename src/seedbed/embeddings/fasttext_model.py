"""Word vectors of a fastText model (``.bin``), read in place.

The format is that of ``FastText::saveModel`` of fastText 0.9.2, version 12, little-endian: the numbers of the header,
the words, and the input matrix with a row for each word and then one for each bucket of subwords. The matrix is mapped
into memory, and only the rows of requested words are read. The libraries without a compiler, fasttextlt 0.2 and gensim
4.4, read all of it; gensim also gives subwords to ``</s>``, and neither checks the version or the end of the file.
"""

import mmap
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from seedbed.embeddings.subwords import subword_buckets
from seedbed.errors import InputError
from seedbed.limits import refuse_shape
from seedbed.readable import open_regular, regular

MAGIC, VERSIONS = 793712314, (11, 12)
HEADER = struct.Struct("<14id")
"""Magic, version, dim, ws, epoch, minCount, neg, wordNgrams, loss, model, bucket, minn, maxn, lrUpdateRate; t."""
DICTIONARY = struct.Struct("<3i2q")
"""Entries, words and labels; tokens of the training; pruned n-grams, -1 where they were never pruned."""
AFTER_WORD = 9
"""Bytes after the zero that ends a word: its count and its type."""
MATRIX = struct.Struct("<?2q")
"""Whether it is quantized, rows, columns."""
SUPERVISED = 3
BLOCK = 1024
"""Words whose rows are in memory at once."""


@dataclass(frozen=True)
class FastTextModel:
    """An open model: ``matrix`` float32 ``[words + buckets, dim]``.

    Subwords have ``shortest`` to ``longest`` characters. ``rows``: the row of each requested word in the vocabulary.
    """

    path: Path
    matrix: np.ndarray
    words: int
    buckets: int
    shortest: int
    longest: int
    rows: Mapping[str, int]

    def vectors(self, spellings: Sequence[tuple[str, int | None]]) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Return the vectors ``[n, dim]`` of words with their rows, and whether each has one: a row or subwords.

        A vector is the mean of the rows of the word and its subwords, as ``FastText::getWordVector`` computes it.
        Raises InputError for a row that is not finite.
        """
        vectors = np.zeros((len(spellings), self.matrix.shape[1]), np.float32)
        has_vector = np.zeros(len(spellings), bool)
        for first in range(0, len(spellings), BLOCK):
            lists = [self._rows_of(word, row) for word, row in spellings[first : first + BLOCK]]
            counts = np.array([len(numbers) for numbers in lists])
            at = np.flatnonzero(counts)
            if not len(at):
                continue
            starts = np.concatenate([[0], np.cumsum(counts[at])[:-1]])
            rows = self.matrix[np.concatenate([lists[n] for n in at])]
            means = np.add.reduceat(rows, starts, axis=0) / counts[at, None].astype(np.float32)
            for n in np.flatnonzero(~np.isfinite(means).all(axis=1))[:1]:
                raise InputError(f"{self.path}: the vector of {spellings[first + at[n]][0]!r} is not finite")
            vectors[first + at], has_vector[first + at] = means, True
        return vectors, has_vector

    def _rows_of(self, word: str, row: int | None) -> list[int]:
        buckets = subword_buckets(word, self.shortest, self.longest, self.buckets)
        return ([] if row is None else [row]) + [self.words + bucket for bucket in buckets]


def open_model(path: Path, dim: int, requested: Sequence[str] = ()) -> FastTextModel:
    """Open a model, and look up the rows of these words in its vocabulary. Raises InputError."""
    if (size := regular(path).st_size) < HEADER.size + DICTIONARY.size:
        raise InputError(f"{path}: {'cut' if size else 'empty'}: no fastText model")
    with open_regular(path) as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as content:
        magic, version, width, *_, kind, buckets, shortest, longest, _, _ = HEADER.unpack_from(content)
        if magic != MAGIC:
            raise InputError(f"{path}: no fastText model (.bin): it does not begin with the number {MAGIC}")
        if version not in VERSIONS:
            raise InputError(f"{path}: version {version} of fastText's format; versions 11 and 12 are read")
        if width != dim:
            raise InputError(f"{path}: its vectors have {width:,} numbers, embedding.dim is {dim}")
        if buckets < 0:
            raise InputError(f"{path}: damaged: {buckets:,} buckets of subwords")
        words, rows, end = _vocabulary(path, content, requested)
        start = _matrix(path, content, end, (words + buckets, width))
    if version == VERSIONS[0] and kind == SUPERVISED:
        longest = 0  # these were trained without subwords, whatever their header says
    matrix = np.memmap(path, "<f4", "r", start, (words + buckets, width))
    return FastTextModel(path, np.asarray(matrix), words, buckets, shortest, longest, rows)


def _vocabulary(path: Path, content: mmap.mmap, requested: Sequence[str]) -> tuple[int, dict[str, int], int]:
    """Return the number of words, the rows of those that are requested, and where the vocabulary ends."""
    entries, words, labels, _, pruned = DICTIONARY.unpack_from(content, HEADER.size)
    if words < 1 or labels < 0 or entries != words + labels:
        raise InputError(f"{path}: damaged: {entries} entries, {words} words and {labels} labels")
    if pruned >= 0:
        raise _quantized(path)
    if entries > len(content) // (AFTER_WORD + 1):
        raise _cut(path, f"it declares {entries:,} words and has {len(content):,} bytes")
    wanted = {word.encode("utf-8", "surrogatepass"): word for word in requested}
    rows, at = {}, HEADER.size + DICTIONARY.size
    for row in range(entries):
        end = content.find(b"\0", at)
        if end < 0:
            raise _cut(path, f"in word {row + 1} of {entries}")
        word = wanted.get(content[at:end]) if row < words else None
        if word is not None:
            rows[word] = row
        at = end + 1 + AFTER_WORD
    return words, rows, at


def _matrix(path: Path, content: mmap.mmap, at: int, shape: tuple[int, int]) -> int:
    """Return where the numbers of the input matrix begin. Raises InputError for another shape and for a cut file."""
    first = 0
    for number in range(2):  # the output matrix is checked too, as the end of the file
        if number and at == len(content):
            break  # some programs write models without one
        if at + MATRIX.size > len(content):
            raise _cut(path, "before its vectors")
        quantized, *size = MATRIX.unpack_from(content, at)
        if quantized:
            raise _quantized(path)
        if not number and tuple(size) != shape:
            raise InputError(
                f"{path}: damaged: a matrix of {size[0]} x {size[1]}, and {shape[0]} x {shape[1]} expected"
            )
        first = first or at + MATRIX.size
        at += MATRIX.size
        at += refuse_shape(path, size, 4, len(content) - at)
    return first


def _cut(path: Path, where: str) -> InputError:
    return InputError(f"{path}: the file is cut or damaged: {where}; download it again")


def _quantized(path: Path) -> InputError:
    return InputError(f"{path}: a quantized model (.ftz), whose vectors are approximate: take the .bin file")
