"""Convolutions of draws that several members read, against those of each member on its own copy."""

import numpy as np
import pytest
from keras import ops

from seedbed.backend import value_and_gradient
from seedbed.model.convolution import convolve, max_convolution
from seedbed.model.readers import Readers
from seedbed.model.shared_convolution import convolve_shared, max_convolution_shared
from seedbed.training.batches import pack
from seedbed.training.sources import Sources

D, F, B, T = 5, 4, 3, 11
LENGTHS = np.array([[11, 3, 0], [2, 9, 1]], np.int32)
SOURCE = np.array([0, 1, 1, 0, 1], np.int32)


@pytest.fixture(scope="module")
def readers():
    return Readers.of(Sources((0, 1), SOURCE).arrays)


def texts(width):
    """Vectors of two draws, the kernels of five members that read them, and what is real."""
    rng = np.random.default_rng(width)
    real = (np.arange(T)[None, :, None] < LENGTHS[:, None]).astype(np.float32)[..., None]
    x = rng.normal(size=(2, T, B, D)).astype(np.float32) * real
    return x, rng.normal(size=(len(SOURCE), width, D, F)).astype(np.float32), real


def packed(x, width):
    """The texts one after the other, and their places, as batches have them."""
    ids = np.arange(1, x.size // D + 1, dtype=np.int32).reshape(x.shape[:3])
    rows = np.concatenate([np.zeros((1, D), np.float32), x.reshape(-1, D)])
    inputs, where = pack({"ids": ids}, LENGTHS, max(1, width // 2))
    return rows[inputs["ids"]] * where["mask"], where["places"]


@pytest.mark.parametrize("width", [1, 2, 3, 4])
def test_each_member_gets_the_convolution_of_its_draw(readers, width):
    x, kernel, _ = texts(width)
    shared = convolve_shared(ops.convert_to_tensor(x), ops.convert_to_tensor(kernel), width, readers)
    np.testing.assert_allclose(shared, convolve(x[SOURCE], kernel, width), atol=1e-5)


@pytest.mark.parametrize("is_packed", [False, True], ids=["padded", "packed"])
@pytest.mark.parametrize("width", [1, 2, 3])
def test_maxima_and_gradients_are_those_of_each_member(readers, width, is_packed):
    x, kernel, real = texts(width)
    weight = np.random.default_rng(9).normal(size=(len(SOURCE), B, F)).astype(np.float32) * real[SOURCE, 0]

    def loss(kernels, shared):
        vectors, places = packed(x, width) if is_packed else (x, None)
        if shared:
            y = max_convolution_shared(
                ops.convert_to_tensor(vectors), kernels["k"], width, ops.convert_to_tensor(real), readers, places
            )
        else:
            own = None if places is None else places[SOURCE]
            y = max_convolution(
                ops.convert_to_tensor(vectors[SOURCE]), kernels["k"], width, ops.convert_to_tensor(real[SOURCE]), own
            )
        return ops.sum(y * weight), y

    kernels = {"k": ops.convert_to_tensor(kernel)}
    (_, y, gradient), (_, expected, of_each) = (value_and_gradient(loss)(kernels, shared) for shared in (True, False))
    np.testing.assert_allclose(y, expected, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(gradient["k"], of_each["k"], atol=1e-5)
