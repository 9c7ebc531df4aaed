"""Before the training: the token network learns the static vectors of the words that are predicted.

What a few million tokens teach the characters of a rare word is little; static vectors know it from billions. A linear
map of the token vectors (layer 0) is fitted to them together with the token network, and thrown away: the model's
format stays as it is (FitNets, Romero et al. 2015, has such a map from a narrow network to a wide one).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from seedbed import backend
from seedbed.embeddings.bilm.options import Architecture, CharCnn
from seedbed.errors import InputError
from seedbed.pretraining import programs
from seedbed.pretraining.characters import Characters
from seedbed.pretraining.network import words_of

STEPS = 4000

WORDS = 512
"""Different words of a step."""

RATE, WARMUP, BOUND = 0.002, 50, 10.0
"""Of Adam: rises for so many steps and falls to 0; gradients are clipped to this norm."""

POWER = 0.5
"""Of a word's frequency: how likely it is in a step."""

FEWEST = 100
"""Words with a vector below which nothing is to be learned."""

TOKEN_NETWORK = ("characters", "filters", "biases", "highway", "projection")
"""What the names of its weights begin with."""

MAP, OFFSET = "map", "offset"


@dataclass(frozen=True)
class Teacher:
    """What is learned. ``name``: of the embedding; ``words`` that have a vector; ``targets [words, D]``, each number of
    a vector brought to mean 0 and deviation 1 over these words; ``frequency``: how often each occurs; ``digest``: of
    the vectors.
    """

    name: str
    words: Sequence[str]
    targets: np.ndarray
    frequency: np.ndarray
    digest: str

    @property
    def record(self) -> dict[str, Any]:
        """For the recipe."""
        return {"vectors": self.name, "words": len(self.words), "sha256": self.digest, "steps": STEPS}


def teacher_of(name: str, vectors: Any, frequency: Mapping[str, int]) -> Teacher:
    """Of the ``Vectors`` of the vocabulary's words. Raises InputError where too few have one."""
    if len(vectors.words) < FEWEST:
        raise InputError(
            f"distil={name}: has vectors for {len(vectors.words):,} of {vectors.asked:,} words of the vocabulary; at "
            f"least {FEWEST} are needed"
        )
    matrix = vectors.matrix
    spread = matrix.std(axis=0)
    targets = (matrix - matrix.mean(axis=0)) / np.where(spread > 0, spread, 1)
    often = np.array([max(1, frequency[word]) for word in vectors.words], float)
    return Teacher(name, vectors.words, targets.astype(np.float32), often, vectors.digest)


def distilled(
    weights: Mapping[str, np.ndarray], architecture: Architecture, teacher: Teacher, seed: int, held: str,
    watch: Callable[[int, int, float], None] = lambda step, steps, error: None, steps: int = STEPS,
) -> dict[str, np.ndarray]:  # fmt: skip
    """``weights`` with a token network that has learned from ``teacher``.

    ``held``: the precision of large products. ``watch(step, steps, error)``: the mean squared error of a step's words,
    1 where nothing is known of them. All that is random depends on the seed.
    """
    from keras import ops

    fit = _fitting(architecture.characters, held)
    characters = Characters(architecture.characters)
    rng = np.random.default_rng([seed, 0xD15711])
    dim = teacher.targets.shape[1]
    learner = {name: weight for name, weight in weights.items() if name.startswith(TOKEN_NETWORK)}
    names = list(learner)
    learner[MAP] = rng.standard_normal((architecture.projection, dim), np.float32) / np.sqrt(architecture.projection)
    learner[OFFSET] = np.zeros(dim, np.float32)
    learner = {name: ops.convert_to_tensor(np.asarray(weight, np.float32)) for name, weight in learner.items()}
    moments = programs.start("adam", learner)
    chance = teacher.frequency**POWER / (teacher.frequency**POWER).sum()
    size = min(WORDS, len(teacher.words))
    for step in range(1, steps + 1):
        at = np.sort(rng.choice(len(teacher.words), size, replace=False, p=chance))
        classes, rows = characters.classes([teacher.words[n] for n in at])
        rate = RATE * min(1, step / WARMUP) * (1 - (step - 1) / steps)
        learner, moments, error = fit(
            learner, moments, classes, rows, teacher.targets[at], np.float32(rate), np.float32(step)
        )
        if step % 10 == 0 or step == steps:
            watch(step, steps, float(np.asarray(error)))
    return dict(weights) | {name: np.asarray(learner[name]) for name in names}


@cache
def _fitting(cnn: CharCnn, held: str) -> Callable:
    from keras import ops

    words = words_of(cnn, held)

    def loss(weights, classes, rows, targets):
        found = ops.matmul(ops.take(words(weights, classes), rows, axis=0), weights[MAP]) + weights[OFFSET]
        return ops.mean(ops.square(found - targets)), ()

    gradient = backend.value_and_gradient(loss)

    def fit(weights, moments, classes, rows, targets, rate, number):
        error, _, gradients = gradient(weights, classes, rows, targets)
        gradients, _ = programs.clip(gradients, BOUND)
        weights, moments = programs.step("adam", weights, gradients, moments, rate, number)
        return weights, moments, error

    return backend.compiled(fit)
