"""What crosses from training to tracking and report: a cell, and the outcome of training it."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, Protocol

Status = Literal["finished", "failed", "interrupted"]


@dataclass(frozen=True)
class Cell:
    """One arm at one size in one replicate: the unit that is trained once and never again.

    ``data``, ``draw`` and ``cell`` are hex digests: of the data set however it is read, of the draw's ids, and of
    everything that determines the result (the fingerprint). ``settings`` are the flattened settings of the arm, for
    people to read and filter by.
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
    data: str = ""


class Prediction(NamedTuple):
    """What a trained replicate says of one example: labels or tags, and their probabilities where kept.

    A tuple, as a report reads half a million of them.
    """

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
    them. ``recorded``: by name, arrays of softmax probabilities as `seedbed.training.recording` describes them; empty
    unless asked for. ``seconds`` and ``energy_j``: the cell's share of its group's wall time, and of the joules that
    the machine's counters saw meanwhile; NaN where it has none that may be read. ``trained_weights`` and
    ``frozen_weights``: how many numbers of the model were learned, and how many behind its vectors stood still; NaN
    where that is not known.
    """

    status: Status
    metrics: Mapping[str, float] = field(default_factory=dict)
    history: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    predictions: tuple[Prediction, ...] = ()
    seconds: float = 0.0
    peak_mb: float = 0.0
    energy_j: float = math.nan
    trained_weights: float = math.nan
    frozen_weights: float = math.nan
    epochs: int = 0
    best_epoch: int = 0
    error: str = ""
    weights: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)
    recorded: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, repr=False, compare=False)


class Kept(Protocol):
    """What a store keeps of trained cells beside their scores, by the id of a cell's run (column ``run``)."""

    def predictions(self, run: str) -> tuple[Prediction, ...]:
        """What the cell said of its test examples, without probabilities; empty where none were kept."""

    def probabilities(self, run: str, places: Sequence[int]) -> Sequence[tuple[float, ...] | None]:
        """Those of the classes, of the predictions at these places; None where none were kept."""

    def history(self, run: str) -> Mapping[str, tuple[float, ...]]:
        """One value an epoch for each name; empty where none was kept."""

    def read(self, run: str, name: str) -> bytes | None:
        """The content of another file of the run, or None."""

    def address(self, run: str) -> str:
        """Where a browser shows the run; empty where nothing shows it."""


@dataclass(frozen=True)
class Finding:
    """A flaw of protocol that the linter found: its rule, what it is and where, and why it matters in a line."""

    rule: str
    text: str
    why: str = ""


IDENTITY_COLUMNS = (
    "arm", "dataset", "embedding", "encoder", "task", "n_train", "replicate", "data_seed", "init_seed", "data", "draw",
    "cell",
)  # fmt: skip
"""The columns of ``results.csv`` that say which cell a row is."""

MEASURES = ("seconds", "peak_mb", "energy_j", "trained_weights", "frozen_weights", "epochs", "best_epoch")
"""What is measured of a cell and is no score."""

CELL_COLUMNS = (*IDENTITY_COLUMNS, "status", *MEASURES, "run", "error")
"""The columns of ``results.csv`` before the metrics, in order; ``run`` is the id of the cell's run in the store."""

FLOOR_COLUMNS = ("dataset", "n_train", "replicate", "draw", "floor", "corpus", "version", "data")
"""The columns of ``floor.csv`` before the metrics; ``corpus`` and ``version`` say what a row was computed from."""


def surface_form(tokens: Sequence[str]) -> str:
    """What an entity is recognised by elsewhere: its tokens in lower case, a blank between."""
    return " ".join(tokens).lower()


def metric_order(name: str) -> tuple[int, int, str]:
    """A key to sort metrics by: test, validation, train, the rest; whole scores before those of one class or type."""
    splits = ("test", "validation", "train")
    split = name.partition("/")[0]
    return (splits.index(split) if split in splits else len(splits), name.count("/"), name)
