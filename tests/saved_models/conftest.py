"""Small data sets and files of vectors, and arms trained on them."""

import json
import random

import numpy as np
import pytest

from seedbed.comparison.group import train_cells
from seedbed.comparison.plan import examples_of, plan
from seedbed.config.study import study
from seedbed.saved_models.folder import FOLDER


@pytest.fixture(autouse=True)
def cache(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("SEEDBED_CACHE", str(tmp_path_factory.mktemp("cache")))


@pytest.fixture(scope="session")
def reviews(tmp_path_factory):
    """A CSV of 160 reviews of three classes, of 3 to 12 words; some are in no file of vectors."""
    rng = random.Random(1)
    words = {"neg": "bad dull poor", "pos": "good great fine", "so": "fair plain usual"}
    lines = ["text,label"]
    for n in range(160):
        label = list(words)[n % 3]
        text = [rng.choice(["the", "a", "Film", "it", "was", "plot", f"rare{n}"]) for _ in range(rng.randint(2, 11))]
        text.insert(rng.randrange(len(text)), rng.choice(words[label].split()))
        lines.append(f"{' '.join(text)},{label}")
    file = tmp_path_factory.mktemp("reviews") / "reviews.csv"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


@pytest.fixture(scope="session")
def entities(tmp_path_factory):
    """A CoNLL file of 90 sentences in which names are entities."""
    rng = random.Random(1)
    words = {"Ann": "B-person", "Bob": "B-person", "Rome": "B-place", "saw": "O", "the": "O", "tree": "O", "xyz": "O"}
    sentences = [[rng.choice(list(words)) for _ in range(rng.randint(2, 9))] for _ in range(90)]
    file = tmp_path_factory.mktemp("entities") / "entities.conll"
    file.write_text("\n".join("".join(f"{word} {words[word]}\n" for word in rows) for rows in sentences), "utf-8")
    return file


@pytest.fixture(scope="session")
def issues(tmp_path_factory):
    """JSON lines of 160 texts with none to three labels."""
    rng = random.Random(1)
    words = {"neg": "bad dull poor", "pos": "good great fine", "so": "fair plain usual"}
    rows = []
    for n in range(160):
        labels = [label for label in words if rng.random() < 0.4]
        text = [rng.choice(["the", "a", "Film", "it", "was", "plot", f"rare{n}"]) for _ in range(rng.randint(2, 9))]
        text += [rng.choice(words[label].split()) for label in labels]
        rows.append(json.dumps({"text": " ".join(text), "label": labels}))
    file = tmp_path_factory.mktemp("issues") / "issues.jsonl"
    file.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return file


@pytest.fixture(scope="session")
def sources(reviews, entities, issues):
    """The settings of the data set of each task."""
    return {
        "classification": ["dataset=csv", f"dataset.files.train={reviews}"],
        "multilabel": ["dataset=jsonl", f"dataset.files.train={issues}", "dataset.task=multilabel"],
        "tagging": ["dataset=conll", f"dataset.files.train={entities}"],
    }


@pytest.fixture(scope="session")
def vectors(tmp_path_factory):
    """A GloVe file of 8 numbers for the words of both sets in lower case, and for some that are in neither."""
    words = "the a film it was plot bad dull poor good great fine fair plain usual ann bob rome saw tree new other"
    rng = np.random.default_rng(3)
    lines = [f"{word} {' '.join(f'{value:.4f}' for value in rng.normal(size=8))}" for word in words.split()]
    file = tmp_path_factory.mktemp("vectors") / "vectors.txt"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


@pytest.fixture
def joined(vectors):
    """Settings of two embeddings as one: a frozen table for all replicates, and a table that each trains."""
    return [
        "embedding=stack", f"embedding.parts.glove.path={vectors}", "embedding.parts.glove.dim=8",
        "embedding.parts.random.dim=4", "embedding.parts.random.trainable=true",
    ]  # fmt: skip


@pytest.fixture
def planned_cells(sources):
    """Returns the planned cells of two replicates of an arm, untrained."""

    def planned(task):
        settings = [
            *sources[task], f"task={task}", "sampling=fewshot", "sizes=[40]",
            "sampling.strategy=random", "sampling.validation=15", "sampling.test=15", "replicates=2",
        ]  # fmt: skip
        return plan(study(settings, single=True)).planned

    return planned


@pytest.fixture
def train(sources, vectors):
    """Trains three replicates of an arm; returns the planned cells and their outcomes."""

    def trained(*words, task="classification", save_model=True, replicates=3):
        settings = [
            *sources[task], f"task={task}", "sampling=fewshot",
            "sampling.strategy=random", "sampling.validation=15", "sampling.test=15", "training.epochs=6",
            "training.learning_rate=0.02", "sizes=[40]", f"replicates={replicates}", *words,
        ]  # fmt: skip
        if any(word == "embedding=glove" for word in words):
            settings += [f"embedding.path={vectors}", "embedding.dim=8"]
        checked = study(settings, single=True, in_sweep=True)  # some arms do not read all of them
        cells = plan(checked).planned
        outcomes = train_cells(cells, lambda epoch: None, examples_of(cells), save_model=save_model)
        assert [outcome.error for outcome in outcomes] == [""] * len(outcomes)
        return cells, outcomes

    return trained


@pytest.fixture
def files_of_model():
    """Returns the files of the model of an outcome, without its folder and manifest."""

    def files(outcome):
        own = {name.removeprefix(f"{FOLDER}/"): content for name, content in outcome.files.items()}
        return {name: content for name, content in own.items() if name != "manifest.json"}

    return files
