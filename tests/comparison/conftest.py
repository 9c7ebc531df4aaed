"""A small study of one's own data, and a store that is a dict."""

import random

import pytest

from seedbed.cells import Outcome
from seedbed.comparison.plan import plan
from seedbed.config.study import study


@pytest.fixture(autouse=True)
def cache(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("SEEDBED_CACHE", str(tmp_path_factory.mktemp("cache")))
    monkeypatch.setenv("SEEDBED_STATE", str(tmp_path_factory.mktemp("state")))


@pytest.fixture(scope="session")
def reviews(tmp_path_factory):
    """A CSV of 160 reviews of two classes."""
    rng = random.Random(1)
    lines = ["text,label"]
    for n in range(160):
        words = [rng.choice(["the", "a", "film", "it", "was", "plot"]) for _ in range(8)]
        words.append(rng.choice(("bad dull poor", "good great fine")[n % 2].split()))
        lines.append(f"{' '.join(words)},{('neg', 'pos')[n % 2]}")
    file = tmp_path_factory.mktemp("reviews") / "reviews.csv"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


@pytest.fixture
def settings(reviews):
    """Of a study with two arms, two sizes and three replicates."""
    return [
        "dataset=csv", f"dataset.files.train={reviews}", "task=classification", "encoder=cnn", "encoder.filters=4",
        "embedding.dim=6", "sampling=fewshot", "sampling.strategy=stratified", "sampling.validation=10",
        "sampling.test=20", "training=default", "training.epochs=2", "sizes=[6,12]", "replicates=3",
        "arms={cnn: [], pool: [encoder=pool]}",
    ]  # fmt: skip


@pytest.fixture
def planned(settings):
    """The plan of the study with these further settings; ``~KEY`` leaves one out."""

    def made(*more):
        without = [one[1:] for one in more if one.startswith("~")]
        kept = [one for one in settings if one.split("=")[0] not in without and
                one.split("=")[0] not in [other.split("=")[0] for other in more]]  # fmt: skip
        return plan(study([*kept, *(one for one in more if not one.startswith("~"))]))

    return made


class Shelf:
    """A store in memory: what ``run_missing`` and the commands ask of one."""

    def __init__(self):
        self.outcomes = {}

    def write_group(self, cells, outcomes, parent, tags):
        for cell, outcome in zip(cells, outcomes, strict=True):
            self.outcomes.setdefault(cell.cell, []).append(outcome.status)
        return [cell.cell for cell in cells]

    def finished(self):
        return {cell: {} for cell, statuses in self.outcomes.items() if "finished" in statuses}

    def count(self, status):
        return sum(statuses.count(status) for statuses in self.outcomes.values())


@pytest.fixture
def shelf():
    return Shelf()


@pytest.fixture
def trained(monkeypatch):
    """Replaces training; the groups that were trained, as lists of (arm, size, replicates)."""
    groups = []

    def train_cells(cells, watch, ids=None, embedded=None, checkpoint=None):
        groups.append((cells[0].cell.arm, cells[0].cell.n_train, [planned.cell.replicate for planned in cells]))
        watch(None)
        return [Outcome("finished", {"test/accuracy": 0.5}) for _ in cells]

    monkeypatch.setattr("seedbed.comparison.group.train_cells", train_cells)
    return groups
