"""The network in training against the one that infers, and its gradients against others."""

import dataclasses

import numpy as np
import pytest
from keras import ops

from seedbed import backend
from seedbed.embeddings.bilm.network import recurrent
from seedbed.pretraining.characters import Characters
from seedbed.pretraining.evaluation import zero_state
from seedbed.pretraining.network import full_losses, recurrent_outputs, token_network

STEPS, STREAMS = 5, 3


@pytest.fixture(params=[3.0, 0.3, None], ids=["clips", "tight clips", "no clips"])
def architecture(small, request):
    return dataclasses.replace(small, cell_clip=request.param, projection_clip=request.param)


def given(architecture, seed=0, steps=STEPS):
    """Inputs, where rows begin anew, and a state."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((steps, 2, STREAMS, architecture.projection)).astype(np.float32)
    keep = (rng.random((steps, STREAMS, 1)) > 0.2).astype(np.float32)
    state = [0.2 * rng.standard_normal(part.shape) for part in zero_state(architecture, STREAMS)]
    return x, keep, tuple(part.astype(np.float32) for part in state)


def recurrent_ones(weights):
    return {name: array for name, array in weights.items() if name.startswith(("gates", "project_"))}


def by_inference(architecture, weights, x, keep, state):
    """Outputs ``[layers, T, 2, B, P]`` and the state by ``embeddings.bilm.network``."""
    layers, p = architecture.layers, architecture.projection
    carried = (ops.concatenate(list(state[::2]), axis=-1), *state[1::2])
    first = tuple(ops.zeros((2, 1, part.shape[-1])) for part in carried)
    after, outputs = recurrent(architecture)(weights, first, carried, x, ops.equal(keep[:, :, 0], 0.0))
    states = ops.split(after[0], layers, axis=-1)
    outputs = ops.stack([outputs[..., n * p : (n + 1) * p] for n in range(layers)])
    return outputs, [part for pair in zip(states, after[1:], strict=True) for part in pair]


def by_training(architecture, weights, x, keep, state, steps=STEPS):
    outputs, after = recurrent_outputs(architecture, steps, "float32")(weights, x, keep, state)
    return ops.stack([ops.stack(layer, axis=1) for layer in zip(*outputs, strict=True)]), after


def test_states_are_those_of_inference(architecture, weights):
    own = {name: ops.convert_to_tensor(array) for name, array in recurrent_ones(weights).items()}
    x, keep, state = (ops.convert_to_tensor(part) if not isinstance(part, tuple) else
                      tuple(map(ops.convert_to_tensor, part)) for part in given(architecture))  # fmt: skip
    wanted, after = by_inference(architecture, own, x, keep, state)
    found, last = by_training(architecture, own, x, keep, state)
    np.testing.assert_allclose(found, wanted, atol=1e-5)
    for one, other in zip(last, after, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)


@pytest.mark.slow
def test_gradients_are_those_of_the_inference_network_by_the_frameworks_own_rules(architecture, weights):
    x, keep, state = given(architecture)
    at = np.random.default_rng(2).standard_normal((2, STEPS, 2, STREAMS, architecture.projection)).astype(np.float32)

    def gradients(way):
        def loss(trained, keep, state):
            outputs, _ = way(architecture, trained, trained["x"], keep, state)
            return ops.sum(outputs * at), keep

        return backend.compiled(backend.value_and_gradient(loss))(recurrent_ones(weights) | {"x": x}, keep, state)[2]

    wanted, found = gradients(by_inference), gradients(by_training)
    for name in wanted:
        np.testing.assert_allclose(found[name], wanted[name], atol=2e-4, rtol=1e-3, err_msg=name)


def test_two_blocks_with_a_carried_state_are_one_long_block(architecture, weights):
    own = {name: ops.convert_to_tensor(array) for name, array in recurrent_ones(weights).items()}
    x, keep, state = given(architecture, steps=2 * STEPS)
    whole, after = by_training(architecture, own, x, keep, state, steps=2 * STEPS)
    first, between = by_training(architecture, own, x[:STEPS], keep[:STEPS], state)
    second, last = by_training(architecture, own, x[STEPS:], keep[STEPS:], between)
    np.testing.assert_allclose(ops.concatenate([first, second], axis=1), whole, atol=1e-5)
    for one, other in zip(last, after, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)


def test_dropout_takes_inputs_of_each_layer_and_the_last_output(small, weights):
    own = {name: ops.convert_to_tensor(array) for name, array in recurrent_ones(weights).items()}
    x, keep, state = given(small)
    run = recurrent_outputs(small, STEPS, "float32")
    kept = np.ones((small.layers + 1, STEPS, 2, STREAMS, small.projection), bool)
    plain, _ = run(own, x, keep, state)
    assert not np.allclose(plain[0][-1], 0)
    same, _ = run(own, x, keep, state, kept, 1.0)
    np.testing.assert_allclose(same[1][-1], plain[1][-1], atol=1e-6)
    for layer in range(small.layers + 1):
        masks = kept.copy()
        masks[layer] = False
        found, _ = run(own, x, keep, state, masks, 1.0)
        assert np.allclose(found[0][-1], 0) == (layer == small.layers)
        assert not np.allclose(found[0][-1], plain[0][-1])
    scaled, _ = run(own, x, keep, state, kept, 2.0)
    last, _ = run(own, 2 * x, keep, state, kept, 1.0)
    np.testing.assert_allclose(scaled[0][0], last[0][0], atol=1e-5)


@pytest.mark.slow
def test_gradients_of_all_weights_agree_with_finite_differences(small, weights):
    """Along a random direction of each array: words from characters, both layers, softmax."""
    weights = {name: array / 2 for name, array in weights.items()}  # milder: no gate near its end
    rng = np.random.default_rng(3)
    classes, rows = Characters(small.characters).classes(["<S>", "cat", "extraordinary", "in", "the", "überall"])
    tokens = rows[rng.integers(len(rows), size=(STEPS, 2, STREAMS))]
    targets = rng.integers(30, size=2 * STEPS * STREAMS).astype(np.int32)
    _, keep, state = given(small)
    words, states = token_network(small.characters, "float32"), recurrent_outputs(small, STEPS, "float32")

    def loss(trained, keep, state, classes, tokens, targets):
        x = ops.take(words(trained, classes), tokens, axis=0)
        outputs, _ = states(trained, x, keep, state)
        last = ops.concatenate([ops.reshape(own[-1], (-1, small.projection)) for own in outputs], axis=0)
        return ops.mean(full_losses(last, trained["softmax"], trained["softmax_bias"], targets, "float32")), keep

    rest = keep, state, classes, tokens, targets
    value = backend.compiled(lambda *all_: loss(*all_)[0])
    _, _, gradients = backend.compiled(backend.value_and_gradient(loss))(weights, *rest)
    for name, array in weights.items():
        gradient = np.asarray(gradients[name])
        direction = gradient / max(np.linalg.norm(gradient), 1e-12)
        assert np.linalg.norm(gradient) > 1e-5, name
        size = 3e-4 * np.linalg.norm(array) + 1e-3
        moved = (weights | {name: (array + sign * size * direction).astype(np.float32)} for sign in (1, -1))
        up, down = (float(np.asarray(value(own, *rest))) for own in moved)
        assert (up - down) / (2 * size) == pytest.approx(np.linalg.norm(gradient), rel=0.05, abs=5e-3), name
