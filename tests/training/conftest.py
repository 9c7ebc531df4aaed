"""A toy corpus that can be learned in seconds, and training on it."""

import numpy as np
import pytest

from seedbed.data.corpus import Corpus, Example
from seedbed.embeddings.random import Random
from seedbed.model.network import Network
from seedbed.training.batches import EncodedExamples, GroupData
from seedbed.training.group import train
from seedbed.training.recording import NO_RECORDING

N = 200


def toy_corpus(kind):
    """Tokens below ``w2`` are entities, and a text with many tokens below ``w3`` is positive."""
    rng = np.random.default_rng(0)
    examples = []
    for number in range(N):
        tokens = tuple(f"w{n}" for n in rng.integers(0, 50, rng.integers(3, 20)))
        if kind == "tagging":
            target = tuple("B-x" if token < "w2" else "O" for token in tokens)
        else:
            target = "pos" if sum(token < "w3" for token in tokens) > len(tokens) * 0.45 else "neg"
        examples.append(Example(f"train/{number}", tokens, target))
    labels = ("O", "B-x") if kind == "tagging" else ("neg", "pos")
    return Corpus("toy", kind, {"train": tuple(examples)}, labels)


class Toy:
    """Trains toy arms: replicate r has its own draw and seed, whoever else is in the group."""

    def __init__(self):
        self.corpora = {kind: toy_corpus(kind) for kind in ("tagging", "classification")}

    def draw(self, replicate):
        order = np.random.default_rng(replicate).permutation(N)
        size = 30 + 13 * (replicate % 2)  # draws of k_per_type differ in size
        return {"train": order[:size].tolist(), "validation": order[60:90].tolist(), "test": order[90:150].tolist()}

    def outcomes(
        self, encoder, task, settings, replicates, embedding=None, watch=lambda epoch: None, recording=NO_RECORDING
    ):
        corpus = self.corpora[task.kind]
        encoded = EncodedExamples.from_corpus(corpus, [example.id for example in corpus])
        draws = [self.draw(replicate) for replicate in replicates]
        features = (embedding or Random(dim=6)).features(encoded.examples, draws, replicates)
        network = Network(features.embed, features.width, encoder, task, len(corpus.labels), settings.precision)
        return train(network, GroupData(encoded, features, draws, replicates), settings, watch, recording)


@pytest.fixture(scope="session")
def toy():
    return Toy()
