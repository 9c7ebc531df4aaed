"""Mixes of layers, against sums by hand."""

import numpy as np
import pytest
from keras import ops

from seedbed.embeddings.layers import Layout
from seedbed.embeddings.mix import mix_of, penalties
from seedbed.errors import InputError
from seedbed.model.elementwise import elementwise_keys

LAYOUT = Layout((2, 4, 4))
ROWS = np.random.default_rng(0).normal(size=(5, 10)).astype(np.float16)


def layers():
    """float32 [3, 5, 4], by hand."""
    first = ROWS[:, :2].astype(np.float32)
    return np.stack([np.hstack([first, first]), ROWS[:, 2:6], ROWS[:, 6:]]).astype(np.float32)


def embedded(mix, trained):
    """What the network gets for a batch of one replicate and one sentence: [5, 4]."""
    rows = mix.read(ROWS)
    made = mix(trained, {}, {"layers": ops.convert_to_tensor(rows[None, :, None])})
    return ops.convert_to_numpy(made)[0, :, 0]


def test_the_layout_repeats_a_narrow_layer():
    assert (LAYOUT.dim, LAYOUT.total) == (4, 10)
    np.testing.assert_array_equal(LAYOUT.layers(ROWS).astype(np.float32), layers())


def test_a_layout_that_cannot_be_repeated_is_refused():
    with pytest.raises(ValueError, match="cannot be repeated"):
        Layout((3, 4))


@pytest.mark.parametrize("number", [0, 1, 2])
def test_one_layer_is_that_layer(number):
    mix = mix_of(f"layer{number}", LAYOUT, layer_norm=False, l2=0.0)
    np.testing.assert_array_equal(embedded(mix, {}), layers()[number])
    assert mix.trained(3) == {}
    assert mix.learned({}) == {}


def test_a_layer_that_the_model_lacks_is_named():
    with pytest.raises(InputError, match=r"embedding\.mix=layer3: the model has layers 0 to 2"):
        mix_of("layer3", LAYOUT, layer_norm=False, l2=0.0)


@pytest.mark.parametrize("layer_norm", [False, True])
def test_a_learned_mix_starts_as_the_average(layer_norm):
    learned = mix_of("learned", LAYOUT, layer_norm, 0.0)
    average = mix_of("average", LAYOUT, layer_norm, 0.0)
    np.testing.assert_allclose(embedded(learned, learned.trained(1)), embedded(average, {}), atol=1e-6)


def test_layer_norm_is_of_each_token_alone():
    mix = mix_of("layer1", LAYOUT, layer_norm=True, l2=0.0)
    found = embedded(mix, {})
    np.testing.assert_allclose(found.mean(axis=1), 0.0, atol=1e-6)
    np.testing.assert_allclose(found.std(axis=1), 1.0, atol=1e-5)
    np.testing.assert_array_equal(mix.read(ROWS[2:3])[0], mix.read(ROWS)[2])


def test_a_learned_mix_is_the_scaled_sum_of_each_replicate():
    mix = mix_of("learned", LAYOUT, layer_norm=False, l2=0.0)
    weights, scale = np.array([[0.3, -1.0, 2.0], [0.0, 0.0, 5.0]], np.float32), np.array([[1.5], [0.5]], np.float32)
    trained = {"mix/weights": ops.convert_to_tensor(weights), "mix/scale": ops.convert_to_tensor(scale)}
    inputs = {"layers": ops.convert_to_tensor(np.stack([ROWS, ROWS])[:, :, None].astype(np.float32))}
    found = ops.convert_to_numpy(mix(trained, {}, inputs))[:, :, 0]
    share = np.exp(weights) / np.exp(weights).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(found, np.einsum("rl,ltd->rtd", scale * share, layers()), atol=1e-5)
    logged = mix.learned(trained)
    np.testing.assert_allclose(np.stack([logged[f"mix/layer{n}"] for n in range(3)], axis=1), share, atol=1e-6)
    np.testing.assert_allclose(logged["mix/scale"], [1.5, 0.5])


def test_the_penalty_is_zero_at_equal_weights_and_each_replicates_own():
    mix = mix_of("learned", LAYOUT, layer_norm=False, l2=0.1)
    weights = ops.convert_to_tensor(np.array([[0.0, 0.0, 0.0], [1.0, -2.0, 0.5]], np.float32))
    arrays = {"mix/weights": weights, **mix.frozen(2)}
    np.testing.assert_allclose(ops.convert_to_numpy(mix.penalty(arrays)), [0.0, 0.525], rtol=1e-6)


def test_penalties_are_named_as_their_arrays():
    from seedbed.embeddings.elmo import Elmo
    from seedbed.embeddings.random import Random
    from seedbed.embeddings.stack import Stack

    stack = Stack({"words": Random(dim=3), "elmo": Elmo(mix_l2=0.2), "other": Elmo(mix="average")})
    assert penalties(stack) == {"elmo/mix/l2": 0.2}
    assert penalties(Elmo(mix_l2=0.3)) == {"mix/l2": 0.3}
    assert elementwise_keys({"embedding": stack}) == {"embedding.parts.elmo.mix_l2", "embedding.parts.other.mix_l2"}
