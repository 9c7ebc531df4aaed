"""Losses of a network against those of Keras."""

import keras
import numpy as np
import pytest

from seedbed.model.network import binary_cross_entropy


@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_the_loss_of_each_label_is_that_of_keras(smoothing):
    rng = np.random.default_rng(1)
    logits = rng.normal(0, 8, (2, 5, 3)).astype(np.float32)
    gold = rng.integers(0, 2, logits.shape).astype(np.int32)
    shares = np.array([smoothing, 0.0], np.float32)
    losses = keras.ops.convert_to_numpy(binary_cross_entropy(logits, gold, shares))
    for own, of_logits, targets, share in zip(losses, logits, gold, shares, strict=True):
        loss = keras.losses.BinaryCrossentropy(from_logits=True, label_smoothing=float(share), reduction=None)
        expected = keras.ops.convert_to_numpy(loss(targets.astype(np.float32), of_logits))
        np.testing.assert_allclose(own.mean(axis=-1), expected, rtol=1e-5)
