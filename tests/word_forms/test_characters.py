"""Vectors from characters: against a loop over words in NumPy, and which characters have a vector."""

import numpy as np
import pytest
from tests.refusals import refusal

from seedbed.data.corpus import Example
from seedbed.word_forms.characters import Characters

TEXTS = ["ab ba ab c", "aab b", "ca xa ab"]
EXAMPLES = tuple(Example(f"train/{n}", tuple(text.split()), "x") for n, text in enumerate(TEXTS))
DRAWS = [{"train": [0, 1], "test": [2]}, {"train": [1, 2], "test": [0]}]


def batch(features, positions=((0, 1), (1, 2)), shape=(4, 2)):
    inputs = features.inputs([0, 1], positions, shape)
    trained = {name: np.asarray(array) for name, array in features.arrays.trained.items()}
    vectors = np.asarray(features.embed(trained, {}, {name: np.asarray(own) for name, own in inputs.items()}))
    return inputs, trained, vectors


def spelled(features, replicate, word):
    """The rows of a word's characters, from the words that are saved with the table."""
    rows = {key: n for n, key in enumerate(features.saved(replicate)["words"].tolist(), 1)}
    return [rows.get(character, 0) for character in f"\x02{word}\x03"]


def convolved(trained, replicate, rows, widths):
    """Filters over a word alone, with zeros around it, their maximum, and tanh."""
    x, parts = trained["table"][replicate][rows], []
    for width in widths:
        kernel, bias = (trained[f"characters/conv{width}/{part}"][replicate] for part in ("kernel", "bias"))
        before = (width - 1) // 2
        padded = np.pad(x, [(before, width - 1 - before), (0, 0)])
        windows = [np.tensordot(padded[n : n + width], kernel, 2) for n in range(len(x))]
        parts.append(np.tanh(np.max(windows, axis=0) + bias))
    return np.concatenate(parts)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def last_state(trained, replicate, rows):
    """The last states of an LSTM that reads a word forwards, and of one that reads it backwards."""
    parts = []
    for direction, order in enumerate((rows, rows[::-1])):
        kernel, recurrent, bias = (
            trained[f"characters/lstm/{part}"][replicate][direction] for part in ("kernel", "recurrent", "bias")
        )
        h = c = np.zeros(recurrent.shape[0])
        for x in trained["table"][replicate][order]:
            i, f, g, o = np.split(x @ kernel + h @ recurrent + bias, 4)
            c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
            h = sigmoid(o) * np.tanh(c)
        parts.append(h)
    return np.concatenate(parts)


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (Characters(dim=3, filters=4, widths=[2, 3]), lambda *args: convolved(*args, widths=[2, 3])),
        (Characters(network="bilstm", dim=3, units=2), last_state),
    ],
    ids=["cnn", "bilstm"],
)
def test_the_vector_of_a_token_is_that_of_its_word_read_alone(settings, expected):
    features = settings.features(EXAMPLES, DRAWS, [3, 4])
    _, trained, vectors = batch(features)
    assert vectors.shape == (2, 4, 2, features.width)
    for r, chosen in enumerate(([0, 1], [1, 2])):
        for column, position in enumerate(chosen):
            for step, word in enumerate(EXAMPLES[position].tokens):
                own = expected(trained, r, spelled(features, r, word))
                np.testing.assert_allclose(vectors[r, step, column], own, atol=1e-5)


def test_each_word_of_a_batch_is_read_once():
    inputs, _, _ = batch(Characters().features(EXAMPLES, DRAWS, [3, 4]))
    words = {r: {word for n in chosen for word in EXAMPLES[n].tokens} for r, chosen in enumerate(((0, 1), (1, 2)))}
    read = (inputs["characters"] >= 0).any(axis=1).sum(axis=1).tolist()
    assert read == [len(words[0]), len(words[1])] == [5, 5]


def test_characters_of_other_texts_than_those_of_training_share_the_row_of_unknown_ones():
    features = Characters().features(EXAMPLES, DRAWS, [3, 4])
    assert features.saved(0)["words"].tolist() == ["\x02", "\x03", "a", "b", "c"]
    assert features.saved(1)["words"].tolist() == ["\x02", "\x03", "a", "b", "c", "x"]
    assert features.reports == [{"embedding/characters": 5}, {"embedding/characters": 6}]
    inputs, trained, _ = batch(features, ([2], [2]), (3, 1))
    assert (inputs["characters"] == 0).sum(axis=(1, 2)).tolist() == [1, 0]  # the x of "xa"
    assert not trained["table"][:, 0].any()
    assert features.size(0)[0] == 6 * 30 + 3 * 30 * 30 + 30


def test_rare_characters_share_it_too():
    features = Characters(min_count=2).features(EXAMPLES, DRAWS, [3, 4])
    assert features.saved(0)["words"].tolist() == ["\x02", "\x03", "a", "b"]


def test_of_a_long_word_the_first_and_the_last_half_are_read():
    examples = (Example("train/0", ("abcdefg",), "x"),)
    features = Characters(max_characters=4).features(examples, [{"train": [0]}], [0])
    assert features.saved(0)["words"].tolist() == ["\x02", "\x03", "a", "b", "f", "g"]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"network": "gru"}, "embedding.network=gru: must be one of cnn, bilstm"),
        ({"widths": []}, "embedding.widths=[0]: give different sizes of at least 1, such as [2, 3, 4]"),
        ({"widths": [2, 2]}, "embedding.widths=[2, 2]: give different sizes"),
        ({"filters": 0}, "embedding.filters=0: must be at least 1"),
        ({"max_characters": 1}, "embedding.max_characters=1: must be at least 2"),
        ({"dim": 0}, "embedding.dim=0: must be at least 1"),
    ],
)
def test_settings_without_a_meaning_are_refused(settings, message):
    assert message in refusal(Characters, **settings)
