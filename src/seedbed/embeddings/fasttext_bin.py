"""Word vectors of a fastText model with subwords, so that words outside its vocabulary have vectors too."""

import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import ClassVar

import numpy as np

from seedbed.data.compressed_files import read_head, unpacked, unreadable
from seedbed.data.corpus import Example
from seedbed.data.file_formats import FASTTEXT, PACKED, detect_format
from seedbed.data.hashes import file_sha256
from seedbed.data.sources import Status, cache_dir, locate, status
from seedbed.embeddings.checks import check_choices, check_dim
from seedbed.embeddings.coverage import draw_coverage
from seedbed.embeddings.fasttext_model import open_model
from seedbed.embeddings.features import Embedded, Positions, TokenIndex, quiet, token_index
from seedbed.embeddings.lookup import UNKNOWN, Lookup, shared_lookup
from seedbed.embeddings.static import CASES
from seedbed.errors import InputError
from seedbed.files import replacing
from seedbed.stages import stage


@dataclass(frozen=True)
class Vectors:
    """Words that have a vector: ``words`` sorted, ``matrix`` float32 ``[words, dim]``.

    ``in_vocabulary``: those that are in the vocabulary of the model; the others have a vector by their subwords alone.
    """

    words: tuple[str, ...]
    matrix: np.ndarray
    in_vocabulary: frozenset[str]


@dataclass(frozen=True)
class FastTextBin:
    """Vectors of a fastText ``.bin`` model: see ``conf/embedding/fasttext_bin.yaml``.

    A word that is not in the vocabulary, in none of the spellings of ``case``, has the mean of its subwords.
    """

    name: str = "fasttext_bin"
    path: str = ""
    folder: str = ""
    names: list[str] = field(default_factory=list)
    url: str = ""
    sha256: str = ""
    dim: int = 300
    case: str = "exact"

    NON_FINGERPRINT_FIELDS: ClassVar[tuple[str, ...]] = ("name", "path", "folder", "names", "url", "sha256")
    """Fields left out of fingerprints: ``content`` has the digest of the model instead."""

    def __post_init__(self):
        check_choices(self, {"case": CASES})
        check_dim(self.dim)

    def status(self) -> list[Status]:
        """Return where the file is, without fetching it."""
        return [status(self.folder, list(self.names), path=self.path, verify=False)]

    def content(self) -> Mapping[str, str]:
        """Return the digest of the model. Raises InputError for a file that cannot be read."""
        digest = file_sha256(self.file)
        _checked(digest, self.file, self.dim)
        return {"model": digest}

    def features(
        self, examples: Sequence[Example], draws: Sequence[Positions], seeds: Sequence[int],
        watch: Callable[[Embedded], None] = quiet,
    ) -> Lookup:  # fmt: skip
        """Return one frozen table for all replicates; a word without a row and without subwords has the zero vector."""
        index = token_index(tuple(examples))
        vectors, shared = self._of_index(index)
        has_vector = shared.rows != UNKNOWN
        known = np.array([word in vectors.in_vocabulary for word in index.words], bool)
        reports = [
            coverage | by_subwords
            for coverage, by_subwords in zip(
                draw_coverage(index, has_vector, draws), _by_subwords(index, has_vector & ~known, draws), strict=True
            )
        ]
        return Lookup(index, shared.rows, shared.embed, shared.arrays, reports)

    def vectors(self, words: Iterable[str]) -> Vectors:
        """Return the vectors of these words. Raises InputError."""
        words = sorted(set(words))
        spellings = {word: (word, *(change(word) for change in CASES[self.case])) for word in words}
        model = open_model(self.file, self.dim, [spelling for several in spellings.values() for spelling in several])
        rows = {}
        for word, several in spellings.items():
            rows[word] = next(
                ((spelling, model.rows[spelling]) for spelling in several if spelling in model.rows), None
            )
        matrix, has_vector = model.vectors([rows[word] or (word, None) for word in words])
        return Vectors(
            tuple(word for word, kept in zip(words, has_vector.tolist(), strict=True) if kept),
            matrix[has_vector],
            frozenset(word for word, row in rows.items() if row is not None),
        )

    @cached_property
    def file(self) -> Path:
        """Path of the model, downloaded and unpacked if needed. Raises InputError."""
        if not (self.path or self.names):
            raise InputError(f"embedding.path is empty: {self.name} needs a fastText model (.bin)")
        return _unpacked(locate(self.folder, list(self.names), self.url, self.sha256, path=self.path))

    def _of_index(self, index: TokenIndex) -> tuple[Vectors, Lookup]:
        """Return the vectors of the words of an index and their table, made once for all groups of a study."""

        def make() -> tuple[Vectors, Lookup]:
            with stage("read"):
                vectors = self.vectors(index.words)
            with stage("table"):
                return vectors, shared_lookup(index, vectors.words, vectors.matrix, ())

        return index.derived((FastTextBin, self.content()["model"], self.case), make)


def _by_subwords(index: TokenIndex, subwords_only: np.ndarray, draws: Sequence[Positions]) -> list[dict[str, float]]:
    """Return the types and tokens of each draw with a vector that are not in the vocabulary."""
    counts = [index.counts_in(draw)[subwords_only] for draw in draws]
    return [
        {"embedding/types_by_subwords": int((n > 0).sum()), "embedding/tokens_by_subwords": int(n.sum())}
        for n in counts
    ]  # fmt: skip


@lru_cache(maxsize=8)
def _checked(digest: str, path: Path, dim: int) -> None:
    """Open a model once, to refuse a damaged one before anything is trained."""
    open_model(path, dim)


def _unpacked(path: Path) -> Path:
    """Return the file itself, or a copy in the cache where it is packed: the matrix is mapped into memory."""
    if detect_format(read_head(path)) not in PACKED:
        return path
    copy = cache_dir() / "fasttext" / f"{file_sha256(path)[:32]}.bin"
    if not copy.exists():
        try:
            copy.parent.mkdir(parents=True, exist_ok=True)
            with unpacked(path, accepted=(FASTTEXT,)) as stream, replacing(copy) as target:
                shutil.copyfileobj(stream, target, 1 << 20)
        except OSError as error:
            raise unreadable(path, error) from error
    return copy
