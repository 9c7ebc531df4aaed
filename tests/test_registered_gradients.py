"""TensorFlow's registry of gradients is as before after a trace, also after one that failed."""

import pytest

from seedbed.registered_gradients import unregistered_gradients


@pytest.mark.parametrize("fails", [False, True])
def test_no_gradient_of_a_trace_stays_registered(fails):
    tf = pytest.importorskip("tensorflow")
    from tensorflow.python.framework.ops import gradient_registry

    @tf.custom_gradient
    def doubled(x):
        return 2 * x, lambda upstream: 2 * upstream

    def function(x):
        y = doubled(x)
        if fails:
            raise ValueError("a fault")
        return y

    before = set(gradient_registry._registry)
    try:
        with unregistered_gradients():
            tf.function(function, autograph=False).get_concrete_function(tf.TensorSpec([3]))
    except ValueError:
        assert fails
    assert set(gradient_registry._registry) == before
