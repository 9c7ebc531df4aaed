"""Softmax probabilities that are recorded with an outcome: of the test split at the end, of some examples each epoch.

They are stored as whole 255ths, one byte each. In the arrays of one cell, ``ids`` and ``labels`` are strings,
``lengths`` is the number of tokens of each example (1 for classification), and ``values`` is ``[tokens, labels]``, or
``[epochs, tokens, labels]`` for tracked examples, with the tokens of all examples in one axis.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seedbed.training.batches import EncodedExamples

FINAL, TRACKED = "probabilities", "epochs"
"""The keys of ``Outcome.recorded``."""


@dataclass(frozen=True)
class Recording:
    """What to record.

    ``probabilities``: of the test split by the kept weights, a row for each token, for tagging.
    ``tracked_examples``: for each replicate the positions of the examples to evaluate after each epoch.
    """

    probabilities: bool = False
    tracked_examples: Sequence[Sequence[int]] = ()

    def tracked_by(self, replicate: int) -> Sequence[int]:
        """Return the positions of the tracked examples of a replicate."""
        return self.tracked_examples[replicate] if self.tracked_examples else ()


NO_RECORDING = Recording()


def first_examples(order: Iterable[str], ids: Iterable[str], number: int) -> list[str]:
    """Return the first ``number`` of ``ids`` in the ``order`` of the corpus: the same for all draws that have them."""
    drawn = frozenset(ids)
    examples: list[str] = []
    for example in order if number else ():
        if len(examples) == number:
            break
        if example in drawn:
            examples.append(example)
    return examples


def quantize(probabilities: NDArray[np.floating]) -> NDArray[np.uint8]:
    """Return probabilities in whole 255ths; values that are not finite become 0."""
    return np.rint(np.nan_to_num(probabilities.astype(np.float32)) * 255).clip(0, 255).astype(np.uint8)


def to_arrays(
    examples: EncodedExamples, positions: Sequence[int], values: NDArray[np.uint8]
) -> dict[str, NDArray[np.generic]]:
    """Return the arrays to store for the examples at ``positions``."""
    lengths = examples.lengths[list(positions)] if examples.per_token else np.ones(len(positions), np.int32)
    return {
        "ids": np.array([examples.examples[position].id for position in positions], np.str_),
        "lengths": lengths,
        "values": values,
        "labels": np.array(examples.labels, np.str_),
    }
