"""Small corpora with draws of their own."""

import random

import pytest

from seedbed.data.corpus import Corpus, Example
from seedbed.data.draws import Draw


def corpus_of(task, targets, tokens):
    """A corpus of as many examples as there are targets, all in ``train``, of which a draw takes any."""
    examples = tuple(
        Example(f"train/{n}", tuple(words), own) for n, (words, own) in enumerate(zip(tokens, targets, strict=True))
    )
    if task == "tagging":
        tags = {tag for own in targets for tag in own}
        labels = ("O", *sorted(tags - {"O"}))
    else:
        labels = tuple(sorted({label for example in examples for label in example.classes}))
    return Corpus("small", task, {"train": examples}, labels)


def draw_of(train, validation=(), test=()):
    """A draw of the examples with these numbers."""
    ids = [tuple(f"train/{n}" for n in part) for part in (train, validation, test)]
    return Draw(0, 0, len(train), *ids)


@pytest.fixture
def reviews():
    """90 reviews of three classes, each with a word of its class most of the time."""
    rng = random.Random(3)
    targets = [("bad", "fair", "good")[n % 3] for n in range(90)]
    words = {"bad": "dull", "fair": "Mild", "good": "great"}
    tokens = [
        [*rng.choices(["The", "a", "film", "plot", "was"], k=6), words[own if rng.random() < 0.8 else "fair"], "."]
        for own in targets
    ]
    return corpus_of("classification", targets, tokens)


@pytest.fixture
def own_draw():
    """Of ``reviews``: 45 to train on, 15 for validation, 30 to be tested on."""
    return draw_of(range(45), range(45, 60), range(60, 90))


@pytest.fixture(scope="session")
def floor_corpus():
    """Builds a corpus from a task, targets and tokens."""
    return corpus_of


@pytest.fixture(scope="session")
def floor_draw():
    """Builds a draw from the numbers of its train, validation and test examples."""
    return draw_of
