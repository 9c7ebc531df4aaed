"""The artifacts of trained cells: predictions, history and other files."""

import json
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from seedbed.cells import Prediction
from seedbed.errors import InputError, one_line
from seedbed.tracking.artifact_location import local_path
from seedbed.tracking.artifact_store import ArtifactStore
from seedbed.tracking.prediction_lines import PredictionLines
from seedbed.tracking.run_artifacts import read_file

PREDICTIONS, EPOCHS = "predictions.jsonl", "epochs.json"
"""Artifacts of a cell's run: one line per test example; the history, ``{name: [one value per epoch]}``."""
UI_ADDRESS = "http://127.0.0.1:5000"
"""The default address of ``mlflow ui``."""


class StoredArtifacts:
    """Reads artifacts of cells from a store, see `seedbed.cells.CellArtifacts`; local files directly."""

    def __init__(self, store: ArtifactStore) -> None:
        self._store = store
        self._lines = PredictionLines()

    def predictions(self, run: str) -> tuple[Prediction, ...]:
        """Return the predictions for the test examples, without probabilities; empty where none were stored.

        InputError where the file is damaged.
        """
        return self._lines.predictions(self.read(run, PREDICTIONS) or b"", f"{PREDICTIONS} of run {run}")

    def probabilities(self, run: str, indices: Sequence[int]) -> list[tuple[float, ...] | None]:
        """Return the class probabilities of the predictions at these indices; None where none were stored.

        InputError where the file is damaged.
        """
        return self._lines.probabilities(self.read(run, PREDICTIONS) or b"", indices, f"{PREDICTIONS} of run {run}")

    def history(self, run: str) -> dict[str, tuple[float, ...]]:
        """Return one value per epoch for each name; empty where none was stored. InputError where it is damaged."""
        content = self.read(run, EPOCHS)
        if content is None:
            return {}
        try:
            return {name: tuple(map(_number, values)) for name, values in json.loads(content).items()}
        except (ValueError, TypeError, AttributeError, OverflowError, RecursionError) as error:
            raise InputError(f"{EPOCHS} of run {run}: the file is damaged: {one_line(error)}") from error

    def read(self, run: str, name: str) -> bytes | None:
        """Return the content of an artifact, or None where the run has none of that name."""
        if not run:
            return None
        root = self._root
        if root is None:
            return self._store.read_bytes(run, name)
        content = read_file(root / run / "artifacts" / name)
        if content is None and run in self._relocated_runs:
            return self._store.read_bytes(run, name)
        return content

    def address(self, run: str) -> str:
        """Return the address of the run in a browser: on the server, or in a local ``mlflow ui``."""
        return f"{self._host}/#/experiments/{self._store.experiment_id}/runs/{run}" if run else ""

    @cached_property
    def _host(self) -> str:
        address = self._store.tracking.shown_address
        return address.rstrip("/") if address.startswith("http") else UI_ADDRESS

    @cached_property
    def _root(self) -> Path | None:
        """The folder with the artifacts of runs at ``RUN_ID/artifacts``; None where it is remote."""
        location = self._store.location
        return local_path(self._store.artifact_address()) if location is None else location.folder

    @cached_property
    def _relocated_runs(self) -> frozenset[str]:
        """The runs recorded at another address, as in a store that was moved while it was in use."""
        return self._store.relocated_runs()


def _number(value: object) -> float:
    if not isinstance(value, int | float):
        raise TypeError(f"{value!r:.40} is no number")
    return float(value)
