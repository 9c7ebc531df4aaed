from dataclasses import dataclass

import numpy as np
from tests.refusals import refusal

from seedbed.data.corpus import Example
from seedbed.embeddings.features import quiet
from seedbed.embeddings.random import Random
from seedbed.embeddings.stack import Stack
from seedbed.embeddings.text_features import TextFeatures

EXAMPLES = tuple(Example(f"train/{n}", ("a",) * n, "x") for n in (1, 2, 3))


@dataclass(frozen=True)
class Lengths:
    """The number of tokens of each text, times 1 to ``width``."""

    width: int

    def text_features(self, examples, draws, seeds, watch=quiet):
        lengths = np.array([len(example.tokens) for example in examples], np.float32)
        return TextFeatures(lengths[:, None] * np.arange(1, self.width + 1, dtype=np.float32), [{} for _ in draws])


def test_vectors_of_texts_stand_side_by_side():
    features = Stack({"a": Lengths(2), "b": Lengths(1)}).text_features(EXAMPLES, [{"train": [0, 1, 2]}], [0])
    inputs = features.inputs([0], [[2, 0]], (1, 2))
    vectors = np.asarray(features.embed({}, features.arrays.shared, inputs))
    np.testing.assert_array_equal(vectors, [[[[3, 6, 3], [1, 2, 1]]]])
    assert features.width == 3


def test_a_part_without_vectors_of_texts_is_named():
    stack = Stack({"a": Lengths(2), "b": Random()})
    assert "embedding.parts.b has no vectors of texts" in refusal(stack.text_features, EXAMPLES, [{}], [0])
