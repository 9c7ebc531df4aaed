"""Softmax probabilities of a cell from its ``.npz`` file, by example, as integers of 1/255."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seedbed.arrays import open_archive
from seedbed.cells import CellArtifacts
from seedbed.errors import InputError

FINAL, TRACKED = "probabilities.npz", "epochs.npz"
"""Files of a cell's run: all test examples with the final weights, and a few examples after each epoch."""
LARGEST = 300_000_000
"""Bytes of such a file when unpacked."""
MOST_REMEMBERED = 500_000_000
"""Bytes cached for one report."""


@dataclass(frozen=True)
class Probabilities:
    """``labels`` are the last axis; by example ``[tokens, labels]``, or ``[epochs, tokens, labels]`` if tracked."""

    labels: tuple[str, ...]
    values: Mapping[str, NDArray[np.uint8]]


def read_probabilities(artifacts: CellArtifacts, run: str, name: str) -> Probabilities | None:
    """Return the probabilities of a run in the file ``name``; None if there is none. InputError if it is damaged."""
    content = artifacts.read(run, name)
    return None if content is None else parse_probabilities(content, f"{name} of run {run}")


def parse_probabilities(content: bytes, where: str) -> Probabilities:
    """Parse the content of a file; InputError names ``where`` if it is damaged or too large. Nothing is unpickled."""
    with open_archive(content, where) as file:
        if file.unpacked > LARGEST:
            raise InputError(f"{where}: over {LARGEST:,} bytes when unpacked")
        if missing := sorted({"ids", "lengths", "values", "labels"} - set(file)):
            raise InputError(f"{where}: not a whole file of arrays: no {', '.join(missing)}")
        ids, lengths, values, labels = (file[name] for name in ("ids", "lengths", "values", "labels"))
    consistent = (
        ids.ndim == lengths.ndim == labels.ndim == 1
        and ids.dtype.kind == labels.dtype.kind == "U"
        and lengths.dtype.kind in "iu"
        and values.dtype == np.uint8
        and values.ndim in (2, 3)
        and len(ids) == len(lengths)
        and (lengths >= 0).all()
        and values.shape[-2:] == (lengths.sum(), len(labels))
    )
    if not consistent:
        raise InputError(f"{where}: its arrays do not fit together")
    ends = np.cumsum(lengths)
    by_example = {
        str(example): values[..., end - length : end, :]
        for example, end, length in zip(ids, ends, lengths, strict=True)
    }
    return Probabilities(tuple(map(str, labels)), by_example)


class ProbabilityReader:
    """Reads the probabilities of cells in files of one name, cached up to MOST_REMEMBERED bytes."""

    def __init__(self, artifacts: CellArtifacts, name: str) -> None:
        self._artifacts, self._name = artifacts, name
        self._by_run: dict[str, Probabilities | InputError | None] = {}
        self._free_bytes = MOST_REMEMBERED

    def of(self, run: str) -> Probabilities | None:
        """Return the probabilities of a run as `read_probabilities` does."""
        result = self._by_run[run] if run in self._by_run else self._read(run)
        if isinstance(result, InputError):
            raise result
        return result

    def _read(self, run: str) -> Probabilities | InputError | None:
        result: Probabilities | InputError | None
        try:
            result = read_probabilities(self._artifacts, run, self._name)
        except InputError as error:
            result = error
        size = sum(part.nbytes for part in result.values.values()) if isinstance(result, Probabilities) else 0
        if size <= self._free_bytes:
            self._free_bytes -= size
            self._by_run[run] = result
        return result


def mean_probabilities(parts: Sequence[NDArray[np.uint8]]) -> NDArray[np.float64]:
    """Return the mean over replicates on one example, as fractions ``[tokens, labels]``."""
    return np.mean([part / 255 for part in parts], axis=0)
