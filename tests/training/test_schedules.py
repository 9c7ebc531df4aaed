"""Learning rates against their formulas, and against the schedules of Keras."""

import keras
import pytest

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
