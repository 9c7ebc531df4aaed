"""Taggers on sentences that are longer than ``task.window``."""

import dataclasses

import numpy as np
import pytest
from keras import ops

from seedbed.data.corpus import Corpus, Example
from seedbed.data.tags import to_iob2
from seedbed.embeddings.random import Random
from seedbed.errors import InputError
from seedbed.model.encoders import CNN
from seedbed.model.network import Network
from seedbed.model.tasks import Classification, Tagging, decoding_of
from seedbed.testing.samples import sample_corpus
from seedbed.training.batches import EncodedExamples, GroupData
from seedbed.training.group import Group
from seedbed.training.long_sentences import with_windows
from seedbed.training.programs import evaluation_program
from seedbed.training.settings import Training
from seedbed.training.sources import Sources
from seedbed.training.step_outputs import step_outputs
from seedbed.training.train import train
from seedbed.training.trees import on_device

LABELS = ("O", "B-x", "B-y", "I-x")
LENGTHS = [3, 70, 9, 41, 5, 16, 17, 8, 7, 6]
WINDOW = 16
SETTINGS = Training(epochs=3, patience=None, batch_size=4, learning_rate=0.05)
TASKS = {
    "softmax": Tagging(),
    "bilou": Tagging(scheme="bilou"),
    "constrained": Tagging(decoder="constrained"),
    "crf": Tagging(decoder="crf"),
    "crf_bilou": Tagging(decoder="crf", scheme="bilou"),
    "crf_free": Tagging(decoder="crf", constraints="none"),
}


def long_corpus():
    """Sentences with entities of up to four tokens; three have more tokens than a window."""
    rng, examples = np.random.default_rng(3), []
    for number, length in enumerate(LENGTHS):
        tags: list[str] = []
        while len(tags) < length:
            tags += ["B-x", *["I-x"] * rng.integers(0, 4)] if rng.random() < 0.5 else ["O", "B-y"]
        tags = tags[:length]
        tokens = tuple(f"{tag}{rng.integers(0, 3)}" for tag in tags)
        examples.append(Example(f"train/{number}", tokens, tuple(tags)))
    return Corpus("long", "tagging", {"train": tuple(examples)}, LABELS)


CORPUS = long_corpus()
DRAWS = [
    {"train": [0, 1, 2, 3, 8], "validation": [4, 5, 6], "test": [7, 9, 6, 1]},
    {"train": [9, 3, 2], "validation": [6, 1], "test": [1, 3, 6, 0]},
]


def data_of(task, sources=None):
    encoded = EncodedExamples.from_corpus(CORPUS, list(CORPUS.by_id), decoding_of(task, LABELS))
    features = Random(dim=5).features(encoded.examples, DRAWS, [0, 1])
    return GroupData(encoded, features, DRAWS, [0, 1], sources=sources)


def network_of(data, task, encoder=None):
    # It reads one token on each side, and a window of 16 has a margin of two.
    encoder = encoder or CNN(filters=6, widths=[3])
    return Network.of(data.features.embed, data.features.width, encoder, task, LABELS)


def outputs(task, weights, sources=None):
    """What each member predicts of all sentences of its draw's test split, and its mean loss."""
    data = data_of(task, sources)
    network = network_of(data, task)
    data = with_windows(data, network)
    held = Sources((0, 1), None if sources is None else np.array(sources, np.int32))
    arrays = data.features.arrays
    constants = on_device({**arrays.frozen, **arrays.shared})
    if sources is not None:
        constants = {name: ops.take(array, np.array(sources), axis=0) for name, array in constants.items()}
    steps = step_outputs(evaluation_program(network), data, weights, constants, held, [d["test"] for d in DRAWS])
    members = held.of_members([0, 1])
    found = [{} for _ in members]
    losses = counts = 0.0
    for step in steps:
        losses, counts = losses + step.losses, counts + step.counts
        tags = step.probabilities.argmax(-1) if step.tags is None else step.tags
        for r, source in enumerate(members):
            for column, position in enumerate(step.positions[source]):
                length = LENGTHS[position]
                found[r][position] = step.probabilities[r, :length, column], tags[r, :length, column]
    return found, losses / counts


def random_weights(task, members):
    rng, weights = np.random.default_rng(1), network_of(data_of(task), task).weights()
    return on_device(
        {name: rng.normal(0, 1.5, (members, *own.shape)).astype(np.float32) for name, own in weights.items()}
    )


@pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)
def test_windows_give_what_whole_sentences_give_where_the_encoder_sees_no_further_than_their_margin(task):
    whole, windowed = (dataclasses.replace(task, window=window) for window in (None, WINDOW))
    weights = random_weights(task, 2)
    expected, expected_loss = outputs(whole, weights)
    found, loss = outputs(windowed, weights)
    np.testing.assert_allclose(loss, expected_loss, rtol=1e-5)
    for one, other, draw in zip(found, expected, DRAWS, strict=True):
        assert sorted(one) == sorted(draw["test"])
        for position in draw["test"]:
            np.testing.assert_allclose(one[position][0], other[position][0], atol=1e-5)
            np.testing.assert_array_equal(one[position][1], other[position][1])


def test_members_that_share_draws_read_the_same_windows():
    task, sources = dataclasses.replace(TASKS["crf"], window=WINDOW), [0, 1, 0]
    weights = random_weights(task, 3)
    found, _ = outputs(task, weights, sources)
    plain, _ = outputs(task, {name: array[:2] for name, array in weights.items()})
    for one, other in zip(found[:2], plain, strict=True):
        for position, (probabilities, tags) in other.items():
            np.testing.assert_allclose(one[position][0], probabilities, atol=1e-5)
            np.testing.assert_array_equal(one[position][1], tags)
    assert any((found[2][position][1] != found[0][position][1]).any() for position in found[0])


def test_entities_across_the_edges_of_windows_are_those_of_the_scheme():
    """Where the encoder sees further than the margin, scores differ and tags are well-formed all the same."""
    task = Tagging(decoder="constrained", window=8)
    data = data_of(task)
    network = network_of(data, task, CNN(filters=6, widths=[9]))
    outcomes = train(network, data, SETTINGS)
    for outcome in outcomes:
        assert outcome.status == "finished"
        assert all(to_iob2(one.predicted) == one.predicted for one in outcome.predictions)
        assert {len(one.predicted) for one in outcome.predictions} >= {70}
        assert all(len(one.predicted) == len(one.gold) for one in outcome.predictions)


@pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)
def test_training_windows_have_each_token_once_with_its_tag(task):
    task = dataclasses.replace(task, window=WINDOW)
    data = data_of(task)
    windowed = with_windows(data, network_of(data, task))
    for draw, before in zip(windowed.draws, DRAWS, strict=True):
        assert {split: own for split, own in draw.items() if split != "train"} == {
            split: own for split, own in before.items() if split != "train"
        }
        for name in ("examples", "targets"):
            read = [getattr(windowed.examples, name)[position] for position in draw["train"]]
            whole = [getattr(data.examples, name)[position] for position in before["train"]]
            tokens = [token for one in read for token in getattr(one, "tokens", one)]
            assert tokens == [token for one in whole for token in getattr(one, "tokens", one)]
        assert max(windowed.examples.lengths[list(draw["train"])]) <= WINDOW
    assert "train/3[0:14]" in {example.id for example in windowed.examples.examples}


@pytest.mark.parametrize("scheme", ["iob2", "bilou"])
def test_a_training_window_within_an_entity_begins_and_ends_it(scheme):
    tags = ("B-x", *["I-x"] * 19)
    corpus = Corpus("one", "tagging", {"train": (Example("train/0", ("a",) * 20, tags),)}, LABELS)
    task = Tagging(decoder="crf", scheme=scheme, window=10)
    decoding = decoding_of(task, LABELS)
    encoded = EncodedExamples.from_corpus(corpus, ["train/0"], decoding)
    draws = [{"train": [0]}]
    data = GroupData(encoded, Random(dim=5).features(encoded.examples, draws, [0]), draws, [0])
    windowed = with_windows(data, network_of(data, task))
    last = "L-x" if scheme == "bilou" else "I-x"
    learned = [windowed.examples.targets[position] for position in windowed.draws[0]["train"]]
    assert [[decoding.tags.inside[n] for n in own] for own in learned] == [["B-x", *["I-x"] * 8, last]] * 2


def test_a_group_trains_on_windows_and_evaluates_whole_sentences():
    task = dataclasses.replace(TASKS["crf"], window=WINDOW)
    group = Group(network_of(data_of(task), task), data_of(task), SETTINGS)
    group.train_epoch(0)
    assert [r.steps for r in group.replicates] == [3, 2]  # of 3 + 5 + 3 and of 2 + 3 windows, four a batch
    outcomes = train(network_of(data_of(task), task), data_of(task), SETTINGS)
    assert [[len(one.gold) for one in outcome.predictions] for outcome in outcomes] == [[8, 6, 17, 70], [70, 41, 17, 3]]
    assert all(outcome.history["train/loss"][-1] < outcome.history["train/loss"][0] for outcome in outcomes)


def test_data_without_a_long_sentence_is_as_it_was():
    task = Tagging(window=70)
    data = data_of(task)
    assert with_windows(data, network_of(data, task)) is data
    texts = sample_corpus("classification")
    encoded = EncodedExamples.from_corpus(texts, list(texts.by_id))
    features = Random(dim=5).features(encoded.examples, DRAWS, [0, 1])
    whole = GroupData(encoded, features, DRAWS, [0, 1])
    network = Network.of(features.embed, 5, CNN(filters=6, widths=[3]), Classification(), texts.labels)
    assert with_windows(whole, network) is whole


def test_an_embedding_without_slices_is_read_whole():
    class Whole:
        """The protocol of features without what is optional."""

        def __init__(self, features):
            self.width, self.embed, self.arrays = features.width, features.embed, features.arrays
            self.reports, self.inputs = features.reports, features.inputs

    task = Tagging(window=WINDOW)
    data = data_of(task)
    data = dataclasses.replace(data, features=Whole(data.features))
    assert with_windows(data, network_of(data, task)) is data


def test_a_window_of_no_token_is_refused():
    with pytest.raises(InputError, match=r"task.window=0: must be at least 1, or null"):
        Tagging(window=0)
