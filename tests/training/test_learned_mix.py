"""A learned mix of layers trains with each replicate, and says after every epoch what it has become."""

from collections import Counter
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
import pytest

from seedbed.embeddings.contextual import ContextualFeatures
from seedbed.embeddings.features import quiet
from seedbed.embeddings.layers import Layout
from seedbed.embeddings.mix import mix_of
from seedbed.embeddings.random import Random
from seedbed.embeddings.stack import Stack
from seedbed.model.encoders import CNN
from seedbed.model.network import Network
from seedbed.model.tasks import Tagging
from seedbed.testing.samples import require_same_outcome
from seedbed.training.batches import EncodedExamples, GroupData
from seedbed.training.settings import Training
from seedbed.training.train import train

LAYOUT = Layout((3, 6, 6))
SETTINGS = Training(epochs=5, patience=None, batch_size=8, learning_rate=0.02)


class InMemory:
    """Stored layers: layer 1 tells the words of the toy task apart, the others are noise."""

    def __init__(self, sentences):
        self.layout, self.filled = LAYOUT, SimpleNamespace(sentences=1, hits=1, counts=Counter())
        self.kept = [self.vectors(tokens, n) for n, tokens in enumerate(sentences)]

    def vectors(self, tokens, n):
        rows = np.random.default_rng(n).normal(size=(len(tokens), LAYOUT.total)).astype(np.float16)
        rows[:, 3:9] = [[1.0 if token < "w2" else -1.0] * 6 for token in tokens]
        return rows

    def rows(self, n):
        return self.kept[n]


@dataclass(frozen=True)
class Layers:
    """The settings of such an embedding."""

    mix: str = "learned"
    l2: float = 0.0

    def features(self, examples, draws, seeds, watch=quiet):
        layers = InMemory([example.tokens for example in examples])
        mix = mix_of(self.mix, LAYOUT, layer_norm=False, l2=self.l2)
        lengths = [len(example.tokens) for example in examples]
        return ContextualFeatures(mix, [{}] * len(draws), lengths, lambda n: mix.read(layers.rows(n)))

    def content(self):
        return {}


def shares(outcome, prefix=""):
    return [outcome.metrics[f"{prefix}mix/layer{n}"] for n in range(3)]


def test_the_layer_that_helps_gains_and_every_epoch_is_logged(toy):
    (outcome,) = toy.outcomes(CNN(filters=6), Tagging(), SETTINGS, [0], Layers())
    low, high, noise = shares(outcome)
    assert high > max(low, noise)
    assert sum(shares(outcome)) == pytest.approx(1.0, abs=1e-6)
    assert len(outcome.history["mix/layer1"]) == len(outcome.history["mix/scale"]) == 5
    best = outcome.best_epoch - 1
    assert outcome.metrics["mix/layer1"] == pytest.approx(outcome.history["mix/layer1"][best], abs=1e-6)
    assert outcome.history["mix/layer1"][0] < outcome.history["mix/layer1"][-1]


def test_a_penalty_keeps_the_weights_closer_to_equal_ones(toy):
    free, held = (
        toy.outcomes(CNN(filters=6), Tagging(), SETTINGS, [0], Layers(l2=l2))[0] for l2 in (0.0, 1.0)
    )  # fmt: skip
    assert np.var(shares(held)) < np.var(shares(free)) / 2
    assert held.history["train/loss"][0] == pytest.approx(free.history["train/loss"][0], abs=0.05)


def test_members_with_other_penalties_equal_those_trained_alone(toy):
    corpus, penalties = toy.corpora["tagging"], [0.0, 0.3, 1.0]
    encoded = EncodedExamples.from_corpus(corpus, [example.id for example in corpus])
    features = Layers().features(encoded.examples, [toy.draw(1)], [1])
    arrays = {"mix/l2": np.array(penalties, np.float32)}
    data = GroupData(encoded, features, [toy.draw(1)], [1], sources=[0] * 3, member_arrays=arrays)
    group = train(Network(features.embed, features.width, CNN(filters=6), Tagging(), 2), data, SETTINGS)
    for l2, member in zip(penalties, group, strict=True):
        (alone,) = toy.outcomes(CNN(filters=6), Tagging(), SETTINGS, [1], Layers(l2=l2))
        require_same_outcome(alone, member, f"l2={l2}")
    assert np.var(shares(group[2])) < np.var(shares(group[1])) < np.var(shares(group[0]))


def test_a_mix_in_a_stack_is_each_replicates_own(toy):
    embedding = Stack({"words": Random(dim=3), "elmo": Layers()})
    group = toy.outcomes(CNN(filters=6), Tagging(), SETTINGS, [0, 1, 2], embedding)
    (alone,) = toy.outcomes(CNN(filters=6), Tagging(), SETTINGS, [2], embedding)
    assert shares(group[2], "elmo/") == pytest.approx(shares(alone, "elmo/"), abs=1e-5)
    assert shares(group[2], "elmo/") != pytest.approx(shares(group[0], "elmo/"), abs=1e-5)
    assert group[2].metrics["test/f1"] == pytest.approx(alone.metrics["test/f1"], abs=1e-4)


def test_a_fixed_mix_trains_nothing_of_its_own(toy):
    (outcome,) = toy.outcomes(CNN(filters=6), Tagging(), SETTINGS, [0], Layers("average"))
    assert not [name for name in outcome.metrics if "mix" in name]
    assert not [name for name in outcome.weights if "mix" in name]
