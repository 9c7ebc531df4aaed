"""What the cells of a study said of their test examples: read once for all parts of a report that ask."""

from collections.abc import Container
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from seedbed.cells import CellArtifacts, Prediction
from seedbed.errors import InputError
from seedbed.metrics import Span, entity_spans
from seedbed.report.wording import count, sentence

if TYPE_CHECKING:
    from pandas import DataFrame

MOST_CELLS = 1_000
"""Cells whose predictions are read; of a larger study those of the first replicates, which all arms share."""
MOST_PREDICTIONS = 2_000_000
"""CellArtifacts in memory at most, over all cells; a cell that would go beyond counts as one without predictions."""


class PredictionReader:
    """Predictions by the column ``run`` of a checked table; nothing is read before it is asked for."""

    def __init__(self, kept: CellArtifacts | None, table: "DataFrame") -> None:
        self._kept, self._table = kept, table
        self._found: dict[str, tuple[Prediction, ...]] = {}
        self._number = 0
        self._damaged: dict[str, str] = {}
        self._beyond: set[str] = set()

    @cached_property
    def runs(self) -> tuple[str, ...]:
        """The runs that may be asked for: finished cells, by replicate and then as the table has them."""
        if self._kept is None or "run" not in self._table.columns:
            return ()
        finished = self._table[(self._table["status"] == "finished") & self._table["run"].notna()]
        ordered = finished.sort_values("replicate", kind="stable")
        return tuple(run for run in dict.fromkeys(map(str, ordered["run"])) if run)[:MOST_CELLS]

    def predictions(self, run: str) -> tuple[Prediction, ...]:
        """What the cell of this run said, without probabilities; empty where none were kept, damaged or too many."""
        if run not in self.allowed:
            return ()
        if run not in self._found:
            self._found[run] = self._read(run)
        return self._found[run]

    def probabilities(self, run: str, examples: Container[str]) -> dict[str, tuple[float, ...]]:
        """Those of the classes that the cell gave these examples, as far as they were kept and can be read."""
        said = self.predictions(run)
        places = [place for place, one in enumerate(said) if one.id in examples]
        try:
            found = self._kept.probabilities(run, places) if places and self._kept else []
        except InputError as error:
            self._damaged[run] = str(error)
            return {}
        return {said[place].id: values for place, values in zip(places, found, strict=True) if values}

    def left_out(self) -> list[str]:
        """Sentences on what was asked for and could not be read so far."""
        said = []
        if self._damaged:
            number = len(self._damaged)
            said.append(f"Predictions of {count(number, 'cell')} cannot be read: {next(iter(self._damaged.values()))}")
        beyond = len(self._beyond) + self.finished - len(self.runs)
        if self.runs and beyond > 0:
            said.append(f"{sentence(count(beyond, 'cell'))} left out here: predictions are read as far as they fit.")
        return said

    @cached_property
    def allowed(self) -> frozenset[str]:
        """``runs`` as a set."""
        return frozenset(self.runs)

    @cached_property
    def finished(self) -> int:
        """How many cells finished; rows of one run, as arms of the same settings have, are one cell."""
        finished = self._table[self._table["status"] == "finished"]
        if "run" not in finished.columns:
            return len(finished)
        runs = finished["run"].fillna("").astype(str)
        return runs[runs != ""].nunique() + int((runs == "").sum())

    def _read(self, run: str) -> tuple[Prediction, ...]:
        try:
            read = self._kept.predictions(run) if self._kept else ()
        except InputError as error:
            self._damaged[run] = str(error)
            return ()
        if self._number + len(read) > MOST_PREDICTIONS:
            self._beyond.add(run)
            return ()
        self._number += len(read)
        return read


@lru_cache(maxsize=100_000)
def spans_of(tags: tuple[str, ...]) -> frozenset[Span]:
    """Strict, see `seedbed.metrics.entity_spans`."""
    return frozenset(entity_spans(tags))
