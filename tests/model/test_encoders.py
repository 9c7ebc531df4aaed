"""Encoders against stock Keras layers that hold the same weights."""

import keras
import numpy as np
import pytest
from keras import layers, ops

from seedbed.errors import InputError
from seedbed.model.encoders import CNN, BiLSTM, Pool, ResidualBiLSTM
from seedbed.model.weights import initialize

R, T, B, D = 3, 7, 4, 5
LENGTHS = np.array([[7, 3, 1, 5], [2, 7, 6, 4], [1, 1, 7, 2]], np.int32)


@pytest.fixture
def batch():
    rng = np.random.default_rng(1)
    real = (np.arange(T)[None, :, None] < LENGTHS[:, None, :]).astype(np.float32)[..., None]
    return rng.normal(size=(R, T, B, D)).astype(np.float32) * real, real


def encoded(encoder, x, real, per_token):
    weights = initialize(encoder.weights(D), range(R))
    weights = {name: ops.convert_to_tensor(value) for name, value in weights.items()}
    return weights, ops.convert_to_numpy(
        encoder.encode(weights, ops.convert_to_tensor(x), ops.convert_to_tensor(real), {}, per_token)
    )


def stock_bilstm(weights, prefix, r, sequences, x, length):
    """A Keras BiLSTM with the weights of replicate r, on one example without any padding."""
    kernel, recurrent, bias = (
        ops.convert_to_numpy(weights[f"{prefix}/{part}"])[r] for part in ("kernel", "recurrent", "bias")
    )
    layer = layers.Bidirectional(layers.LSTM(recurrent.shape[1], return_sequences=sequences))
    layer.build((1, length, x.shape[-1]))
    layer.set_weights([kernel[0], recurrent[0], bias[0], kernel[1], recurrent[1], bias[1]])
    return ops.convert_to_numpy(layer(x[None, :length]))[0]


def each_example():
    return [(r, b, int(LENGTHS[r, b])) for r in range(R) for b in range(B)]


def test_bilstm_gives_what_stock_keras_layers_give_on_unpadded_examples(batch):
    x, real = batch
    weights, y = encoded(BiLSTM(units=6), x, real, per_token=True)
    for r, b, length in each_example():
        expected = stock_bilstm(weights, "lstm0", r, True, x[r, :, b], length)
        np.testing.assert_allclose(y[r, :length, b], expected, atol=2e-6)
        assert not y[r, length:, b].any()


def test_bilstm_with_last_pooling_is_a_keras_bilstm_that_returns_its_last_states(batch):
    x, real = batch
    weights, y = encoded(BiLSTM(units=6, pooling="last"), x, real, per_token=False)
    for r, b, length in each_example():
        np.testing.assert_allclose(y[r, b], stock_bilstm(weights, "lstm0", r, False, x[r, :, b], length), atol=2e-6)


@pytest.mark.parametrize(("pooling", "reduce"), [("max", np.max), ("mean", np.mean)])
def test_pooling_of_a_bilstm_is_over_real_tokens_only(batch, pooling, reduce):
    x, real = batch
    weights, y = encoded(BiLSTM(units=6, pooling=pooling), x, real, per_token=False)
    for r, b, length in each_example():
        expected = reduce(stock_bilstm(weights, "lstm0", r, True, x[r, :, b], length), axis=0)
        np.testing.assert_allclose(y[r, b], expected, atol=2e-6)


def test_residual_bilstm_is_the_sum_of_two_stacked_keras_bilstms(batch):
    x, real = batch
    weights, y = encoded(ResidualBiLSTM(units=6), x, real, per_token=True)
    for r, b, length in each_example():
        first = stock_bilstm(weights, "lstm0", r, True, x[r, :, b], length)
        second = stock_bilstm(weights, "lstm1", r, True, first, length)
        np.testing.assert_allclose(y[r, :length, b], first + second, atol=2e-6)


@pytest.mark.parametrize("widths", [[1], [2], [3], [3, 4, 5]])
@pytest.mark.parametrize("per_token", [True, False])
def test_cnn_is_same_padded_keras_convolutions_side_by_side(batch, widths, per_token):
    x, real = batch
    encoder = CNN(filters=6, widths=widths)
    weights, y = encoded(encoder, x, real, per_token)
    for r, b, length in each_example():
        maps = []
        for width in widths:
            layer = layers.Conv1D(6, width, padding="same", activation="relu")
            layer.build((1, length, D))
            layer.set_weights([ops.convert_to_numpy(weights[f"conv{width}/{part}"])[r] for part in ("kernel", "bias")])
            maps.append(ops.convert_to_numpy(layer(x[None, r, :length, b]))[0])
        expected = np.concatenate(maps, axis=-1)
        if per_token:
            np.testing.assert_allclose(y[r, :length, b], expected, atol=2e-6)
        else:
            np.testing.assert_allclose(y[r, b], layers.GlobalMaxPooling1D()(expected[None])[0], atol=2e-6)


def test_pool_is_mean_and_maximum_of_the_real_vectors(batch):
    x, real = batch
    _, y = encoded(Pool(), x, real, per_token=False)
    for r, b, length in each_example():
        tokens = x[r, :length, b]
        np.testing.assert_allclose(y[r, b], np.concatenate([tokens.mean(axis=0), tokens.max(axis=0)]), atol=1e-6)


def test_recurrent_dropout_masks_the_state_of_each_direction_as_keras_does(batch):
    x, real = batch
    units = 6
    encoder = BiLSTM(units=units)
    weights = {name: ops.convert_to_tensor(v) for name, v in initialize(encoder.weights(D), range(R)).items()}
    mask = np.random.default_rng(2).integers(0, 2, (R, B, 2 * units)).astype(np.float32) * 2
    y = encoder.encode(weights, ops.convert_to_tensor(x), ops.convert_to_tensor(real), {"state0": mask}, True)
    for r, b, length in each_example():
        # Masking the state before the gates is the same as masking the rows of the recurrent kernel.
        own = {name: ops.convert_to_numpy(v).copy() for name, v in weights.items()}
        own["lstm0/recurrent"][r] *= mask[r, b].reshape(2, units)[:, :, None]
        expected = stock_bilstm(own, "lstm0", r, True, x[r, :, b], length)
        np.testing.assert_allclose(ops.convert_to_numpy(y)[r, :length, b], expected, atol=2e-6)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: BiLSTM(units=0), "encoder.units=0"),
        (lambda: BiLSTM(dropout=1.0), "encoder.dropout=1.0"),
        (lambda: BiLSTM(pooling="sum"), "encoder.pooling=sum"),
        (lambda: CNN(widths=[]), "encoder.widths=[]"),
        (lambda: CNN(widths=[3, 3]), "different widths"),
        (lambda: Pool(dropout=-0.1), "encoder.dropout=-0.1"),
    ],
)
def test_impossible_settings_are_refused_by_name(make, said):
    with pytest.raises(InputError) as refused:
        make()
    assert said in str(refused.value)


def test_the_initial_weights_have_the_spread_that_keras_gives():
    encoder = CNN(filters=64, widths=[3])
    ours = initialize(encoder.weights(50), [0])["conv3/kernel"][0]
    theirs = np.asarray(keras.initializers.GlorotUniform(seed=1)((3, 50, 64)))
    assert abs(ours).max() == pytest.approx(abs(theirs).max(), rel=0.01)
    recurrent = initialize(BiLSTM(units=8).weights(5), [0])["lstm0/recurrent"][0]
    for direction in recurrent:
        np.testing.assert_allclose(direction @ direction.T, np.eye(8), atol=1e-5)
