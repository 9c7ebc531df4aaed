"""What differs between the backends."""

import numpy as np
import pytest

from seedbed import backend


def test_exact_products_are_asked_for_while_the_function_runs_and_no_longer():
    if backend.name() != "tensorflow":
        pytest.skip("TensorFlow's setting")
    import tensorflow as tf

    state = tf.config.experimental.tensor_float_32_execution_enabled
    before, seen = state(), []

    def function(fail):
        seen.append(state())
        if fail:
            raise ValueError("in between")
        return "result"

    exact = backend.full_precision(function)
    assert exact(False) == "result"
    with pytest.raises(ValueError, match="in between"):
        exact(True)
    assert (seen, state()) == ([False, False], before)


def test_exact_products_are_the_products():
    rng = np.random.default_rng(0)
    x, y = (rng.normal(size=(8, 8)).astype(np.float32) for _ in range(2))
    exact = backend.full_precision(backend.compiled(lambda a, b: a @ b))
    np.testing.assert_allclose(np.asarray(exact(x, y)), x @ y, rtol=1e-5, atol=1e-5)
