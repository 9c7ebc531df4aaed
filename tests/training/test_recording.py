"""Probabilities that are kept beside the answers: those of the network, and nothing else changes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.embeddings.random import Random
from seedbed.model.encoders import CNN, BiLSTM
from seedbed.model.network import Network
from seedbed.model.tasks import Classification, Tagging
from seedbed.training.batches import EncodedExamples, GroupData, collate
from seedbed.training.recording import Recording, first_examples, quantize
from seedbed.training.settings import Training

SETTINGS = Training(epochs=6, patience=1, batch_size=8, learning_rate=0.05)
ENCODERS = {"bilstm": BiLSTM(units=5, dropout=0.2), "cnn": CNN(filters=5, widths=[2])}


def watching(toy, replicates, number=4):
    """All that can be recorded, of toy draws."""
    return Recording(True, [toy.draw(replicate)["test"][:number] for replicate in replicates])


def by_example(arrays):
    ends = np.cumsum(arrays["lengths"])
    return {str(one): arrays["values"][..., end - length : end, :]
            for one, end, length in zip(arrays["ids"], ends, arrays["lengths"], strict=True)}  # fmt: skip


def network_says(toy, outcome, replicate, kind, task, encoder):
    """The softmax of each test example by the kept weights, one example at a time, without the training code."""
    from keras import ops

    corpus = toy.corpora[kind]
    encoded = EncodedExamples.from_corpus(corpus, [example.id for example in corpus])
    draws = [toy.draw(replicate)]
    features = Random(dim=6).features(encoded.examples, draws, [replicate])
    data = GroupData(encoded, features, draws, [replicate])
    network = Network(features.embed, features.width, encoder, task, len(corpus.labels), "float32")
    weights = {name: ops.convert_to_tensor(array[None]) for name, array in outcome.weights.items()}
    constants = {name: ops.convert_to_tensor(value)
                 for name, value in {**features.arrays.frozen, **features.arrays.shared}.items()}  # fmt: skip
    said = {}
    for position in toy.draw(replicate)["test"]:
        batch = collate(data, [0], [[position]], 1)
        logits = ops.convert_to_numpy(network.logits(weights, constants, batch))[0]
        logits = logits[: encoded.lengths[position], 0] if kind == "tagging" else logits[:1]
        shares = np.exp(logits - logits.max(-1, keepdims=True))
        said[encoded.examples[position].id] = shares / shares.sum(-1, keepdims=True)
    return said


@pytest.mark.slow
@pytest.mark.parametrize("encoder", ENCODERS.values(), ids=list(ENCODERS))
def test_what_is_kept_of_the_test_split_is_the_softmax_of_the_kept_weights(toy, encoder):
    (outcome,) = toy.outcomes(encoder, Tagging(), SETTINGS, [3], recording=Recording(True))
    arrays = outcome.recorded["probabilities"]
    assert set(outcome.recorded) == {"probabilities"}
    assert arrays["values"].dtype == np.uint8
    assert arrays["labels"].tolist() == ["O", "B-x"]
    assert arrays["ids"].tolist() == [one.id for one in outcome.predictions]
    assert arrays["lengths"].tolist() == [len(one.gold) for one in outcome.predictions]
    kept = by_example(arrays)
    for name, shares in network_says(toy, outcome, 3, "tagging", Tagging(), encoder).items():
        np.testing.assert_allclose(kept[name] / 255, shares, atol=0.5 / 255 + 1e-4)


def test_the_likeliest_tags_are_those_predicted(toy):
    (outcome,) = toy.outcomes(ENCODERS["cnn"], Tagging(), SETTINGS, [0], recording=Recording(True))
    kept = by_example(outcome.recorded["probabilities"])
    labels = outcome.recorded["probabilities"]["labels"]
    for one in outcome.predictions:
        assert one.predicted == tuple(labels[kept[one.id].argmax(axis=-1)])


@pytest.mark.parametrize("kind", ["tagging", "classification"])
def test_a_replicate_records_alone_what_it_records_in_a_group(toy, kind):
    task = Tagging() if kind == "tagging" else Classification()
    group = toy.outcomes(ENCODERS["cnn"], task, SETTINGS, [0, 1, 2, 7], recording=watching(toy, [0, 1, 2, 7]))
    for place, replicate in ((1, 1), (3, 7)):
        (alone,) = toy.outcomes(ENCODERS["cnn"], task, SETTINGS, [replicate], recording=watching(toy, [replicate]))
        assert alone.recorded.keys() == group[place].recorded.keys()
        for name, arrays in alone.recorded.items():
            other = group[place].recorded[name]
            assert arrays["ids"].tolist() == other["ids"].tolist()
            assert np.abs(arrays["values"].astype(int) - other["values"]).max() <= 1


@pytest.mark.parametrize("kind", ["tagging", "classification"])
def test_every_epoch_of_what_is_watched_is_kept_and_none_after_the_replicate_has_stopped(toy, kind):
    task = Tagging() if kind == "tagging" else Classification()
    replicates = list(range(5))
    outcomes = toy.outcomes(ENCODERS["cnn"], task, SETTINGS, replicates, recording=watching(toy, replicates))
    assert len({outcome.epochs for outcome in outcomes}) > 1
    for replicate, outcome in zip(replicates, outcomes, strict=True):
        arrays = outcome.recorded["epochs"]
        tokens = sum(len(toy.corpora[kind].splits["train"][n].tokens) for n in toy.draw(replicate)["test"][:4])
        assert arrays["values"].shape == (outcome.epochs, tokens if kind == "tagging" else 4, 2)
        assert arrays["ids"].tolist() == [f"train/{n}" for n in toy.draw(replicate)["test"][:4]]


def test_the_kept_epoch_of_what_is_watched_is_what_is_kept_at_the_end(toy):
    (outcome,) = toy.outcomes(ENCODERS["bilstm"], Tagging(), SETTINGS, [0], recording=watching(toy, [0]))
    watched, final = (by_example(outcome.recorded[name]) for name in ("epochs", "probabilities"))
    for name, values in watched.items():
        assert np.abs(values[outcome.best_epoch - 1].astype(int) - final[name]).max() <= 1
    assert any((values[0] != values[-1]).any() for values in watched.values())


def test_classes_watched_at_the_last_epoch_are_those_predicted(toy):
    settings = Training(epochs=3, patience=None, keep="last", batch_size=8)
    (outcome,) = toy.outcomes(ENCODERS["cnn"], Classification(), settings, [0], recording=watching(toy, [0]))
    assert set(outcome.recorded) == {"epochs"}  # the predictions have the probabilities of classes
    said = {one.id: one.probabilities for one in outcome.predictions}
    for name, values in by_example(outcome.recorded["epochs"]).items():
        np.testing.assert_allclose(values[-1, 0] / 255, said[name], atol=0.5 / 255 + 1e-4)


def test_recording_changes_no_result_and_is_off_unless_asked_for(toy):
    plain = toy.outcomes(ENCODERS["bilstm"], Tagging(), SETTINGS, [0, 1])
    recorded = toy.outcomes(ENCODERS["bilstm"], Tagging(), SETTINGS, [0, 1], recording=watching(toy, [0, 1]))
    for one, other in zip(plain, recorded, strict=True):
        assert one == other
        assert not one.recorded
        assert other.recorded


@given(st.sets(st.integers(0, 30)), st.permutations(range(31)), st.integers(0, 40))
def test_the_first_examples_are_the_first_of_the_corpus_whatever_the_order_of_the_draw(ids, order, number):
    drawn = [str(one) for one in order if one in ids]
    expected = [str(one) for one in sorted(ids)][:number]
    assert first_examples((str(one) for one in range(31)), drawn, number) == expected


@given(st.lists(st.floats(0, 1, width=32), min_size=1))
def test_a_byte_is_within_half_a_255th(values):
    shares = np.array(values, np.float32)
    assert np.abs(quantize(shares) / 255 - shares).max() <= 0.5 / 255 + 1e-6


def test_what_is_no_number_becomes_zero():
    assert quantize(np.array([np.nan, 0.5, 1.0])).tolist() == [0, 128, 255]
