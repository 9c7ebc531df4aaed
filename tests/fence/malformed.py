"""The kinds of malformed input, each made from a valid file: see ``docs/development/malformed.md``."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tests.fence import annotation_files
from tests.fence.damage import device, folder, loop, pipe, sparse, unix_socket, written
from tests.fence.heavy import HEAVY
from tests.fence.reader import Reader
from tests.fence.special_data import DATA
from tests.fence.special_models import MODELS
from tests.fence.valid import READERS

IN_MEMORY = {
    "probabilities", "items of a study", "predictions", "record of a study", "trials of a search", "cached layers",
}  # fmt: skip


@dataclass(frozen=True)
class Kind:
    """A malformed input of a reader: ``make(path)`` writes it in the place of a valid file.

    ``heavy``: it could take much time or memory, so that it is measured in a process of its own.
    """

    reader: Reader
    name: str
    make: Callable[[Path], object]
    heavy: bool = False

    def __str__(self) -> str:
        return f"{self.reader.name}: {self.name}"


GENERAL: Mapping[str, Callable[[Path], object]] = {
    "empty": written(b""),
    "cut in the middle": written(lambda data: data[: len(data) // 2]),
    "without its last byte": written(lambda data: data[:-1]),
    "one byte": written(b"\x00"),
    "zeros": written(bytes(5000)),
    "noise": written(np.random.default_rng(0).bytes(5000)),
    "an HTML page": written(b"<!DOCTYPE html><html><body>404</body></html>"),
    "JSON of another shape": written(b'[{"a": [1, null, {"b": "c"}]}]'),
    "a pickle": written(b"\x80\x04\x95\x05\x00\x00\x00\x00\x00\x00\x00\x8c\x01a\x94."),
}


PATHS: Mapping[str, Callable[[Path], object]] = {
    "a pipe": pipe, "a folder": folder, "a link to itself": loop, "a device": device, "a socket": unix_socket,
    "a sparse file of 30 GB": sparse(30 * 10**9),
}  # fmt: skip


PIPED = (
    "csv", "JSON lines", "GloVe text", "fastText model", "ELMo options", "ELMo weights", "safetensors",
    "tokenizer.json", "config.json", "sentencepiece", "vectors by id, npz", "vectors by id, npy", "hub archive, tar",
    "hub module", "YAML", "table of results", "table of floors", "senses", "checkpoint", "vocabulary", "raw text",
    "names of tags", "doccano", "Label Studio", "brat", "text of brat", "DocBin", "model folder",
)  # fmt: skip


SPECIAL = {**DATA, **MODELS, **annotation_files.DATA}
LARGE = {**HEAVY, **annotation_files.HEAVY}


def kinds() -> list[Kind]:
    """Return every kind, in the order of the readers."""
    found = []
    for name, reader in READERS.items():
        found += [Kind(reader, what, make) for what, make in GENERAL.items()]
        found += [Kind(reader, what, make) for what, make in SPECIAL.get(name, {}).items()]
        found += [Kind(reader, what, make) for what, make in PATHS.items() if name in PIPED]
        found += [Kind(reader, what, make, heavy=True) for what, make in LARGE.get(name, {}).items()]
    return found
