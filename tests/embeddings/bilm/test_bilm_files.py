"""Options and weights that cannot be: each is refused in one line that says what and where."""

import json
import os
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest
from tests.refusals import refusal

import seedbed
from seedbed.embeddings.bilm import precision
from seedbed.embeddings.bilm.model import open_bilm
from seedbed.embeddings.bilm.options import read_options
from seedbed.embeddings.layers import Layout
from seedbed.errors import InputError

CELL = "RNN_1/RNN/MultiRNNCell/Cell1/LSTMCell"


def refused(files, said):
    return refusal(open_bilm, *files, match=said)


def test_options_say_the_layout_without_weights(write_bilm):
    options, weights = write_bilm(layers=3)
    weights.unlink()
    assert read_options(options).layout == Layout((6, 12, 12, 12))


@pytest.mark.parametrize("n_characters", [261, 262, None])
def test_either_number_of_characters_is_taken(write_bilm, n_characters):
    options, weights = write_bilm()
    given = json.loads(options.read_text())
    given["char_cnn"]["n_characters"] = n_characters
    if n_characters is None:
        del given["char_cnn"]["n_characters"]
    options.write_text(json.dumps(given))
    assert open_bilm(options, weights).layout == read_options(options).layout


@pytest.mark.parametrize(
    ("keys", "value", "said"),
    [
        (("lstm", "dim"), 0, "lstm.dim=0: must be a whole number from 1 to 1,048,576"),
        (("lstm", "dim"), True, "lstm.dim=true: must be a whole number"),
        (("lstm", "n_layers"), 1.5, "lstm.n_layers=1.5: must be"),
        (("lstm", "projection_dim"), "a", 'lstm.projection_dim="a": must be'),
        (("lstm", "cell_clip"), -3, "lstm.cell_clip=-3: must be a number above 0, or null for none"),
        (("lstm", "use_skip_connections"), 1, "lstm.use_skip_connections=1: must be true or false"),
        (("char_cnn", "activation"), "gelu", 'char_cnn.activation="gelu": must be relu or tanh'),
        (("char_cnn", "filters"), [], r"char_cnn.filters=\[\]: must be a list of"),
        (("char_cnn", "filters"), [[1, 2], [0, 3]], "char_cnn.filters=.*: must be a list of"),
        (("char_cnn", "n_characters"), 300, "char_cnn.n_characters=300: must be 261 or 262"),
        (("char_cnn", "n_highway"), -1, "char_cnn.n_highway=-1: must be a whole number from 0 to 1,000"),
        (("char_cnn", "max_characters_per_token"), 3, "char_cnn.max_characters_per_token=3: must be at least 4"),
        (("char_cnn", "embedding", "dim"), None, "char_cnn.embedding.dim=null: must be a whole number"),
        (("char_cnn", "embedding"), 4, "char_cnn.embedding. must be an object"),
        (("lstm",), [], "lstm. must be an object"),
    ],
)
def test_wrong_values_of_options_are_named(write_bilm, keys, value, said):
    files = write_bilm()
    given = json.loads(files[0].read_text())
    node = given
    for key in keys[:-1]:
        node = node[key]
    node[keys[-1]] = value
    files[0].write_text(json.dumps(given))
    assert str(files[0]) in refused(files, said)


@pytest.mark.parametrize(
    "keys",
    [
        ("lstm",),
        ("lstm", "dim"),
        ("lstm", "projection_dim"),
        ("char_cnn", "filters"),
        ("char_cnn", "activation"),
        ("char_cnn", "max_characters_per_token"),
        ("char_cnn", "embedding"),
        ("char_cnn", "embedding", "dim"),
    ],
)
def test_missing_keys_of_options_are_named(write_bilm, keys):
    files = write_bilm()
    given = json.loads(files[0].read_text())
    node = given
    for key in keys[:-1]:
        node = node[key]
    del node[keys[-1]]
    files[0].write_text(json.dumps(given))
    assert refused(files, f"the key {'.'.join(keys)} is missing")


@pytest.mark.parametrize("text", ["", "{", "[1]", "\xff", "[" * 100_000, " " * (2 << 20)], ids=lambda text: text[:3])
def test_options_that_are_no_json_object_are_refused(write_bilm, text):
    files = write_bilm()
    files[0].write_bytes(text.encode("latin-1"))
    expected = "not JSON|not read: JSON that is nested too deep|more than 1.0 MB|the options must be an object"
    assert refused(files, f"options.json: ({expected})")


def test_missing_files_are_named(write_bilm, tmp_path):
    options, weights = write_bilm()
    assert refused((tmp_path / "none.json", weights), "none.json: there is no such file")
    assert refused((options, tmp_path / "none.hdf5"), "none.hdf5: there is no such file")
    assert refused((options, tmp_path), "it is a folder")


def test_a_pipe_is_refused_unopened(write_bilm, tmp_path):
    options, weights = write_bilm()
    os.mkfifo(tmp_path / "pipe")
    assert refused((tmp_path / "pipe", weights), "pipe: cannot be read: it is a pipe")
    assert refused((options, tmp_path / "pipe"), "pipe: cannot be read: it is a pipe")
    with pytest.raises(InputError, match="pipe: cannot be read: it is a pipe"):
        open_bilm(options, weights, token_embeddings=weights, vocabulary=tmp_path / "pipe")


def test_options_without_characters_need_token_embeddings(write_bilm):
    files = write_bilm()
    given = json.loads(files[0].read_text())
    del given["char_cnn"]
    files[0].write_text(json.dumps(given))
    assert refused(files, "the key char_cnn is missing, so token embeddings and a vocabulary are needed")


@pytest.mark.parametrize("share", [0.0, 0.02, 0.3, 0.5, 0.9, 0.999])
def test_half_a_file_is_refused(write_bilm, share):
    files = write_bilm()
    whole = files[1].read_bytes()
    files[1].write_bytes(whole[: int(share * len(whole))])
    assert str(files[1]) in refused(files, "cut short or damaged|not an hdf5 file|damaged|has no dataset")


def test_another_kind_of_file_is_refused(write_bilm):
    files = write_bilm()
    files[1].write_text("word 0.1 0.2\n" * 1000)
    assert refused(files, "not an hdf5 file")


@pytest.mark.parametrize(
    ("altered", "said"),
    [
        ({"dim": 4}, "char_embed: 3 dimensions of a character, the options say 4"),
        ({"filters": ((1, 3), (2, 7), (4, 5))}, "CNN/W_cnn_1: 4 filters, the options say 7"),
        ({"filters": ((1, 3), (3, 4), (4, 5))}, "CNN/W_cnn_1: 2 characters wide, the options say 3"),
        ({"filters": ((1, 3), (2, 4))}, "has CNN/W_cnn_2, the options say 2 widths of filters"),
        ({"filters": ((1, 3), (2, 4), (4, 5), (5, 1))}, "has no dataset CNN/W_cnn_3"),
        ({"highways": 2}, "has no dataset CNN_high_1/W_carry"),
        ({"highways": 0}, "has CNN_high_0, the options say 0 highways"),
        ({"projection": 5}, "CNN_proj/W_proj: 6 dimensions of a word, the options say 5"),
        ({"units": 13}, r"Cell0/LSTMCell/W_0: 48 columns of gates \(4 x lstm.dim\), the options say 52"),
        ({"layers": 3}, "has no dataset RNN_0/RNN/MultiRNNCell/Cell2/LSTMCell/W_0"),
        ({"layers": 1}, "has RNN_0/RNN/MultiRNNCell/Cell1, the options say 1 layers"),
    ],
)
def test_options_that_do_not_match_the_weights_say_which_dimension(write_bilm, altered, said):
    _, weights = write_bilm()
    options, _ = write_bilm(folder="other", **altered)
    assert refused((options, weights), said).startswith(f"{weights}: ")


@pytest.mark.parametrize(
    ("name", "values", "said"),
    [
        (f"{CELL}/B", np.zeros(47), f"{CELL}/B: 47 columns of gates"),
        (f"{CELL}/W_P_0", np.full((12, 6), np.inf), f"{CELL}/W_P_0 holds values that are not finite"),
        ("CNN/b_cnn_0", np.full(3, np.nan), "CNN/b_cnn_0 holds values that are not finite"),
        ("char_embed", np.zeros((262, 3)), "char_embed: 262 characters, the options say 261"),
        ("CNN_proj/b_proj", np.zeros((6, 1)), "CNN_proj/b_proj has 2 dimensions, not 1"),
        ("CNN_high_0/b_carry", np.zeros(12, np.int32), "CNN_high_0/b_carry holds int32, not floating-point"),
    ],
)
def test_wrong_arrays_are_named(write_bilm, name, values, said):
    files = write_bilm()
    with h5py.File(files[1], "a") as file:
        del file[name]
        file[name] = values
    assert refused(files, said)


def test_numbers_of_a_type_that_numpy_lacks_are_refused(write_bilm):
    files, kind = write_bilm(), h5py.h5t.IEEE_F32LE.copy()
    kind.set_ebias(2**31 - 1)
    with h5py.File(files[1], "a") as file:
        del file["CNN/b_cnn_0"]
        h5py.h5d.create(file["CNN"].id, b"b_cnn_0", kind, h5py.h5s.create_simple((3,)))
    assert refused(files, "CNN/b_cnn_0 cannot be read, the file is damaged: Insufficient precision")


@pytest.mark.parametrize("name", ["char_embed", "CNN", "CNN_proj/W_proj", f"{CELL}/W_P_0", "RNN_0"])
def test_missing_arrays_are_named(write_bilm, name):
    files = write_bilm()
    with h5py.File(files[1], "a") as file:
        del file[name]
    assert refused(files, f"has no dataset {name}")


def test_precision_is_one_of_three_and_auto_asks_the_processor(monkeypatch, tmp_path):
    assert precision.resolve_precision("float32") == "float32"
    assert precision.resolve_precision("bfloat16") == "bfloat16"
    with pytest.raises(InputError, match="precision=half: must be one of float32, bfloat16, auto"):
        precision.resolve_precision("half")
    monkeypatch.setattr(precision.devices, "has_gpu", lambda: False)
    monkeypatch.setattr(precision.backend, "name", lambda: "tensorflow")
    monkeypatch.setattr(precision, "CPU", tmp_path / "cpuinfo")
    assert precision.resolve_precision("auto") == "float32"
    (tmp_path / "cpuinfo").write_text("flags : fpu avx512_bf16 sse\n")
    assert precision.resolve_precision("auto") == "bfloat16"
    monkeypatch.setattr(precision.backend, "name", lambda: "jax")
    assert precision.resolve_precision("auto") == "float32"
    monkeypatch.setattr(precision.devices, "has_gpu", lambda: True)
    assert precision.resolve_precision("auto") == "bfloat16"


@pytest.mark.slow
@pytest.mark.skipif(os.environ.get("KERAS_BACKEND", "tensorflow") != "tensorflow", reason="of TensorFlow alone")
def test_precision_auto_starts_no_device():
    # A device that runs can be set up no more: on a GPU, choosing one would fail behind it.
    code = """
import tensorflow as tf
from seedbed.embeddings.bilm.precision import resolve_precision
resolve_precision("auto")
cpu, two = tf.config.list_physical_devices("CPU")[0], [tf.config.LogicalDeviceConfiguration()] * 2
tf.config.set_logical_device_configuration(cpu, two)
assert len(tf.config.list_logical_devices("CPU")) == 2
"""
    env = os.environ | {"PYTHONPATH": str(Path(seedbed.__file__).parents[1])}
    ran = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
