"""Taggers with a decoder: what they predict, alone and as members that share a draw, and what is refused."""

import dataclasses

import numpy as np
import pytest
from keras import ops

from seedbed.config.build import described
from seedbed.data.corpus import Corpus, Example
from seedbed.data.tags import to_iob2
from seedbed.embeddings.random import Random
from seedbed.errors import InputError
from seedbed.model.encoders import CNN, BiLSTM
from seedbed.model.network import Network
from seedbed.model.tasks import Tagging, decoding_of
from seedbed.testing.samples import require_same_outcome, sample_draw, train_samples
from seedbed.training import crf_memory
from seedbed.training.batches import EncodedExamples, GroupData
from seedbed.training.group import Group
from seedbed.training.recording import FINAL, Recording
from seedbed.training.settings import Training
from seedbed.training.train import train

SETTINGS = Training(epochs=4, patience=None, batch_size=8, learning_rate=0.1, clip_norm=1.0)
LABELS = ("O", "B-x", "B-y", "I-x")
DECODERS = {
    "constrained": Tagging(decoder="constrained"),
    "bilou": Tagging(scheme="bilou"),
    "constrained_bilou": Tagging(decoder="constrained", scheme="bilou"),
    "crf": Tagging(decoder="crf"),
    "crf_bilou": Tagging(decoder="crf", scheme="bilou", constraints="decoding"),
    "crf_free": Tagging(decoder="crf", constraints="none"),
}


def corpus_of_phrases():
    """Sentences in which ``a`` begins an entity of type x that goes on while ``b`` follows; other ``b`` are of y."""
    rng, examples = np.random.default_rng(0), []
    for number in range(200):
        tokens = tuple(rng.choice(list("abbbcdef"), rng.integers(1, 9)))
        tags, is_open = [], False
        for token in tokens:
            is_open = token == "a" or (is_open and token == "b")
            tags.append("B-x" if token == "a" else "I-x" if is_open else "B-y" if token == "b" else "O")
        examples.append(Example(f"train/{number}", tokens, tuple(tags)))
    return Corpus("phrases", "tagging", {"train": tuple(examples)}, LABELS)


CORPUS = corpus_of_phrases()


def data_of(task, replicates, sources=None):
    encoded = EncodedExamples.from_corpus(CORPUS, list(CORPUS.by_id), decoding_of(task, LABELS))
    draws = [sample_draw(replicate, len(encoded.examples)) for replicate in replicates]
    features = Random(dim=6).features(encoded.examples, draws, replicates)
    return GroupData(encoded, features, draws, replicates, sources=sources)


def network_of(data, task, encoder, precision="float32"):
    return Network.of(data.features.embed, data.features.width, encoder, task, LABELS, precision)


@pytest.mark.slow
@pytest.mark.parametrize("task", DECODERS.values(), ids=DECODERS)
def test_predicted_tags_are_iob2_and_allowed_where_they_are_constrained(task):
    (outcome,) = train_samples(CNN(filters=6, widths=[2]), task, [0], settings=SETTINGS, corpus=CORPUS)
    assert outcome.status == "finished"
    assert {tag for one in outcome.predictions for tag in one.predicted} <= set(LABELS)
    if decoding_of(task, LABELS).is_constrained:
        assert all(to_iob2(one.predicted) == one.predicted for one in outcome.predictions)
    assert outcome.metrics["test/f1"] > 0.2


def test_constrained_decoding_changes_no_weight():
    plain, constrained = (
        train_samples(CNN(filters=6, widths=[2]), task, [0], settings=SETTINGS, corpus=CORPUS)[0]
        for task in (Tagging(), DECODERS["constrained"])
    )
    for name, values in plain.weights.items():
        np.testing.assert_array_equal(constrained.weights[name], values)
    assert constrained.metrics["test/loss"] == plain.metrics["test/loss"]


@pytest.mark.slow
def test_a_crf_learns_what_single_tokens_cannot_say():
    """The tag of ``b`` depends on the tokens before it, which an encoder of one token does not see."""
    settings = dataclasses.replace(SETTINGS, epochs=15)
    softmax, crf = (
        train_samples(CNN(filters=8, widths=[1]), task, [0], settings=settings, corpus=CORPUS)[0]
        for task in (Tagging(), DECODERS["crf"])
    )
    assert crf.metrics["test/f1"] > max(0.95, softmax.metrics["test/f1"] + 0.1)


def test_recorded_probabilities_are_the_marginals_of_the_kept_weights():
    task = DECODERS["crf_bilou"]
    recording = Recording(probabilities=True)
    (outcome,) = train_samples(
        CNN(filters=6, widths=[2]), task, [0], settings=SETTINGS, corpus=CORPUS, recording=recording
    )
    data, position = data_of(task, [0]), {example.id: n for n, example in enumerate(CORPUS)}
    network = network_of(data, task, CNN(filters=6, widths=[2]))
    recorded = outcome.recorded[FINAL]
    start = 0
    weights = {name: ops.convert_to_tensor(values[None]) for name, values in outcome.weights.items()}
    checked = 0
    for name, length in zip(recorded["ids"].tolist(), recorded["lengths"].tolist(), strict=True):
        found = recorded["values"][start : start + length] / 255
        start += length
        if length <= 4:  # of longer sentences there are too many sequences
            expected = brute_marginals(network, weights, data, position[name])
            np.testing.assert_allclose(found, expected, atol=0.5 / 255 + 1e-4)
            checked += 1
    assert checked > 5
    assert tuple(recorded["labels"]) == LABELS


@pytest.mark.slow
@pytest.mark.parametrize("name", ["crf", "constrained", "bilou"])
def test_probabilities_beside_decoded_tags_are_computed_only_to_be_recorded(name):
    data, asked = data_of(DECODERS[name], [0]), []
    group = Group(network_of(data, DECODERS[name], CNN(filters=4)), data, dataclasses.replace(SETTINGS, epochs=1))

    def watched(weights, constants, batch, probabilities=True):
        evaluate = group.programs.evaluate
        *losses, found, tags = evaluate(weights, constants, batch, probabilities)
        *others, whole, same = evaluate(weights, constants, batch)
        np.testing.assert_array_equal(losses, others)
        assert (tags is None) == (name == "bilou")
        if tags is None:
            np.testing.assert_array_equal(found, whole)
        else:
            assert found is None
            np.testing.assert_array_equal(tags, same)
        asked.append(probabilities)
        return *losses, found, tags

    group.evaluator = dataclasses.replace(group.evaluator, step=watched)
    group.fit(lambda epoch: None)
    assert asked
    assert not any(asked)


def brute_marginals(network, weights, data, position):
    """IOB2 probabilities of one sentence from a sum over all allowed BILOU sequences."""
    from itertools import pairwise, product

    from seedbed.training.batches import collate

    batch, arrays = collate(data, [0], [[position]], 1), data.features.arrays
    constants = {name: ops.convert_to_tensor(array) for name, array in {**arrays.frozen, **arrays.shared}.items()}
    length = data.examples.lengths[position]
    logits = ops.convert_to_numpy(network.logits(weights, constants, batch))[0, :length, 0]
    start, pair, end = (ops.convert_to_numpy(weights[f"crf/{part}"])[0] for part in ("start", "pair", "end"))
    tags, allowed = network.decoding.tags, network.decoding.tags.allowed
    found = np.zeros((len(logits), len(LABELS)))
    for sequence in product(range(len(tags.inside)), repeat=length):
        steps = list(pairwise(sequence))
        if allowed.start[sequence[0]] and allowed.end[sequence[-1]] and all(allowed.pair[step] for step in steps):
            score = start[sequence[0]] + end[sequence[-1]] + sum(pair[step] for step in steps)
            score += sum(logits[t, tag] for t, tag in enumerate(sequence))
            found[np.arange(len(sequence)), tags.label_of[list(sequence)]] += np.exp(score)
    return found / found.sum(axis=-1, keepdims=True)


@pytest.mark.slow
def test_members_that_share_a_draw_equal_members_that_do_not():
    """As trials of a search: four members on two draws, with other dropout; alone, each on its own."""
    task = DECODERS["crf"]
    encoders = [BiLSTM(units=3), BiLSTM(units=3, dropout=0.4)]
    shared = data_of(task, [0, 1], sources=[0, 1, 0, 1])
    members = [network_of(shared, task, encoder) for encoder in encoders for _ in range(2)]
    together = train(members, shared, SETTINGS)
    for n, (encoder, replicate) in enumerate((encoder, replicate) for encoder in encoders for replicate in (0, 1)):
        data = data_of(task, [replicate])
        (alone,) = train(network_of(data, task, encoder), data, SETTINGS)
        require_same_outcome(alone, together[n], f"member {n}")
        np.testing.assert_allclose(together[n].weights["crf/pair"], alone.weights["crf/pair"], atol=1e-4)


class Poisoned(Random):
    """Random vectors, of which those of one replicate are not numbers."""

    def features(self, examples, draws, seeds):
        features = super().features(examples, draws, seeds)
        features.arrays.frozen["table"][list(seeds).index(1)] = np.nan
        return features


def test_a_replicate_of_numbers_that_are_none_fails_alone():
    task, encoder = DECODERS["crf"], CNN(filters=4)
    clean = train_samples(encoder, task, [0, 2], settings=SETTINGS, corpus=CORPUS)
    poisoned = train_samples(encoder, task, [0, 1, 2], Poisoned(dim=6), SETTINGS, CORPUS)
    assert [outcome.status for outcome in poisoned] == ["finished", "failed", "finished"]
    assert poisoned[1].error == "the training loss was nan in epoch 1"
    for one, other in zip(clean, poisoned[::2], strict=True):
        require_same_outcome(one, other, "beside a replicate that failed")


def test_a_crf_is_float32_whatever_the_precision_is():
    data = data_of(DECODERS["crf"], [0])
    settings = dataclasses.replace(SETTINGS, precision="bfloat16")
    group = Group(network_of(data, DECODERS["crf"], CNN(filters=4), "bfloat16"), data, settings)
    group.train_epoch(0)
    pair = np.asarray(group.weights["crf/pair"])
    assert pair.dtype == np.float32
    assert (pair != np.asarray(ops.cast(ops.cast(pair, "bfloat16"), "float32"))).any()


def test_a_sentence_that_is_too_long_is_refused_by_its_name(monkeypatch):
    data = data_of(DECODERS["crf"], [0, 1])
    longest = int(max(data.examples.lengths[p] for draw in data.draws for p in draw["train"]))
    of_token = 4 * 8 * 2 * SETTINGS.batch_size * len(LABELS)
    monkeypatch.setattr(crf_memory, "BYTES", of_token * longest)
    Group(network_of(data, DECODERS["crf"], CNN(filters=4)), data, SETTINGS)
    monkeypatch.setattr(crf_memory, "BYTES", of_token * longest - 1)
    message = rf"^train/\d+: a sentence of {longest} tokens.*task.window={longest - 1},"
    with pytest.raises(InputError, match=message):
        Group(network_of(data, DECODERS["crf"], CNN(filters=4)), data, SETTINGS)
    Group(network_of(data, Tagging(), CNN(filters=4)), data, SETTINGS)


def test_gold_that_breaks_iob2_is_refused_by_example_and_token():
    broken = Corpus("set", "tagging", {"train": (Example("train/7", ("a", "b"), ("O", "I-x")),)}, LABELS)
    with pytest.raises(InputError, match=r"^set train/7, token 2: 'I-x' continues no entity; write 'B-x'"):
        EncodedExamples.from_corpus(broken, ["train/7"], decoding_of(DECODERS["crf"], LABELS))
    assert EncodedExamples.from_corpus(broken, ["train/7"]).targets[0].tolist() == [0, 3]


@pytest.mark.parametrize("name", ["constrained", "crf", "crf_bilou"])
@pytest.mark.parametrize("labels", [("B-x",), ("O", "B-x")], ids=["one tag", "no O in the data"])
def test_a_type_of_single_tokens_alone_is_learned(name, labels):
    examples = [Example(f"train/{n}", ("a",) * (1 + n % 3), ("B-x",) * (1 + n % 3)) for n in range(40)]
    corpus = Corpus("one", "tagging", {"train": tuple(examples)}, labels)
    settings = dataclasses.replace(SETTINGS, epochs=1)
    (outcome,) = train_samples(CNN(filters=2), DECODERS[name], [0], settings=settings, corpus=corpus)
    assert outcome.status == "finished"
    assert len(labels) > 1 or outcome.metrics["test/f1"] == 1.0


REFUSED = {
    "decoder=viterbi": ({"decoder": "viterbi"}, "task.decoder=viterbi: choose softmax, constrained, crf"),
    "scheme=bio": ({"scheme": "bio"}, "task.scheme=bio: choose iob2, bilou"),
    "constraints=hard": ({"constraints": "hard"}, "task.constraints=hard: choose none, decoding, both"),
    "class_weights": (
        {"decoder": "crf", "class_weights": True},
        "task.class_weights=true: is of single tokens, and task.decoder=crf learns whole sequences; use "
        "task.class_weights=false or task.decoder=constrained",
    ),
    "label_smoothing": (
        {"decoder": "crf", "label_smoothing": 0.1},
        "task.label_smoothing=0.1: is of single tokens, and task.decoder=crf learns whole sequences; use "
        "task.label_smoothing=0 or task.decoder=constrained",
    ),
}


@pytest.mark.parametrize(("settings", "message"), REFUSED.values(), ids=REFUSED)
def test_settings_without_a_meaning_are_refused(settings, message):
    with pytest.raises(InputError) as refused:
        Tagging(**settings)
    assert str(refused.value) == message


def test_cells_of_the_default_decoder_keep_their_fingerprints():
    assert set(described(Tagging())) == {"class", "hidden", "dropout", "class_weights", "padded_to"}
    described_tasks = [str(described(task)) for task in (Tagging(), *DECODERS.values())]
    assert len(set(described_tasks)) == len(described_tasks)
