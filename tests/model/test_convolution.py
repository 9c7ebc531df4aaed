"""The convolution with its maximum, against the plain convolution and automatic differentiation."""

import numpy as np
import pytest
from keras import ops

from seedbed.backend import value_and_gradient
from seedbed.model.convolution import convolve, max_convolution
from seedbed.model.pooling import max_pool
from seedbed.training.batches import pack

R, T, B, D, F = 3, 9, 4, 5, 6
LENGTHS = np.array([[9, 3, 1, 5], [2, 7, 6, 4], [1, 1, 9, 0]], np.int32)
"""The last text is absent."""


def batch(size, filters=F):
    rng = np.random.default_rng(size + filters)
    mask = (np.arange(T)[None, :, None] < LENGTHS[:, None]).astype(np.float32)[..., None]
    x = rng.normal(size=(R, T, B, D)).astype(np.float32) * mask
    kernel = rng.normal(size=(R, size, D, filters)).astype(np.float32)
    return x, kernel, mask, rng.normal(size=(R, B, filters)).astype(np.float32)


def gradients(function, x, kernel, weight):
    """The value of ``sum(weight * function(x, kernel))`` and its gradients."""

    def loss(arrays):
        y = function(arrays["x"], arrays["kernel"])
        return ops.sum(y * weight), y

    arrays = {"x": ops.convert_to_tensor(x), "kernel": ops.convert_to_tensor(kernel)}
    _, y, by_name = value_and_gradient(loss)(arrays)
    return [ops.convert_to_numpy(value) for value in (y, by_name["kernel"], by_name["x"])]


@pytest.mark.parametrize("filters", [3, 6])
@pytest.mark.parametrize("size", [1, 2, 3, 4, 7, 12])
def test_value_and_gradients_are_those_of_convolution_and_maximum(size, filters):
    x, kernel, mask, weight = batch(size, filters)
    weight[2, 3] = 0.0  # an absent example
    expected = gradients(lambda x, k: max_pool(convolve(x, k, size), mask), x, kernel, weight)
    actual = gradients(lambda x, k: max_convolution(x, k, size, mask), x, kernel, weight)
    for wanted, got in zip(expected, actual, strict=True):
        np.testing.assert_allclose(got[..., :3, :], wanted[..., :3, :], atol=2e-5)


@pytest.mark.parametrize("filters", [3, 6])
@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_packed_texts_have_the_values_and_gradients_of_padded_ones(size, filters):
    x, kernel, mask, weight = batch(size, filters)
    weight[2, 3] = 0.0
    number = np.arange(1, R * T * B + 1, dtype=np.int32).reshape(R, T, B) * (mask[..., 0] > 0)
    inputs, packed = pack({"ids": number.astype(np.int32)}, LENGTHS, max(1, size // 2))
    table = np.concatenate([np.zeros((1, D), np.float32), x.reshape(-1, D)])
    dense = gradients(lambda x, k: max_convolution(x, k, size, mask), x, kernel, weight)
    flat = gradients(
        lambda x, k: max_convolution(x * packed["mask"], k, size, mask, ops.convert_to_tensor(packed["places"])),
        table[inputs["ids"]], kernel, weight,
    )  # fmt: skip
    np.testing.assert_allclose(flat[0][:, :3], dense[0][:, :3], atol=2e-5)
    np.testing.assert_allclose(flat[1], dense[1], atol=2e-5)
    by_token = np.zeros((R * T * B + 1, D), np.float32)
    np.add.at(by_token, inputs["ids"].reshape(-1), flat[2].reshape(-1, D))
    np.testing.assert_allclose(by_token[1:].reshape(R, T, B, D) * mask, dense[2] * mask, atol=2e-5)


def test_packing_puts_each_token_once_and_padding_between_texts():
    ids = np.arange(1, T * B + 1, dtype=np.int32).reshape(1, T, B) * (np.arange(T)[None, :, None] < LENGTHS[:1, None])
    inputs, packed = pack({"ids": ids.astype(np.int32)}, LENGTHS[:1], 2)
    row = inputs["ids"][0, :, 0]
    texts = [ids[0, :length, b].tolist() for b, length in enumerate(LENGTHS[0])]
    flat = [0, 0]
    for text in texts:
        flat += [*text, 0, 0]
    assert row.tolist() == flat
    np.testing.assert_array_equal(packed["mask"][0, :, 0, 0], (row > 0).astype(np.float32))
    places = packed["places"][0]
    for b, text in enumerate(texts):
        assert row[places[: len(text), b]].tolist() == text
        assert set(places[len(text) :, b].tolist()) <= {places[0, b]}


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("lengths", [[[2, 0, 0, 0]], [[0, 0, 0, 0]], [[0, 3, 0, 0]]])
def test_absent_texts_are_in_range_and_change_nothing(size, lengths):
    lengths = np.array(lengths, np.int32)
    mask = (np.arange(4)[None, :, None] < lengths[:, None]).astype(np.float32)[..., None]
    inputs, packed = pack({"ids": np.ones((1, 4, 4), np.int32) * (mask[..., 0] > 0)}, lengths, max(1, size // 2))
    x = np.ones((2, D), np.float32)[inputs["ids"]] * packed["mask"]
    kernel = np.ones((1, size, D, F), np.float32)
    y = ops.convert_to_numpy(max_convolution(x, kernel, size, mask, ops.convert_to_tensor(packed["places"])))
    dense = ops.convert_to_numpy(max_convolution(np.ones((1, 4, 4, D), np.float32) * mask, kernel, size, mask))
    np.testing.assert_allclose(y[lengths > 0], dense[lengths > 0])
    assert (y[lengths == 0] < -1e8).all()
