"""What differs between the backends."""

import numpy as np
import pytest
from tests.refusals import refusal

from seedbed import backend
from seedbed.backends import refuse_unknown_backend


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


@pytest.mark.parametrize("chosen", ["foo", "torch", "TensorFlow"])
def test_an_unknown_backend_is_refused_before_keras_is_imported(chosen, monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", chosen)
    line = refusal(refuse_unknown_backend)
    assert line == f"KERAS_BACKEND={chosen}: seedbed runs on tensorflow or jax"


def test_a_backend_that_is_not_installed_is_named_with_its_extra(monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    monkeypatch.setattr("seedbed.backends.find_spec", lambda name: None)
    assert refusal(refuse_unknown_backend) == "KERAS_BACKEND=jax: is not installed: pip install 'seedbed[jax]'"
