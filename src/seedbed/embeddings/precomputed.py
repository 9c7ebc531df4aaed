"""Vectors of texts or of tokens that were computed elsewhere, read from a file."""

from collections.abc import Callable, Hashable, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from seedbed.data.compressed_files import read_head
from seedbed.data.corpus import Example
from seedbed.data.file_formats import NPY, detect_format
from seedbed.data.hashes import file_sha256
from seedbed.data.text_list import text_sha256
from seedbed.embeddings.checks import check_choices, check_table_gb
from seedbed.embeddings.contextual import ContextualFeatures, ContextualTable, table_rows, tables
from seedbed.embeddings.feature_table import TableShape
from seedbed.embeddings.features import Embedded, Positions, quiet
from seedbed.embeddings.layers import Layout
from seedbed.embeddings.mix import Fixed
from seedbed.embeddings.text_features import TextFeatures
from seedbed.embeddings.vectors_by_id import LEVELS, FileLayout, VectorFile, open_vectors
from seedbed.errors import InputError
from seedbed.readable import regular

if TYPE_CHECKING:
    from seedbed.data.sources import Status

KEYS = ("id", "sha256")
TEXTS = "`seedbed data show NAME --output texts.jsonl` writes the ids, hashes and texts that need vectors"
FOR_TEXTS = "one vector for each text, which encoder=probe encoder.pooling=sentence reads"


@dataclass(frozen=True)
class Precomputed:
    """Vectors from a file, by the id of an example or by the hash of its text: see ``conf/embedding/precomputed.yaml``.

    ``level=text``: a vector for each text, for ``encoder.pooling=sentence``; ``level=token``: one for each token.
    """

    path: str = ""
    ids: str = ""
    level: str = "text"
    key: str = "id"
    dim: int | None = None
    id_column: str = "id"
    vector_column: str = "vector"
    table_gb: float | None = None

    NON_FINGERPRINT_FIELDS: ClassVar[tuple[str, ...]] = ("path", "ids", "dim", "table_gb")
    """Fields left out of fingerprints: ``content`` has the digests of the files instead."""

    def __post_init__(self):
        check_choices(self, {"level": LEVELS, "key": KEYS})
        if self.dim is not None and self.dim < 1:
            raise InputError(f"embedding.dim={self.dim}: must be at least 1, or null for that of the file")
        check_table_gb(self.table_gb)

    @property
    def name(self) -> str:
        """Name of the file, for messages."""
        return Path(self.path).name or "precomputed"

    def status(self) -> "list[Status]":
        """Return whether the file is there."""
        from seedbed.data.sources import Status, status

        if not self.path:
            return [Status("precomputed", "missing", hint=f"set embedding.path; {TEXTS}")]
        return [status("", [], path=self.path, verify=False)]

    def files(self) -> dict[str, Path]:
        """Return the file of vectors, and that of its ids if it has one. Raises InputError."""
        if not self.path:
            raise InputError(f"embedding.path is empty: name a file of vectors; {TEXTS}")
        paths = {"vectors": Path(self.path).expanduser()}
        if detect_format(read_head(paths["vectors"])) is NPY:
            paths["ids"] = Path(self.ids).expanduser() if self.ids else paths["vectors"].with_suffix(".txt")
            hint = "there is no such file: it has the id of each vector, one a line (embedding.ids names another)"
            regular(paths["ids"], hint)
        elif self.ids:
            raise InputError(f"embedding.ids={self.ids}: only with a .npy file; {self.path} has its ids inside")
        return paths

    def content(self) -> Mapping[str, str]:
        """Return the digests of the files."""
        return {name: file_sha256(path) for name, path in self.files().items()}

    def features(
        self, examples: Sequence[Example], draws: Sequence[Positions], seeds: Sequence[int],
        watch: Callable[[Embedded], None] = quiet,
    ) -> ContextualFeatures:  # fmt: skip
        """Return the vectors of the tokens of all ``examples``, by a table that groups and arms share."""
        if self.level == "text":
            raise InputError(f"embedding.level=text: {FOR_TEXTS}; embedding.level=token reads one for each token")
        file, names = self._vectors(examples)
        lengths = tuple(len(example.tokens) for example in examples)
        dim = self._dim(file, next((name for name, length in zip(names, lengths, strict=True) if length), ""))

        def read(n: int) -> NDArray[np.float32]:
            if not lengths[n]:
                return np.zeros((0, dim), np.float32)
            rows = _rows(file, names[n], examples[n].id, dim)
            if len(rows) != lengths[n]:
                raise InputError(
                    f"{file.path}: {examples[n].id}: {len(rows)} vectors, and the text has {lengths[n]} tokens"
                )
            return rows

        key = (tuple(self.content().values()), self._layout(), tuple(names), lengths)
        table = tables.find(key)
        if table is None:
            rows = table_rows(
                TableShape(lengths, dim), read, self.table_gb,
                lambda text: watch(Embedded(len(names), len(names), note=text)),
            )  # fmt: skip
            table = ContextualTable(Layout((dim,)), rows)
            tables.add(key, table)
        return ContextualFeatures(
            Fixed(table.layout, (0,), False), self._reports(file, names, draws), lengths, table.rows
        )

    def text_features(
        self, examples: Sequence[Example], draws: Sequence[Positions], seeds: Sequence[int],
        watch: Callable[[Embedded], None] = quiet,
    ) -> TextFeatures:  # fmt: skip
        """Return the vectors of the ``examples``, one for each."""
        if self.level == "token":
            raise InputError(
                "embedding.level=token: one vector for each token, and encoder.pooling=sentence reads one for each "
                "text: take another pooling, such as mean, or a file with embedding.level=text"
            )
        file, names = self._vectors(examples)
        dim = self._dim(file, names[0] if names else "")
        vectors = np.zeros((len(names), dim), np.float32)
        for n, (name, example) in enumerate(zip(names, examples, strict=True)):
            rows = _rows(file, name, example.id, dim)
            if len(rows) != 1:
                raise InputError(
                    f"{file.path}: {example.id}: {len(rows)} vectors, one is needed; embedding.level=token reads one "
                    "for each token"
                )
            vectors[n] = rows[0]
        return TextFeatures(vectors, self._reports(file, names, draws))

    def _vectors(self, examples: Sequence[Example]) -> tuple[VectorFile, list[str]]:
        """Return the open file and the id or hash of each example. Raises InputError where some are missing."""
        file, names = self._opened_file(), self.keys_of(examples)
        missing = [
            n for n, name in enumerate(names)
            if name not in file.ids and (examples[n].tokens or self.level == "text")
        ]  # fmt: skip
        if missing:
            first = examples[missing[0]].id + (f" (sha256 {names[missing[0]]})" if self.key == "sha256" else "")
            raise InputError(
                f"{file.path}: no vectors of {first}; {len(missing)} of {len(examples)} texts are missing; {TEXTS}"
            )
        return file, names

    def names_in_file(self) -> Set[str]:
        """Return the ids or hashes that the file has vectors for. Raises InputError."""
        return self._opened_file().ids

    def keys_of(self, examples: Sequence[Example]) -> list[str]:
        """Return the id or the hash by which the vectors of each example are found."""
        return [example.id if self.key == "id" else text_sha256(example.tokens) for example in examples]

    def _opened_file(self) -> VectorFile:
        return _opened(tuple(self.content().values()), self.files()["vectors"], self._layout())

    def _layout(self) -> FileLayout:
        return FileLayout(self.level, self.files().get("ids"), self.id_column, self.vector_column)

    def _dim(self, file: VectorFile, name: str) -> int:
        """Return the numbers of a vector, that of ``name`` in a file with an array for each id."""
        dim = file.rows(name).shape[1] if name else (self.dim or 1)
        if self.dim not in (None, dim):
            raise InputError(f"{file.path}: its vectors have {dim} numbers, embedding.dim is {self.dim}")
        return dim

    def _reports(self, file: VectorFile, names: Sequence[str], draws: Sequence[Positions]) -> list[dict[str, float]]:
        """Return the ids that each replicate leaves unused."""
        drawn = [{names[n] for positions in draw.values() for n in positions} for draw in draws]
        return [{"embedding/extra_ids": len(file.ids) - sum(name in file.ids for name in used)} for used in drawn]


@lru_cache(maxsize=2)
def _opened(digests: Hashable, path: Path, layout: FileLayout) -> VectorFile:
    """Return a file, opened once for all groups and arms."""
    return open_vectors(path, layout)


def _rows(file: VectorFile, name: str, example: str, dim: int) -> NDArray[np.float32]:
    """Return the vectors of an id as float32. Raises InputError for another dimension and for NaN."""
    rows = file.rows(name)
    if rows.shape[1] != dim:
        raise InputError(f"{file.path}: {example}: its vectors have {rows.shape[1]} numbers, others have {dim}")
    with np.errstate(over="ignore"):
        rows = rows.astype(np.float32)
    if not np.isfinite(rows).all():
        raise InputError(f"{file.path}: {example}: a number of its vectors is not finite")
    return rows
