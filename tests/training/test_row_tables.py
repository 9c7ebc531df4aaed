"""Sparse updates: a step reads and changes the rows of its batch, and equals a step on the whole table for these."""

import dataclasses

import numpy as np
import pytest

from seedbed.embeddings.random import Random
from seedbed.embeddings.stack import Stack
from seedbed.model.encoders import CNN
from seedbed.model.network import Network
from seedbed.model.tasks import Tagging
from seedbed.testing.samples import require_same_outcome
from seedbed.training.batches import EncodedExamples, GroupData
from seedbed.training.group import Group
from seedbed.training.optimizers import BETA_1, BETA_2, EPSILON
from seedbed.training.row_tables import RowTables
from seedbed.training.settings import Training
from seedbed.word_forms.characters import Characters

TRAINED = Random(dim=4, trainable=True)
PARTS = Stack({"words": TRAINED, "characters": Characters(dim=3, filters=4), "fixed": Random(dim=3)})
SGD = Training(optimizer="sgd", epochs=3, patience=2, batch_size=8, learning_rate=0.3, clip_norm=1.0)
ADAM = dataclasses.replace(SGD, optimizer="adam", learning_rate=0.02)


def sparse(settings):
    return dataclasses.replace(settings, sparse_updates=True)


@pytest.mark.slow
@pytest.mark.parametrize("embedding", [TRAINED, PARTS], ids=["words", "stack"])
def test_without_moments_they_are_the_updates_of_the_whole_table(toy, embedding):
    encoder, replicates = CNN(filters=5, dropout=0.1), [0, 1]
    dense, rows = (toy.outcomes(encoder, Tagging(), own, replicates, embedding) for own in (SGD, sparse(SGD)))
    for one, other in zip(dense, rows, strict=True):
        require_same_outcome(one, other, "sparse")
        for name, values in one.weights.items():
            np.testing.assert_allclose(other.weights[name], values, atol=1e-5)


def test_a_replicate_alone_trains_as_in_a_group(toy):
    group = toy.outcomes(CNN(filters=5), Tagging(), sparse(ADAM), [0, 1, 7], PARTS)
    (alone,) = toy.outcomes(CNN(filters=5), Tagging(), sparse(ADAM), [7], PARTS)
    require_same_outcome(alone, group[2], "replicate 7")
    for weight, values in alone.weights.items():
        same = [slice(0, size) for size in values.shape]  # a table in a group has as many rows as the longest
        np.testing.assert_allclose(group[2].weights[weight][tuple(same)], values, atol=1e-4)


def group_of(toy, settings, sources=None):
    corpus = toy.corpora["tagging"]
    encoded = EncodedExamples.from_corpus(corpus, [example.id for example in corpus])
    draws = [toy.draw(0), toy.draw(1)]
    features = TRAINED.features(encoded.examples, draws, [0, 1])
    network = Network(features.embed, features.width, CNN(filters=5), Tagging(), len(corpus.labels))
    return Group(network, GroupData(encoded, features, draws, [0, 1], sources=sources), settings)


def test_rows_outside_the_batch_and_their_moments_stay_and_those_within_follow_adam(toy):
    """An epoch by hand, in which the moments of a row are those of the last step that read it."""
    group = group_of(toy, sparse(dataclasses.replace(ADAM, clip_norm=None)))
    batches, gradients, before = [], [], np.array(group.weights["table"])
    train = group.programs.train

    def watched(weights, state, constants, batch, values, gate):
        """A first moment that was zero is 0.1 of the gradient; else it follows from the old one."""
        new = train(weights, state, constants, batch, values, gate)
        old, first = np.asarray(state["first"]["table"]), np.asarray(new[1]["first"]["table"])
        gradients.append((first - BETA_1 * old) / (1 - BETA_1))
        return new

    numbered = RowTables.numbered

    class Watched(RowTables):
        def numbered(self, batch):
            local, rows = numbered(self, batch)
            batches.append([own.tolist() for own in rows["table"]])
            return local, rows

    group.programs = dataclasses.replace(group.programs, train=watched)
    group.row_tables = Watched(group.row_tables.inputs)
    group.train_epoch(0)
    assert len(batches) > 2
    expected, first, second = before.copy(), np.zeros_like(before), np.zeros_like(before)
    counts = [0, 0]
    for rows, gradient in zip(batches, gradients, strict=True):
        for r, own in enumerate(rows):
            if own == [0]:  # no example of this replicate
                continue
            counts[r] += 1
            g = gradient[r, : len(own)]
            first[r, own] = BETA_1 * first[r, own] + (1 - BETA_1) * g
            second[r, own] = BETA_2 * second[r, own] + (1 - BETA_2) * g**2
            size = 0.02 * np.sqrt(1 - BETA_2 ** counts[r]) / (1 - BETA_1 ** counts[r])
            expected[r, own] -= first[r, own] * size / (np.sqrt(second[r, own]) + EPSILON)
    np.testing.assert_allclose(group.weights["table"], expected, atol=1e-4)
    np.testing.assert_allclose(group.state["first"]["table"], first, atol=1e-5)


def test_what_a_step_gets_grows_with_its_batch_and_not_with_the_table():
    tables = RowTables({"table": "ids"})
    ids = np.array([[[0, 7], [9, 7]], [[3, 3], [0, 0]]], np.int32)
    local, rows = tables.numbered({"inputs": {"ids": ids}, "members": {}})
    assert [own.tolist() for own in rows["table"]] == [[0, 7, 9], [0, 3]]
    whole = np.arange(2 * 1000 * 2, dtype=np.float32).reshape(2, 1000, 2)
    small = tables.gathered({"table": whole, "first": {"table": whole + 1}}, rows)
    assert small["table"].shape[1] <= 4
    np.testing.assert_array_equal(small["table"][0][local["inputs"]["ids"][0]], whole[0][ids[0]])
    np.testing.assert_array_equal(small["first"]["table"][1][local["inputs"]["ids"][1]], whole[1][ids[1]] + 1)
    shared, of_members = tables.numbered({"inputs": {"ids": ids}, "members": {"source": np.array([1, 0, 1])}})
    assert [len(own) for own in of_members["table"]] == [2, 3, 2]
    np.testing.assert_array_equal(shared["inputs"]["ids"], local["inputs"]["ids"])


def test_members_of_one_draw_have_their_own_tables(toy):
    group = group_of(toy, [sparse(ADAM), sparse(ADAM), sparse(dataclasses.replace(ADAM, learning_rate=0.1))], [0, 1, 0])
    start = np.array(group.weights["table"])
    group.train_epoch(0)
    assert len(group.weights["table"]) == 3
    moved = np.abs(group.weights["table"] - start).max(axis=(1, 2))
    assert moved[2] > moved[0] > 0
