"""What the store keeps of trained cells beside their scores: predictions, history, other files."""

import json
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seedbed.errors import InputError, one_line
from seedbed.results import Prediction
from seedbed.tracking.files import read_file
from seedbed.tracking.places import local_path
from seedbed.tracking.prediction_lines import PredictionLines

if TYPE_CHECKING:
    from seedbed.tracking.store import Store

PREDICTIONS, EPOCHS = "predictions.jsonl", "epochs.json"
"""Artifacts of a cell's run: a line a test example; the history, ``{name: [value an epoch]}``."""
UI_ADDRESS = "http://127.0.0.1:5000"
"""Where ``mlflow ui`` answers unless told otherwise."""


class KeptCells:
    """Reads artifacts of cells of a store; see `seedbed.results.Kept`. Files in a local folder are read directly."""

    def __init__(self, store: "Store") -> None:
        self._store = store
        self._lines = PredictionLines()

    def predictions(self, run: str) -> tuple[Prediction, ...]:
        """What the cell said of its test examples, without probabilities; empty where none were kept.

        InputError where they are damaged.
        """
        return self._lines.predictions(self.read(run, PREDICTIONS) or b"", f"{PREDICTIONS} of run {run}")

    def probabilities(self, run: str, places: Sequence[int]) -> list[tuple[float, ...] | None]:
        """Those of the classes, of the cell's predictions at these places; None where none were kept.

        InputError where they are damaged.
        """
        return self._lines.probabilities(self.read(run, PREDICTIONS) or b"", places, f"{PREDICTIONS} of run {run}")

    def history(self, run: str) -> dict[str, tuple[float, ...]]:
        """One value an epoch for each name; empty where none was kept. InputError where it is damaged."""
        content = self.read(run, EPOCHS)
        if content is None:
            return {}
        try:
            return {name: tuple(map(_number, values)) for name, values in json.loads(content).items()}
        except (ValueError, TypeError, AttributeError, OverflowError, RecursionError) as error:
            raise InputError(f"{EPOCHS} of run {run}: not as it was written: {one_line(error)}") from error

    def read(self, run: str, name: str) -> bytes | None:
        """The content of an artifact, or None where the run has none of that name."""
        if not run:
            return None
        root = self._root
        if root is None:
            return self._store.read_bytes(run, name)
        content = read_file(root / run / "artifacts" / name)
        if content is None and run in self._elsewhere:
            return self._store.read_bytes(run, name)
        return content

    def address(self, run: str) -> str:
        """Where a browser shows the run: on the server, or on ``mlflow ui`` of this machine."""
        return f"{self._host}/#/experiments/{self._store.experiment_id}/runs/{run}" if run else ""

    @cached_property
    def _host(self) -> str:
        address = self._store.tracking.shown_address
        return address.rstrip("/") if address.startswith("http") else UI_ADDRESS

    @cached_property
    def _root(self) -> Path | None:
        """The folder under which the artifacts of runs lie, at ``RUN_ID/artifacts``; None where it is elsewhere."""
        place = self._store.place
        return local_path(self._store.artifact_location()) if place is None else place.folder

    @cached_property
    def _elsewhere(self) -> frozenset[str]:
        """The runs that the database has at another place, as those of a store that was moved while it was in use."""
        return self._store.elsewhere()


def _number(value: Any) -> float:
    if not isinstance(value, int | float):
        raise TypeError(f"{value!r:.40} is no number")
    return float(value)
