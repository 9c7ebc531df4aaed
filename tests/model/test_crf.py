"""The CRF against sums and maxima over all sequences of small problems, in float64."""

import itertools

import numpy as np
import pytest
from keras import ops

from seedbed.backend import compiled, value_and_gradient
from seedbed.model import crf
from seedbed.model.crf import NEVER, Transitions, log_partition, marginals, sequence_score, viterbi

R, T, B, K = 2, 4, 4, 3
LENGTHS = np.array([[4, 1, 2, 3], [2, 4, 0, 1]])
RNG = np.random.default_rng(5)
SCORES = RNG.normal(0, 2, (R, T, B, K)).astype(np.float32)
TAGS = RNG.integers(0, K, (R, T, B)).astype(np.int32)
START, PAIR, END = (RNG.normal(0, 1.5, shape).astype(np.float32) for shape in ((R, K), (R, K, K), (R, K)))
FORBIDDEN = PAIR.copy()
FORBIDDEN[:, [0, 2], [1, 2]] = NEVER
SPARSE_START = START.copy()
SPARSE_START[:, 1] = NEVER
PROBLEMS = {"free": (START, PAIR, END), "constrained": (SPARSE_START, FORBIDDEN, END)}


def mask_of(lengths, tokens):
    return (np.arange(tokens)[None, :, None] < lengths[:, None]).astype(np.float32)[..., None]


def tensors(*arrays):
    return [ops.convert_to_tensor(array) for array in arrays]


def called(function, transitions, scores=SCORES, mask=None, *more):
    mask = mask_of(LENGTHS, scores.shape[1]) if mask is None else mask
    scores, mask, start, pair, end, *more = tensors(scores, mask, *transitions, *more)
    return ops.convert_to_numpy(function(scores, Transitions(start, pair, end), mask, *more))


def every_sequence(r, b, transitions, scores=SCORES, lengths=LENGTHS):
    """All sequences of a sentence and their scores."""
    start, pair, end = (array[r].astype(np.float64) for array in transitions)
    length, k = lengths[r, b], scores.shape[-1]
    for tags in itertools.product(range(k), repeat=int(length)):
        total = sum(float(scores[r, t, b, tag]) for t, tag in enumerate(tags)) + start[tags[0]] + end[tags[-1]]
        yield tags, total + sum(pair[one, other] for one, other in itertools.pairwise(tags))


def sentences():
    return [(r, b) for r in range(R) for b in range(B) if LENGTHS[r, b]]


def brute_partition(r, b, transitions):
    return np.logaddexp.reduce([score for _, score in every_sequence(r, b, transitions)])


@pytest.mark.parametrize("transitions", PROBLEMS.values(), ids=PROBLEMS)
def test_the_partition_is_the_sum_over_all_sequences(transitions):
    found = called(log_partition, transitions)
    for r, b in sentences():
        assert found[r, b] == pytest.approx(brute_partition(r, b, transitions), abs=1e-4)
    assert found[1, 2] == 0  # a sentence without tokens


@pytest.mark.parametrize("transitions", PROBLEMS.values(), ids=PROBLEMS)
def test_marginals_are_sums_of_probabilities(transitions):
    found = called(marginals, transitions)
    expected = np.zeros((R, T, B, K))
    for r, b in sentences():
        whole = brute_partition(r, b, transitions)
        for tags, score in every_sequence(r, b, transitions):
            expected[r, np.arange(len(tags)), b, list(tags)] += np.exp(score - whole)
    np.testing.assert_allclose(found, expected, atol=1e-5)
    assert not found[expected == 0].any()  # padding, and what is forbidden
    np.testing.assert_allclose(found.sum(axis=-1)[..., None], mask_of(LENGTHS, T), atol=1e-5)


@pytest.mark.parametrize("transitions", PROBLEMS.values(), ids=PROBLEMS)
def test_the_score_of_a_sequence_is_the_sum_of_its_parts(transitions):
    found = called(sequence_score, transitions, SCORES, None, TAGS)
    for r, b in sentences():
        expected = dict(every_sequence(r, b, transitions))[tuple(TAGS[r, : LENGTHS[r, b], b].tolist())]
        assert found[r, b] == pytest.approx(expected, rel=1e-6, abs=1e-4)
    assert found[1, 2] == 0


@pytest.mark.parametrize("transitions", PROBLEMS.values(), ids=PROBLEMS)
def test_viterbi_finds_the_best_of_all_sequences(transitions):
    found = called(viterbi, transitions)
    for r, b in sentences():
        best, _ = max(every_sequence(r, b, transitions), key=lambda pair: pair[1])
        assert tuple(found[r, : LENGTHS[r, b], b].tolist()) == best
        assert not found[r, LENGTHS[r, b] :, b].any()


def negative_log_likelihood(upstream):
    def loss(weights, mask, tags):
        transitions = Transitions(weights["start"], weights["pair"], weights["end"])
        scores = weights["scores"]
        total = log_partition(scores, transitions, mask) - sequence_score(scores, transitions, mask, tags)
        return ops.sum(total * upstream), ()

    return loss


def gradients(upstream, mask=None, scores=SCORES, tags=TAGS, transitions=None):
    start, pair, end = transitions or PROBLEMS["free"]
    weights = {"scores": scores, "start": start, "pair": pair, "end": end}
    weights = dict(zip(weights, tensors(*weights.values()), strict=True))
    given = tensors(mask_of(LENGTHS, scores.shape[1]) if mask is None else mask, tags)
    _, _, found = value_and_gradient(negative_log_likelihood(ops.convert_to_tensor(upstream)))(weights, *given)
    return {name: ops.convert_to_numpy(array) for name, array in found.items()}


def test_the_gradient_is_that_of_the_sum_over_all_sequences():
    """Of the log likelihood of each sentence, by differences of the brute force in float64."""
    upstream = RNG.uniform(0.5, 2.0, (R, B)).astype(np.float32)
    found = gradients(upstream)
    arrays = {"scores": SCORES, "start": START, "pair": PAIR, "end": END}

    def loss(name, changed):
        own = {**arrays, name: changed}
        transitions = (own["start"], own["pair"], own["end"])
        total = 0.0
        for r, b in sentences():
            scored = dict(every_sequence(r, b, transitions, own["scores"]))
            gold = scored[tuple(TAGS[r, : LENGTHS[r, b], b].tolist())]
            total += float(upstream[r, b]) * (np.logaddexp.reduce(list(scored.values())) - gold)
        return total

    step = 1e-4
    for name, array in arrays.items():
        places = list(np.ndindex(array.shape))
        for place in places if name != "scores" else RNG.permutation(places)[:24].tolist():
            changes = []
            for sign in (1, -1):
                moved = array.astype(np.float64)
                moved[tuple(place)] += sign * step
                changes.append(loss(name, moved))
            assert found[name][tuple(place)] == pytest.approx((changes[0] - changes[1]) / (2 * step), abs=2e-4), name


def test_the_gradient_of_what_is_forbidden_is_zero():
    found = gradients(np.ones((R, B), np.float32), transitions=PROBLEMS["constrained"], tags=np.zeros_like(TAGS))
    assert not found["pair"][:, [0, 2], [1, 2]].any()
    assert not found["start"][:, 1].any()
    assert all(np.isfinite(array).all() for array in found.values())


def test_more_padding_changes_nothing():
    more = [(0, 0), (0, 3), (0, 0), (0, 0)]
    scores, tags = np.pad(SCORES, more, constant_values=50.0), np.pad(TAGS, more[:3], constant_values=1)
    mask = mask_of(LENGTHS, T + 3)
    free = PROBLEMS["free"]
    np.testing.assert_allclose(called(log_partition, free, scores, mask), called(log_partition, free), atol=1e-5)
    np.testing.assert_allclose(called(marginals, free, scores, mask)[:, :T], called(marginals, free), atol=1e-6)
    np.testing.assert_array_equal(called(viterbi, free, scores, mask)[:, :T], called(viterbi, free))
    upstream = np.ones((R, B), np.float32)
    padded, plain = gradients(upstream, mask, scores, tags), gradients(upstream)
    np.testing.assert_allclose(padded["scores"][:, :T], plain["scores"], atol=1e-5)
    assert not padded["scores"][:, T:].any()
    np.testing.assert_allclose(padded["pair"], plain["pair"], atol=1e-5)


def test_a_replicate_alone_has_the_numbers_of_the_group():
    upstream = np.ones((R, B), np.float32)
    group, total, best = (
        gradients(upstream),
        called(log_partition, (START, PAIR, END)),
        called(viterbi, (START, PAIR, END)),
    )
    for r in range(R):
        own = slice(r, r + 1)
        transitions, mask = (START[own], PAIR[own], END[own]), mask_of(LENGTHS[own], T)
        np.testing.assert_allclose(called(log_partition, transitions, SCORES[own], mask), total[own], rtol=1e-6)
        np.testing.assert_array_equal(called(viterbi, transitions, SCORES[own], mask), best[own])
        alone = gradients(upstream[own], mask, SCORES[own], TAGS[own], transitions)
        for name, array in alone.items():
            np.testing.assert_allclose(array, group[name][own], atol=1e-6)


def test_numbers_that_are_none_stay_in_their_replicate():
    poisoned = SCORES.copy()
    poisoned[1, 1] = np.nan
    free, upstream = PROBLEMS["free"], np.ones((R, B), np.float32)
    plain, found = gradients(upstream), gradients(upstream, scores=poisoned)
    assert np.isnan(found["pair"][1]).any()
    for name, array in found.items():
        np.testing.assert_array_equal(array[0], plain[name][0])
    np.testing.assert_array_equal(called(viterbi, free, poisoned)[0], called(viterbi, free)[0])
    assert (called(viterbi, free, poisoned) < K).all()
    np.testing.assert_array_equal(called(marginals, free, poisoned)[0], called(marginals, free)[0])


def test_large_scores_neither_overflow_nor_vanish():
    """A path that is far behind at one token and wins by the next ones: sums of exponentials would lose it."""
    scores = np.zeros((1, 3, 1, 2), np.float32)
    scores[0, 0, 0] = [0, 300]
    scores[0, 1, 0] = scores[0, 2, 0] = [400, 0]
    pair = np.array([[[0.0, -500.0], [-500.0, 0.0]]], np.float32)
    transitions, mask = (
        (np.zeros((1, 2), np.float32), pair, np.zeros((1, 2), np.float32)),
        np.ones((1, 3, 1, 1), np.float32),
    )
    assert called(log_partition, transitions, scores, mask)[0, 0] == pytest.approx(800.0)
    np.testing.assert_allclose(called(marginals, transitions, scores, mask)[0, :, 0], [[1, 0]] * 3, atol=1e-6)
    assert called(viterbi, transitions, scores, mask)[0, :, 0].tolist() == [0, 0, 0]


@pytest.mark.parametrize("transitions", PROBLEMS.values(), ids=PROBLEMS)
def test_products_and_log_sums_give_the_same(transitions, monkeypatch):
    upstream, tags = np.ones((R, B), np.float32), np.zeros_like(TAGS)

    def everything():
        of_tags = gradients(upstream, transitions=transitions, tags=tags)
        return {**of_tags, "total": called(log_partition, transitions), "marginals": called(marginals, transitions)}

    products = everything()
    with monkeypatch.context() as patched:
        patched.setattr(crf, "FAR", 0.0)  # all but the highest is far
        log_sums = everything()
    for name, array in log_sums.items():
        np.testing.assert_allclose(products[name], array, atol=2e-5, err_msg=name)


@pytest.mark.parametrize("place", ["scores", "pair"])
def test_what_is_too_far_for_products_has_the_gradient_of_log_sums(place):
    """The brute force in float64, with numbers whose exponentials are 0 or infinite in float32."""
    scores, start, pair, end = SCORES.copy(), START, PAIR.copy(), END
    if place == "scores":
        scores[:, 1] *= 60
    else:
        pair[:, 0] *= 80
    found = gradients(np.ones((R, B), np.float32), scores=scores, transitions=(start, pair, end))
    for r in range(R):
        expected = np.zeros((K, K))
        for b in (b for own, b in sentences() if own == r):
            sequences = list(every_sequence(r, b, (start, pair, end), scores))
            total = np.logaddexp.reduce([score for _, score in sequences])
            gold = tuple(TAGS[r, : LENGTHS[r, b], b].tolist())
            for tags, score in [*((tags, np.exp(score - total)) for tags, score in sequences), (gold, -1.0)]:
                for step in itertools.pairwise(tags):
                    expected[step] += score
        np.testing.assert_allclose(found["pair"][r], expected, atol=2e-3)


@pytest.mark.slow
def test_marginals_of_a_long_sentence_sum_to_one():
    """The log sums of 3,000 tokens are in the ten thousands, where float32 has steps of a thousandth."""
    scores = np.random.default_rng(1).normal(0, 8, (1, 3000, 1, K)).astype(np.float32)
    transitions, mask = (START[:1], PAIR[:1], END[:1]), np.ones((1, 3000, 1, 1), np.float32)
    found = called(marginals, transitions, scores, mask)
    assert found.max() <= 1 + 1e-6
    np.testing.assert_allclose(found.sum(axis=-1), 1, atol=1e-6)


def pairs_in_float64(scores, start, pair, end):
    """The expected pairs ``[K, K]`` of a sentence ``[T, K]``: log sums forward and backward."""
    scores, start, pair, end = (array.astype(np.float64) for array in (scores, start, pair, end))
    alphas = [start + scores[0]]
    for score in scores[1:]:
        alphas.append(np.logaddexp.reduce(alphas[-1][:, None] + pair, axis=0) + score)
    beta, total, pairs = end, np.logaddexp.reduce(alphas[-1] + end), np.zeros(pair.shape)
    for alpha, score in zip(alphas[-2::-1], scores[:0:-1], strict=True):
        pairs += np.exp(alpha[:, None] + pair + score + beta - total)
        beta = np.logaddexp.reduce(pair + score + beta, axis=1)
    return pairs


@pytest.mark.parametrize("way", ["products", "log sums"])
@pytest.mark.parametrize(("deviation", "above"), [(1, 8), (8, 0)], ids=["sharp", "wide"])
def test_expected_pairs_of_a_long_sentence_are_those_of_float64(monkeypatch, deviation, above, way):
    """Sums over 1,000 tokens are in the ten thousands: what is rounded at one token must not reach the next."""
    monkeypatch.setattr(crf, "FAR", 1000.0 if way == "products" else 0.0)
    rng, tokens, k = np.random.default_rng(3), 1000, 9
    scores = rng.normal(0, deviation, (tokens, k))
    scores[np.arange(tokens), rng.integers(0, k, tokens)] += above
    start, pair, end = (rng.normal(size=shape).astype(np.float32) for shape in ((k,), (k, k), (k,)))
    scores, mask = scores.astype(np.float32), np.ones((1, tokens, 1, 1), np.float32)
    weights = dict(zip(("start", "pair", "end"), tensors(start[None], pair[None], end[None]), strict=True))

    def total(weights, scores, mask):
        return ops.sum(log_partition(scores, Transitions(**weights), mask)), ()

    _, _, found = compiled(value_and_gradient(total))(weights, *tensors(scores[None, :, None], mask))
    pairs = ops.convert_to_numpy(found["pair"])[0]
    np.testing.assert_allclose(pairs, pairs_in_float64(scores, start, pair, end), rtol=2e-5)
    assert pairs.sum() == pytest.approx(tokens - 1, rel=5e-6)


def test_many_sentences_whose_best_pair_is_forbidden_have_a_finite_gradient():
    """What can follow the first tag is e^79 times less than what cannot: its sums of products leave float32."""
    sentences = 40_000
    scores = np.broadcast_to(np.array([[39, 0], [0, 39]], np.float32)[:, None], (2, sentences, 2))[None]
    pair, flat = np.array([[[-39.9, NEVER], [-39.9, -39.9]]], np.float32), np.zeros((1, 2), np.float32)
    mask, tags = np.ones((1, 2, sentences, 1), np.float32), np.zeros((1, 2, sentences), np.int32)
    found = gradients(np.ones((1, sentences), np.float32), mask, scores, tags, (flat, pair, flat))
    np.testing.assert_allclose(found["pair"][0], [[-sentences / 2, 0], [0, sentences / 2]], atol=1)


def test_one_tag_and_one_token_are_sequences_too():
    scores, mask = SCORES[:, :1, :, :1], np.ones((R, 1, B, 1), np.float32)
    transitions = (START[:, :1], PAIR[:, :1, :1], END[:, :1])
    expected = scores[:, 0, :, 0] + START[:, :1] + END[:, :1]
    np.testing.assert_allclose(called(log_partition, transitions, scores, mask), expected, rtol=1e-6)
    np.testing.assert_array_equal(called(marginals, transitions, scores, mask), np.ones_like(scores))
    np.testing.assert_array_equal(called(viterbi, transitions, scores, mask), np.zeros((R, 1, B)))
