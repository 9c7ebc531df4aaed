"""An embedding that needs no file."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from seedbed.data.corpus import Example
from seedbed.embeddings.features import Features, Positions, quiet, token_index
from seedbed.embeddings.lookup import shared_lookup


@dataclass(frozen=True)
class Hashed:
    """Normal vectors of ``dim`` numbers, drawn from a hash of each word: the same in every replicate."""

    dim: int = 8
    version: ClassVar[int] = 3

    def features(
        self, examples: Sequence[Example], draws: Sequence[Positions], seeds: Sequence[int], watch=quiet
    ) -> Features:
        """One frozen table for all replicates."""
        index = token_index(tuple(examples))
        vectors = np.array([self._vector(word) for word in index.words], np.float32).reshape(-1, self.dim)
        reports = [{"embedding/types_found": float(np.count_nonzero(index.counts_in(draw)))} for draw in draws]
        return shared_lookup(index, index.words, vectors, reports)

    def content(self) -> Mapping[str, str]:
        """No file is behind the numbers."""
        return {}

    def _vector(self, word: str) -> np.ndarray:
        seed = int.from_bytes(hashlib.sha256(word.encode("utf-8", "surrogatepass")).digest()[:8])
        return np.random.default_rng(seed).normal(size=self.dim)
