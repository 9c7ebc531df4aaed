"""The weights before the first step: drawn, or those of a model that goes on, or drawn and taught by word vectors."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from seedbed.embeddings.bilm.options import Architecture
from seedbed.pretraining import distillation, files
from seedbed.pretraining.initial import initial

REPORT_STEPS = 500


def first_weights(
    architecture: Architecture, words: Sequence[str], seed: int, begin: Path | None,
    teacher: distillation.Teacher | None, precision: str, say: Callable[[str], None],
) -> dict[str, np.ndarray]:  # fmt: skip
    """As ``initial`` has them. ``begin``: the folder of a model that goes on. Raises InputError."""
    weights = initial(architecture, len(words), seed)
    if begin:
        weights = files.read(begin, words, weights)
    if teacher is None:
        return weights

    say(f"distil={teacher.name}: {len(teacher.words):,} of {len(words):,} words have a vector")

    def watch(step: int, steps: int, error: float) -> None:
        if step % REPORT_STEPS == 0:
            say(f"distil={teacher.name}: step {step:,} of {steps:,}, squared error {error:.2f} (at first 1)")

    return distillation.distilled(weights, architecture, teacher, seed, precision, watch, distillation.STEPS)
