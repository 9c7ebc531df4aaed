"""What computes probabilities from texts: the replicates of a saved model as one program."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from seedbed.data.corpus import Example

Real = TypeVar("Real", bound=np.floating[Any])  # Any: of any precision


@dataclass(frozen=True)
class Outputs:
    """The outputs of some texts, one after the other.

    ``rows``: float32 ``[R, rows, classes]``, probabilities of each text, or for tagging of each token. ``known``: bool
    ``[texts]``, whether a text has a word that the model knows. ``classes``: ``[R, rows]``, the numbers of what each
    replicate predicts; None: the most probable.
    """

    rows: NDArray[np.float32]
    known: NDArray[np.bool_]
    classes: NDArray[np.integer] | None = None


class Program(Protocol):
    """Replicates that predict together."""

    def outputs(self, examples: Sequence[Example]) -> Outputs:
        """Return the probabilities of texts with at least one token; their targets are not read."""


def softmax(logits: NDArray[Real]) -> NDArray[Real]:
    """Return the softmax over the last axis."""
    exponents = np.exp(logits - logits.max(axis=-1, keepdims=True))
    result: NDArray[Real] = exponents / exponents.sum(axis=-1, keepdims=True)
    return result
