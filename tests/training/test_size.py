"""How many numbers an arm learns: counted beforehand, and in the arrays that come out."""

import numpy as np
import pytest

from seedbed.embeddings.random import Random
from seedbed.embeddings.stack import Stack
from seedbed.model.encoders import CNN, BiLSTM
from seedbed.model.network import Network
from seedbed.model.tasks import Tagging
from seedbed.training.settings import Training

EMBEDDINGS = {
    "frozen": Random(dim=4),
    "trained": Random(dim=4, trainable=True, vocabulary=["train"]),
    "both": Stack({"a": Random(dim=3), "b": Random(dim=4, trainable=True)}),
}


@pytest.mark.parametrize("encoder", [CNN(filters=5), BiLSTM(units=4)])
def test_the_weights_of_a_network_are_those_of_its_arrays(toy, encoder):
    network = Network(None, 6, encoder, Tagging(), 2)
    (outcome,) = toy.outcomes(encoder, Tagging(), Training(epochs=1), [0])
    assert network.size == sum(np.asarray(array).size for array in outcome.weights.values())


@pytest.mark.parametrize("name", EMBEDDINGS)
def test_a_replicate_has_the_same_numbers_alone_and_in_a_group(toy, name):
    examples = list(toy.corpora["tagging"])
    draws = [toy.draw(replicate) for replicate in (0, 1)]
    both = EMBEDDINGS[name].features(examples, draws, [0, 1])
    alone = EMBEDDINGS[name].features(examples, draws[1:], [1])
    assert both.size(1) == alone.size(0)
    words = {token for own in draws[1].values() for at in own for token in examples[at].tokens}
    if name == "frozen":
        assert both.size(1) == (0, 4 * (len(words) + 1))
    if name == "both":
        assert both.size(1) == (4 * (len(words) + 1), 3 * (len(words) + 1))
