"""Distillation of static word vectors into the token network, before the training.

A few million tokens teach the character network little about a rare word; static vectors come from billions. A linear
map of the token vectors (layer 0) is fitted to them together with the token network, and then discarded: the model's
format is unchanged (FitNets, Romero et al. 2015, have such a map from a narrow network to a wide one).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from seedbed import backend
from seedbed.embeddings.bilm.options import Architecture, CharCnn
from seedbed.embeddings.static import Vectors
from seedbed.errors import InputError
from seedbed.pretraining.characters import Characters
from seedbed.pretraining.network import Tensor, Weights, token_network
from seedbed.pretraining.programs import Moments, apply_gradients, clip_gradients, initial_moments
from seedbed.pretraining.sizes import character_cnn

STEPS = 4000

WORDS = 512
"""Different words of a step."""

RATE, WARMUP, BOUND = 0.002, 50, 10.0
"""Of Adam: the rate rises for ``WARMUP`` steps and falls to 0; gradients are clipped to the norm ``BOUND``."""

POWER = 0.5
"""Of a word's frequency: its weight in the sampling of a step."""

FEWEST = 100
"""Words with a vector below which distillation is refused."""

TOKEN_NETWORK = ("characters", "filters", "biases", "highway", "projection")
"""Prefixes of the names of its weights."""

MAP, OFFSET = "map", "offset"


@dataclass(frozen=True)
class Teacher:
    """The vectors to learn. ``name``: of the embedding; ``words`` that have a vector; ``targets [words, D]``.

    Each dimension of the targets is standardized over these words. ``frequency``: of the words; ``digest``: of the
    vectors.
    """

    name: str
    words: Sequence[str]
    targets: NDArray[np.float32]
    frequency: NDArray[np.float64]
    digest: str

    @property
    def record(self) -> dict[str, str | int]:
        """For the recipe."""
        return {"vectors": self.name, "words": len(self.words), "sha256": self.digest, "steps": STEPS}


def build_teacher(name: str, vectors: Vectors, frequency: Mapping[str, int]) -> Teacher:
    """Return the teacher of the vocabulary's vectors. Raises InputError where too few words have one."""
    if len(vectors.words) < FEWEST:
        raise InputError(
            f"distil={name}: has vectors for {len(vectors.words):,} of {vectors.requested:,} words of the vocabulary; "
            f"at least {FEWEST} are needed"
        )
    matrix = vectors.matrix
    deviation = matrix.std(axis=0)
    targets = (matrix - matrix.mean(axis=0)) / np.where(deviation > 0, deviation, 1)
    counts = np.array([max(1, frequency[word]) for word in vectors.words], float)
    return Teacher(name, vectors.words, targets.astype(np.float32), counts, vectors.digest)


def distill(
    weights: Mapping[str, np.ndarray], architecture: Architecture, teacher: Teacher, seed: int, precision: str,
    on_step: Callable[[int, int, float], None] = lambda step, steps, error: None, steps: int = STEPS,
) -> dict[str, np.ndarray]:  # fmt: skip
    """Return ``weights`` with a token network that has learned from ``teacher``; a function of the seed.

    ``precision``: of large products. ``on_step(step, steps, error)``: the mean squared error over a step's words, 1
    before anything is learned.
    """
    from keras import ops

    cnn = character_cnn(architecture)
    fit = _distillation_step(cnn, precision)
    characters = Characters(cnn)
    rng = np.random.default_rng([seed, 0xD15711])
    dim = teacher.targets.shape[1]
    initial = {name: weight for name, weight in weights.items() if name.startswith(TOKEN_NETWORK)}
    names = list(initial)
    initial[MAP] = rng.standard_normal((architecture.projection, dim), np.float32) / np.sqrt(architecture.projection)
    initial[OFFSET] = np.zeros(dim, np.float32)
    student = {name: ops.convert_to_tensor(np.asarray(weight, np.float32)) for name, weight in initial.items()}
    moments = initial_moments("adam", student)
    probability = teacher.frequency**POWER / (teacher.frequency**POWER).sum()
    size = min(WORDS, len(teacher.words))
    for step in range(1, steps + 1):
        sample = np.sort(rng.choice(len(teacher.words), size, replace=False, p=probability))
        classes, rows = characters.classes([teacher.words[n] for n in sample])
        rate = RATE * min(1, step / WARMUP) * (1 - (step - 1) / steps)
        student, moments, error = fit(
            student, moments, classes, rows, teacher.targets[sample], np.float32(rate), np.float32(step)
        )
        if step % 10 == 0 or step == steps:
            on_step(step, steps, float(np.asarray(error)))
    return dict(weights) | {name: np.asarray(student[name]) for name in names}


@cache
def _distillation_step(cnn: CharCnn, precision: str) -> Callable:
    from keras import ops

    token_vectors = token_network(cnn, precision)

    def loss(weights: Weights, classes: Tensor, rows: Tensor, targets: Tensor) -> tuple[Tensor, tuple]:
        x = ops.take(token_vectors(weights, classes), rows, axis=0)
        predictions = ops.matmul(x, weights[MAP]) + weights[OFFSET]
        return ops.mean(ops.square(predictions - targets)), ()

    gradient = backend.value_and_gradient(loss)

    def step(
        weights: Weights, moments: Moments, classes: Tensor, rows: Tensor, targets: Tensor, rate: Tensor, number: Tensor
    ) -> tuple[Weights, Moments, Tensor]:
        error, _, gradients = gradient(weights, classes, rows, targets)
        gradients, _ = clip_gradients(gradients, BOUND)
        weights, moments = apply_gradients("adam", weights, gradients, moments, rate, number)
        return weights, moments, error

    return backend.compiled(step)
