"""What the token network learns from word vectors, and that nothing else changes."""

from collections import Counter

import numpy as np
import pytest

from seedbed.embeddings.bilm.model import open_bilm
from seedbed.embeddings.static import Vectors
from seedbed.errors import InputError
from seedbed.pretraining import distillation, files
from seedbed.pretraining.characters import Characters
from seedbed.pretraining.distillation import FEWEST, TOKEN_NETWORK, build_teacher, distill
from seedbed.pretraining.initial_weights import draw_weights, initial_weights

DIM = 5


@pytest.fixture
def words():
    rng = np.random.default_rng(3)
    return sorted({"".join(rng.choice(list("abcdefgh"), rng.integers(2, 16))) for _ in range(160)})


@pytest.fixture
def vectors(words):
    matrix = np.random.default_rng(4).normal(3, 2, (len(words), DIM)).astype(np.float32)
    return Vectors(tuple(words), matrix, len(words), len(words), 0)


@pytest.fixture
def teacher(vectors):
    return build_teacher("toy", vectors, {word: n + 1 for n, word in enumerate(vectors.words)})


def unexplained(folder, architecture, weights, teacher):
    """What the best linear map of layer 0, as any program loads it, leaves of the variance of the vectors."""
    files.write(folder, architecture, weights, "float32")
    model = open_bilm(folder / files.OPTIONS, folder / files.WEIGHTS)
    ((_, rows),) = model.batches([teacher.words])
    known = np.column_stack([rows[0][:, : architecture.projection], np.ones(len(teacher.words))])
    missing = teacher.targets - known @ np.linalg.lstsq(known, teacher.targets, rcond=None)[0]
    return (missing**2).mean()


@pytest.mark.slow
def test_a_linear_map_of_layer_0_knows_more_of_the_vectors_than_before(small, teacher, tmp_path):
    fresh = draw_weights(small, 20, 0)
    taught = distill(fresh, small, teacher, 0, "float32", steps=400)
    before, after = (
        unexplained(tmp_path / name, small, weights, teacher) for name, weights in (("a", fresh), ("b", taught))
    )
    assert before > 0.85  # vectors drawn at random: characters say nothing of them
    assert after < before - 0.15


def test_only_the_token_network_learns_and_the_map_is_thrown_away(small, teacher):
    fresh = draw_weights(small, 20, 0)
    taught = distill(fresh, small, teacher, 0, "float32", steps=3)
    assert taught.keys() == fresh.keys()
    for name, array in fresh.items():
        assert taught[name].dtype == array.dtype
        assert np.array_equal(taught[name], array) != name.startswith(TOKEN_NETWORK), name


def test_what_is_learned_depends_on_the_seed_alone(small, teacher):
    one, same, other = (distill(draw_weights(small, 20, 0), small, teacher, n, "float32", steps=5) for n in (0, 0, 1))
    assert all(np.array_equal(one[name], same[name]) for name in one)
    assert not np.array_equal(one["projection"], other["projection"])


def test_the_error_falls_from_what_is_known_of_nothing(small, teacher):
    seen = []
    distill(draw_weights(small, 20, 0), small, teacher, 0, "float32", lambda *now: seen.append(now), steps=205)
    assert [step for step, _, _ in seen] == [*range(10, 201, 10), 205]
    assert {steps for _, steps, _ in seen} == {205}
    errors = [error for _, _, error in seen]
    assert 0.8 < errors[0] < 3
    assert errors[-1] < errors[0]


def test_targets_are_standardised_and_a_dimension_that_is_the_same_for_all_is_harmless(vectors):
    vectors.matrix[:, 2] = 7
    teacher = build_teacher("toy", vectors, dict.fromkeys(vectors.words, 1))
    varying = np.delete(teacher.targets, 2, axis=1)
    np.testing.assert_allclose(varying.mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(varying.std(axis=0), 1, rtol=1e-5)
    assert not teacher.targets[:, 2].any()


def test_the_record_names_the_vectors_by_what_they_are(vectors):
    counts = dict.fromkeys(vectors.words, 1)
    first = build_teacher("toy", vectors, counts).record
    assert first["vectors"] == "toy"
    assert first["words"] == len(vectors.words)
    other = Vectors(vectors.words, vectors.matrix + np.float32(0.5), 1, 1, 0)
    assert build_teacher("toy", other, counts).record["sha256"] != first["sha256"]


def test_words_are_drawn_by_the_root_of_their_frequency(small, vectors, monkeypatch):
    drawn = Counter()

    class Seen(Characters):
        def classes(self, words):
            drawn.update(words)
            return super().classes(words)

    monkeypatch.setattr(distillation, "Characters", Seen)
    monkeypatch.setattr(distillation, "WORDS", 1)
    frequent, rare = vectors.words[::8], len(vectors.words) - len(vectors.words[::8])
    teacher = build_teacher("toy", vectors, dict.fromkeys(vectors.words, 1) | dict.fromkeys(frequent, 16))
    distill(draw_weights(small, 20, 0), small, teacher, 0, "float32", steps=300)
    share = sum(drawn[word] for word in frequent) / drawn.total()
    assert drawn.total() == 300
    assert share == pytest.approx(4 * len(frequent) / (4 * len(frequent) + rare), abs=0.08)


def test_too_few_words_with_a_vector_are_refused(vectors):
    few = Vectors(vectors.words[: FEWEST - 1], vectors.matrix[: FEWEST - 1], 500, 0, 0)
    with pytest.raises(InputError, match=f"distil=toy: has vectors for {FEWEST - 1} of 500 words"):
        build_teacher("toy", few, dict.fromkeys(vectors.words, 1))


def test_without_a_teacher_the_first_weights_are_drawn(small, words):
    said = []
    weights = initial_weights(small, words, 0, None, None, "float32", said.append)
    fresh = draw_weights(small, len(words), 0)
    assert all(np.array_equal(weights[name], fresh[name]) for name in fresh)
    assert not said
