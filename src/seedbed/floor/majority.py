"""The majority class: what is said of every example without a look at it."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from seedbed.data.corpus import Example


def shares(train: Sequence[Example], labels: Sequence[str]) -> NDArray[np.float32]:
    """``[labels]``: the share of each class in training; of equally large ones the first is the answer."""
    counts = Counter(example.target for example in train)
    return np.array([counts[label] / len(train) for label in labels], np.float32)


def probabilities(train: Sequence[Example], test: Sequence[Example], labels: Sequence[str]) -> NDArray[np.float32]:
    """``[test, labels]``: the shares of the classes in training, for each test example."""
    return np.tile(shares(train, labels), (len(test), 1))


def tags(test: Sequence[Example]) -> list[tuple[str, ...]]:
    """``O`` for every token: what most tokens are."""
    return [("O",) * len(example.tokens) for example in test]
