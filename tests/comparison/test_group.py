"""Training the cells of an arm."""

import random

import pytest

from seedbed.comparison.group import train_cells
from seedbed.comparison.plan import examples_of, plan
from seedbed.config.study import study


@pytest.fixture
def entities(tmp_path):
    """A CoNLL file of 60 sentences in which names are entities."""
    rng = random.Random(1)
    words = {"Ann": "B-person", "Bob": "B-person", "saw": "O", "the": "O", "tree": "O"}
    sentences = [[rng.choice(list(words)) for _ in range(rng.randint(2, 9))] for _ in range(60)]
    file = tmp_path / "entities.conll"
    file.write_text("\n".join("".join(f"{word} {words[word]}\n" for word in rows) for rows in sentences), "utf-8")
    return file


def test_an_mlp_probe_with_frozen_vectors_tags_each_token(entities):
    """Vectors of texts are pooled before training, those of tokens never."""
    checked = study([
        "dataset=conll", f"dataset.files.train={entities}", "task=tagging", "encoder=mlp_probe", "encoder.hidden=8",
        "embedding.dim=6", "sampling=fewshot", "sampling.strategy=random", "sampling.validation=8", "sampling.test=10",
        "training.epochs=20", "training.learning_rate=0.05", "training.patience=null", "sizes=[30]", "replicates=2",
        "arms={probe: []}",
    ])  # fmt: skip
    cells = plan(checked).planned
    for outcome in train_cells(cells, lambda epoch: None, examples_of(cells)):
        assert outcome.status == "finished"
        assert outcome.metrics["test/f1"] > 0.9
        assert all(len(prediction.predicted) == len(prediction.gold) for prediction in outcome.predictions)
