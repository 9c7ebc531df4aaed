"""A table of words and rows that opens in milliseconds at any size: flat arrays, indexed by a hash of the word.

Four arrays serve as the index, all small: ``hashes`` (uint64, sorted), ``rows`` (whose row each is), ``offsets`` and
``text`` (the words, end to end, in row order). Equal hashes are resolved by comparing the words. ``sums`` has a
checksum a row of ``matrix``, float32 [words, dim], so that a damaged disk cannot change a result unseen.
"""

import json
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b, sha256
from pathlib import Path
from typing import Any

import numpy as np

from seedbed.arrays import map_array
from seedbed.embeddings.vector_lines import Block
from seedbed.errors import InputError
from seedbed.readable import read_json

INDEX = ("hashes", "rows", "offsets", "text", "sums")


class DamagedError(Exception):
    """A stored table is not what was written."""


@dataclass(frozen=True)
class Table:
    """Words and rows of one vector file, in its order.

    ``digest``: sha256 of them; ``skipped``: bad lines by reason; ``first_bad``: the first, to refuse it later.
    """

    index: Mapping[str, np.ndarray]
    matrix: np.ndarray
    digest: str
    skipped: Mapping[str, int]
    first_bad: str

    def find(self, words: Sequence[str]) -> np.ndarray:
        """Return the row of each word, int64 [len(words)], -1 for a missing word."""
        word_rows = np.full(len(words), -1, np.int64)
        codes = [word.encode("utf-8", "surrogatepass") for word in words]
        hashes = hash_words(codes)
        slots = np.searchsorted(self.index["hashes"], hashes, "left")
        ends = np.searchsorted(self.index["hashes"], hashes, "right")
        pending = np.flatnonzero(slots < ends)
        while len(pending):  # once, unless two words share a hash
            rows = self.index["rows"][slots[pending]].astype(np.int64)
            same = self._are([codes[n] for n in pending.tolist()], rows)
            word_rows[pending[same]] = rows[same]
            pending = pending[~same]
            slots[pending] += 1
            pending = pending[slots[pending] < ends[pending]]
        return word_rows

    def take(self, rows: np.ndarray) -> np.ndarray:
        """Return copies of these rows, float32 [len(rows), dim]; raises DamagedError."""
        taken = np.array(self.matrix[rows])
        if not np.array_equal(row_sums(taken), self.index["sums"][rows]):
            raise DamagedError("a row is not what was written")
        return taken

    def words(self, rows: np.ndarray) -> list[str]:
        """Return the word of each of these rows."""
        offsets, text = self.index["offsets"], self.index["text"]
        return [text[offsets[row] : offsets[row + 1]].tobytes().decode("utf-8", "surrogatepass") for row in rows]

    def _are(self, codes: Sequence[bytes], rows: np.ndarray) -> np.ndarray:
        """Whether each row is the row of this word."""
        offsets, text = self.index["offsets"], self.index["text"].data
        spans = zip(codes, offsets[rows].tolist(), offsets[rows + 1].tolist(), strict=True)
        return np.fromiter((text[start:end] == code for code, start, end in spans), bool, len(rows))


def hash_words(codes: Sequence[bytes]) -> np.ndarray:
    """A stable 64-bit hash of each word, uint64."""
    return np.frombuffer(b"".join(blake2b(code, digest_size=8).digest() for code in codes), "<u8").astype(np.uint64)


def row_sums(rows: np.ndarray) -> np.ndarray:
    """A checksum of each row, uint32."""
    data, size = np.ascontiguousarray(rows).data.cast("B") if rows.size else b"", rows.itemsize * rows.shape[1]
    return np.array([zlib.crc32(data[at : at + size]) for at in range(0, len(data), size or 1)], np.uint32)


class Builder:
    """Gathers blocks into a table; ``sink(rows)`` gets the rows of each block as they come, for a file or a list."""

    def __init__(self, sink: Callable[[np.ndarray], object]):
        self.sink = sink
        self.words: list[bytes] = []
        self.sums: list[np.ndarray] = []
        self.sha = sha256()

    def add(self, block: Block) -> None:
        """Append the words and rows of a block."""
        rows = np.ascontiguousarray(block.rows, "<f4")
        self.words.extend(word.encode() for word in block.words)
        self.sums.append(row_sums(rows))
        self.sha.update(rows.data)
        self.sink(rows)

    def index(self) -> dict[str, np.ndarray]:
        """The index arrays of all that was added."""
        hashes = hash_words(self.words)
        order = np.argsort(hashes, kind="stable")
        offsets = np.zeros(len(self.words) + 1, np.int64)
        np.cumsum([len(word) for word in self.words], out=offsets[1:])
        return {
            "hashes": hashes[order],
            "rows": order.astype(np.uint32),
            "offsets": offsets,
            "text": np.frombuffer(b"".join(self.words), np.uint8),
            "sums": np.concatenate(self.sums),
        }

    def digest(self) -> str:
        """sha256 of all words and rows in order: the same whatever kind of file they came from."""
        words = sha256(b"".join(b"%d:%b" % (len(word), word) for word in self.words))
        return sha256(words.digest() + self.sha.digest()).hexdigest()


def store(folder: Path, blocks: Iterable[Block], about: Callable[[], Mapping[str, object]]) -> None:
    """Write a table into an empty folder; ``about()`` is called after the last block, and stored in ``about.json``."""
    with (folder / "matrix.f32").open("wb") as stream:
        builder = Builder(lambda rows: stream.write(rows.data))
        for block in blocks:
            builder.add(block)
    index = builder.index()
    for name, array in index.items():
        np.save(folder / f"{name}.npy", array)
    size = {"words": len(builder.words), "sums": {name: zlib.crc32(array.data) for name, array in index.items()}}
    text = json.dumps({**size, "digest": builder.digest(), **about()})
    (folder / "about.json").write_text(text, encoding="utf-8")


def load(folder: Path, dim: int) -> Table:
    """Return the table in a folder, its rows memory-mapped; raises DamagedError."""
    try:
        about = read_json(folder / "about.json")
        index = {name: map_array(folder / f"{name}.npy") for name in INDEX}
        if any(zlib.crc32(index[name].data) != about["sums"][name] for name in INDEX):
            raise DamagedError(f"{folder}: the index is not what was written")
        matrix_file = folder / "matrix.f32"
        if matrix_file.stat().st_size != 4 * about["words"] * dim:
            raise DamagedError(f"{folder}: the matrix has another size than was written")
        matrix = np.asarray(np.memmap(matrix_file, "<f4", "r", shape=(about["words"], dim)))
        return Table(index, matrix, about["digest"], about["skipped"], about["first_bad"])
    except (InputError, OSError, ValueError, KeyError, TypeError) as error:
        raise DamagedError(f"{folder}: {error}") from error


def in_memory(blocks: Iterable[Block], about: Callable[[], Mapping[str, Any]]) -> Table:  # Any: JSON
    """Return the table in memory, without a folder."""
    rows: list[np.ndarray] = []
    builder = Builder(rows.append)
    for block in blocks:
        builder.add(block)
    info = about()
    return Table(builder.index(), np.concatenate(rows), builder.digest(), info["skipped"], info["first_bad"])
