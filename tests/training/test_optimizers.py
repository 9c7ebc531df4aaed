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


def run(settings, steps, active=None):
    weights = {name: ops.convert_to_tensor(value) for name, value in start().items()}
    optimizer = Optimizer.from_settings(settings)
    state = optimizer.initial_state(weights)
    values = {"learning_rate": np.full(3, RATE, "float32"), **optimizer.values([settings] * 3)}
    for n, gradient in enumerate(gradients(steps)):
        gate = None if active is None else ops.convert_to_tensor(active[n])
        weights, state = optimizer.apply(weights, gradient, state, values, gate)
    return {name: ops.convert_to_numpy(value) for name, value in weights.items()}


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
