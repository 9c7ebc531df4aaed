"""Training replicates as a group; that each gives what it gives alone is checked by ``seedbed.testing``."""

import dataclasses
import math

import numpy as np
import pytest

from seedbed.embeddings.random import Random
from seedbed.model.encoders import CNN, BiLSTM, ResidualBiLSTM
from seedbed.model.tasks import Classification, Tagging
from seedbed.testing.samples import require_same_outcome
from seedbed.training.settings import Training
from seedbed.word_forms.characters import Characters

SETTINGS = Training(epochs=8, patience=2, batch_size=8, learning_rate=0.02, clip_norm=1.0)
ENCODERS = {
    "bilstm": BiLSTM(units=6, dropout=0.3, recurrent_dropout=0.3, output_dropout=0.3),
    "residual_bilstm": ResidualBiLSTM(units=6, dropout=0.2, recurrent_dropout=0.2, output_dropout=0.2),
    "cnn": CNN(filters=6, widths=[2, 3], dropout=0.2, output_dropout=0.2),
}
TASKS = {"tagging": Tagging(dropout=0.1)}


def differences(one, other):
    """The largest differences of final metrics and of histories."""
    assert one.metrics.keys() == other.metrics.keys()
    assert {k: len(v) for k, v in one.history.items()} == {k: len(v) for k, v in other.history.items()}
    final = max(abs(one.metrics[key] - other.metrics[key]) for key in one.metrics)
    return final, max(np.abs(np.subtract(one.history[key], other.history[key])).max() for key in one.history)


FULL_DATA = {
    "accumulated": {"accumulate": 3, "schedule": "inverse_time", "decay": 0.01, "min_steps": 2},
    "few_tokens": {"max_tokens": 70, "schedule": "plateau", "decay": 0.5, "plateau_patience": 1},
    "averaged": {"ema_decay": 0.95, "word_dropout": 0.3, "clip_norm": None, "clip_value": 0.05, "max_tokens": 100},
}


@pytest.mark.parametrize("name", FULL_DATA)
def test_a_replicate_alone_trains_as_in_a_group(toy, name):
    settings = dataclasses.replace(SETTINGS, epochs=5, **FULL_DATA[name])
    encoder, embedding = BiLSTM(units=4, dropout=0.3), Characters(dim=3, filters=4)
    group = toy.outcomes(encoder, Tagging(), settings, [0, 1, 7], embedding)
    for place, replicate in ((1, 1), (2, 7)):
        (alone,) = toy.outcomes(encoder, Tagging(), settings, [replicate], embedding)
        require_same_outcome(alone, group[place], f"replicate {replicate}")
        for weight, values in alone.weights.items():
            same = tuple(slice(0, size) for size in values.shape)  # a table has as many rows as the longest of a group
            np.testing.assert_allclose(group[place].weights[weight][same], values, atol=1e-4)


def test_averages_are_what_is_scored_and_kept(toy):
    """With a decay near 0 they are the weights of the last step; with one near 1 they lag behind these."""
    plain, near, behind = (
        toy.outcomes(CNN(filters=6), Tagging(), dataclasses.replace(SETTINGS, ema_decay=decay), [0])[0]
        for decay in (None, 1e-7, 0.99)
    )
    assert max(differences(plain, near)) < 1e-4
    assert behind.history["validation/loss"][0] > plain.history["validation/loss"][0] + 0.01
    for name, values in plain.weights.items():
        np.testing.assert_allclose(near.weights[name], values, atol=1e-4)
        assert name == "softmax/bias" or np.abs(behind.weights[name] - values).max() > 1e-3


def test_replicates_stop_each_at_its_own_time(toy):
    settings = Training(epochs=30, patience=2, batch_size=8, learning_rate=0.05)
    outcomes = toy.outcomes(CNN(filters=8), Classification(), settings, list(range(6)))
    assert len({outcome.epochs for outcome in outcomes}) > 1
    for outcome in outcomes:
        losses = outcome.history["validation/loss"]
        assert len(losses) == outcome.epochs
        assert outcome.best_epoch == 1 + int(np.argmin(losses))
        assert outcome.epochs in (outcome.best_epoch + 2, 30)
        assert outcome.metrics["validation/loss"] == pytest.approx(min(losses), abs=1e-6)


def test_the_last_weights_are_kept_where_asked(toy):
    settings = Training(epochs=6, patience=None, keep="last", batch_size=8, learning_rate=0.05)
    (outcome,) = toy.outcomes(CNN(filters=8), Classification(), settings, [0])
    assert outcome.best_epoch == outcome.epochs == 6
    assert outcome.metrics["validation/loss"] == pytest.approx(outcome.history["validation/loss"][-1], abs=1e-6)


def test_the_monitored_score_chooses_the_epoch(toy):
    settings = Training(epochs=8, patience=None, monitor="score", batch_size=8, learning_rate=0.02)
    (outcome,) = toy.outcomes(CNN(filters=8), Tagging(), settings, [0])
    scores = outcome.history["validation/f1"]
    assert outcome.best_epoch == 1 + int(np.argmax(scores))
    assert outcome.metrics["validation/f1"] == pytest.approx(max(scores))


class Poisoned(Random):
    """Random vectors, of which those of one replicate are not numbers."""

    def features(self, examples, draws, seeds):
        features = super().features(examples, draws, seeds)
        features.arrays.frozen["table"][list(seeds).index(1)] = math.nan
        return features


def test_a_replicate_whose_loss_is_not_finite_fails_and_its_neighbours_do_not_notice(toy):
    clean = toy.outcomes(ENCODERS["bilstm"], TASKS["tagging"], SETTINGS, [0, 2])
    poisoned = toy.outcomes(ENCODERS["bilstm"], TASKS["tagging"], SETTINGS, [0, 1, 2], Poisoned(dim=6))
    assert [outcome.status for outcome in poisoned] == ["finished", "failed", "finished"]
    assert poisoned[1].error == "the training loss was nan in epoch 1"
    assert not poisoned[1].metrics
    for place, neighbour in ((0, 0), (1, 2)):
        assert max(differences(clean[place], poisoned[neighbour])) < 1e-4


@pytest.mark.slow
def test_a_step_changes_every_weight_that_is_trained(toy):
    from seedbed.model.network import Network
    from seedbed.training.batches import EncodedExamples, GroupData
    from seedbed.training.group import Group

    corpus = toy.corpora["tagging"]
    encoded = EncodedExamples.from_corpus(corpus, [example.id for example in corpus])
    features = Random(dim=6, trainable=True).features(encoded.examples, [toy.draw(0), toy.draw(1)], [0, 1])
    network = Network(features.embed, features.width, ENCODERS["residual_bilstm"], Tagging(hidden=4), 2)
    data = GroupData(encoded, features, [toy.draw(0), toy.draw(1)], [0, 1])
    group = Group(network, data, SETTINGS)
    before = {name: np.array(value) for name, value in group.weights.items()}
    group.train_epoch(0)
    for name, value in group.weights.items():
        for replicate in range(2):
            assert (np.array(value)[replicate] != before[name][replicate]).any(), name


def test_bfloat16_learns_as_well_to_within_its_precision(toy):
    exact, rough = (
        toy.outcomes(ENCODERS["cnn"], TASKS["tagging"], Training(epochs=8, learning_rate=0.02, precision=p), [0])[0]
        for p in ("float32", "bfloat16")
    )
    assert rough.status == "finished"
    assert rough.metrics["test/loss"] == pytest.approx(exact.metrics["test/loss"], abs=0.1)
    assert rough.metrics["test/loss"] != exact.metrics["test/loss"]


def test_the_watcher_is_told_of_every_epoch(toy):
    seen = []
    toy.outcomes(CNN(filters=4), Tagging(), Training(epochs=3, patience=None), [0, 1], watch=seen.append)
    assert [(epoch.number, epoch.total, epoch.training) for epoch in seen] == [(1, 3, 2), (2, 3, 2), (3, 3, 2)]
    assert all(math.isfinite(epoch.loss) and 0 <= epoch.score <= 1 for epoch in seen)


def test_a_saved_table_names_the_words_of_its_rows(toy):
    corpus = toy.corpora["tagging"]
    draws = [toy.draw(0), toy.draw(1)]
    features = Random(dim=3, trainable=True, vocabulary=["train"]).features(tuple(corpus), draws, [0, 1])
    inputs = features.inputs([1], [draws[1]["train"][:1]], (20, 1))["ids"][0, :, 0]
    tokens = corpus.splits["train"][draws[1]["train"][0]].tokens
    words = features.saved(1)["words"]
    assert [words[row - 1] for row in inputs[: len(tokens)]] == list(tokens)
    frozen = Random(dim=3).features(tuple(corpus), draws, [0, 1])
    saved, inputs = frozen.saved(1), frozen.inputs([1], [draws[1]["train"][:1]], (20, 1))["ids"][0, :, 0]
    assert [saved["words"][row - 1] for row in inputs[: len(tokens)]] == list(tokens)
    np.testing.assert_array_equal(saved["table"], frozen.arrays.frozen["table"][1])


def test_a_replicate_that_diverges_in_its_last_step_is_failed_and_not_scored(toy):
    settings = Training(optimizer="sgd", learning_rate=1e38, batch_size=64, epochs=1, patience=None)
    outcomes = toy.outcomes(CNN(filters=4), Classification(), settings, [0, 1], Random(dim=6, scale=5.0))
    for outcome in outcomes:
        assert outcome.status == "failed"
        assert "loss was" in outcome.error
        assert not outcome.metrics
