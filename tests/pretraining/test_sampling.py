"""Sampled against full softmax."""

import numpy as np
import pytest
from keras import ops

from seedbed.pretraining.network import full_losses, sampled_losses
from seedbed.pretraining.sampled_softmax import LogUniformSampler

WORDS, WIDTH, ROWS = 40, 8, 12


@pytest.fixture
def softmax():
    rng = np.random.default_rng(0)
    made = [rng.standard_normal(shape).astype(np.float32) for shape in ((ROWS, WIDTH), (WORDS, WIDTH), (WORDS,))]
    return *made, rng.integers(WORDS, size=ROWS).astype(np.int32)


def brute(outputs, weights, bias, targets):
    logits = outputs.astype(np.float64) @ weights.T + bias
    return np.log(np.exp(logits).sum(1)) - logits[np.arange(len(targets)), targets]


def sampled(softmax, drawn, sampler):
    outputs, weights, bias, targets = softmax
    chosen, expected = drawn
    expected = sampler.expected(targets), expected
    arrays = (ops.convert_to_tensor(array) for array in (outputs, weights, bias, targets, chosen))
    return np.asarray(sampled_losses(*arrays, expected, "float32"))


def test_full_losses_are_the_textbooks(softmax):
    outputs, weights, bias, targets = softmax
    arrays = (ops.convert_to_tensor(array) for array in softmax)
    np.testing.assert_allclose(full_losses(*arrays, "float32"), brute(outputs, weights, bias, targets), rtol=1e-4)


def test_where_all_words_are_candidates_sampled_softmax_is_the_full_one(softmax):
    sampler = LogUniformSampler(WORDS, WORDS)
    np.testing.assert_allclose(sampled(softmax, sampler.draw(0, 1), sampler), brute(*softmax), rtol=1e-4)


def test_the_estimate_of_the_partition_is_unbiased(softmax):
    """Over many draws, what the candidates other than the target weigh is what all other words weigh."""
    sampler = LogUniformSampler(WORDS, 16)
    outputs, weights, bias, targets = softmax
    logits = outputs.astype(np.float64) @ weights.T + bias
    sums = []
    for step in range(4000):
        chosen, expected = sampler.draw(0, step)
        weighed = np.exp(logits[:, chosen] - expected)
        sums.append(np.where(chosen[None] == targets[:, None], 0, weighed).sum(1))
    all_others = np.exp(logits).sum(1) - np.exp(logits[np.arange(ROWS), targets])
    errors = np.std(sums, axis=0) / np.sqrt(len(sums))
    assert (np.abs(np.mean(sums, axis=0) - all_others) < 4 * errors).all()
    assert (errors / all_others < 0.05).all()


def test_a_candidate_that_is_the_target_does_not_count_against_it(softmax):
    outputs, weights, bias, _ = softmax
    sampler = LogUniformSampler(WORDS, 3)
    chosen = np.array([5, 6, 7], np.int32)
    log_q = np.array([-0.1, -0.2, -0.3], np.float32)
    outputs = 0.1 * outputs
    same = outputs, weights, bias, np.full(ROWS, 5, np.int32)
    logits = outputs @ weights[[5, 6, 7]].T + bias[[5, 6, 7]] - log_q
    logits[:, 0] += log_q[0] - sampler.expected(chosen)[0]
    wanted = np.log(np.exp(logits).sum(1)) - logits[:, 0]
    np.testing.assert_allclose(sampled(same, (chosen, log_q), sampler), wanted, rtol=1e-4)


@pytest.mark.parametrize("number", [3, 16, 39])
def test_words_are_drawn_as_often_as_is_expected_of_them(number):
    sampler = LogUniformSampler(WORDS, number)
    seen = np.zeros(WORDS)
    for step in range(4000):
        chosen, expected = sampler.draw(7, step)
        real = np.isfinite(expected)
        assert len(chosen) == number
        assert len(set(chosen[real].tolist())) == real.sum()
        assert np.array_equal(expected[real], sampler.expected(chosen[real]))
        seen[chosen[real]] += 1
    np.testing.assert_allclose(seen / 4000, np.exp(sampler.expected(np.arange(WORDS))), atol=0.03)


def test_the_draw_of_a_step_is_the_same_again_and_that_of_another_is_not():
    sampler = LogUniformSampler(1000, 50)
    assert np.array_equal(sampler.draw(1, 5)[0], sampler.draw(1, 5)[0])
    assert not np.array_equal(sampler.draw(1, 5)[0], sampler.draw(1, 6)[0])
    assert not np.array_equal(sampler.draw(1, 5)[0], sampler.draw(2, 5)[0])
