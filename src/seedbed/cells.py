"""Cells, the outcome of training them, and the table of results: shared by training, tracking and reports."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol

from seedbed.label_sets import Target
from seedbed.metric_names import SPLITS, MetricName

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pandas import DataFrame

Row = dict[str, Any]  # a row of results.csv: texts and numbers by column
Status = Literal["finished", "failed", "interrupted"]


@dataclass(frozen=True)
class Cell:
    """One arm at one size in one replicate: the unit that is trained once.

    ``data``, ``draw`` and ``cell`` are hex digests: of the data set however it is read, of the draw's ids, and of
    everything that determines the result (the fingerprint). ``settings``: the flattened settings of the arm, to be
    read and filtered by. ``setting``: whether they are those of the arm (``default``), those that a search chose
    (``tuned``; of a second search of the same replicate ``tuned 2``), or these trained on training and validation
    examples (``refit``); ``trial``: of a trial of a search.
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
    setting: str = "default"


@dataclass(frozen=True)
class SizeUnit:
    """What ``n_train`` counts, for a reader: ``one`` and ``many`` of them, and ``axis``, the title of an axis."""

    one: str
    many: str
    axis: str

    def count(self, n_train: int) -> str:
        """``200 examples``, ``1 example``."""
        return f"{n_train:,} {self.one if n_train == 1 else self.many}"


NOT_READ = "not read"
"""In place of the value of a setting that an arm has and does not read."""

EXAMPLES = SizeUnit("example", "examples", "training examples")
MENTIONS = SizeUnit("mention of each type", "mentions of each type", "mentions of each type")
EITHER = SizeUnit("example or mention", "examples or mentions", "examples, or mentions of each type")
MENTION_STRATEGIES = ("k_per_type", "k_per_type_greedy", "episodes")
"""The values of ``sampling.strategy`` with which a size is the least number of mentions of each entity type."""


def size_unit(settings: Iterable[Mapping[str, str]]) -> SizeUnit:
    """Return the unit of the sizes of arms with these settings, of which those of unknown sampling do not count.

    With ``sampling.strategy=per_class`` too, ``n_train`` is the number of examples of all classes.
    """
    known = [arm["sampling.strategy"] for arm in settings if "sampling.strategy" in arm]
    kinds = {strategy in MENTION_STRATEGIES for strategy in known}
    return EITHER if len(kinds) > 1 else MENTIONS if True in kinds else EXAMPLES


class Prediction(NamedTuple):
    """The prediction for one example: a class, labels or tags, and their probabilities where stored.

    A tuple, because a report reads half a million of them.
    """

    id: str
    gold: Target
    predicted: Target
    probabilities: tuple[float, ...] | None = None


@dataclass(frozen=True)
class Outcome:
    """The result of one cell.

    ``metrics``: final scores as fractions, by names such as ``test/f1``, ``validation/accuracy``,
    ``test/f1/person``. ``history``: one value per epoch for each name, such as ``train/loss``; shorter where a
    replicate stopped early. ``predictions``: those on the test split. ``weights``: the arrays of the trained model;
    they are not stored. ``recorded``: by name, arrays of softmax probabilities as
    `seedbed.training.recording` describes them; empty unless requested. ``files``: the content of further files of
    the cell by name. ``seconds`` and ``energy_j``: the cell's share of its group's wall time, and of the energy in
    joules that the machine's counters measured; NaN where there are none. ``trained_weights`` and
    ``frozen_weights``: the numbers of trained parameters, and of frozen ones in the embedding; NaN where unknown.
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
    weights: "Mapping[str, NDArray[Any]]" = field(default_factory=dict, repr=False, compare=False)
    recorded: "Mapping[str, Mapping[str, NDArray[Any]]]" = field(default_factory=dict, repr=False, compare=False)
    files: Mapping[str, bytes] = field(default_factory=dict, repr=False, compare=False)


class CellArtifacts(Protocol):
    """The artifacts of trained cells in a store, by the id of a cell's run (column ``run``)."""

    def predictions(self, run: str) -> tuple[Prediction, ...]:
        """Return the predictions for the test examples, without probabilities; empty where none were stored."""

    def probabilities(self, run: str, indices: Sequence[int]) -> Sequence[tuple[float, ...] | None]:
        """Return the class probabilities of the predictions at these indices; None where none were stored."""

    def history(self, run: str) -> Mapping[str, tuple[float, ...]]:
        """Return one value per epoch for each name; empty where none was stored."""

    def read(self, run: str, name: str) -> bytes | None:
        """Return the content of another file of the run, or None."""

    def address(self, run: str) -> str:
        """Return the address of the run in a browser; empty where there is none."""


@dataclass(frozen=True)
class Finding:
    """A protocol problem reported by the linter: its rule, what and where it is, why it matters, and what to do."""

    rule: str
    text: str
    why: str = ""
    advice: str = ""


IDENTITY_COLUMNS = (
    "arm", "dataset", "embedding", "encoder", "task", "n_train", "replicate", "data_seed", "init_seed", "data", "draw",
    "cell", "setting",
)  # fmt: skip
"""The columns of ``results.csv`` that identify the cell of a row."""

INTEGER_COLUMNS = tuple(field.name for field in fields(Cell) if field.type is int)

MEASURES = ("seconds", "peak_mb", "energy_j", "trained_weights", "frozen_weights", "epochs", "best_epoch")
"""The measurements of a cell that are not scores."""

CELL_COLUMNS = (*IDENTITY_COLUMNS, "status", *MEASURES, "run", "error")
"""The columns of ``results.csv`` before the metrics, in order; ``run`` is the id of the cell's run in the store."""

FLOOR_COLUMNS = ("dataset", "n_train", "replicate", "draw", "floor", "corpus", "version", "data")
"""The columns of ``floor.csv`` before the metrics; ``corpus`` and ``version`` identify its input and method."""


def surface_form(tokens: Sequence[str]) -> str:
    """Return the lower-case text by which an entity is matched: its tokens, separated by spaces."""
    return " ".join(tokens).lower()


def metric_order(name: str) -> tuple[int, bool, str]:
    """Return the sort key of a metric: test, validation, train, others; overall scores before those of a class."""
    split, _, label = MetricName.of(name)
    return (SPLITS.index(split) if split in SPLITS else len(SPLITS), bool(label), name)


def cells_table(rows: Iterable[Mapping[str, Any]]) -> "DataFrame":
    """Return a DataFrame of ``CELL_COLUMNS`` and every metric, with one row per cell; a missing value is NaN."""
    import pandas as pd

    rows = [dict(row) for row in rows]
    metrics = sorted({name for row in rows for name in row if name not in CELL_COLUMNS}, key=metric_order)
    table = pd.DataFrame(rows, columns=[*CELL_COLUMNS, *metrics])
    if not rows:
        table = table.astype(dict.fromkeys(INTEGER_COLUMNS, "int64"))
    return table.astype(dict.fromkeys([*MEASURES, *metrics], "float64"))
