"""A small corpus that a model learns in seconds, and training on it."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache

import numpy as np

from seedbed.cells import Outcome
from seedbed.data.corpus import Corpus, Example, Task
from seedbed.embeddings.features import EmbeddingSettings
from seedbed.embeddings.random import Random
from seedbed.label_sets import LabelSet, Target
from seedbed.model.encoders import Encoder
from seedbed.model.network import Network
from seedbed.model.tasks import Head, decoding_of
from seedbed.testing.checks import TRAINED, require, require_close
from seedbed.training.batches import EncodedExamples, GroupData
from seedbed.training.recording import NO_RECORDING, Recording
from seedbed.training.replicate import Epoch
from seedbed.training.settings import Training
from seedbed.training.train import train

SIZE = 200

SETTINGS = Training(epochs=8, patience=2, batch_size=8, learning_rate=0.02, clip_norm=1.0)
"""Stops replicates at different epochs."""


@cache
def sample_corpus(kind: Task) -> Corpus:
    """Return 200 examples; tokens below ``w2`` are entities, and a text with many tokens below ``w3`` is positive.

    Of sets of labels, ``many`` is such a text, and ``long`` one of more than ten tokens.
    """
    rng = np.random.default_rng(0)
    examples = []
    for number in range(SIZE):
        tokens = tuple(f"w{n}" for n in rng.integers(0, 50, rng.integers(3, 20)))
        target: Target = tuple("B-x" if token < "w2" else "O" for token in tokens)
        many = sum(token < "w3" for token in tokens) > len(tokens) * 0.45
        if kind == "classification":
            target = "pos" if many else "neg"
        elif kind == "multilabel":
            target = LabelSet.of(["many"] * many + ["long"] * (len(tokens) > 10))
        examples.append(Example(f"train/{number}", tokens, target))
    labels = {"tagging": ("O", "B-x"), "classification": ("neg", "pos"), "multilabel": ("long", "many")}
    return Corpus("toy", kind, {"train": tuple(examples)}, labels[kind])


def sample_draw(replicate: int, size: int = SIZE) -> dict[str, list[int]]:
    """Return a replicate's positions in a corpus of this size, by split; draws differ in size."""
    order = np.random.default_rng(replicate).permutation(size)
    train, validation, test = (size * part // 100 for part in (15, 30, 45))
    train += size * 13 * (replicate % 2) // 200
    return {
        "train": order[:train].tolist(),
        "validation": order[validation:test].tolist(),
        "test": order[test : test + validation].tolist(),
    }


def train_samples(
    encoder: Encoder, task: Head, replicates: Sequence[int], embedding: EmbeddingSettings | None = None,
    settings: Training = SETTINGS, corpus: Corpus | None = None, watch: Callable[[Epoch], None] = lambda epoch: None,
    recording: Recording = NO_RECORDING,
) -> list[Outcome]:  # fmt: skip
    """Train these replicates as one group; each has its own draw and seed, whichever others are in the group."""
    corpus = corpus or sample_corpus(task.kind)
    encoded = EncodedExamples.from_corpus(corpus, [example.id for example in corpus], decoding_of(task, corpus.labels))
    draws = [sample_draw(replicate, len(encoded.examples)) for replicate in replicates]
    features = (embedding or Random(dim=6)).features(encoded.examples, draws, replicates)
    network = Network.of(features.embed, features.width, encoder, task, corpus.labels, settings.precision)
    return train(network, GroupData(encoded, features, draws, replicates), settings, watch, recording)


def require_same_alone(train_replicates: Callable[[Sequence[int]], list[Outcome]]) -> None:
    """Raise AssertionError where a replicate that trains alone ends otherwise than in a group of four."""
    group = train_replicates([0, 1, 2, 7])
    for index, replicate in ((1, 1), (3, 7)):
        (alone,) = train_replicates([replicate])
        require_same_outcome(alone, group[index], f"replicate {replicate} alone and in a group")


def require_same_outcome(first: Outcome, second: Outcome, message: str, tolerance: float = TRAINED) -> None:
    """Raise AssertionError where status, epochs, scores, histories or predictions differ."""
    require(not (first.error or second.error), f"{message}: {first.error or second.error}")
    require((first.epochs, first.best_epoch) == (second.epochs, second.best_epoch), f"{message}: epochs differ")
    for name, one, other in (("scores", first.metrics, second.metrics), ("histories", first.history, second.history)):
        require(one.keys() == other.keys(), f"{message}: names of {name} differ")
        for key in one:
            require_close(_array(one, key), _array(other, key), f"{message}: {name}, {key}", tolerance)
    pairs = zip(first.predictions, second.predictions, strict=True)
    require(all(one.predicted == other.predicted for one, other in pairs), f"{message}: predictions differ")


def _array(values: Mapping[str, float] | Mapping[str, Sequence[float]], key: str) -> np.ndarray:
    return np.asarray(values[key], np.float64)
