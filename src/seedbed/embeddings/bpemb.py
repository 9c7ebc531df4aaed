"""BPEmb: a sentencepiece model and a vector for each of its pieces (Heinzerling and Strube 2018)."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import ClassVar

import numpy as np

from seedbed.data.hashes import file_sha256
from seedbed.data.sources import Status, locate, status
from seedbed.embeddings.checks import check_choices, check_dim
from seedbed.embeddings.pieces.features import PieceEmbedding
from seedbed.embeddings.pieces.matrix_file import TokenMatrix
from seedbed.embeddings.pieces.sentencepiece_file import SentencePieces
from seedbed.embeddings.pieces.vectors import PieceVectors
from seedbed.embeddings.vector_cache import with_table
from seedbed.embeddings.vector_table import Table
from seedbed.errors import InputError

UNKNOWN_PIECES = ("drop", "keep")
ARCHIVE = ".tar.gz"
"""The vectors are published packed."""


@dataclass(frozen=True)
class BPEmb(PieceEmbedding):
    """A sentencepiece ``model`` with ``vectors`` in word2vec's format, text or binary.

    Both are files in the folder ``path``; where that is empty, each is looked for in ``$SEEDBED_DATA/FOLDER``, in the
    user's cache, and last below ``url``. ``preprocess``: lower case, and 0 for every digit. ``dim`` is checked against
    the vectors.
    """

    name: str = "bpemb"
    path: str = ""
    folder: str = ""
    url: str = ""
    model: str = ""
    model_sha256: str = ""
    vectors: str = ""
    vectors_sha256: str = ""
    dim: int = 100
    preprocess: bool = True
    unknown: str = "drop"
    trainable: bool = False

    NON_FINGERPRINT_FIELDS: ClassVar[tuple[str, ...]] = (
        "name", "path", "folder", "url", "model", "model_sha256", "vectors", "vectors_sha256",
    )  # fmt: skip
    """Fields left out of fingerprints: ``content`` has the digests of model and vectors instead."""

    def __post_init__(self):
        check_choices(self, {"unknown": UNKNOWN_PIECES})
        check_dim(self.dim)

    def content(self) -> Mapping[str, str]:
        """Return the digests of the model, and of the words and vectors, independent of their format."""
        vectors = with_table(self._file("vectors"), self.dim, "auto", True, lambda table: table.digest)
        return {"model": file_sha256(self._file("model")), "vectors": vectors}

    def open(self) -> PieceVectors:
        """Return the sentencepiece model with its vectors; raises InputError."""
        model, vectors = self._file("model"), self._file("vectors")
        digests = file_sha256(model), file_sha256(vectors)
        return _opened(model, vectors, digests, self.dim, self.preprocess, self.unknown == "drop")

    def status(self) -> list[Status]:
        """Return where the files are, without fetching them; of no file where the settings name no source."""
        if not (self.path or self.folder):
            return []
        return [
            status(self.folder, [name], path=f"{self.path}/{name}" if self.path else "", verify=False)
            for name in (self.model, self.vectors)
        ]

    def _file(self, key: str) -> Path:
        """Return the path of a file, downloaded if needed; raises InputError."""
        name, suffix = getattr(self, key), ARCHIVE if key == "vectors" else ""
        if not name:
            raise InputError(f"embedding.{key} is empty: name the file, or take embedding=bpemb")
        if self.path:
            return locate("", [], path=str(Path(self.path) / name))
        if not self.folder:
            raise InputError(
                f"embedding.path is empty: {self.name} needs a folder with {self.model} and {self.vectors}"
            )
        url = f"{self.url.rstrip('/')}/{name}{suffix}" if self.url else ""
        return locate(self.folder, [name], url, getattr(self, f"{key}_sha256"))


@lru_cache(maxsize=2)
def _opened(
    model: Path, vectors: Path, digests: tuple[str, str], dim: int, preprocess: bool, drop_unknown: bool
) -> PieceVectors:
    """Return the opened files; kept, as arms and data sets share a model. ``digests``: a changed file is read again."""
    pieces = SentencePieces(model, preprocess)

    def matrix_of(table: Table) -> np.ndarray:
        rows = table.find(pieces.names)
        missing = [name for n, name in enumerate(pieces.names) if rows[n] < 0 and not pieces.is_special(n)]
        if missing:
            raise InputError(
                f"{vectors}: has no vector for {len(missing):,} of the {len(pieces.names):,} pieces of {model.name}, "
                f"such as {missing[0]!r}: they do not belong together"
            )
        matrix = np.zeros((len(rows), dim), np.float32)
        matrix[rows >= 0] = table.take(rows[rows >= 0])
        return matrix

    return PieceVectors(pieces, TokenMatrix(with_table(vectors, dim, "auto", True, matrix_of)), drop_unknown)
