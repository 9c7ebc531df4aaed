"""Optimizers on the replicate axis against those of Keras, one replicate at a time."""

import keras
import numpy as np
import pytest
from keras import ops

from seedbed.training.optimizers import Optimizer
from seedbed.training.settings import Training

RATE = 0.05


def gradients(steps, replicates=3):
    rng = np.random.default_rng(0)
    return [
        {
            "a": rng.normal(size=(replicates, 4, 2)).astype("float32"),
            "b": rng.normal(size=(replicates, 3)).astype("float32"),
        }
        for _ in range(steps)
    ]


def start():
    rng = np.random.default_rng(1)
    return {"a": rng.normal(size=(3, 4, 2)).astype("float32"), "b": rng.normal(size=(3, 3)).astype("float32")}


def run(settings, steps, active=None, part=None):
    """The weights after some steps; ``part``: that part of the state."""
    weights = {name: ops.convert_to_tensor(value) for name, value in start().items()}
    optimizer = Optimizer.from_settings(settings)
    state = optimizer.initial_state(weights)
    values = {"learning_rate": np.full(3, RATE, "float32"), **optimizer.values([settings] * 3)}
    for n, gradient in enumerate(gradients(steps)):
        gate = None if active is None else ops.convert_to_tensor(active[n])
        weights, state = optimizer.apply(weights, gradient, state, values, gate)
    return {name: ops.convert_to_numpy(value) for name, value in (state[part] if part else weights).items()}


def stock(optimizer, steps, replicate):
    variables = [keras.Variable(value[replicate]) for value in start().values()]
    for gradient in gradients(steps):
        optimizer.apply([ops.convert_to_tensor(value[replicate]) for value in gradient.values()], variables)
    return dict(zip(start(), (ops.convert_to_numpy(v + 0.0) for v in variables), strict=True))


@pytest.mark.parametrize(
    ("settings", "theirs"),
    [
        (Training(), lambda: keras.optimizers.Adam(RATE)),
        (Training(optimizer="adamw", weight_decay=0.1), lambda: keras.optimizers.AdamW(RATE, weight_decay=0.1)),
        (Training(optimizer="sgd"), lambda: keras.optimizers.SGD(RATE)),
        (Training(optimizer="sgd", momentum=0.9), lambda: keras.optimizers.SGD(RATE, momentum=0.9)),
        (Training(clip_norm=0.5), lambda: keras.optimizers.Adam(RATE, global_clipnorm=0.5)),
        (Training(clip_norm=0.5, clip_by="weight", optimizer="sgd"), lambda: keras.optimizers.SGD(RATE, clipnorm=0.5)),
        (Training(clip_value=0.3, optimizer="sgd"), lambda: keras.optimizers.SGD(RATE, clipvalue=0.3)),
        (Training(accumulate=2), lambda: keras.optimizers.Adam(RATE, gradient_accumulation_steps=2)),
        (
            Training(accumulate=3, optimizer="sgd", momentum=0.9),
            lambda: keras.optimizers.SGD(RATE, momentum=0.9, gradient_accumulation_steps=3),
        ),
        (Training(clip_norm=0.5, optimizer="sgd"), lambda: keras.optimizers.SGD(RATE, global_clipnorm=0.5)),
    ],
)
def test_each_replicate_moves_as_under_the_optimizer_of_keras(settings, theirs):
    ours = run(settings, 5)
    for replicate in range(3):
        for name, expected in stock(theirs(), 5, replicate).items():
            np.testing.assert_allclose(ours[name][replicate], expected, atol=1e-5)


@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
def test_a_replicate_without_examples_stays_as_it_is_and_counts_no_step(optimizer):
    settings = Training(optimizer=optimizer, momentum=0.9 if optimizer == "sgd" else 0.0)
    pauses = [np.array([True, n < 2, n != 3]) for n in range(5)]
    ours = run(settings, 5, active=pauses)
    shorter = run(settings, 2)
    always = run(settings, 5)
    for name in ours:
        np.testing.assert_array_equal(ours[name][1], shorter[name][1])
        np.testing.assert_array_equal(ours[name][0], always[name][0])
        assert (ours[name][2] != always[name][2]).any()


def test_batches_of_a_paused_replicate_do_not_count_among_those_of_a_step():
    settings = Training(accumulate=2)
    pauses = [np.array([True, n not in (1, 2), True]) for n in range(6)]
    given = gradients(6)
    ours = run(settings, 6, active=pauses)
    weights = {name: ops.convert_to_tensor(value[1:2]) for name, value in start().items()}
    optimizer = Optimizer.from_settings(settings)
    state = optimizer.initial_state(weights)
    for n in (0, 3, 4, 5):
        own = {name: value[1:2] for name, value in given[n].items()}
        weights, state = optimizer.apply(weights, own, state, {"learning_rate": np.full(1, RATE, "float32")})
    for name, value in weights.items():
        np.testing.assert_allclose(ours[name][1:2], ops.convert_to_numpy(value), atol=1e-6)


@pytest.mark.parametrize("decay", [0.4, 0.999])
def test_averages_of_weights_are_those_of_tensorflow(decay):
    """Its average of one variable after another; it takes the number of updates when it is made."""
    tf = pytest.importorskip("tensorflow")
    variables, number = [tf.Variable(value) for value in start().values()], tf.Variable(0)
    theirs = tf.train.ExponentialMovingAverage(decay, num_updates=number)
    theirs.apply(variables)  # makes the averages, from the initial values
    for gradient in gradients(7):
        number.assign_add(1)
        for variable, value in zip(variables, gradient.values(), strict=True):
            variable.assign_sub(RATE * value)
        theirs.apply(variables)
    ours = run(Training(optimizer="sgd", ema_decay=decay), 7, part="average")
    for name, variable in zip(ours, variables, strict=True):
        np.testing.assert_allclose(ours[name], theirs.average(variable).numpy(), atol=1e-6)
    steps = run(Training(optimizer="sgd"), 7)
    pauses = [np.array([True, n < 3, True]) for n in range(7)]
    paused = run(Training(optimizer="sgd", ema_decay=decay), 7, active=pauses, part="average")
    early = run(Training(optimizer="sgd", ema_decay=decay), 3, part="average")
    for name in ours:
        assert (ours[name] != steps[name]).any()
        np.testing.assert_array_equal(paused[name][1], early[name][1])


def test_moments_of_arrays_on_the_host_are_there_too():
    weights = {"a": start()["a"], "b": ops.convert_to_tensor(start()["b"])}
    state = Optimizer.from_settings(Training()).initial_state(weights)
    for part in ("first", "second"):
        assert isinstance(state[part]["a"], np.ndarray)
        assert not isinstance(state[part]["b"], np.ndarray)
        assert all(not np.asarray(array).any() for array in state[part].values())
    assert state["first"]["a"] is not state["second"]["a"]
