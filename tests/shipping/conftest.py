"""A small CSV, vectors of its words, and the command line in a folder of its own."""

import random

import pytest
from tests.cli.conftest import command


@pytest.fixture
def seedbed(tmp_path, monkeypatch):
    """Runs a command in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SEEDBED_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("SEEDBED_STATE", str(tmp_path / "cache" / "state"))
    return command


@pytest.fixture
def words(tmp_path):
    """A study of three replicates on reviews of two classes, which are tested on the same 40 examples."""
    rng = random.Random(1)
    lines = ["text,label"]
    for n in range(200):
        text = [rng.choice(["the", "a", "film", "it", "was", "plot"]) for _ in range(rng.randint(2, 8))]
        text.append(rng.choice([["bad", "dull", "good"], ["good", "great", "fine", "dull"]][n % 2]))
        lines.append(f"{' '.join(text)},{('neg', 'pos')[n % 2]}")
    (tmp_path / "train.csv").write_text("\n".join(lines[:161]) + "\n", encoding="utf-8")
    (tmp_path / "test.csv").write_text("\n".join([lines[0], *lines[161:]]) + "\n", encoding="utf-8")
    known = ["the", "a", "film", "it", "was", "plot", "bad", "dull", "good", "great", "fine"]
    vectors = [f"{word} {' '.join(f'{rng.gauss(0, 1):.4f}' for _ in range(5))}" for word in known]
    (tmp_path / "vectors.txt").write_text("\n".join(vectors) + "\n", encoding="utf-8")
    return [
        "dataset=csv", f"dataset.files.train={tmp_path / 'train.csv'}", f"dataset.files.test={tmp_path / 'test.csv'}",
        "task=classification", "embedding=glove", f"embedding.path={tmp_path / 'vectors.txt'}", "embedding.dim=5",
        "sampling=fewshot", "sampling.validation=20", "sampling.test=all", "sizes=[20]", "replicates=3", "lint=off",
        "name=mine",
    ]  # fmt: skip
