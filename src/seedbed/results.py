"""What crosses from training to tracking and report: a cell, and the outcome of training it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Status = Literal["finished", "failed", "interrupted"]


@dataclass(frozen=True)
class Cell:
    """One arm at one size in one replicate: the unit that is trained once and never again.

    ``draw`` and ``cell`` are hex digests: of the manifest, and of everything that determines the result
    (the fingerprint). ``settings`` are the flattened settings of the arm, for people to read and filter by.
    """

    arm: str
    dataset: str
    embedding: str
    encoder: str
    task: str
    n_train: int
    replicate: int
    data_seed: int
    init_seed: int
    draw: str
    cell: str
    settings: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Prediction:
    """What a trained replicate says of one example: labels or tags, and their probabilities where kept."""

    id: str
    gold: str | tuple[str, ...]
    predicted: str | tuple[str, ...]
    probabilities: tuple[float, ...] | None = None


@dataclass(frozen=True)
class Outcome:
    """The result of one cell.

    ``metrics``: final scores as fractions, by names such as ``test/f1``, ``validation/accuracy``, ``test/f1/person``.
    ``history``: one value an epoch for each name, such as ``train/loss``; shorter where a replicate stopped early.
    ``predictions``: those on the test split. ``weights``: the arrays of the trained model, and what is needed to use
    them. ``seconds``: the cell's share of its group's wall time.
    """

    status: Status
    metrics: Mapping[str, float] = field(default_factory=dict)
    history: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    predictions: tuple[Prediction, ...] = ()
    seconds: float = 0.0
    peak_mb: float = 0.0
    epochs: int = 0
    best_epoch: int = 0
    error: str = ""
    weights: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)


CELL_COLUMNS = (
    "arm", "dataset", "embedding", "encoder", "task", "n_train", "replicate", "data_seed", "init_seed",
    "draw", "cell", "status", "seconds", "peak_mb",
)  # fmt: skip
"""The columns of ``results.csv`` before the metrics, in order."""

FLOOR_COLUMNS = ("dataset", "n_train", "replicate", "draw", "floor", "corpus", "version")
"""The columns of ``floor.csv`` before the metrics; ``corpus`` and ``version`` say what a row was computed from."""


def metric_order(name: str) -> tuple[int, int, str]:
    """A key to sort metrics by: test, validation, train, the rest; whole scores before those of one class or type."""
    splits = ("test", "validation", "train")
    split = name.partition("/")[0]
    return (splits.index(split) if split in splits else len(splits), name.count("/"), name)
