"""Static word vectors, read from a file."""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import ClassVar

import numpy as np

from seedbed.data.corpus import Example
from seedbed.data.sources import Status, locate, status
from seedbed.embeddings.checks import check_choices, check_dim
from seedbed.embeddings.coverage import coverage_of, draw_coverage
from seedbed.embeddings.features import Embedded, Positions, TokenIndex, quiet, token_index
from seedbed.embeddings.lookup import UNKNOWN, Lookup, shared_lookup, word_lookup
from seedbed.embeddings.vector_cache import Result, with_table
from seedbed.embeddings.vector_files import FORMATS
from seedbed.embeddings.vector_table import Table
from seedbed.errors import InputError
from seedbed.stages import stage

CASES: dict[str, tuple[Callable[[str], str], ...]] = {
    "exact": (),
    "back_off": (str.lower,),
    "any": (str.lower, str.capitalize, str.upper),
}
"""Other spellings to look up, in order, for a word that is not in the file as written."""
BAD_LINES = ("error", "skip")


@dataclass(frozen=True)
class Vectors:
    """Words that have a vector, and the matrix of their vectors.

    ``words``: sorted, as the corpus writes them; ``matrix``: float32 [len(words), dim], in the same order.
    ``requested``: number of types looked up; ``exact`` and ``lowered``: types matched as written, and in another case.
    ``skipped``: bad lines of the file, by reason; ``file``: its path.
    """

    words: tuple[str, ...]
    matrix: np.ndarray
    requested: int
    exact: int
    lowered: int
    skipped: Mapping[str, int] = field(default_factory=dict)
    file: str = ""

    @cached_property
    def digest(self) -> str:
        """sha256 of the words and their vectors, independent of the file format and the settings."""
        sha = hashlib.sha256(json.dumps([self.words, self.matrix.shape[1]]).encode())
        sha.update(np.ascontiguousarray(self.matrix, "<f4").data)
        return sha.hexdigest()


@dataclass(frozen=True)
class Static:
    """Vectors from a GloVe, word2vec (text or binary), fastText (text) or .npy file.

    ``path`` is the file; where it is empty, the file is looked for in the installed ``package``
    (``DISTRIBUTION:FILE/INSIDE``), as one of ``names`` in ``$SEEDBED_DATA/FOLDER`` and in the user's cache, and last at
    ``url``. ``dim`` is checked against the file. ``case=back_off`` looks for a word as written, then in lower case;
    ``case=any`` goes on with ``Name`` and ``NAME``. ``bad_lines=skip`` leaves out and counts what ``error`` refuses.
    ``limit`` keeps the first N words of the file.
    ``trainable``: each replicate trains a copy of the vectors of its words.
    """

    name: str = "static"
    path: str = ""
    folder: str = ""
    names: list[str] = field(default_factory=list)
    url: str = ""
    sha256: str = ""
    package: str = ""
    format: str = "auto"
    dim: int = 300
    trainable: bool = False
    case: str = "back_off"
    bad_lines: str = "error"
    limit: int | None = None

    NON_FINGERPRINT_FIELDS: ClassVar[tuple[str, ...]] = (
        "name",
        "path",
        "folder",
        "names",
        "url",
        "sha256",
        "package",
        "format",
    )
    """Fields left out of fingerprints: ``content`` has the digest of the vectors instead."""

    def __post_init__(self):
        check_choices(self, {"format": FORMATS, "case": CASES, "bad_lines": BAD_LINES})
        check_dim(self.dim)
        if self.limit is not None and self.limit < 1:
            raise InputError(f"embedding.limit={self.limit}: must be at least 1, or null for the whole file")

    def status(self) -> list[Status]:
        """Return where the file is, without fetching it; of no file where the settings name no source."""
        if not (self.path or self.names or self.package):
            return []
        return [status(self.folder, list(self.names), self.package, self.path, verify=False)]

    def vectors(self, words: Iterable[str]) -> Vectors:
        """Return the vectors of these words; raises InputError."""
        requested = sorted(set(words))
        return self.use_table(lambda table: self._look_up(table, requested))

    def content(self) -> Mapping[str, str]:
        """Return the digest of all words and vectors of the file, in order, independent of its path and format."""
        return {"file": self.use_table(lambda table: table.digest)}

    def features(
        self, examples: Sequence[Example], draws: Sequence[Positions], seeds: Sequence[int],
        watch: Callable[[Embedded], None] = quiet,
    ) -> Lookup:  # fmt: skip
        """Return one frozen table for all replicates, or a trained table each; unknown words have the zero vector."""
        index = token_index(tuple(examples))
        vectors, shared = self._of_index(index)
        skipped = {"embedding/skipped": sum(vectors.skipped.values())}
        reports = [coverage | skipped for coverage in draw_coverage(index, shared.rows != UNKNOWN, draws)]
        return word_lookup(shared, vectors.matrix, draws, self.trainable, reports)

    def _of_index(self, index: TokenIndex) -> tuple[Vectors, Lookup]:
        """Return the vectors of the words of an index and their table, made once for all groups of a study."""

        def make() -> tuple[Vectors, Lookup]:
            vectors = self.vectors(index.words)
            with stage("table"):
                return vectors, shared_lookup(index, vectors.words, vectors.matrix, ())

        return index.derived((Static, self.content()["file"], self.case, self.limit), make)

    @cached_property
    def file(self) -> Path:
        """Path of the file, downloaded if needed; raises InputError."""
        if not (self.path or self.names or self.package):
            raise InputError(f"embedding.path is empty: {self.name} needs a file of vectors")
        return locate(
            folder=self.folder,
            names=list(self.names),
            url=self.url,
            sha256=self.sha256,
            package=self.package,
            path=self.path,
        )

    def use_table(self, use: Callable[[Table], Result]) -> Result:
        """Return ``use(table)`` with the table of the file, parsed if it is not cached; raises InputError."""
        return with_table(self.file, self.dim, self.format, self.bad_lines == "error", use)

    def rows(self, table: Table, words: Sequence[str]) -> tuple[np.ndarray, int]:
        """Return the row of each word (-1 if it has none), and the number of words matched as written."""
        rows = self._within_limit(table.find(words))
        exact = int((rows >= 0).sum())
        for change_case in CASES[self.case]:
            retries = [n for n in np.flatnonzero(rows < 0).tolist() if change_case(words[n]) != words[n]]
            rows[retries] = self._within_limit(table.find([change_case(words[n]) for n in retries]))
        return rows, exact

    def _look_up(self, table: Table, words: Sequence[str]) -> Vectors:
        rows, exact = self.rows(table, words)
        matches = np.flatnonzero(rows >= 0)
        return Vectors(
            words=tuple(words[n] for n in matches.tolist()),
            matrix=table.take(rows[matches]),
            requested=len(words),
            exact=exact,
            lowered=len(matches) - exact,
            skipped=dict(table.skipped),
            file=str(self.file),
        )

    def _within_limit(self, rows: np.ndarray) -> np.ndarray:
        return rows if self.limit is None else np.where(rows < self.limit, rows, -1)


def coverage(vectors: Vectors, token_counts: Mapping[str, int]) -> dict[str, float]:
    """Return the types and tokens of a text, how many have vectors, and their shares (1 for an empty text)."""
    known = set(vectors.words)
    counts = np.fromiter(token_counts.values(), np.int64, len(token_counts))
    return coverage_of(counts, np.array([word in known for word in token_counts], bool))
