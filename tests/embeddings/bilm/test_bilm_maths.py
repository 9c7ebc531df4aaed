"""The biLM against bilm-tf's own expected arrays, and against plain float64 NumPy on random small ones."""

import json
import os

import h5py
import numpy as np
import pytest

from seedbed.embeddings.bilm.model import open_bilm


@pytest.fixture(scope="module")
def tiny(data_root):
    folder = data_root / "elmo-tiny" / "model"
    if not folder.is_dir():
        pytest.skip(f"{folder} is not there")
    model = open_bilm(folder / "options.json", folder / "lm_weights.hdf5")
    lists = json.loads((folder / "lm_embeddings_sentences.json").read_text(encoding="utf-8"))
    expected = []
    for n in range(len(lists)):
        with h5py.File(folder / f"lm_embeddings_{n}.hdf5") as file:
            expected.append([np.concatenate(np.asarray(file[str(s)]), axis=-1) for s in range(len(file))])
    return model, [[sentence.split() for sentence in one] for one in lists], expected


def test_every_sentence_of_the_tiny_model_is_as_expected_when_states_are_carried(tiny):
    model, lists, expected = tiny
    assert [len(one) for one in lists] == [10, 10, 10]
    worst = 0.0
    for sentences, arrays in zip(lists, expected, strict=True):
        for sentence, rows, wanted in zip(sentences, model.carried(sentences), arrays, strict=True):
            assert rows.shape == (len(sentence), model.layout.total)
            worst = max(worst, np.abs(model.layout.layers(rows)[2] - wanted).max())
    assert worst < 1e-5


def test_the_first_sentence_of_each_list_is_as_expected_from_a_fresh_state(tiny, rows):
    model, lists, expected = tiny
    found = rows(model, [one[0] for one in lists])
    for own, arrays in zip(found, expected, strict=True):
        np.testing.assert_allclose(model.layout.layers(own)[2], arrays[0], atol=1e-5)


SIZES = [
    {},
    {"skip": False},
    {"activation": "tanh", "highways": 2},
    {"highways": 0, "layers": 1},
    {"layers": 3, "filters": ((3, 4),)},
    {"layers": 3, "skip": False, "columns": 30},
    {"clips": (0.3, 0.2)},
    {"clips": (None, None), "projection": 12},
    {"filters": ((7, 5), (1, 2)), "columns": 7},
]


@pytest.mark.slow
@pytest.mark.parametrize("altered", SIZES, ids=str)
def test_any_architecture_agrees_with_plain_numpy(write_bilm, sentences, rows, brute, altered):
    files = write_bilm(seed=SIZES.index(altered), **altered)
    options = json.loads(files[0].read_text())
    model, reference = open_bilm(*files), brute(options, files[1])
    wanted = [reference.fresh(sentence) for sentence in sentences]
    for own, one in zip(rows(model, sentences), wanted, strict=True):
        assert own.dtype == np.float32
        np.testing.assert_allclose(own, one, atol=2e-5)
    if altered.get("clips") == (0.3, 0.2):
        top = np.concatenate(wanted)[:, -12:]
        assert (np.abs(np.concatenate(wanted)[:, 6:18]) >= 0.2 - 1e-9).mean() > 0.05
        assert np.abs(top).max() > 0.2  # the skip connection is added after the clip


DEFAULTS = {"cell_clip": None, "proj_clip": None, "use_skip_connections": False, "n_layers": 1}
"""What bilm-tf computes where a key is missing: bilm/training.py of 7cffee2, lines 334, 356, 357 and 359."""


@pytest.mark.slow
@pytest.mark.parametrize("missing", [[key] for key in DEFAULTS] + [[*DEFAULTS]], ids="-".join)
def test_options_that_lack_keys_compute_what_bilm_tf_does(write_bilm, sentences, rows, brute, caplog, missing):
    options, weights = write_bilm(clips=(0.3, 0.2), layers=2)
    given = json.loads(options.read_text())
    whole = rows(open_bilm(options, weights), sentences[:1])[0]
    for key in missing:
        del given["lstm"][key]
    options.write_text(json.dumps(given))
    found = rows(open_bilm(options, weights), sentences)
    reference = brute(given | {"lstm": DEFAULTS | given["lstm"]}, weights)
    for own, sentence in zip(found, sentences, strict=True):
        np.testing.assert_allclose(own, reference.fresh(sentence), atol=2e-5)
    assert whole.shape != found[0].shape or np.abs(whole - found[0]).max() > 0.01
    warned = "has more layers, of which the first is read: the options have no lstm.n_layers" in caplog.text
    assert warned == ("n_layers" in missing)


def test_options_without_highways_have_none(write_bilm, sentences, rows):
    options, weights = write_bilm(highways=0, layers=1)
    wanted = rows(open_bilm(options, weights), sentences)
    given = json.loads(options.read_text())
    del given["char_cnn"]["n_highway"], given["lstm"]["n_layers"]
    options.write_text(json.dumps(given))
    for own, one in zip(rows(open_bilm(options, weights), sentences), wanted, strict=True):
        np.testing.assert_array_equal(own, one)


def test_carried_states_go_through_markers_and_past_empty_sentences(write_bilm, sentences, brute):
    files = write_bilm()
    reference = brute(json.loads(files[0].read_text()), files[1])
    given = [[], *sentences[:3], [], *sentences[3:]]
    found = list(open_bilm(*files).carried(given))
    for sentence, own in zip(given, found, strict=True):
        if sentence:
            np.testing.assert_allclose(own, reference.rows(sentence), atol=2e-5)
        else:
            assert own.shape == (0, 6 + 4 * 6)
    assert not list(open_bilm(*files).carried([]))


def test_a_sentence_over_many_blocks_agrees_with_plain_numpy(write_bilm, rows, brute):
    rng = np.random.default_rng(0)
    words = [f"w{n}" for n in range(40)]
    long = [words[n] for n in rng.integers(0, 40, 300)]
    files = write_bilm()
    model, reference = open_bilm(*files), brute(json.loads(files[0].read_text()), files[1])
    found = rows(model, [["a", "b"], long, ["c"]])
    np.testing.assert_allclose(found[1], reference.fresh(long), atol=2e-5)
    np.testing.assert_allclose(found[2], reference.fresh(["c"]), atol=2e-5)


def test_one_highway_less_projection_is_taken_where_sizes_agree(write_bilm, rows, brute):
    files = write_bilm(projection=12)  # 3 + 4 + 5 filters
    with h5py.File(files[1], "a") as file:
        del file["CNN_proj"]
        file["CNN_proj/W_proj"], file["CNN_proj/b_proj"] = np.eye(12), np.zeros(12)
    reference = brute(json.loads(files[0].read_text()), files[1])
    with h5py.File(files[1], "a") as file:
        del file["CNN_proj"]
    (found,) = rows(open_bilm(*files), [["some", "words"]])
    np.testing.assert_allclose(found, reference.fresh(["some", "words"]), atol=2e-5)


def test_bfloat16_stays_close_to_float32(write_bilm, sentences, rows):
    files = write_bilm(units=64, projection=32, scale=1.0)
    exact, rough = (np.concatenate(rows(open_bilm(*files, precision=p), sentences)) for p in ("float32", "bfloat16"))
    layout = open_bilm(*files).layout
    assert not np.array_equal(exact, rough)
    for a, b in zip(layout.split(exact), layout.split(rough), strict=True):
        cosine = (a * b).sum(axis=1) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1)
        assert cosine.min() > 0.999


def test_the_backend_in_use_is_the_one_that_was_asked_for():
    from seedbed import backend

    assert backend.name() == os.environ.get("KERAS_BACKEND", "tensorflow")
