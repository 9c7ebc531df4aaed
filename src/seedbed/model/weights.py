"""Initial weights: each replicate draws its own, from its own seed, whoever stands beside it in the group."""

import math
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

Initialiser = Literal["glorot", "orthogonal", "zeros", "forget_one"]


def generator(seed: int, consumer: str) -> np.random.Generator:
    """The random stream of one consumer (``order``, ``dropout``, the name of a weight) under a replicate's seed."""
    return np.random.default_rng([seed, zlib.crc32(consumer.encode())])


@dataclass(frozen=True)
class Weight:
    """The shape of one replicate's weight, and how it starts.

    With ``copies``, so many weights of that shape, each drawn by itself, lie on a leading axis: the two directions
    of an LSTM.
    """

    shape: tuple[int, ...]
    start: Initialiser = "glorot"
    copies: int | None = None

    @property
    def size(self) -> int:
        """How many numbers it is."""
        return math.prod(self.shape) * (self.copies or 1)

    def draw(self, rng: np.random.Generator) -> np.ndarray:
        """Initial values, float32, as the initialisers of Keras define them."""
        if self.copies is None:
            return _START[self.start](rng, self.shape).astype(np.float32)
        return np.stack([_START[self.start](rng, self.shape) for _ in range(self.copies)]).astype(np.float32)


def _glorot(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Uniform, as Glorot & Bengio (2010): the last two axes are in and out, those before them the receptive field."""
    receptive = int(np.prod(shape[:-2]))
    limit = np.sqrt(6.0 / (receptive * (shape[-2] + shape[-1])))
    return rng.uniform(-limit, limit, shape)


def _orthogonal(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Orthonormal rows or columns, whichever are fewer (Saxe et al. 2014)."""
    rows, columns = shape
    q, r = np.linalg.qr(rng.normal(size=(max(rows, columns), min(rows, columns))))
    q = q * np.sign(np.diag(r))
    return q.T if rows < columns else q


def _forget_one(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """The bias of LSTM gates in the order input, forget, cell, output: one for forget (Jozefowicz et al. 2015)."""
    values = np.zeros(shape)
    quarter = shape[-1] // 4
    values[..., quarter : 2 * quarter] = 1.0
    return values


_START = {
    "glorot": _glorot,
    "orthogonal": _orthogonal,
    "zeros": lambda rng, shape: np.zeros(shape),
    "forget_one": _forget_one,
}


def initial(weights: Mapping[str, Weight], seeds: Sequence[int]) -> dict[str, np.ndarray]:
    """Values of all weights for the replicates with these seeds: name to ``[R, *shape]``."""
    return {name: np.stack([weight.draw(generator(seed, name)) for seed in seeds]) for name, weight in weights.items()}
