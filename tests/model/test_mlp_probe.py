"""The probe with a hidden layer against stock Keras layers, and what it learns."""

import numpy as np
import pytest
from keras import layers, ops

from seedbed.embeddings.random import Random
from seedbed.model.mlp_probe import MLPProbe
from seedbed.model.tasks import Tagging
from seedbed.model.weights import initialize
from seedbed.testing.samples import train_samples
from seedbed.training.settings import Training

R, T, B, D = 2, 5, 3, 4
REAL = (np.arange(T)[:, None] < np.array([5, 3, 1])).astype(np.float32)[None, ..., None].repeat(R, 0)
X = np.random.default_rng(0).normal(size=(R, T, B, D)).astype(np.float32) * REAL


def encoded(encoder, per_token, x=X):
    weights = {name: ops.convert_to_tensor(array) for name, array in initialize(encoder.weights(D), range(R)).items()}
    y = encoder.encode(weights, ops.convert_to_tensor(x), ops.convert_to_tensor(REAL), {}, per_token)
    return {name: ops.convert_to_numpy(array) for name, array in weights.items()}, ops.convert_to_numpy(y)


@pytest.mark.parametrize("pooling", ["mean", "first", "mean_max"])
def test_each_token_has_a_keras_layer_of_its_vector_as_a_text_of_one_token_has(pooling):
    weights, y = encoded(MLPProbe(pooling, hidden=6), per_token=True)
    assert y.shape == (R, T, B, 6)
    for r in range(R):
        layer = layers.Dense(6, activation="relu")
        rows = np.tile(X[r], 2 if pooling == "mean_max" else 1)
        layer.build(rows.shape)
        layer.set_weights([weights["mlp/kernel"][r], weights["mlp/bias"][r]])
        np.testing.assert_allclose(y[r], ops.convert_to_numpy(layer(rows)), atol=1e-6)
    _, texts = encoded(MLPProbe(pooling, hidden=6), per_token=False, x=X[:, :1] * np.ones((1, T, 1, 1), np.float32))
    np.testing.assert_allclose(texts[:, 2], y[:, 0, 2], atol=1e-6)


def test_without_a_hidden_layer_tokens_are_as_they_are():
    np.testing.assert_array_equal(encoded(MLPProbe(hidden=0), per_token=True)[1], X)


def test_it_learns_to_tag():
    settings = Training(epochs=12, patience=None, batch_size=8, learning_rate=0.02)
    for outcome in train_samples(MLPProbe(hidden=16), Tagging(), [0, 1], Random(dim=24), settings):
        losses = outcome.history["validation/loss"]
        assert losses[-1] < 0.6 * losses[0]
        assert outcome.metrics["test/f1"] > 0.9
