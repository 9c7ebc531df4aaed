"""Shapes of words: what each test says of a word, and which affixes have a vector."""

import numpy as np
import pytest
from tests.refusals import refusal

from seedbed.data.corpus import Example
from seedbed.word_forms.word_shape import CASING, DIGITS, PUNCTUATION, WordShape

WORDS = {
    "the": {"lower"}, "NASA": {"upper"}, "Rome": {"capitalized"}, "I": {"capitalized"}, "iPhone": {"mixed"},
    "McKay": {"capitalized", "mixed"}, "U.S.": {"upper"}, "1999": {"digits", "number", "has_digit"},
    "3.5%": {"number", "has_digit"}, "B2B": {"upper", "has_digit"}, "x-ray": {"lower", "hyphen"},
    "don't": {"lower", "apostrophe"}, "...": {"punctuation"}, "$": {"punctuation"}, "-": {"punctuation"},
    "Élan": {"capitalized"}, "東京": set(),
}  # fmt: skip
EXAMPLES = (
    Example("train/0", tuple(WORDS), "x"),
    Example("train/1", ("walking", "talking", "Walked"), "x"),
    Example("train/2", ("zzz",), "x"),
)
DRAWS = [{"train": [0, 1], "test": [2]}]


def vectors(features, position, tokens):
    inputs = features.inputs([0], [[position]], (tokens, 1))
    trained = {name: np.asarray(array) for name, array in features.arrays.trained.items()}
    return np.asarray(features.embed(trained, features.arrays.shared, inputs))[0, :, 0]


def test_the_shape_of_each_word():
    features = WordShape(affixes=[]).features(EXAMPLES, DRAWS, [0])
    names = [*CASING, *DIGITS, *PUNCTUATION]
    rows = vectors(features, 0, len(WORDS))
    found = {
        word: {name for name, bit in zip(names, row, strict=True) if bit} for word, row in zip(WORDS, rows, strict=True)
    }
    assert found == WORDS
    assert not features.arrays.trained
    assert features.size(0) == (0, 0)
    assert features.saved(0) == {}


def test_the_words_of_some_texts_are_tested_once():
    first, second, other = (
        settings.features(EXAMPLES, DRAWS, [0]).arrays.shared["shapes"]
        for settings in (WordShape(affixes=[]), WordShape(affixes=[2]), WordShape(affixes=[2], casing=False))
    )
    assert first is second
    assert other.shape[1] == first.shape[1] - len(CASING)


def test_affixes_of_training_words_have_a_vector_each_and_the_others_share_one():
    settings = WordShape(casing=False, digits=False, punctuation=False, affixes=[2], dim=3, min_count=2)
    features = settings.features(EXAMPLES, DRAWS, [0])
    known = features.saved(0)["words"].tolist()
    assert known == ["<wa", ">ay", ">ng"]  # x-ray, McKay
    table = features.arrays.trained["table"][0]
    rows = vectors(features, 1, 3)
    np.testing.assert_array_equal(rows[0], [*table[1], *table[3]])
    np.testing.assert_array_equal(rows[1], [*table[0], *table[3]])
    np.testing.assert_array_equal(rows[2], [*table[1], *table[0]])
    np.testing.assert_array_equal(vectors(features, 2, 1)[0], [*table[0], *table[0]])
    assert features.size(0) == (12, 0)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"affixes": [0]}, "embedding.affixes=[0]: give different sizes of at least 1, such as [2, 3]"),
        ({"affixes": [], "casing": False, "digits": False, "punctuation": False}, "embedding.affixes=[]: with casing"),
        ({"min_count": 0}, "embedding.min_count=0: must be at least 1"),
    ],
)
def test_settings_without_a_meaning_are_refused(settings, message):
    assert message in refusal(WordShape, **settings)
