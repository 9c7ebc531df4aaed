"""Softmax probabilities that a cell kept, read from its ``.npz`` file: by example, in whole 255ths."""

import io
import struct
import tokenize
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seedbed.cells import CellArtifacts
from seedbed.errors import InputError

FINAL, TRACKED = "probabilities.npz", "epochs.npz"
"""Files of a cell's run: of all test examples by the kept weights, and of a few after each epoch."""
LARGEST = 300_000_000
"""Bytes of such a file when unpacked."""
MOST_REMEMBERED = 500_000_000
"""Bytes of all that is remembered of one report."""


@dataclass(frozen=True)
class Probabilities:
    """``labels`` are the last axis; by example ``[tokens, labels]``, or ``[epochs, tokens, labels]`` if watched."""

    labels: tuple[str, ...]
    values: Mapping[str, NDArray[np.uint8]]


def read_probabilities(kept: CellArtifacts, run: str, name: str) -> Probabilities | None:
    """What a cell's run keeps under this name; None where it keeps nothing. InputError where that is damaged."""
    content = kept.read(run, name)
    return None if content is None else parse_probabilities(content, f"{name} of run {run}")


def parse_probabilities(content: bytes, where: str) -> Probabilities:
    """The content of a file; InputError names ``where`` if it is damaged or too large. Nothing is unpickled."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            unpacked = sum(member.file_size for member in archive.infolist())
        if unpacked > LARGEST:
            raise InputError(f"{where}: over {LARGEST:,} bytes when unpacked")
        with np.load(io.BytesIO(content), allow_pickle=False) as file:
            ids, lengths, values, labels = (file[name] for name in ("ids", "lengths", "values", "labels"))
    except (
        ValueError, KeyError, OSError, EOFError, TypeError, MemoryError, OverflowError, NotImplementedError,
        RuntimeError, zipfile.BadZipFile, zlib.error, struct.error, tokenize.TokenError, SyntaxError,
    ) as error:  # fmt: skip
        raise InputError(f"{where}: not a whole file of arrays: {error}") from error
    whole = (
        ids.ndim == lengths.ndim == labels.ndim == 1
        and ids.dtype.kind == labels.dtype.kind == "U"
        and lengths.dtype.kind in "iu"
        and values.dtype == np.uint8
        and values.ndim in (2, 3)
        and len(ids) == len(lengths)
        and (lengths >= 0).all()
        and values.shape[-2:] == (lengths.sum(), len(labels))
    )
    if not whole:
        raise InputError(f"{where}: its arrays do not fit together")
    ends = np.cumsum(lengths)
    found = {str(one): values[..., end - length : end, :] for one, end, length in zip(ids, ends, lengths, strict=True)}
    return Probabilities(tuple(map(str, labels)), found)


class ReadShares:
    """What cells keep under one name, each read once as far as memory allows."""

    def __init__(self, kept: CellArtifacts, name: str) -> None:
        self._kept, self._name = kept, name
        self._found: dict[str, Probabilities | InputError | None] = {}
        self._room = MOST_REMEMBERED

    def of(self, run: str) -> Probabilities | None:
        """As `read_probabilities`."""
        found = self._found[run] if run in self._found else self._read(run)
        if isinstance(found, InputError):
            raise found
        return found

    def _read(self, run: str) -> Probabilities | InputError | None:
        found: Probabilities | InputError | None
        try:
            found = read_probabilities(self._kept, run, self._name)
        except InputError as error:
            found = error
        size = sum(part.nbytes for part in found.values.values()) if isinstance(found, Probabilities) else 0
        if size <= self._room:
            self._room -= size
            self._found[run] = found
        return found


def mean_share(parts: Sequence[NDArray[np.uint8]]) -> NDArray[np.float64]:
    """The mean of several replicates on one example, as fractions ``[tokens, labels]``."""
    return np.mean([part / 255 for part in parts], axis=0)
