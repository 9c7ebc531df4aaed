"""The majority class, predicted for every example; of sets of labels those that most training examples have."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from seedbed.data.corpus import Example


def class_frequencies(train: Sequence[Example], labels: Sequence[str]) -> NDArray[np.float32]:
    """Return the relative frequency of each class, or label, in training: ``[labels]``."""
    counts = Counter(label for example in train for label in example.classes)
    return np.array([counts[label] / len(train) for label in labels], np.float32)


def probabilities(train: Sequence[Example], test: Sequence[Example], labels: Sequence[str]) -> NDArray[np.float32]:
    """Return the frequencies in training for each test example, ``[test, labels]``."""
    return np.tile(class_frequencies(train, labels), (len(test), 1))


def tags(test: Sequence[Example]) -> list[tuple[str, ...]]:
    """Return ``O`` for every token: the most frequent tag of most corpora."""
    return [("O",) * len(example.tokens) for example in test]
