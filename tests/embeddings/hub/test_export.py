"""A biLM that was exported: the vectors of its files in any company, and a folder written whole or not at all."""

import json
import resource

import h5py
import numpy as np
import pytest

from seedbed.embeddings.bilm.model import open_bilm
from seedbed.embeddings.hub import bilm_graph, export
from seedbed.embeddings.hub.hub_module import LAYERS, OUTPUTS
from seedbed.embeddings.hub.opening import open_module
from seedbed.embeddings.hub.saved_model import digest
from seedbed.errors import InputError

SENTENCES = [
    ["the", "cat", "sat", "on", "the", "mat"],
    [],
    ["Zürich", "y" * 60, "😀" * 13, "שלום", "the"],
    ["<S>", "</S>", "", "s"],
    ["word"] * 40,
    ["y" * 48, "y" * 49, "10\u00a0000"],
]


@pytest.fixture(scope="module")
def folder(random_bilm, tmp_path_factory):
    made = tmp_path_factory.mktemp("export") / "model"
    assert export.write_saved_model(*random_bilm, made)
    return made


@pytest.fixture(scope="module")
def loaded(folder):
    """By TensorFlow alone."""
    import tensorflow as tf

    return tf.saved_model.load(str(folder))


def call(loaded, sentences):
    """The outputs of the signature ``tokens`` for one padded batch."""
    import tensorflow as tf

    lengths = [len(sentence) for sentence in sentences]
    padded = [[word.encode() for word in own] + [b""] * (max(lengths) - len(own)) for own in sentences]
    tokens = tf.constant(padded, tf.string, [len(sentences), max(lengths)])
    found = loaded.signatures["tokens"](tokens=tokens, sequence_len=tf.constant(lengths, tf.int32))
    return {name: tensor.numpy() for name, tensor in found.items()}


def test_a_padded_batch_has_the_vectors_that_numpy_finds_in_the_weights(loaded, reference, random_bilm):
    found = call(loaded, SENTENCES)
    assert sorted(found) == sorted(OUTPUTS)
    for n, sentence in enumerate(SENTENCES):
        if "<S>" in sentence or not sentence:
            continue
        layers = reference.layers(*random_bilm, sentence)
        for name, wanted in zip(LAYERS, layers, strict=True):
            np.testing.assert_allclose(found[name][n, : len(sentence)], wanted, atol=1e-5)
        mean = (np.tile(layers[0], 2) + layers[1] + layers[2]) / 3
        np.testing.assert_allclose(found["elmo"][n, : len(sentence)], mean, atol=1e-5)
        np.testing.assert_allclose(found["default"][n], mean.mean(0), atol=1e-5)


def test_behind_a_sentence_are_zeros_and_the_empty_words_own_vector(loaded):
    found = call(loaded, SENTENCES)
    empty = call(loaded, [[""]])["word_emb"][0, 0]
    for n, sentence in enumerate(SENTENCES):
        assert not found["lstm_outputs1"][n, len(sentence) :].any()
        assert not found["lstm_outputs2"][n, len(sentence) :].any()
        np.testing.assert_allclose(found["word_emb"][n, len(sentence) :] - empty, 0, atol=1e-6)
    assert not found["default"][1].any()
    alone = call(loaded, [[]])
    assert [alone[name].shape for name in OUTPUTS] == [(1, 0, 6), (1, 0, 12), (1, 0, 12), (1, 0, 12), (1, 12)]
    assert not alone["default"].any()


def test_both_signatures_say_the_same(loaded):
    import tensorflow as tf

    sentences = [[word for word in sentence if word] for sentence in SENTENCES]
    lines = [f"  {'  '.join(sentence)} " for sentence in sentences]
    by_text = loaded.signatures["default"](tf.constant(lines))
    for name, wanted in call(loaded, sentences).items():
        np.testing.assert_allclose(by_text[name], wanted, atol=1e-6)


def test_no_state_goes_on_and_no_sentence_changes_another(loaded):
    first = call(loaded, SENTENCES)
    for n, sentence in enumerate(SENTENCES):
        alone = call(loaded, [sentence])
        for name in LAYERS:
            np.testing.assert_allclose(alone[name][0], first[name][n, : len(sentence)], atol=1e-6)
    np.testing.assert_array_equal(call(loaded, SENTENCES)["elmo"], first["elmo"])


def test_more_words_than_go_through_at_once(loaded):
    words = [f"w{n}" for n in range(2 * bilm_graph.WORDS + 7)]
    together = call(loaded, [words])["word_emb"][0]
    for n in (0, bilm_graph.WORDS, len(words) - 1):
        np.testing.assert_allclose(call(loaded, [[words[n]]])["word_emb"][0, 0], together[n], atol=1e-6)


@pytest.mark.parametrize("lengths", [[3], [-1]])
def test_a_length_that_cannot_be_is_refused(loaded, lengths):
    import tensorflow as tf

    with pytest.raises(tf.errors.InvalidArgumentError, match="sequence_len"):
        loaded.signatures["tokens"](tokens=tf.constant([["a", "b"]]), sequence_len=tf.constant(lengths))


@pytest.mark.slow
@pytest.mark.parametrize(
    "altered",
    [
        {},
        {"activation": "tanh", "clips": (None, None)},
        {"skip": False, "highways": 0},
        {"columns": 12, "highways": 2, "clips": (0.2, 0.1)},
        {"filters": ((1, 2), (3, 4)), "unprojected": True},
    ],
    ids=str,
)
def test_any_model_has_the_vectors_that_the_native_one_gives(bilm_files, tmp_path, altered):
    unprojected = altered.pop("unprojected", False)
    small = {"units": 12, "projection": 6, "filters": ((1, 3), (2, 4), (4, 5)), "dim": 3, "highways": 1}
    paths = bilm_files.write_bilm(tmp_path / "files", bilm_files.options(**{**small, **altered}), 3)
    if unprojected:
        with h5py.File(paths[1], "a") as file:
            del file["CNN_proj"]
    export.write_saved_model(*paths, tmp_path / "saved")
    native, hub = open_bilm(*paths), open_module(tmp_path / "saved")
    sentences = [sentence for sentence in SENTENCES if sentence]
    assert hub.layout == native.layout
    both = [dict(pair for batch in model.batches(sentences) for pair in zip(*batch, strict=True))
            for model in (native, hub)]  # fmt: skip
    for n in range(len(sentences)):
        np.testing.assert_allclose(both[0][n], both[1][n], atol=1e-5)


def test_weights_are_variables_in_float32_and_the_mix_is_even_and_may_be_trained(loaded, random_bilm, folder):
    assert loaded.weights["mix"].numpy().tolist() == [0, 0, 0]
    assert [name for name, variable in loaded.weights.items() if variable.trainable] == ["mix", "scale"]
    assert {variable.dtype.name for variable in loaded.weights.values()} == {"float32"}
    with h5py.File(random_bilm[1]) as file:
        wanted = file["CNN_proj/W_proj"][:]
    np.testing.assert_array_equal(loaded.weights["projection"].numpy(), wanted)
    assert wanted.tobytes() not in (folder / "saved_model.pb").read_bytes()


@pytest.mark.slow
def test_what_is_there_is_written_again_only_where_it_is_of_other_files_or_damaged(random_bilm, reference, tmp_path):
    folder = tmp_path / "new" / "model"
    assert export.write_saved_model(*random_bilm, folder)
    before = digest(folder)
    assert not export.write_saved_model(*random_bilm, folder)
    other = reference.write_random(tmp_path / "other", seed=1)
    assert export.write_saved_model(*other, folder)
    assert digest(folder) != before
    assert open_module(folder).rows([["a"]]).shape == (1, 1, 30)
    (folder / "variables" / "variables.index").unlink()
    assert export.write_saved_model(*other, folder)
    assert open_module(folder).rows([["a"]]).shape == (1, 1, 30)
    assert [path.name for path in folder.parent.iterdir()] == ["model"]


def test_a_folder_of_something_else_is_left_alone(random_bilm, folder, tmp_path, modules):
    for place, said in ((modules["tf2"], "no SavedModel that seedbed wrote"), (tmp_path / "file", "is a file")):
        if not place.exists():
            place.write_text("mine", encoding="utf-8")
        before = sorted(place.rglob("*"))
        with pytest.raises(InputError, match=said):
            export.write_saved_model(*random_bilm, place)
        assert sorted(place.rglob("*")) == before
    own = tmp_path / "own"
    export.write_saved_model(*random_bilm, own)
    (own / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match=r"notes\.txt is in it"):
        export.write_saved_model(*random_bilm, own)
    (tmp_path / "empty").mkdir()
    assert export.write_saved_model(*random_bilm, tmp_path / "empty")


@pytest.fixture
def full_disk():
    """No file may grow beyond 2,000 bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.slow
def test_what_cannot_be_written_leaves_nothing_and_the_old_one_stays(random_bilm, reference, tmp_path, request):
    old, other = tmp_path / "old", reference.write_random(tmp_path / "other", seed=1)
    export.write_saved_model(*random_bilm, old)
    before, there = digest(old), sorted(tmp_path.rglob("*"))
    request.getfixturevalue("full_disk")
    for place in (old, tmp_path / "new" / "deep" / "model"):
        with pytest.raises(InputError, match=f"{place}: cannot be written: ") as raised:
            export.write_saved_model(*other, place)
        assert "\n" not in str(raised.value)
        assert "{{" not in str(raised.value)
    assert sorted(tmp_path.rglob("*")) == there
    assert digest(old) == before


def test_models_that_the_format_cannot_hold(random_bilm, tmp_path):
    options = json.loads(random_bilm[0].read_text())
    one = tmp_path / "one.json"
    one.write_text(json.dumps({**options, "lstm": {**options["lstm"], "n_layers": 1}}))
    with pytest.raises(
        InputError, match=r"one\.json: lstm\.n_layers=1: the SavedModel of an ELMo has 2, lstm_outputs1"
    ):
        export.write_saved_model(one, random_bilm[1], tmp_path / "model")
    one.write_text(json.dumps({"lstm": options["lstm"]}))
    with pytest.raises(InputError, match="the key char_cnn is missing"):
        export.write_saved_model(one, random_bilm[1], tmp_path / "model")
    assert not (tmp_path / "model").exists()
