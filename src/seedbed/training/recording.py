"""Softmax probabilities that are kept beside the answers: of the test split at the end, of a few examples each epoch.

They are kept as whole 255ths, a byte each. In the arrays of one cell, ``ids`` and ``labels`` are texts, ``lengths``
the tokens of each example (one where the whole example has a label), and ``values`` is ``[tokens of all, labels]``, or
``[epochs, tokens of all, labels]`` for what was watched.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from seedbed.training.batches import Labelled

FINAL, WATCHED = "probabilities", "epochs"
"""The names under which an outcome holds them."""


@dataclass(frozen=True)
class Recording:
    """What to keep. ``probabilities``: of the test split by the kept weights, a row a token, for tagging.

    ``watched``: for each replicate the positions of the examples to look at after each epoch.
    """

    probabilities: bool = False
    watched: Sequence[Sequence[int]] = ()

    def of(self, number: int) -> Sequence[int]:
        """What is watched of a replicate."""
        return self.watched[number] if self.watched else ()


NOTHING = Recording()


def first_examples(order: Iterable[str], ids: Iterable[str], number: int) -> list[str]:
    """The first ``number`` of ``ids`` in the ``order`` of the corpus: the same for all draws that have them."""
    wanted = frozenset(ids)
    found: list[str] = []
    for one in order if number else ():
        if len(found) == number:
            break
        if one in wanted:
            found.append(one)
    return found


def as_bytes(probabilities: np.ndarray) -> np.ndarray:
    """Probabilities in whole 255ths, ``uint8``; what is not finite becomes 0."""
    return np.rint(np.nan_to_num(probabilities.astype(np.float32)) * 255).clip(0, 255).astype(np.uint8)


def arrays(labelled: Labelled, positions: Sequence[int], values: np.ndarray) -> dict[str, Any]:
    """The arrays to keep of the examples at ``positions``."""
    lengths = labelled.lengths[list(positions)] if labelled.per_token else np.ones(len(positions), np.int32)
    return {
        "ids": np.array([labelled.examples[position].id for position in positions], np.str_),
        "lengths": lengths,
        "values": values,
        "labels": np.array(labelled.labels, np.str_),
    }
