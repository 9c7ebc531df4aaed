"""Predictions of the cells of a study on their test examples, each cell read once for all parts of a report."""

from collections.abc import Container, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from seedbed.cells import CellArtifacts, Prediction
from seedbed.errors import InputError
from seedbed.metrics import Span, entity_spans

if TYPE_CHECKING:
    from pandas import DataFrame

MOST_CELLS = 1_000
"""Cells whose predictions are read; of a larger study those of the first replicates, which all arms share."""
MOST_PREDICTIONS = 2_000_000
"""Most predictions in memory, over all cells; a cell beyond the limit counts as one without predictions."""


@dataclass(frozen=True)
class UnreadPredictions:
    """Cells whose predictions are damaged, with the first error, and the number of cells beyond the limits."""

    n_damaged: int
    first_error: str
    n_omitted: int


class PredictionReader:
    """Predictions by the column ``run`` of a checked table, read on demand."""

    def __init__(self, artifacts: CellArtifacts | None, table: "DataFrame") -> None:
        self._artifacts, self._table = artifacts, table
        self._predictions: dict[str, tuple[Prediction, ...]] = {}
        self._n_predictions = 0
        self._damaged: dict[str, str] = {}
        self._omitted: set[str] = set()

    @cached_property
    def runs(self) -> tuple[str, ...]:
        """The runs that can be read: finished cells, ordered by replicate and then as in the table."""
        if self._artifacts is None or "run" not in self._table.columns:
            return ()
        finished = self._table[(self._table["status"] == "finished") & self._table["run"].notna()]
        ordered = finished.sort_values("replicate", kind="stable")
        return tuple(run for run in dict.fromkeys(map(str, ordered["run"])) if run)[:MOST_CELLS]

    def predictions(self, run: str) -> tuple[Prediction, ...]:
        """Return the predictions of a run, without probabilities; empty if none are stored, damaged or too many."""
        if run not in self.allowed:
            return ()
        if run not in self._predictions:
            self._predictions[run] = self._read(run)
        return self._predictions[run]

    def probabilities(self, run: str, examples: Container[str]) -> dict[str, tuple[float, ...]]:
        """Return the class probabilities of these examples, by id, where they are stored and readable."""
        predictions = self.predictions(run)
        indices = [index for index, prediction in enumerate(predictions) if prediction.id in examples]
        try:
            rows = self._artifacts.probabilities(run, indices) if indices and self._artifacts else []
        except InputError as error:
            self._damaged[run] = str(error)
            return {}
        return {predictions[index].id: values for index, values in zip(indices, rows, strict=True) if values}

    def unread(self) -> UnreadPredictions:
        """Return what was requested and could not be read so far."""
        n_omitted = len(self._omitted) + self.n_finished - len(self.runs) if self.runs else 0
        return UnreadPredictions(len(self._damaged), next(iter(self._damaged.values()), ""), n_omitted)

    @cached_property
    def allowed(self) -> frozenset[str]:
        """``runs`` as a set."""
        return frozenset(self.runs)

    @cached_property
    def n_finished(self) -> int:
        """The number of finished cells; rows with the same run, as of arms with the same settings, are one cell."""
        finished = self._table[self._table["status"] == "finished"]
        if "run" not in finished.columns:
            return len(finished)
        runs = finished["run"].fillna("").astype(str)
        return runs[runs != ""].nunique() + int((runs == "").sum())

    def _read(self, run: str) -> tuple[Prediction, ...]:
        try:
            predictions = self._artifacts.predictions(run) if self._artifacts else ()
        except InputError as error:
            self._damaged[run] = str(error)
            return ()
        if self._n_predictions + len(predictions) > MOST_PREDICTIONS:
            self._omitted.add(run)
            return ()
        self._n_predictions += len(predictions)
        return predictions


def spans_of(tags: Sequence[str]) -> frozenset[Span]:
    """Return the entities of BIO tags; strict, see `seedbed.metrics.entity_spans`."""
    return frozenset(entity_spans(tags))
