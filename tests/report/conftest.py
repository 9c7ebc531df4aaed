"""Tables that the tests of the report share."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest


@pytest.fixture(scope="session")
def cells() -> Callable[..., pd.DataFrame]:
    """Builds a whole table of finished cells; later arms score higher, and no two scores are equal."""
    return make_cells


@pytest.fixture(scope="session")
def bare() -> Callable[..., pd.DataFrame]:
    """Builds the least a table may have: the scores of each arm in order of replicates."""
    return make_bare


@pytest.fixture(scope="session")
def crossed() -> Callable[..., pd.DataFrame]:
    """Builds a table of crossed seeds: draws are worth some three points, initializations one."""
    return make_crossed


def make_crossed(
    arms: tuple[str, ...] = ("random", "glove"), sizes: tuple[int, ...] = (50, 200), draws: int = 6, starts: int = 3
) -> pd.DataFrame:
    table = make_cells(arms, sizes, draws * starts)
    rng = np.random.default_rng(2)
    table["data_seed"], table["init_seed"] = table["replicate"] // starts, table["replicate"] % starts
    table["draw"] = [f"d{n}-{seed}" for n, seed in zip(table["n_train"], table["data_seed"], strict=True)]
    by_draw, by_start = rng.normal(0, 0.03, draws), rng.normal(0, 0.01, starts)
    table["test/accuracy"] += by_draw[table["data_seed"]] + by_start[table["init_seed"]]
    return table


def make_cells(
    arms: tuple[str, ...] = ("random", "glove"),
    sizes: tuple[int, ...] = (50, 200),
    replicates: int = 6,
    task: str = "classification",
    types: tuple[str, ...] = (),
) -> pd.DataFrame:
    rng = np.random.default_rng(1)
    rows = []
    for place, arm in enumerate(arms):
        for n_train in sizes:
            for replicate in range(replicates):
                score = 0.5 + 0.05 * place + n_train / 2000 + rng.normal(0, 0.02)
                scores = {"test/macro_f1": score - 0.01, "test/accuracy": score, "test/log_loss": 1.1 - score}
                if task == "tagging":
                    scores = {"test/precision": score, "test/recall": score, "test/f1": score}
                rows.append({
                    "arm": arm, "dataset": "imdb", "embedding": "glove", "encoder": "cnn", "task": task,
                    "n_train": n_train, "replicate": replicate, "data_seed": replicate, "init_seed": replicate,
                    "draw": f"d{n_train}-{replicate}", "cell": f"{arm}-{n_train}-{replicate}",
                    "status": "finished", "seconds": 1.5, "peak_mb": 800.0, **scores,
                    **{f"test/f1/{name}": score for name in types},
                })  # fmt: skip
    return pd.DataFrame(rows)


def make_bare(arms: dict[str, list[float]], n_train: int = 200, metric: str = "test/accuracy") -> pd.DataFrame:
    rows = [
        {"arm": arm, "n_train": n_train, "replicate": replicate, metric: score}
        for arm, scores in arms.items()
        for replicate, score in enumerate(scores)
    ]
    return pd.DataFrame(rows)


class Keeping:
    """A store in memory: predictions and files by run."""

    def __init__(self, predictions, files):
        self.by_run, self.files, self.asked = predictions, files, []

    def predictions(self, run):
        self.asked.append(run)
        found = self.by_run.get(run, ())
        if isinstance(found, Exception):
            raise found
        return tuple(found)

    def probabilities(self, run, places):
        return [self.by_run[run][place].probabilities for place in places]

    def history(self, run):
        return {}

    def read(self, run, name):
        return self.files.get((run, name))

    def address(self, run):
        return ""


@pytest.fixture(scope="session")
def keeping():
    """What a report is told besides the table: predictions by run, files by run and name, texts."""
    from seedbed.report.analysis.inputs import ReportInputs

    def made(predictions, files=None, items=None, **inputs):
        return ReportInputs(artifacts=Keeping(predictions, files or {}), items=items, **inputs)

    return made
