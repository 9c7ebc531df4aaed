"""Nearest-neighbor tagging: against scikit-learn, and against all paths of small sentences."""

import itertools

import numpy as np
import pytest
from sklearn.neighbors import KNeighborsClassifier
from tests.refusals import refusal

from seedbed.data.tags import to_iob2
from seedbed.model.abstract_transitions import SMALLEST, abstract_transitions, log_transitions, max_marginals
from seedbed.model.fitted import Sample, fitted_probabilities
from seedbed.model.nn_tagger import NearestTokens, NNTagger

RNG = np.random.default_rng(0)
LABELS = ("O", "B-geo-loc", "B-per", "B-x", "I-geo-loc", "I-per")
"""No entity of type x has two tokens."""
LENGTHS = np.array([4, 1, 7, 3, 5, 6, 2, 8])
TEST_LENGTHS = np.array([2, 6, 1, 5, 3])


def quiet(done, total, loss):
    pass


def sentences(lengths, rng):
    """Labels of valid IOB2 sentences."""
    rows = []
    for length in lengths:
        types = rng.choice(["", "geo-loc", "per", "x"], length, p=[0.4, 0.25, 0.25, 0.1])
        tags = ["O" if not kind else f"B-{kind}" if n and kind == "x" else f"I-{kind}" for n, kind in enumerate(types)]
        rows.append([LABELS.index(tag) for tag in to_iob2(tags)])
    return np.concatenate(rows)


def sample(rng=RNG, width=3):
    y = sentences(LENGTHS, rng)
    x = (rng.normal(size=(len(y), width)) + 0.5 * y[:, None]).astype(np.float32)
    return Sample(x, y, None, LENGTHS, LABELS)


TRAIN = sample()
X = RNG.normal(1.0, 1.5, (TEST_LENGTHS.sum(), 3)).astype(np.float32)


def types_of(rows):
    """The types of label numbers, as names; empty outside."""
    return [LABELS[row][2:] for row in rows]


def test_without_transitions_the_type_is_that_of_the_nearest_token():
    for metric in ("euclidean", "cosine"):
        (path,) = NNTagger(transitions=False, metric=metric).fit([TRAIN], len(LABELS), quiet)
        assert list(path.values) == [0.0]
        (probabilities,) = path.of_sentences(X, TEST_LENGTHS)
        np.testing.assert_allclose(probabilities.sum(1), 1.0)
        other = KNeighborsClassifier(1, metric=metric, algorithm="brute").fit(TRAIN.x, types_of(TRAIN.y))
        assert types_of(probabilities.argmax(1)) == other.predict(X).tolist()


def test_tags_are_always_valid_and_neighbors_of_one_type_are_one_entity():
    for transitions in (True, False):
        (path,) = NNTagger(transitions=transitions).fit([TRAIN], len(LABELS), quiet)
        for probabilities in path.of_sentences(X, TEST_LENGTHS):
            for rows in np.split(probabilities.argmax(1), np.cumsum(TEST_LENGTHS)[:-1]):
                tags = tuple(LABELS[row] for row in rows)
                runs = ["O" if tag == "O" else f"I-{tag[2:]}" for tag in tags]
                assert tags == tuple(tag.replace("I-x", "B-x") for tag in to_iob2(runs))


def reference_emissions(types):
    """Log probabilities of the types of each test token, token by token."""
    own = types_of(TRAIN.y)
    rows = []
    for vector in X.astype(np.float64):
        distances = [((vector - other) ** 2).sum() for other in TRAIN.x.astype(np.float64)]
        nearest = np.array([min(d for d, kind in zip(distances, own, strict=True) if kind == name) for name in types])
        rows.append(-nearest - np.log(np.exp(-nearest).sum()))
    return rows


@pytest.mark.parametrize("temperature", [0.0, 0.5, 1.0, 4.0])
def test_decoding_and_probabilities_are_those_of_the_best_of_all_paths(temperature):
    encoder = NNTagger(temperature=[temperature])
    (path,) = encoder.fit([TRAIN], len(LABELS), quiet)
    (probabilities,) = path.of_sentences(X, TEST_LENGTHS)
    names = ["", "geo-loc", "per", "x"]
    emissions = reference_emissions(names)
    start, step = log_transitions(path.moves, len(names), temperature)
    first = 0
    for length in TEST_LENGTHS.tolist():
        scores = {}
        for types in itertools.product(range(4), repeat=length):
            moves = start[types[0]] + sum(step[a, b] for a, b in itertools.pairwise(types))
            scores[types] = moves + sum(emissions[first + n][kind] for n, kind in enumerate(types))
        best = max(scores, key=scores.__getitem__)
        rows = probabilities[first : first + length]
        assert types_of(rows.argmax(1)) == [names[kind] for kind in best]
        for n in range(length):
            through = np.array([max(v for types, v in scores.items() if types[n] == kind) for kind in range(4)])
            expected = np.exp(through - through.max())
            by_type = [sum(rows[n, [LABELS[i][2:] == name for i in range(len(LABELS))]]) for name in names]
            np.testing.assert_allclose(by_type, expected / expected.sum(), atol=2e-6)
        first += length


def test_transitions_are_counted_and_shared_as_structshot_does():
    rng = np.random.default_rng(3)
    rows = [rng.integers(0, 4, size) for size in rng.integers(1, 9, 20)]
    start = [int(types[0] > 0) for types in rows]
    steps = [pair for types in rows for pair in itertools.pairwise(types.tolist())]
    out, inside = [b for a, b in steps if a == 0], [(a, b) for a, b in steps if a]
    moves = abstract_transitions(rows)
    expected = [
        1 - np.mean(start), np.mean(start), np.mean([b == 0 for b in out]), np.mean([b > 0 for b in out]),
        np.mean([b == 0 for _, b in inside]), np.mean([a == b for a, b in inside]),
        np.mean([b > 0 and a != b for a, b in inside]),
    ]  # fmt: skip
    np.testing.assert_allclose(moves, expected)
    first, step = log_transitions(moves, 4, 1.0)
    np.testing.assert_allclose(np.exp(first), [moves[0], *[moves[1] / 3] * 3])
    np.testing.assert_allclose(np.exp(step[0]), [moves[2], *[moves[3] / 3] * 3])
    np.testing.assert_allclose(np.exp(step[2]), [moves[4], moves[6] / 2, moves[5], moves[6] / 2])
    powered = np.array([moves[4], moves[6] / 2, moves[5], moves[6] / 2]) ** 0.3
    np.testing.assert_allclose(np.exp(log_transitions(moves, 4, 0.3)[1][2]), powered / powered.sum())


def test_a_transition_that_does_not_occur_is_unlikely_and_not_impossible():
    moves = abstract_transitions([np.array([0, 1, 1, 0])])
    _, step = log_transitions(moves, 3, 1.0)
    assert np.exp(step[1, 2]) == pytest.approx(SMALLEST)
    assert abstract_transitions([np.array([0])])[4:].tolist() == pytest.approx([1 / 3] * 3)  # nothing was counted
    assert np.isfinite(log_transitions(abstract_transitions([]), 1, 1.0)[1]).all()


def test_transitions_change_what_a_token_alone_would_be():
    x = np.array([[0.0], [1.0], [1.1], [1.0], [0.0], [3.0]], np.float32)
    train = Sample(x, np.array([0, 2, 5, 5, 0, 1]), None, np.array([5, 1]), LABELS)
    test, lengths = np.array([[0.0], [1.0], [0.4], [1.0]], np.float32), np.array([4])
    tags = {}
    for transitions in (False, True):
        (path,) = NNTagger(transitions=transitions, temperature=[3.0]).fit([train], len(LABELS), quiet)
        tags[transitions] = types_of(path.of_sentences(test, lengths)[0].argmax(1))
    assert tags == {False: ["", "per", "", "per"], True: ["", "per", "per", "per"]}


def test_sentences_do_not_change_one_another_and_neither_does_the_number_decoded_at_once(monkeypatch):
    (path,) = NNTagger().fit([TRAIN], len(LABELS), quiet)
    together = path.of_sentences(X, TEST_LENGTHS)
    ends = np.cumsum(TEST_LENGTHS)
    for end, length in zip(ends, TEST_LENGTHS, strict=True):
        alone = path.of_sentences(X[end - length : end], np.array([length]))
        np.testing.assert_allclose(alone, together[:, end - length : end], atol=1e-12)
    monkeypatch.setattr("seedbed.model.nn_tagger.STEP_TOKENS", 1)
    monkeypatch.setattr("seedbed.model.nn_tagger.BLOCK", 1)
    np.testing.assert_allclose(path.of_sentences(X, TEST_LENGTHS), together, atol=1e-12)
    assert path.of_sentences(X[:0], np.array([], np.int64)).shape == (4, 0, len(LABELS))


def test_equal_vectors_are_equally_near_and_o_comes_first():
    x = (RNG.normal(size=(1, 40)) * 9).astype(np.float32)
    train = Sample(np.repeat(x, 3, axis=0), np.array([2, 0, 1]), None, np.array([3]), LABELS)
    (path,) = NNTagger(transitions=False).fit([train], len(LABELS), quiet)
    probabilities = path.probabilities(x)[0, 0]
    assert LABELS[probabilities.argmax()] == "O"
    np.testing.assert_allclose(probabilities[[0, 1, 2]], 1 / 3, atol=2e-6)


def test_of_two_best_paths_one_is_decoded():
    step = np.log(np.array([[0.5, 0.5, 0.0], [0.5, 0.0, 0.5], [0.5, 0.5, 0.0]]) + 1e-30)
    emissions = np.log(np.array([[[0.2, 0.4, 0.4], [0.2, 0.4, 0.4]]]))
    best, decoded = max_marginals(emissions, np.array([2]), np.zeros(3), step)
    assert (best[0, 0, 1], best[0, 1, 1]) == (best[0, 0, 2], best[0, 1, 2])
    assert decoded.tolist() == [[2, 1]]  # not 1 and 1, which are the first of the best of each token


@pytest.mark.parametrize("standardize", [False, True])
def test_a_restored_path_gives_the_same_numbers(standardize):
    encoder = NNTagger(standardize=standardize)
    (path,) = encoder.fit([TRAIN], len(LABELS), quiet)
    one = path.chosen(2)
    again = encoder.restored(one.arrays(), len(LABELS))
    assert isinstance(again, NearestTokens)
    np.testing.assert_array_equal(fitted_probabilities(again, X, TEST_LENGTHS), one.of_sentences(X, TEST_LENGTHS))
    np.testing.assert_allclose(one.of_sentences(X, TEST_LENGTHS)[0], path.of_sentences(X, TEST_LENGTHS)[2], atol=1e-12)
    with pytest.raises(ValueError, match="6 tags for 5 labels"):
        encoder.restored(one.arrays(), 5)


def test_a_type_without_a_training_token_has_probability_zero():
    keep = np.repeat(np.array([True, False]), [4, len(TRAIN.y) - 4])
    few = Sample(TRAIN.x[keep], np.array([0, 2, 5, 0]), None, np.array([4]), LABELS)
    (path,) = NNTagger(temperature=[1.0]).fit([few], len(LABELS), quiet)
    assert (path.of_sentences(X, TEST_LENGTHS)[0][:, [1, 3, 4]] == 0).all()


@pytest.mark.parametrize(
    ("settings", "text"),
    [({"temperature": []}, r"encoder\.temperature=\[\]"), ({"temperature": [1.0, 1.0]}, "different numbers"),
     ({"temperature": [-1.0]}, "at least 0"), ({"metric": "dot"}, "choose cosine, euclidean"),
     ({"select": "f1"}, "encoder.select=f1")],
)  # fmt: skip
def test_bad_settings_are_refused(settings, text):
    assert refusal(NNTagger, match=text, **settings)


def test_a_sample_without_sentences_is_refused():
    with pytest.raises(ValueError, match="lengths and labels"):
        NNTagger().fit([Sample(TRAIN.x, TRAIN.y)], len(LABELS), quiet)
