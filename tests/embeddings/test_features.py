import numpy as np
import pytest

from seedbed.data.corpus import Example
from seedbed.embeddings.contextual import ContextualFeatures
from seedbed.embeddings.feature_table import MemoryTable, TableShape
from seedbed.embeddings.features import sliced, token_index
from seedbed.embeddings.layers import Layout
from seedbed.embeddings.mix import Fixed
from seedbed.embeddings.random import Random
from seedbed.embeddings.stack import Stack, Stacked
from seedbed.word_forms.characters import Characters
from seedbed.word_forms.word_shape import WordShape

SENTENCES = tuple(Example(f"train/{n}", tuple(text.split()), "x") for n, text in enumerate(["Ab c Ab 7 de", "c Zz"]))
DRAW = {"train": [0, 1]}


def contextual(in_memory):
    rows = [np.arange(10, dtype=np.float32).reshape(5, 2), np.full((2, 2), 9, np.float32)]
    shape = TableShape((5, 2), 2)
    table = MemoryTable(shape, rows.__getitem__) if in_memory else rows.__getitem__
    return ContextualFeatures(Fixed(Layout((2,)), (0,), False), [{}], (5, 2), table)


FEATURES = {
    "stack": lambda: Stack({"r": Random(dim=3), "c": Characters(filters=4), "s": WordShape()}).features(
        SENTENCES, [DRAW], [0]
    ),
    "memory": lambda: contextual(True),
    "file": lambda: contextual(False),
}


def vectors(features, positions, tokens):
    inputs = features.inputs([0], [positions], (tokens, len(positions)))
    constants = {**features.arrays.frozen, **features.arrays.shared}
    return np.asarray(features.embed(features.arrays.trained, constants, inputs))[0]


@pytest.mark.parametrize("make", FEATURES.values(), ids=FEATURES)
def test_slices_have_the_vectors_of_the_whole_examples(make):
    features = make()
    whole = vectors(features, [0, 1], 5)
    parts = sliced(features, [(0, 1, 4), (1, 0, 2), (0, 0, 5)])
    found = vectors(parts, [2, 0, 1], 5)
    np.testing.assert_allclose(found[:, 0], whole[:, 0], rtol=1e-6)
    np.testing.assert_allclose(found[:3, 1], whole[1:4, 0], rtol=1e-6)
    np.testing.assert_allclose(found[:2, 2], whole[:2, 1], rtol=1e-6)
    np.testing.assert_allclose(vectors(features, [0, 1], 5), whole)  # which are as they were


def test_a_stack_has_slices_where_all_of_its_parts_have():
    class Whole:
        width, embed, arrays, reports = 1, None, FEATURES["memory"]().arrays, [{}]

    assert sliced(Stacked({"one": FEATURES["memory"](), "two": Whole()}), [(0, 1, 2)]) is None


def test_what_derives_from_an_index_is_made_once_by_key():
    examples = (Example("train/0", ("a", "b"), "x"),)
    made = []

    def make(value):
        made.append(value)
        return value

    index = token_index(examples)
    assert [index.derived(key, lambda key=key: make(key)) for key in ("one", "two", "one")] == ["one", "two", "one"]
    assert token_index(examples).derived("one", lambda: make("again")) == "one"
    assert made == ["one", "two"]
