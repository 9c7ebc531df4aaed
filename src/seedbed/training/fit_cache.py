"""What groups of fitted encoders leave for those after them, so that nothing is pooled and fitted twice."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from seedbed.model.fitted import FittedPath, LinearPath
from seedbed.training.pooled import PooledFeatures

CACHE_BYTES = 256_000_000
"""Most bytes of the paths that are kept of one embedding and encoder, and of all vectors and paths before another."""

DrawKey = tuple[int, tuple[int, ...]]
"""The seed of a draw and the positions of its training examples."""


@dataclass
class FitCache:
    """Vectors of texts, and paths of many values of linear encoders, of one embedding and encoder.

    The groups have the same examples at the same positions, and differ in draws and values of the parameter only.
    """

    vectors: PooledFeatures | None = None
    paths: dict[DrawKey, LinearPath] = field(default_factory=dict)

    @property
    def nbytes(self) -> int:
        """The bytes of the vectors and kernels."""
        vectors = self.vectors.nbytes if self.vectors else 0
        return vectors + sum(path.kernels.nbytes for path in self.paths.values())

    def keep(self, draw: DrawKey, path: FittedPath | None) -> None:
        """Keep a path of many values, where memory allows."""
        if not isinstance(path, LinearPath) or len(path.values) < 2 or draw in self.paths:
            return
        if sum(own.kernels.nbytes for own in (path, *self.paths.values())) <= CACHE_BYTES:
            self.paths[draw] = path

    def path(self, draw: DrawKey, values: Sequence[float]) -> LinearPath | None:
        """Return a path that has these values of the parameter; None where none is kept."""
        path = self.paths.get(draw)
        return path if path and set(values) <= set(path.values) else None


def cache_of(caches: dict[str, FitCache], key: str) -> FitCache:
    """Return the cache under a key. For a new key all others are dropped where they are too large.

    A search over embeddings, layers or poolings has other vectors in each of its groups.
    """
    if key not in caches and sum(own.nbytes for own in caches.values()) > CACHE_BYTES:
        caches.clear()
    return caches.setdefault(key, FitCache())
