"""A store of its own for each test, without the second that a new one costs."""

import shutil

import pytest

from seedbed.cells import Cell, Outcome, Prediction
from seedbed.tracking.opening import open_store
from seedbed.tracking.settings import Tracking

# MLflow 3.17 with SQLAlchemy 2.1, when the first store is opened.
NOISE = "ignore:The ``noload`` loader strategy is deprecated:DeprecationWarning"


def pytest_collection_modifyitems(items):
    for item in items:
        if "tracking" in item.path.parts:
            item.add_marker(pytest.mark.filterwarnings(NOISE))


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory):
    import warnings

    path = tmp_path_factory.mktemp("template") / "mlflow.db"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        open_store(Tracking(uri=f"sqlite:///{path}", experiment="of the template"))
    return path


@pytest.fixture
def tracking(tmp_path, empty_database):
    """Settings of an empty store."""
    shutil.copy(empty_database, tmp_path / "mlflow.db")
    return Tracking(uri=f"sqlite:///{tmp_path}/mlflow.db")


@pytest.fixture
def store(tracking):
    return open_store(tracking)


def plain_cell(fingerprint="c0", **fields):
    given = {
        "arm": "glove", "dataset": "mr", "embedding": "glove50", "encoder": "cnn", "task": "classification",
        "n_train": 50, "replicate": 7, "data_seed": 11, "init_seed": 12, "draw": "d0", "cell": fingerprint,
        "settings": {"encoder.filters": "8", "encoder.widths": "[2,3]"},
    }  # fmt: skip
    return Cell(**given | fields)


def plain_outcome(status="finished", score=1 / 3, **fields):
    given = {
        "metrics": {"test/accuracy": score, "validation/accuracy": 0.1 + 0.2, "test/f1/a & b": 1e-17},
        "history": {"train/loss": (0.7, 0.1 + 0.2), "validation/accuracy": (0.5,)},
        "predictions": (Prediction("test/0", "pos", "neg", (0.25, 0.75)), Prediction("test/1", "neg", "neg")),
        "seconds": 2.5, "peak_mb": 100.25, "energy_j": 1.5, "trained_weights": 10.0,
        "frozen_weights": 20.0, "epochs": 2, "best_epoch": 1,
    }  # fmt: skip
    return Outcome(status, **given | fields)


@pytest.fixture(scope="session")
def make_cell():
    return plain_cell


@pytest.fixture(scope="session")
def make_outcome():
    return plain_outcome


@pytest.fixture
def written(make_cell, make_outcome):
    """A cell and its outcome."""
    return make_cell(), make_outcome()
