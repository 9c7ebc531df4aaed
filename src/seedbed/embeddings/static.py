"""Static vectors: one for each word, from a file."""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import ClassVar

import numpy as np

from seedbed.data.corpus import SPLITS, Example
from seedbed.data.sources import locate
from seedbed.embeddings.features import Embedded, Positions, TokenIndex, quiet, token_index
from seedbed.embeddings.lookup import Lookup, own_lookup, shared_lookup, words_of
from seedbed.embeddings.vector_cache import Result, with_table
from seedbed.embeddings.vector_files import FORMATS
from seedbed.embeddings.vector_table import Table
from seedbed.errors import InputError

CASES: dict[str, tuple[Callable[[str], str], ...]] = {
    "exact": (),
    "back_off": (str.lower,),
    "any": (str.lower, str.capitalize, str.upper),
}
"""How a word is looked for that is not there as it is written, one after the other."""
BAD_LINES = ("error", "skip")


@dataclass(frozen=True)
class Vectors:
    """The vectors of the words that have one.

    ``words``: those found, sorted, as the corpus writes them; ``matrix``: float32 [len(words), dim], in their order.
    ``asked``: types looked for; ``exact`` and ``lowered``: types found as they are written, and in another case.
    ``skipped``: bad lines left out of the file, by reason; ``file``: where it lies.
    """

    words: tuple[str, ...]
    matrix: np.ndarray
    asked: int
    exact: int
    lowered: int
    skipped: Mapping[str, int] = field(default_factory=dict)
    file: str = ""

    @cached_property
    def digest(self) -> str:
        """sha256 of the words and their vectors: what a model can see, whatever file and settings it came through."""
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
    ``trainable``: each replicate has its own copy of the vectors of its words, and goes on from there.
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
        for key, known in (("format", FORMATS), ("case", CASES), ("bad_lines", BAD_LINES)):
            if getattr(self, key) not in known:
                raise InputError(f"embedding.{key}={getattr(self, key)}: must be one of {', '.join(known)}")
        if self.dim < 1:
            raise InputError(f"embedding.dim={self.dim}: must be at least 1")
        if self.limit is not None and self.limit < 1:
            raise InputError(f"embedding.limit={self.limit}: must be at least 1, or null for the whole file")

    def vectors(self, words: Iterable[str]) -> Vectors:
        """The vectors of these words; raises InputError."""
        asked = sorted(set(words))
        return self.use_table(lambda table: self._look_up(table, asked))

    def content(self) -> Mapping[str, str]:
        """The digest of all words and vectors of the file, in order, wherever and as whatever kind it was found."""
        return {"file": self.use_table(lambda table: table.digest)}

    def features(
        self, examples: Sequence[Example], draws: Sequence[Positions], seeds: Sequence[int],
        watch: Callable[[Embedded], None] = quiet,
    ) -> Lookup:  # fmt: skip
        """One frozen table for all, or a trained one a replicate; a word without a vector has the zero vector."""
        index = token_index(tuple(examples))
        vectors = self.vectors(index.words)
        reports = [_report(vectors, index, draw) for draw in draws]
        if not self.trainable:
            return shared_lookup(index, vectors.words, vectors.matrix, reports)
        at = {word: n for n, word in enumerate(vectors.words)}
        row = np.array([at.get(word, -1) for word in index.words], np.int64)
        numbers = [own[row[own] >= 0] for own in (words_of(index, draw, SPLITS) for draw in draws)]
        unknown = np.zeros((1, self.dim), np.float32)
        tables = [np.concatenate([unknown, vectors.matrix[row[own]]]) for own in numbers]
        return own_lookup(index, numbers, tables, True, reports)

    @cached_property
    def file(self) -> Path:
        """Where the file is, downloaded if need be; raises InputError."""
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
        """``use(table)`` with the table of the file, parsed where no cache has it; raises InputError."""
        return with_table(self.file, self.dim, self.format, self.bad_lines == "error", use)

    def rows(self, table: Table, asked: Sequence[str]) -> tuple[np.ndarray, int]:
        """The row of each word, -1 for those without one, and how many were found as they are written."""
        rows = self._within_limit(table.find(asked))
        exact = int((rows >= 0).sum())
        for other in CASES[self.case]:
            again = [at for at in np.flatnonzero(rows < 0).tolist() if other(asked[at]) != asked[at]]
            rows[again] = self._within_limit(table.find([other(asked[at]) for at in again]))
        return rows, exact

    def _look_up(self, table: Table, asked: Sequence[str]) -> Vectors:
        rows, exact = self.rows(table, asked)
        found = np.flatnonzero(rows >= 0)
        return Vectors(
            words=tuple(asked[at] for at in found.tolist()),
            matrix=table.take(rows[found]),
            asked=len(asked),
            exact=exact,
            lowered=len(found) - exact,
            skipped=dict(table.skipped),
            file=str(self.file),
        )

    def _within_limit(self, rows: np.ndarray) -> np.ndarray:
        return rows if self.limit is None else np.where(rows < self.limit, rows, -1)


def coverage(vectors: Vectors, token_counts: Mapping[str, int]) -> dict[str, float]:
    """How much of a text has vectors: types and tokens, found, and as shares (1 where there is nothing to find)."""
    found = set(vectors.words)
    types, tokens = len(token_counts), sum(token_counts.values())
    types_found = sum(word in found for word in token_counts)
    tokens_found = sum(count for word, count in token_counts.items() if word in found)
    return {
        "types": types,
        "types_found": types_found,
        "types_share": types_found / types if types else 1.0,
        "tokens": tokens,
        "tokens_found": tokens_found,
        "tokens_share": tokens_found / tokens if tokens else 1.0,
    }


def _report(vectors: Vectors, index: TokenIndex, draw: Positions) -> dict[str, float]:
    """What to log of one replicate: how much of its draw has vectors, and bad lines left out of the file."""
    counts = index.counts_in(draw)
    occurring = {index.words[at]: int(counts[at]) for at in np.flatnonzero(counts)}
    report = {f"embedding/{key}": value for key, value in coverage(vectors, occurring).items()}
    return report | {"embedding/skipped": sum(vectors.skipped.values())}
