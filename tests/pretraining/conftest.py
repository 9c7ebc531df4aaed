"""A biLM so small that it trains in seconds, and a corpus whose perplexity is known."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from seedbed.embeddings.bilm.options import Architecture, CharCnn
from seedbed.pretraining import files, shards, vocabulary
from seedbed.pretraining.initial_weights import draw_weights
from seedbed.pretraining.settings import Training
from seedbed.pretraining.trainer import Trainer

SMALL = Architecture(CharCnn(4, ((1, 6), (2, 6), (3, 6)), 12, 1, "relu"), 24, 12, 2, 3.0, 3.0, skip=True)

GROUPS, WORDS, SENTENCES = 4, 5, 5


def pattern(documents: int, seed: int = 0) -> list[shards.Document]:
    """Sentences of the words of one group; the group of the first is random, then they follow in turn."""
    firsts = np.random.default_rng(seed).integers(GROUPS, size=documents)
    return [
        [[f"{letter}{(first + n) % GROUPS}" for letter in "abcde"[:WORDS]] for n in range(SENTENCES)]
        for first in firsts.tolist()
    ]


@dataclass
class Place:
    """A folder with the pattern made ready."""

    folder: Path
    shards: shards.Shards
    words: list[str]

    def trainer(self, output: str, recipe: int = 0, weights=None, **settings) -> Trainer:
        """A trainer whose best model goes to ``output``."""
        defaults = {"epochs": 8, "streams": 8, "unroll": 6, "candidates": 15, "learning_rate": 0.01,
                    "optimizer": "adam", "dropout": 0.0, "precision": "float32", "patience": 0}  # fmt: skip
        own = Training(**{**defaults, **settings})
        folder = self.folder / output
        folder.mkdir(exist_ok=True)
        if weights is None:
            weights = draw_weights(SMALL, len(self.words), 0)
        vocabulary.write(folder / files.VOCABULARY, self.words)
        return Trainer(
            SMALL, own, self.shards, self.words, weights, folder, {"recipe": recipe, "seed": own.seed},
            lambda best, look: files.write(folder, SMALL, best, "float32"),
        )  # fmt: skip


@pytest.fixture
def place(tmp_path):
    made, counted = shards.write_shards(pattern(300), tmp_path / "shards", 0.1, 0, {})
    return Place(tmp_path, made, vocabulary.choose_words(counted.counts, None, 1, 1000))


@pytest.fixture
def small():
    return SMALL


@pytest.fixture
def weights():
    """Random ones, larger than those that training begins with, so that clips and gates matter."""
    rng = np.random.default_rng(1)
    made = draw_weights(SMALL, 30, 0)
    return {name: (3 * array + 0.1 * rng.standard_normal(array.shape)).astype(np.float32) if name != "characters"
            else array for name, array in made.items()}  # fmt: skip
