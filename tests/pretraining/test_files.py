"""A model in files: opened for inference, and read to go on."""

import h5py
import numpy as np
import pytest
from keras import ops

from seedbed.embeddings.bilm.model import open_bilm
from seedbed.errors import InputError
from seedbed.pretraining import files, vocabulary
from seedbed.pretraining.characters import Characters
from seedbed.pretraining.evaluation import zero_state
from seedbed.pretraining.initial_weights import draw_weights
from seedbed.pretraining.network import recurrent_outputs, token_network
from seedbed.pretraining.sizes import SIZES, architecture_of, options_of

SENTENCES = [["the", "cat", "sat", "on", "a", "mat"], ["Grüße", "incomprehensibilities", "😀", "w", "of", "."]]
"""Of equal length, so that they are two streams of one block."""


@pytest.fixture
def model(tmp_path, small, weights):
    vocabulary.write(tmp_path / files.VOCABULARY, ["<S>", "</S>", "<UNK>", *(f"w{n}" for n in range(27))])
    files.write(tmp_path, small, weights, "float32")
    return tmp_path


def test_a_model_in_files_gives_the_vectors_that_it_had_in_training(model, small, weights):
    forward = [["<S>", *sentence] for sentence in SENTENCES]
    backward = [["</S>", *sentence[::-1]] for sentence in SENTENCES]
    types = sorted({word for sentence in forward + backward for word in sentence})
    classes, rows = Characters(small.characters).classes(types)
    tokens = np.array([[[rows[types.index(word)] for word in step] for step in zip(*side, strict=True)]
                       for side in (forward, backward)]).transpose(1, 0, 2)  # fmt: skip
    steps = len(tokens)
    placed = {name: ops.convert_to_tensor(array) for name, array in weights.items()}
    x = ops.take(token_network(small.characters, "float32")(placed, classes), tokens, axis=0)
    keep = np.ones((steps, len(SENTENCES), 1), np.float32)
    outputs, _ = recurrent_outputs(small, steps, "float32")(placed, x, keep, zero_state(small, len(SENTENCES)))
    bilm = open_bilm(model / files.OPTIONS, model / files.WEIGHTS)
    for positions, arrays in bilm.batches(SENTENCES):
        for n, found in zip(positions, arrays, strict=True):
            wanted = [x[1:, 0, n]]
            for layer in range(small.layers):
                wanted += [outputs[0][layer][1:, n], ops.flip(outputs[1][layer][1:, n], axis=0)]
            np.testing.assert_allclose(found, np.concatenate([np.asarray(part) for part in wanted], axis=1), atol=2e-5)


def test_what_is_written_is_read_back(model, weights):
    words = vocabulary.read(model / files.VOCABULARY)
    found = files.read(model, words, {name: np.zeros_like(array) for name, array in weights.items()})
    assert found.keys() == weights.keys()
    for name, array in weights.items():
        np.testing.assert_allclose(found[name], array, atol=1e-6, err_msg=name)


def test_words_that_the_model_knows_keep_their_rows_and_others_begin_anew(model, small, weights):
    words = ["<S>", "</S>", "<UNK>", "new", "w26", "w0"]
    fresh = draw_weights(small, len(words), 5)
    found = files.read(model, words, fresh)
    np.testing.assert_allclose(found["softmax"][[0, 1, 2, 4, 5]], weights["softmax"][[0, 1, 2, 29, 3]])
    np.testing.assert_array_equal(found["softmax"][3], fresh["softmax"][3])
    (model / files.SOFTMAX).unlink()
    np.testing.assert_array_equal(files.read(model, words, fresh)["softmax"], fresh["softmax"])


@pytest.mark.parametrize("stopped", [files.OPTIONS, files.WEIGHTS, files.SOFTMAX])
def test_a_write_that_was_stopped_leaves_no_softmax_of_other_weights(model, small, weights, monkeypatch, stopped):
    words = vocabulary.read(model / files.VOCABULARY)
    fresh = draw_weights(small, len(words), 5)
    write = files.write_whole

    def until(path, content):
        if path.name == stopped:
            raise KeyboardInterrupt
        write(path, content)

    monkeypatch.setattr(files, "write_whole", until)
    with pytest.raises(KeyboardInterrupt):
        files.write(model, small, {name: 2 * array for name, array in weights.items()}, "float32")
    assert files.has_softmax(model) == (stopped != files.SOFTMAX)
    wanted = weights if files.has_softmax(model) else fresh
    found = files.read(model, words, fresh)
    np.testing.assert_allclose(found["softmax"], wanted["softmax"], atol=1e-6)
    np.testing.assert_allclose(found["softmax_bias"], wanted["softmax_bias"], atol=1e-6)


def test_a_softmax_of_another_vocabulary_is_not_read(model):
    assert files.has_softmax(model)
    vocabulary.write(model / files.VOCABULARY, ["<S>", "</S>", "<UNK>", *(f"v{n}" for n in range(27))])
    assert not files.has_softmax(model)


def test_weights_of_another_shape_than_the_options_are_refused(model, small, weights):
    import dataclasses

    files.write(model / "other", dataclasses.replace(small, units=20), draw_weights(
        dataclasses.replace(small, units=20), 30, 0), "float32")  # fmt: skip
    (model / files.WEIGHTS).write_bytes((model / "other" / files.WEIGHTS).read_bytes())
    with pytest.raises(InputError, match=r"columns of gates|lstm.dim"):
        files.read(model, vocabulary.read(model / files.VOCABULARY), weights)


def test_the_small_size_has_fewer_than_ten_megabytes_in_float16(tmp_path):
    architecture = architecture_of("small")
    made = draw_weights(architecture, 10, 0)
    files.write(tmp_path, architecture, made, "float16")
    assert (tmp_path / files.WEIGHTS).stat().st_size < 10e6
    with h5py.File(tmp_path / files.WEIGHTS) as file:
        assert file["CNN_proj/W_proj"].dtype == np.float16


def test_sizes_are_as_the_published_ones():
    original = options_of(SIZES["original"])
    assert original["lstm"] == {"use_skip_connections": True, "projection_dim": 512, "cell_clip": 3.0, "proj_clip": 3.0,
                                "dim": 4096, "n_layers": 2}  # fmt: skip
    assert original["char_cnn"]["filters"] == [[1, 32], [2, 32], [3, 64], [4, 128], [5, 256], [6, 512], [7, 1024]]
    assert original["char_cnn"]["n_highway"] == 2


def test_a_size_that_is_not_there_is_refused():
    with pytest.raises(InputError, match="size=huge: choose tiny, small"):
        architecture_of("huge")
