"""The weights before the first step: drawn as bilm-tf draws them, those of another model, or distilled."""

import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from seedbed.embeddings.bilm.characters import ROWS
from seedbed.embeddings.bilm.options import Architecture
from seedbed.embeddings.bilm.weights import FORGET_BIAS
from seedbed.pretraining import distillation, files
from seedbed.pretraining.sizes import character_cnn

CARRY_BIAS = -2.0
"""Of bilm-tf: at first a highway passes its input through."""

REPORT_STEPS = 500


def initial_weights(
    architecture: Architecture, words: Sequence[str], seed: int, init_from: Path | None,
    teacher: distillation.Teacher | None, precision: str, log: Callable[[str], None],
) -> dict[str, np.ndarray]:  # fmt: skip
    """Return the weights that training starts with, as ``draw_weights`` names them.

    ``init_from``: the folder of a model to continue; ``teacher``: word vectors to learn first. Raises InputError.
    """
    weights = draw_weights(architecture, len(words), seed)
    if init_from:
        weights = files.read(init_from, words, weights)
    if teacher is None:
        return weights

    log(f"distil={teacher.name}: {len(teacher.words):,} of {len(words):,} words have a vector")

    def on_step(step: int, steps: int, error: float) -> None:
        if step % REPORT_STEPS == 0:
            log(f"distil={teacher.name}: step {step:,} of {steps:,}, squared error {error:.2f} (at first 1)")

    return distillation.distill(weights, architecture, teacher, seed, precision, on_step, distillation.STEPS)


def draw_weights(architecture: Architecture, words: int, seed: int) -> dict[str, np.ndarray]:
    """Return weights by name, float32, each from its own generator.

    As ``embeddings.bilm.weights`` reads them, but for the filters, which are one array ``filters_n [width * dim,
    number]`` for each width, and the gates ``[2, 2 projection + 1, 4 units]``: input, forget, output and new cell side
    by side. ``softmax [words, projection]`` and ``softmax_bias`` are shared by the directions.
    """
    return {name: array.astype(np.float32) for name, array in _draw(architecture, words, seed)}


def _draw(architecture: Architecture, words: int, seed: int) -> Iterator[tuple[str, np.ndarray]]:
    def generator(name: str) -> np.random.Generator:
        return np.random.default_rng([seed, zlib.crc32(name.encode())])

    def normal(name: str, *shape: int, fan: int) -> tuple[str, np.ndarray]:
        return name, generator(name).standard_normal(shape, dtype=np.float32) / np.sqrt(fan)

    cnn, p, u = character_cnn(architecture), architecture.projection, architecture.units
    yield "characters", np.pad(generator("characters").uniform(-1, 1, (ROWS, cnn.dim)), ((1, 0), (0, 0)))
    for n, (width, number) in enumerate(cnn.filters):
        name = f"filters_{n}"
        if cnn.activation == "relu":
            yield name, generator(name).uniform(-0.05, 0.05, (width * cnn.dim, number))
        else:
            yield normal(name, width * cnn.dim, number, fan=width * cnn.dim)
    yield "biases", np.zeros(cnn.features)
    for n in range(cnn.highways):
        yield normal(f"highway_{n}", cnn.features, 2 * cnn.features, fan=cnn.features)
        yield f"highway_bias_{n}", np.repeat([CARRY_BIAS, 0.0], cnn.features)
    yield normal("projection", cnn.features, p, fan=cnn.features)
    yield "projection_bias", np.zeros(p)
    for layer in range(architecture.layers):
        name = f"gates_{layer}"
        gates = _glorot(generator(name), (2, 2 * p + 1, 4 * u), 2 * p + 4 * u)
        gates[:, -1] = np.repeat([0.0, FORGET_BIAS, 0.0, 0.0], u)
        yield name, gates
        name = f"project_{layer}"
        yield name, _glorot(generator(name), (2, u, p), u + p)
    yield normal("softmax", words, p, fan=p)
    yield "softmax_bias", np.zeros(words)


def _glorot(rng: np.random.Generator, shape: tuple[int, ...], fans: int) -> np.ndarray:
    bound = np.sqrt(6 / fans)
    return rng.uniform(-bound, bound, shape)
