"""Learning rates against their formulas, and against the schedules of Keras."""

from types import SimpleNamespace

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.training.evaluation import Evaluation
from seedbed.training.replicate import Replicate
from seedbed.training.schedules import rate
from seedbed.training.settings import Training


def test_a_constant_rate_stays():
    assert {rate(Training(learning_rate=0.3), step, step // 4, 40) for step in range(40)} == {0.3}


def test_sqrt2_halves_the_rate_every_second_epoch():
    settings = Training(learning_rate=0.005, schedule="sqrt2")
    assert [rate(settings, 0, epoch, 9) for epoch in (0, 2, 4)] == pytest.approx([0.005, 0.0025, 0.00125])


def test_exponential_is_that_of_keras_with_a_staircase():
    settings = Training(schedule="exponential", decay=0.9)
    theirs = keras.optimizers.schedules.ExponentialDecay(0.001, decay_steps=7, decay_rate=0.9, staircase=True)
    for step in range(30):
        assert rate(settings, step, step // 7, 70) == pytest.approx(float(theirs(step)), rel=1e-6)


def test_inverse_time_is_that_of_keras():
    settings = Training(schedule="inverse_time", decay=0.001)
    theirs = keras.optimizers.schedules.InverseTimeDecay(0.001, decay_steps=1, decay_rate=0.001)
    for step in (0, 1, 10, 1000):
        assert rate(settings, step, 0, 0) == pytest.approx(float(theirs(step)), rel=1e-6)


def test_warmup_rises_in_a_line_and_falls_in_a_line_to_zero():
    settings = Training(learning_rate=1.0, schedule="warmup", warmup_steps=4)
    rates = [rate(settings, step, 0, 12) for step in range(13)]
    assert rates[:4] == pytest.approx([0.25, 0.5, 0.75, 1.0])
    assert rates[4:] == pytest.approx([1.0, 0.875, 0.75, 0.625, 0.5, 0.375, 0.25, 0.125, 0.0])


@given(
    losses=st.lists(st.sampled_from([0.5, 1.0, 1.5, 2.0, 4.0]), min_size=1, max_size=25), patience=st.integers(1, 4),
    factor=st.sampled_from([0.1, 0.5]),
)  # fmt: skip
def test_a_plateau_is_that_of_keras_without_a_least_difference(losses, patience, factor):
    settings = Training(schedule="plateau", decay=factor, plateau_patience=patience, patience=None, epochs=99)
    callback = keras.callbacks.ReduceLROnPlateau(factor=factor, patience=patience, min_delta=0.0)
    callback.set_model(SimpleNamespace(optimizer=SimpleNamespace(learning_rate=settings.learning_rate)))
    callback.on_train_begin()
    rng = np.random.default_rng(0)
    replicate = Replicate(0, {}, rng, rng)
    for epoch, loss in enumerate(losses):
        replicate.end_epoch(1.0, {"validation": Evaluation(loss, {}, [], (), None)}, settings, "accuracy")
        callback.on_epoch_end(epoch, {"val_loss": loss})
        assert replicate.rate(settings, epoch) == pytest.approx(float(callback.model.optimizer.learning_rate), rel=1e-5)


def test_a_step_of_several_batches_is_one_step_of_a_schedule():
    settings = Training(schedule="inverse_time", decay=0.5, accumulate=3, learning_rate=1.0)
    rng = np.random.default_rng(0)
    rates = [Replicate(0, {}, rng, rng, steps=batches).rate(settings, 0) for batches in range(7)]
    assert rates == pytest.approx([1.0, 1.0, 1.0, 1 / 1.5, 1 / 1.5, 1 / 1.5, 0.5])
