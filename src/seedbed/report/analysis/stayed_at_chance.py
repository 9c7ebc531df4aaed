"""Replicates that never left chance: training them changed nothing that can be seen, in any epoch."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from seedbed.report.analysis.analysis import Analysis

SUPPORT = "validation/support/"
CLOSE = 0.95
"""Share of the loss of chance that a loss must fall below to have left it."""
STANDARD_ERRORS = 2.0
"""Of the share of the largest class, within which an accuracy is no better than it."""


@dataclass(frozen=True)
class CellAtChance:
    """A cell that never left chance; ``lowest``: of its training losses. Of a tagger, which found no entity, ``chance``
    is None."""

    arm: str
    n_train: int
    replicate: int
    epochs: int
    lowest: float
    chance: float | None


def cells_at_chance(analysis: "Analysis") -> list[CellAtChance]:
    """Return the cells, trained in epochs, that never left chance, in the order of the table.

    Of a classifier: the training loss of each epoch is at least `CLOSE` times that of the shares of the classes, and
    the validation accuracy of each is at most the share of the largest class and two standard errors; shares and
    number are those of the validation examples, the shares of all replicates. Of a tagger: the validation F1 of
    each epoch is 0.
    """
    table = analysis.table
    if not {"epochs", "run", "status"} <= set(table.columns) or analysis.inputs.artifacts is None:
        return []
    trained = table[(table["status"] == "finished") & (table["epochs"] >= 1)]
    found = []
    for (_, n_train), cells in trained.groupby([trained.get("dataset", trained["arm"].map(lambda _: "")), "n_train"]):
        classes = _Classes.of(cells)
        for _, cell in cells.iterrows():
            if not _may_be(cell, classes):
                continue
            history = analysis.histories.read(str(cell["run"]))
            losses = history.get("train/loss", ())
            if losses and _stayed(cell, history, classes):
                found.append(
                    CellAtChance(
                        str(cell["arm"]), int(n_train), int(cell["replicate"]), len(losses), min(losses),
                        classes.entropy if classes else None,
                    )
                )  # fmt: skip
    return found


@dataclass(frozen=True)
class _Classes:
    """The ``shares`` of classes among the validation examples of a data set at a size; ``columns``: their counts."""

    columns: tuple[str, ...]
    shares: tuple[float, ...]

    @classmethod
    def of(cls, cells: "pd.DataFrame") -> "_Classes | None":
        """Return the classes of cells; None of a tagger, and where they are unknown or one."""
        if "validation/f1" in cells and cells["validation/f1"].notna().any():
            return None  # entity F1: what has supports then are types of entities
        columns = [str(name) for name in cells.columns if str(name).startswith(SUPPORT)]
        counts = cells[columns].sum()
        columns = [name for name in columns if counts[name] > 0]
        if len(columns) < 2 or "validation/accuracy" not in cells or cells["validation/accuracy"].isna().all():
            return None
        return cls(tuple(columns), tuple(float(counts[name] / counts[columns].sum()) for name in columns))

    @property
    def entropy(self) -> float:
        """The loss of a model that knows the shares of the classes alone, in nats."""
        return -sum(share * math.log(share) for share in self.shares)

    def highest(self, cell: "pd.Series") -> float:
        """Return the highest validation accuracy of a cell that is no better than that of the largest class."""
        number, share = float(cell[list(self.columns)].sum()), max(self.shares)
        return share + STANDARD_ERRORS * math.sqrt(share * (1 - share) / number) if number else 0.0


def _may_be(cell: "pd.Series", classes: _Classes | None) -> bool:
    """Return whether the scores of the kept weights allow it: the history of other cells need not be read."""
    score = cell.get("validation/accuracy" if classes else "validation/f1")
    if not _is_number(score):
        return False
    return bool(score <= classes.highest(cell)) if classes else score == 0


def _stayed(cell: "pd.Series", history: Mapping[str, Sequence[float]], classes: _Classes | None) -> bool:
    if classes:
        accuracies = history.get("validation/accuracy", ())
        is_low = max(accuracies, default=0.0) <= classes.highest(cell)
        return is_low and min(history["train/loss"]) >= CLOSE * classes.entropy
    scores = history.get("validation/f1", ())
    return bool(scores) and max(scores) == 0


def _is_number(value: Any) -> bool:  # a cell of a table
    return isinstance(value, int | float) and not math.isnan(value)
