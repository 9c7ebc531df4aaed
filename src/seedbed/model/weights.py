"""Initial weights: each replicate draws its own from its seed, independent of the other replicates of the group."""

import math
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Initializer = Literal["glorot", "orthogonal", "zeros", "forget_one"]


def generator(seed: int, purpose: str) -> np.random.Generator:
    """Return the random stream for a purpose (``order``, ``dropout``, a weight's name) and the seed of a replicate."""
    return np.random.default_rng([seed, zlib.crc32(purpose.encode())])


@dataclass(frozen=True)
class Weight:
    """The shape of the weight of one replicate, and its initializer.

    ``copies``: the number of weights of that shape on a leading axis, each drawn separately: the two directions of an
    LSTM.
    """

    shape: tuple[int, ...]
    initializer: Initializer = "glorot"
    copies: int | None = None

    @property
    def size(self) -> int:
        """The number of parameters."""
        return math.prod(self.shape) * (self.copies or 1)

    def draw(self, rng: np.random.Generator) -> NDArray[np.float32]:
        """Return initial values, float32, as the initializers of Keras define them."""
        if self.copies is None:
            return _INITIALIZERS[self.initializer](rng, self.shape).astype(np.float32)
        return np.stack([_INITIALIZERS[self.initializer](rng, self.shape) for _ in range(self.copies)]).astype(
            np.float32
        )


def _glorot(rng: np.random.Generator, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Uniform (Glorot & Bengio 2010): the last two axes are in and out, the others the receptive field."""
    receptive = int(np.prod(shape[:-2]))
    limit = np.sqrt(6.0 / (receptive * (shape[-2] + shape[-1])))
    return rng.uniform(-limit, limit, shape)


def _orthogonal(rng: np.random.Generator, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Orthonormal rows or columns, whichever are fewer (Saxe et al. 2014)."""
    rows, columns = shape
    q, r = np.linalg.qr(rng.normal(size=(max(rows, columns), min(rows, columns))))
    q = q * np.sign(np.diag(r))
    return q.T if rows < columns else q


def _zeros(rng: np.random.Generator, shape: tuple[int, ...]) -> NDArray[np.float64]:
    return np.zeros(shape)


def _forget_one(rng: np.random.Generator, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Bias of LSTM gates in the order input, forget, cell, output: one for forget (Jozefowicz et al. 2015)."""
    values = np.zeros(shape)
    quarter = shape[-1] // 4
    values[..., quarter : 2 * quarter] = 1.0
    return values


_INITIALIZERS: dict[Initializer, Callable[[np.random.Generator, tuple[int, ...]], NDArray[np.float64]]] = {
    "glorot": _glorot,
    "orthogonal": _orthogonal,
    "zeros": _zeros,
    "forget_one": _forget_one,
}


def initialize(weights: Mapping[str, Weight], seeds: Sequence[int]) -> dict[str, NDArray[np.float32]]:
    """Return the initial values of all weights for these seeds: name to ``[R, *shape]``."""
    return {name: np.stack([weight.draw(generator(seed, name)) for seed in seeds]) for name, weight in weights.items()}
