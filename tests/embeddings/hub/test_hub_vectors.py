"""The vectors of a module: those of its weights, whatever stands beside a sentence."""

import json

import h5py
import numpy as np
import pytest

from seedbed.embeddings.bilm.model import open_bilm
from seedbed.embeddings.hub.hub_module import LAYERS, OUTPUTS
from seedbed.embeddings.hub.opening import open_module
from seedbed.embeddings.layers import Layout
from seedbed.errors import InputError

FORMATS = ("tf1", "tf1_resource", "tf2")
SIGNATURES = ("tokens", "default")


@pytest.fixture(scope="module", params=[(f, s) for f in FORMATS for s in SIGNATURES], ids="-".join)
def module(request, modules):
    return open_module(modules[request.param[0]], request.param[1])


@pytest.fixture(scope="module")
def tokens_module(modules):
    return open_module(modules["tf1"])


def in_order(module, sentences):
    rows = dict(pair for batch in module.batches(sentences) for pair in zip(*batch, strict=True))
    return [rows[n] for n in range(len(sentences))]


@pytest.mark.slow
def test_layers_are_those_of_the_weights(module, expected):
    assert module.layout == Layout((6, 12, 12))
    for rows, layers in zip(in_order(module, expected.sentences), expected.layers, strict=True):
        assert rows.dtype == np.float32
        for own, wanted in zip(module.layout.split(rows), layers, strict=True):
            np.testing.assert_allclose(own, wanted, atol=1e-5)


@pytest.mark.slow
def test_five_outputs_of_padded_sentences(module, expected):
    outputs = module.outputs(expected.sentences)
    assert tuple(outputs) == OUTPUTS
    for n, sentence in enumerate(expected.sentences):
        real = [outputs[name][n, : len(sentence)] for name in (*LAYERS, "elmo")]
        for own, wanted in zip(real, [*expected.layers[n], expected.mixed[n]], strict=True):
            np.testing.assert_allclose(own, wanted, atol=1e-5)
        np.testing.assert_allclose(outputs["default"][n], expected.means[n], atol=1e-5)


def test_a_sentence_has_the_same_vectors_in_any_company(tokens_module, expected):
    alone = [in_order(tokens_module, [sentence])[0] for sentence in expected.sentences]
    rng = np.random.default_rng(0)
    for size in (3, 7, 20):
        chosen = rng.integers(0, len(alone), size)
        for n, rows in zip(chosen, in_order(tokens_module, [expected.sentences[n] for n in chosen]), strict=True):
            np.testing.assert_allclose(rows, alone[n], atol=1e-6)


def test_a_call_has_no_padding_and_few_tokens(tokens_module, monkeypatch):
    calls = []
    run = tokens_module._run
    monkeypatch.setattr(tokens_module, "_run", lambda sentences: calls.append(sentences) or run(sentences))
    sentences = [["word"] * length for length in (2, 7, 2, 700, 700, 7) * 30]
    seen = [n for positions, _ in tokens_module.batches(sentences) for n in positions]
    assert sorted(seen) == list(range(len(sentences)))
    assert all(len({len(sentence) for sentence in call}) == 1 for call in calls)
    assert max(sum(map(len, call)) for call in calls) <= 2048
    assert len(calls) == 32, "the 60 long ones two by two, the others by their lengths"


def test_rows_are_the_callers_to_keep(tokens_module):
    first = in_order(tokens_module, [["a", "b"]])[0]
    before = first.copy()
    first += 1
    np.testing.assert_array_equal(in_order(tokens_module, [["a", "b"]])[0], before)


def test_default_splits_at_spaces_so_no_token_may_hold_one(modules):
    module = open_module(modules["tf1"], "default")
    for token in ("New York", "tab\t", "", "\ud800"):
        with pytest.raises(InputError, match=r"embedding\.signature=default splits at spaces"):
            list(module.batches([["in", token]]))


def test_no_break_space_is_no_space(modules):
    sentence = ["10\u00a0000", "Euro"]
    by_tokens, by_text = (in_order(open_module(modules["tf1"], name), [sentence])[0] for name in SIGNATURES)
    np.testing.assert_allclose(by_tokens, by_text, atol=1e-6)


def test_no_carried_state(tokens_module):
    with pytest.raises(InputError, match=r"embedding\.state=carried"):
        tokens_module.carried([["a"]])


@pytest.fixture(scope="module")
def tiny(export, data_root, tmp_path_factory):
    """The real weights of tiny size: their folder, and what opens of them as a TF1 module."""
    folder = data_root / "elmo-tiny" / "model"
    if not folder.is_dir():
        pytest.skip("no elmo-tiny in SEEDBED_DATA")
    path = tmp_path_factory.mktemp("tiny") / "module"
    return folder, open_module(export.export_tf1_module(folder / "options.json", folder / "lm_weights.hdf5", path))


def test_tiny_module_gives_the_published_arrays(tiny):
    folder, module = tiny
    lists = json.loads((folder / "lm_embeddings_sentences.json").read_text())
    firsts = [sentences[0].split() for sentences in lists]
    for n, rows in enumerate(in_order(module, firsts)):
        with h5py.File(folder / f"lm_embeddings_{n}.hdf5") as file:
            wanted = np.concatenate(list(file["0"][:]), -1)
        np.testing.assert_allclose(module.layout.split(rows)[-1], wanted, atol=1e-5)


def test_tiny_module_gives_the_layers_of_the_native_bilm(tiny):
    folder, module = tiny
    native = open_bilm(folder / "options.json", folder / "lm_weights.hdf5")
    lists = json.loads((folder / "lm_embeddings_sentences.json").read_text())
    sentences = [sentence.split() for sentences in lists for sentence in sentences]
    assert module.layout == native.layout
    for ours, theirs in zip(in_order(module, sentences), in_order(native, sentences), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-5)
